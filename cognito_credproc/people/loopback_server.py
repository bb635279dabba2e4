"""A server on this machine for one request of a browser: silent, and nothing of it is kept."""

import abc
import contextlib
import http.server
import socketserver
import sys
import threading
from collections.abc import Iterator, Mapping

IDLE = 5  # seconds for a connection that says nothing
POLL = 0.05  # seconds between two looks at whether to end


class LoopbackServer(http.server.ThreadingHTTPServer):
    """One address; a thread a connection, so that a silent one holds up nobody."""

    daemon_threads = True
    # On Windows it would let another program take the same port.
    allow_reuse_address = sys.platform != "win32"

    def server_bind(self) -> None:
        """Bind, without the base class's question to a name server."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "localhost", int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that goes away is not our matter."""

    @contextlib.contextmanager
    def serving(self) -> Iterator[None]:
        """Answer as long as this lasts, then free the port."""
        with contextlib.closing(self):
            threading.Thread(target=self.serve_forever, args=(POLL,), daemon=True).start()
            try:
                yield
            finally:
                self.shutdown()

    def close(self) -> None:
        """Free the port."""
        self.server_close()


class LoopbackRequest(http.server.BaseHTTPRequestHandler):
    """One connection, one request."""

    timeout = IDLE
    server_version = "cognito-credproc"
    sys_version = ""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: the address holds a secret."""

    def do_GET(self) -> None:
        """Answer the browser."""
        self.answer()

    @abc.abstractmethod
    def answer(self) -> None:
        """Look at what is asked for, and `reply`."""

    def reply(self, status: int, headers: Mapping[str, str], body: bytes = b"") -> None:
        """An answer that is not kept, and tells no other page where it was."""
        self.send_response(status)
        for name, value in {
            **headers,
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "Connection": "close",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
