"""An HTTPS proxy on loopback that is itself the end of every tunnel.

For clients that know no endpoint variables: whatever host they ask for, they get the local STS,
under a certificate for that host.
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import threading
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import trustme

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class _Proxy(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, endpoint: str, host: str, authority: trustme.CA) -> None:
        super().__init__(("127.0.0.1", 0), _Tunnel)
        parts = urlsplit(endpoint)
        self.behind = (str(parts.hostname), int(parts.port or 0))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(host).configure_cert(self.context)
        self.asked: list[str] = []


class _Tunnel(socketserver.StreamRequestHandler):
    server: _Proxy

    def handle(self) -> None:
        """Take a CONNECT, answer it, and be the host that was asked for."""
        self.server.asked.append(self.rfile.readline().decode().split()[1])
        while self.rfile.readline().strip():
            pass
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with (
            contextlib.suppress(OSError),  # either side may go away when it has had enough
            self.server.context.wrap_socket(self.connection, server_side=True) as near,
            socket.create_connection(self.server.behind) as far,
        ):
            answers = threading.Thread(target=_copy, args=(far, near), daemon=True)
            answers.start()
            _copy(near, far)
            answers.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65_536):
            target.sendall(piece)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def sts_proxy(endpoint: str, host: str, folder: Path) -> Iterator[tuple[dict[str, str], list[str]]]:
    """Run one; yields the environment that leads through it, and the tunnels asked for so far."""
    authority = trustme.CA()
    bundle = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    with _Proxy(endpoint, host, authority) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield (
                {
                    "HTTPS_PROXY": f"http://127.0.0.1:{proxy.server_address[1]}",
                    "NO_PROXY": "127.0.0.1",
                    "AWS_CA_BUNDLE": str(bundle),
                },
                proxy.asked,
            )
        finally:
            proxy.shutdown()
            thread.join()
