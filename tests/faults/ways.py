"""Ways to the service that do not lead there: each gives the environment that a client would have.

Nothing here reaches the service, so that nothing is ever spent by it.
"""

from __future__ import annotations

import contextlib
import datetime
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import trustme

if TYPE_CHECKING:
    from collections.abc import Sequence

Way = Callable[[Path, str], AbstractContextManager[Mapping[str, str]]]
"""Takes a folder and the endpoint of a service that answers; yields environment variables."""
Talk = Callable[[socket.socket], None]

SERVICES = ("COGNITO_IDENTITY_PROVIDER", "COGNITO_IDENTITY", "STS")
HOST = "cognito.example.com"  # of no use but as a name in a certificate or to a proxy
NOWHERE = "cognito.invalid"  # RFC 6761: no such name will ever be


def endpoints(url: str) -> dict[str, str]:
    """The variables that lead an AWS SDK to one address."""
    return {f"AWS_ENDPOINT_URL_{name}": url for name in SERVICES}


def unused_port() -> int:
    """A port of loopback where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@contextlib.contextmanager
def listener(talk: Talk) -> Iterator[int]:
    """Talk to whoever connects, a thread for each; yields the port."""
    server = socket.create_server(("127.0.0.1", 0), backlog=64)
    live: list[socket.socket] = []

    def serve(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            talk(connection)

    def accept() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return  # closed, which is how it ends
            live.append(connection)
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield int(server.getsockname()[1])
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()
        for connection in live:
            connection.close()


@contextlib.contextmanager
def refused(_folder: Path, _service: str) -> Iterator[Mapping[str, str]]:
    """Nobody listens."""
    yield endpoints(f"http://127.0.0.1:{unused_port()}")


@contextlib.contextmanager
def no_such_name(_folder: Path, _service: str) -> Iterator[Mapping[str, str]]:
    """The name server knows no such name, or there is none."""
    yield endpoints(f"https://{NOWHERE}")


@contextlib.contextmanager
def silent_port(_folder: Path, _service: str) -> Iterator[Mapping[str, str]]:
    """The connection is made, and the TLS handshake is never answered."""
    with listener(_say_nothing) as port:
        yield endpoints(f"https://127.0.0.1:{port}")


@contextlib.contextmanager
def cut_handshake(_folder: Path, _service: str) -> Iterator[Mapping[str, str]]:
    """The connection ends in the middle of the TLS handshake, as some firewalls do it."""
    with listener(_hang_up) as port:
        yield endpoints(f"https://127.0.0.1:{port}")


@contextlib.contextmanager
def no_tls(_folder: Path, service: str) -> Iterator[Mapping[str, str]]:
    """The port speaks plain HTTP where there should be TLS."""
    yield endpoints(service.replace("http:", "https:"))


def certificate(*names: str, known: bool = True, until: datetime.datetime | None = None) -> Way:
    """A certificate that no client may take: of an unknown authority, old, or for others."""

    @contextlib.contextmanager
    def way(folder: Path, _service: str) -> Iterator[Mapping[str, str]]:
        authority = trustme.CA()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*names, not_after=until).configure_cert(context)
        trusted = authority if known else trustme.CA()
        bundle = folder / "authorities.pem"
        trusted.cert_pem.write_to_path(str(bundle))

        def talk(connection: socket.socket) -> None:
            with context.wrap_socket(connection, server_side=True) as tls:
                while tls.recv(65_536):
                    raise AssertionError("a request came through a connection that is not trusted")

        with listener(talk) as port:
            yield {**endpoints(f"https://127.0.0.1:{port}"), "AWS_CA_BUNDLE": str(bundle)}

    return way


@contextlib.contextmanager
def no_proxy_there(_folder: Path, _service: str) -> Iterator[Mapping[str, str]]:
    """The proxy's port is closed."""
    yield _behind(unused_port())


