"""The HTTP side: a threading server on loopback, and the faults that act on connections."""

from __future__ import annotations

import socket
import struct
import sys
import threading
import time
import uuid
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import TYPE_CHECKING, cast

from tests.local_cognito import discovery, dispatch, federation, managed_login, wire
from tests.local_cognito.faults import WORKED, Fault, Faults, Planned
from tests.local_cognito.journal import Call, Journal
from tests.local_cognito.sigv4 import Request

if TYPE_CHECKING:
    import ssl

    from tests.local_cognito.world import World

LARGEST_BODY = 1 << 20
# What is told by method and path: the operations that browsers ask for, and those beside them.
PAGES = {
    **{place: wire.Named("managed-login", name) for place, name in managed_login.NAMES.items()},
    **{place: wire.Named("federation", name) for place, name in federation.NAMES.items()},
}


class Server(ThreadingHTTPServer):
    """One thread a connection; knows its live connections, so that it can end them."""

    request_queue_size = 128
    daemon_threads = True

    def __init__(
        self,
        port: int,
        world: World,
        journal: Journal,
        faults: Faults,
        ssl_context: ssl.SSLContext | None,
    ) -> None:
        self.world, self.journal, self.faults = world, journal, faults
        self.stopping = threading.Event()
        self.crashes: list[BaseException] = []
        self._live: set[socket.socket] = set()
        self._live_lock = threading.Lock()
        super().__init__(("127.0.0.1", port), Handler)
        if ssl_context:
            # The handshake waits for the connection's own thread: a client that stalls
            # in it holds up nobody else.
            self.socket = ssl_context.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )

    def server_bind(self) -> None:
        """Bind without the look-up of a host name, which could leave loopback."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def process_request(self, request: socket.socket, client_address: object) -> None:  # type: ignore[override]
        """Start the connection's thread."""
        with self._live_lock:
            self._live.add(request)
        super().process_request(request, cast("tuple[str, int]", client_address))

    def shutdown_request(self, request: socket.socket) -> None:  # type: ignore[override]
        """End a connection."""
        with self._live_lock:
            self._live.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        """Keep a fault of the stand-in itself for `stop`; clients that go away are none."""
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):
            self.crashes.append(error)

    def stop(self) -> None:
        """Stop listening, end every connection, free the port."""
        self.stopping.set()
        self.shutdown()
        with self._live_lock:
            live = list(self._live)
        for connection in live:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """One connection's requests."""

    protocol_version = "HTTP/1.1"
    server_version = "Server"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing; the journal has it."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The `Date` header, by the service's clock."""
        moment = self.server.world.clock.now() if timestamp is None else timestamp
        return formatdate(moment, usegmt=True)

    def do_GET(self) -> None:
        """The pages of managed login and of AWS Sign-In, what a user pool publishes."""
        if (self.command, self.path.partition("?")[0]) in PAGES:
            self._answer(b"")
        else:
            with self.server.world.lock:
                found = discovery.document(self.server.world, self.path)
            self._send(found or wire.Reply(404, "text/plain", b"not found"))

    def do_POST(self) -> None:
        """Every operation of all services."""
        length = self.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            self.close_connection = True
            self._send(wire.Reply(413, "text/plain", b"content-length is missing or too large"))
            return
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            # Whoever sent half a request and went away wanted nothing done.
            self.close_connection = True
            return
        self._answer(body)

    def _answer(self, body: bytes) -> None:
        headers = {name.lower(): ",".join(self.headers.get_all(name, [])) for name in self.headers}
        request = Request(self.command, self.path, headers, body)
        page = PAGES.get((self.command, self.path.partition("?")[0]))
        call = page or wire.named(headers, body)
        planned = self.server.faults.take(call.operation)
        reply = self._reply(request, call, planned)
        match planned.fault if planned else None:
            case Fault.SILENCE if planned:
                self.server.stopping.wait(planned.seconds)
                self._reset()
            case Fault.RESET_BEFORE | Fault.RESET_AFTER:
                self._reset()
            case Fault.ENDLESS:
                self._send_without_end()
            case Fault.DRIP if planned and reply:
                self._send(reply, over=planned.seconds)
            case _ if reply:
                self._send(reply)

    def _reply(
        self, request: Request, call: wire.Named, planned: Planned | None
    ) -> wire.Reply | None:
        """Do the work or what the fault says, and note the call, in one piece."""
        server = self.server
        with server.world.lock:
            server.journal.wire.append(request.body)
            if planned is None or planned.fault in WORKED:
                reply: wire.Reply | None = dispatch.work(server.world, call, request)
            else:
                reply = dispatch.instead(planned.fault, call, request.body)
            if reply:
                server.journal.answers.append(reply.body)
            error = reply.error if reply else None
            if planned and (reply is None or planned.fault in WORKED - {Fault.DRIP}):
                error = f"fault:{planned.fault}"
            server.journal.note(Call(call.service, call.operation, error, server.world.clock.now()))
        if reply and planned and planned.fault is Fault.TRUNCATED:
            half = reply.body[: len(reply.body) // 2]
            return wire.Reply(reply.status, reply.content_type, half, error)
        return reply

    def _send(self, reply: wire.Reply, *, over: float = 0.0) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        if reply.content_type != "text/html":  # a page is never the service's own
            self.send_header("x-amzn-RequestId", str(uuid.uuid4()))
        for name, value in reply.headers.items():
            self.send_header(name, value.replace("\n", " "))
        self.end_headers()
        size = len(reply.body) // 20 + 1 if over else len(reply.body) or 1
        starts = range(0, len(reply.body), size)
        for start in starts:
            time.sleep(over / len(starts))
            self.wfile.write(reply.body[start : start + size])
            self.wfile.flush()

    def _send_without_end(self) -> None:
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", wire.JSON)
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("x-amzn-RequestId", str(uuid.uuid4()))
        self.end_headers()
        piece = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
        self.wfile.write(b'2\r\n{"\r\n')
        while not self.server.stopping.is_set():
            self.wfile.write(piece)  # until the client hangs up

    def _reset(self) -> None:
        """End the connection by RST instead of FIN, and leave nothing for others to close."""
        self.close_connection = True
        linger_not_at_all = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_not_at_all)
        # `close` would wait for the files that rfile and wfile hold on the socket.
        socket.close(self.connection.detach())
