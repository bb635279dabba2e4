"""Real clients without a network: what the service would send is given as bytes.

with answering(lambda operation: (200, b"{}")):
cognito(call)
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

from botocore.awsrequest import AWSResponse
from botocore.httpsession import URLLib3Session

Reply = tuple[int, bytes]


class _Body:
    """What botocore reads of a response's body."""

    def __init__(self, content: bytes, headers: dict[str, str]) -> None:
        self._content = content
        self.headers = headers

    def stream(self, _piece: int, **_options: object) -> Iterator[bytes]:
        """All of it."""
        yield self._content


@contextlib.contextmanager
def answering(reply: Callable[[str], Reply]) -> Iterator[None]:
    """Let every request be answered by a function of the operation's name."""

    def send(_session: URLLib3Session, request: Any) -> AWSResponse:
        target = request.headers["X-Amz-Target"]
        target = target.decode() if isinstance(target, bytes) else target
        status, content = reply(target.partition(".")[2])
        headers = {"content-type": "application/x-amz-json-1.1"}
        return AWSResponse(request.url, status, headers, _Body(content, headers))

    with mock.patch.object(URLLib3Session, "send", send):
        yield