def proxy(*answer: bytes) -> Way:
    """A proxy that answers every CONNECT so; without an answer, it is silent."""

    @contextlib.contextmanager
    def way(_folder: Path, _service: str) -> Iterator[Mapping[str, str]]:
        with listener(lambda connection: _answer(connection, answer)) as port:
            yield _behind(port)

    return way


def _behind(port: int) -> dict[str, str]:
    """Everything goes through the proxy; its password must never be shown."""
    proxied = {"HTTPS_PROXY": f"http://istio:{PROXY_PASSWORD}@127.0.0.1:{port}", "NO_PROXY": ""}
    return {**endpoints(f"https://{HOST}"), **proxied}


def _answer(connection: socket.socket, lines: Sequence[bytes]) -> None:
    asked = b""
    while b"\r\n\r\n" not in asked:
        asked += connection.recv(4_096)
    if not lines:
        _say_nothing(connection)
    connection.sendall(b"\r\n".join([*lines, b"Content-Length: 0", b"Connection: close", b"", b""]))
    connection.close()


def _say_nothing(connection: socket.socket) -> None:
    while connection.recv(65_536):
        pass


def _hang_up(connection: socket.socket) -> None:
    connection.recv(65_536)
    connection.close()


PROXY_PASSWORD = "pr0xy-s3cret"
LONG_AGO = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
AUTHENTICATE = b'Proxy-Authenticate: Basic realm="proxy"'


class Expected(NamedTuple):
    """A way, and the error and hint that it must lead to, by their beginnings."""

    way: Way
    error: str
    hint: str


NETWORK = "check the network and the proxy settings, then run the same command again"
PORTAL = "a sign-in page of this network may answer instead"
NO_TLS = "https://127.0.0.1:PORT/ does not speak TLS, or something on the way cuts it off"
WAYS: Mapping[str, Expected] = {
    "refused": Expected(refused, "no connection to http://127.0.0.1:PORT/", NETWORK),
    "no such name": Expected(no_such_name, f"no connection to https://{NOWHERE}/", NETWORK),
    "silent port": Expected(silent_port, "no answer from https://127.0.0.1:PORT/", NETWORK),
    "cut handshake": Expected(cut_handshake, NO_TLS, PORTAL),
    "no tls": Expected(no_tls, NO_TLS, PORTAL),
    "unknown authority": Expected(
        certificate("127.0.0.1", known=False),
        "the certificate of https://127.0.0.1:PORT/ is of an authority that is not trusted here",
        "if a proxy inspects TLS here, name its CA: export AWS_CA_BUNDLE=/path/to/ca.pem",
    ),
    "expired certificate": Expected(
        certificate("127.0.0.1", until=LONG_AGO),
        "the certificate of https://127.0.0.1:PORT/ is not valid at this machine's time",
        "check the clock: date -u; ",
    ),
    "wrong host": Expected(
        certificate(HOST),
        "the certificate that came from https://127.0.0.1:PORT/ is another host's",
        PORTAL,
    ),
    "wrong address": Expected(
        certificate("127.0.0.2"),
        "the certificate that came from https://127.0.0.1:PORT/ is another host's",
        PORTAL,
    ),
    "no proxy there": Expected(
        no_proxy_there, "the proxy refused or did not answer", "see that the proxy named in "
    ),
    "proxy refuses": Expected(
        proxy(b"HTTP/1.1 403 Forbidden"),
        "the proxy opened no way to the service (status 403)",
        "ask whoever runs the proxy",
    ),
    "proxy wants a password": Expected(
        proxy(b"HTTP/1.1 407 Proxy Authentication Required", AUTHENTICATE),
        "the proxy wants a name and a password (status 407)",
        "name them in its address: export HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT",
    ),
    "proxy finds nobody": Expected(
        proxy(b"HTTP/1.1 502 Bad Gateway"),
        "the proxy opened no way to the service (status 502)",
        "ask whoever runs the proxy",
    ),
    "silent proxy": Expected(proxy(), f"no answer from https://{HOST}/", NETWORK),
}
