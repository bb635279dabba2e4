"""How requests are sent: by the HTTP session that botocore's clients have, answers up to a size.

Proxies and certificate authorities are found as botocore finds them. It reads an answer to its end
whatever its length, and one that never ends would fill the memory; so its clients send through here
as well as the requests that are of no service model.
"""

import os
from collections.abc import Iterator
from typing import Any, NamedTuple

import botocore.exceptions as botocore_errors
import botocore.session
from botocore.awsrequest import AWSHTTPConnection, AWSPreparedRequest, AWSRequest, AWSResponse
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from cognito_credproc import __version__

AGENT = f"cognito-credproc/{__version__}"
LARGEST = 1 << 20  # bytes of an answer; the longest that is wanted has some ten thousand
PIECE = 1 << 16  # bytes
# Headers and body leave in two pieces, and the second does not wait until the first has arrived.
WITHOUT_DELAY = AWSHTTPConnection.default_socket_options  # TCP_NODELAY (RFC 896)

Timeout = tuple[float, float]  # for the connection and for the answer, in seconds


class TooLongError(botocore_errors.HTTPClientError):  # type: ignore[misc]
    """An answer of more than `LARGEST` bytes, which was not read to its end."""

    fmt = "the answer is longer than 1 MiB"


class _Whole(NamedTuple):
    """An answer's body, as botocore wants to read it."""

    body: bytes

    def stream(self) -> Iterator[bytes]:
        """All of it."""
        yield self.body


def send(request: AWSRequest, session: botocore.session.Session, timeout: Timeout) -> Any:
    """The answer, read to its end; redirects are not followed.

    Raises:
        BotoCoreError: no connection came about, no whole answer, or one that is too long.
    """
    http = _http(request.url, session, timeout)
    try:
        return fetched(http, request.prepare())
    finally:
        http.close()


def bind(client: Any, session: botocore.session.Session, timeout: Timeout) -> None:
    """Let a client of botocore's send its requests through here."""
    http = _http(client.meta.endpoint_url, session, timeout)
    client.meta.events.register("before-send", lambda request, **_: fetched(http, request))


def fetched(http: URLLib3Session, request: AWSPreparedRequest) -> AWSResponse:
    """The answer to a request, of `LARGEST` bytes at most.

    Raises:
        BotoCoreError: as `send`.
    """
    request.stream_output = True  # nothing is read yet
    answer = http.send(request)
    body = bytearray()
    try:
        for piece in answer.raw.stream(PIECE, decode_content=False):
            body += piece
            if len(body) > LARGEST:
                break
    except Exception as error:
        url = request.url
        raise botocore_errors.ConnectionClosedError(error=error, endpoint_url=url) from None
    if len(body) > LARGEST:
        answer.raw.close()  # not to be used again: the rest is still to come
        raise TooLongError(endpoint_url=request.url)
    return AWSResponse(answer.url, answer.status_code, answer.raw.headers, _Whole(bytes(body)))


def _http(url: str, session: botocore.session.Session, timeout: Timeout) -> URLLib3Session:
    return URLLib3Session(
        # As botocore.args and botocore.endpoint have it.
        verify=session.get_config_variable("ca_bundle")
        or os.environ.get("REQUESTS_CA_BUNDLE")
        or True,
        proxies=get_environ_proxies(url),
        timeout=timeout,
        socket_options=WITHOUT_DELAY,
    )
