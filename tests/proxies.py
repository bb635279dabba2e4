"""HTTP proxies on loopback for tunnels (CONNECT, RFC 9110 section 9.3.6). No host is ever reached.

`tls_proxy` is itself the end of every tunnel: whatever host is asked for, there is the local
service, under a certificate for that host. `closed_proxy` opens no tunnel and only takes note.
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import threading
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import trustme

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Tunnels(NamedTuple):
    """The environment that leads through a proxy, and the tunnels that were asked for so far.

    `asked` has the host and port of each, `proven` what each said in Proxy-Authorization.
    """

    environment: dict[str, str]
    asked: list[str]
    proven: list[str]


class _Proxy(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, behind: tuple[str, int] | None, authority: trustme.CA | None) -> None:
        super().__init__(("127.0.0.1", 0), _Tunnel)
        self.behind = behind
        self.authority = authority
        self.asked: list[str] = []
        self.proven: list[str] = []

    def context(self, host: str) -> ssl.SSLContext:
        """TLS as the host has it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        assert self.authority
        self.authority.issue_cert(host).configure_cert(context)
        return context


class _Tunnel(socketserver.StreamRequestHandler):
    server: _Proxy

    def handle(self) -> None:
        """Take a CONNECT, answer it, and be the host that was asked for."""
        target = self.rfile.readline().decode().split()[1]
        proven = ""
        while line := self.rfile.readline().decode().strip():
            name, _, value = line.partition(": ")
            if name.lower() == "proxy-authorization":
                proven = value
        self.server.asked.append(target)
        self.server.proven.append(proven)
        if self.server.behind is None:
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        context = self.server.context(target.rpartition(":")[0])
        with (
            contextlib.suppress(OSError),  # either side may go away when it has had enough
            context.wrap_socket(self.connection, server_side=True) as near,
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
def tls_proxy(endpoint: str, folder: Path, user: str = "") -> Iterator[Tunnels]:
    """Lead every tunnel to the service at `endpoint`; `folder` gets the authority's certificate.

    `user` is what stands before the `@` in the proxy's own address.
    """
    authority = trustme.CA()
    bundle = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    parts = urlsplit(endpoint)
    behind = (str(parts.hostname), int(parts.port or 0))
    with _running(_Proxy(behind, authority), user) as tunnels:
        tunnels.environment["AWS_CA_BUNDLE"] = str(bundle)
        yield tunnels


@contextlib.contextmanager
def closed_proxy() -> Iterator[Tunnels]:
    """Refuse every tunnel."""
    with _running(_Proxy(None, None), "") as tunnels:
        yield tunnels


@contextlib.contextmanager
def _running(proxy: _Proxy, user: str) -> Iterator[Tunnels]:
    address = f"{user}{'@' if user else ''}127.0.0.1:{proxy.server_address[1]}"
    environment = {"HTTPS_PROXY": f"http://{address}", "NO_PROXY": "127.0.0.1"}
    with proxy:
        thread = threading.Thread(target=proxy.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield Tunnels(environment, proxy.asked, proxy.proven)
        finally:
            proxy.shutdown()
            thread.join()
