"""Hands a browser an address that nobody else shall see.

The arguments of a browser are seen by every user of the machine. So it is given an address on this
machine, which is good once, and led on from there.
"""

import contextlib
import http.server
import secrets
import socketserver
import threading
from collections.abc import Callable, Iterator
from typing import NamedTuple

IDLE = 5  # seconds for a connection that says nothing
POLL = 0.05  # seconds between two looks at whether to end
PATIENCE = 60.0  # seconds for the browser to come; a first start on a slow machine takes half


class Handover(NamedTuple):
    """The address to open, and a wait of some seconds that tells whether it was fetched."""

    url: str
    fetched: Callable[[float], bool]


@contextlib.contextmanager
def handing_over(url: str) -> Iterator[Handover]:
    """Lead whoever comes first to `url`, as long as this lasts."""
    server = _Server(url)
    with contextlib.closing(server):
        threading.Thread(target=server.serve_forever, args=(POLL,), daemon=True).start()
        try:
            yield Handover(f"http://{server.host}{server.path}", server.done.wait)
        finally:
            server.shutdown()


class _Server(http.server.ThreadingHTTPServer):
    """A port of its own on loopback."""

    daemon_threads = True

    def __init__(self, url: str) -> None:
        self.url = url
        self.path = f"/{secrets.token_urlsafe(32)}"
        self.lock = threading.Lock()
        self.taken = False
        self.done = threading.Event()
        super().__init__(("127.0.0.1", 0), _Handler)
        self.host = f"127.0.0.1:{self.server_address[1]}"

    def server_bind(self) -> None:
        """Bind, without the base class's question to a name server."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

    def close(self) -> None:
        """Free the port."""
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that goes away is not our matter."""


class _Handler(http.server.BaseHTTPRequestHandler):
    """One connection, one request."""

    server: _Server
    timeout = IDLE
    server_version = "cognito-credproc"
    sys_version = ""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: the address is the secret."""

    def do_GET(self) -> None:
        """Lead on, once."""
        server = self.server
        if not secrets.compare_digest(self.path.encode(), server.path.encode()) or (
            self.headers.get("Host") != server.host
        ):
            self._reply(404)
            return
        with server.lock:
            first, server.taken = not server.taken, True
        if not first:
            self._reply(410)
            return
        try:
            self._reply(303, server.url)
        finally:
            server.done.set()

    def _reply(self, status: int, location: str = "") -> None:
        """Nothing to see, nothing to keep, and no word to the next page of where it came from."""
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        for name, value in (
            ("Content-Length", "0"),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),
            ("Connection", "close"),
        ):
            self.send_header(name, value)
        self.end_headers()
