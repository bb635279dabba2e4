"""Listens on this machine for the browser that comes back from the sign-in page.

It takes one request: the redirect's own address, with the state of this sign-in, and a code or an
error. Whatever else comes (a favicon, a port scan, a page that guesses) is turned away, and waited
on no longer than a few seconds.

Source: RFC 8252, sections 7.3 and 8.3.
"""

import contextlib
import errno
import hmac
import queue
import socket
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urlsplit

from cognito_credproc.people.loopback_server import LoopbackRequest, LoopbackServer
from cognito_credproc.values.errors import CredprocError

HTTP = 80  # its usual port
ADDRESSES = {
    "localhost": ("127.0.0.1", "::1"),  # a browser may take either
    "127.0.0.1": ("127.0.0.1",),
    "::1": ("::1",),
}
NOT_HERE = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}  # a machine without that kind of address
PAGE = """\
<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>cognito-credproc</title></head>
<body><p>{text}</p></body></html>
"""
CAME_BACK = "The answer has arrived. You can close this page; the terminal says how it went on."
OTHER = "This is not the answer that cognito-credproc waits for."


class Waiting:
    """Waits for one answer."""

    def __init__(self, redirect_uri: str, state: str) -> None:
        parts = urlsplit(redirect_uri)
        self.path = parts.path or "/"
        self.hosts = {parts.netloc}
        if parts.port in {None, HTTP}:  # a browser leaves the usual port out
            bare = parts.netloc.removesuffix(f":{HTTP}")
            self.hosts |= {bare, f"{bare}:{HTTP}"}
        self._state = state
        self._answers: queue.SimpleQueue[Mapping[str, str]] = queue.SimpleQueue()

    def answer(self, seconds: float) -> Mapping[str, str] | None:
        """The parameters that the browser brought; None if it does not come in time."""
        try:
            return self._answers.get(timeout=seconds)
        except queue.Empty:
            return None

    def take(self, answer: Mapping[str, str]) -> None:
        """This is it."""
        self._answers.put(answer)

    def parameters(self, query: str) -> Mapping[str, str] | None:
        """Those of a request that is the answer; None for any other."""
        return parameters(query, self._state)


def parameters(query: str, state: str) -> Mapping[str, str] | None:
    """The parameters of a query that answers a sign-in; None if it answers another, or none."""
    pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=None)
    found = dict(pairs)
    if len(found) != len(pairs) or not hmac.compare_digest(
        found.get("state", "").encode(), state.encode()
    ):
        return None
    return found if found.get("code") or found.get("error") else None


@contextlib.contextmanager
def listening(redirect_uri: str, state: str) -> Iterator[Waiting]:
    """Listen at the redirect's address as long as this lasts.

    Raises:
        CredprocError: the port is in use, or may not be used.
    """
    parts = urlsplit(redirect_uri)
    waiting = Waiting(redirect_uri, state)
    with contextlib.ExitStack() as servers:
        found = 0
        for address in ADDRESSES[parts.hostname or ""]:
            try:
                server = _Server(address, HTTP if parts.port is None else parts.port, waiting)
            except OSError as error:
                if error.errno in NOT_HERE:
                    continue
                raise _unusable(redirect_uri, error) from None
            found += 1
            servers.enter_context(server.serving())
        if not found:
            raise _unusable(redirect_uri, OSError(errno.EADDRNOTAVAIL, "no such address here"))
        yield waiting


def _unusable(redirect_uri: str, error: OSError) -> CredprocError:
    why = "its port is in use" if error.errno == errno.EADDRINUSE else str(error.strerror)
    return CredprocError(f"{redirect_uri} cannot be listened on: {why}")


class _Server(LoopbackServer):
    """One of the redirect's addresses."""

    def __init__(self, address: str, port: int, waiting: Waiting) -> None:
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.waiting = waiting
        super().__init__((address, port), _Request)


class _Request(LoopbackRequest):
    """Takes the answer, turns away anything else."""

    server: _Server

    def answer(self) -> None:
        """Take the answer, turn away anything else."""
        waiting = self.server.waiting
        path, _, query = self.path.partition("?")
        if path != waiting.path or self.headers.get("Host") not in waiting.hosts:
            self._page(404, OTHER)
            return
        answer = waiting.parameters(query)
        if answer is None:
            self._page(400, OTHER)
            return
        try:
            self._page(200, CAME_BACK)
        finally:
            waiting.take(answer)

    def _page(self, status: int, text: str) -> None:
        """A page that loads nothing."""
        headers = {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": "default-src 'none'",
            "X-Content-Type-Options": "nosniff",
        }
        self.reply(status, headers, PAGE.format(text=text).encode())
