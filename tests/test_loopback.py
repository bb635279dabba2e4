"""The listener: takes the one good request, and bears everything else."""

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from cognito_credproc.people.loopback import Waiting, listening
from cognito_credproc.values.errors import CredprocError

STATE = "the-state-of-this-sign-in"
GOOD = f"/?code=the-code&state={STATE}"


def free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Here:
    """A listener and those who come."""

    def __init__(self, waiting: Waiting, port: int, host: str) -> None:
        self.waiting = waiting
        self.port = port
        self.host = host

    def get(
        self,
        target: str,
        *,
        address: str = "127.0.0.1",
        host: str | None = None,
        method: str = "GET",
    ) -> http.client.HTTPResponse:
        """A request; the reply with its body still to be read."""
        connection = http.client.HTTPConnection(address, self.port, timeout=5)
        connection.putrequest(method, target, skip_host=True)
        connection.putheader("Host", host or f"{self.host}:{self.port}")
        connection.endheaders()
        return connection.getresponse()

    def raw(self, sent: bytes) -> socket.socket:
        """A connection that sends these bytes and stays."""
        connection = socket.create_connection(("127.0.0.1", self.port), 5)
        connection.sendall(sent)
        return connection

    @property
    def answered(self) -> object:
        """What was taken, if anything was."""
        return self.waiting.answer(0.05)


@pytest.fixture
def here() -> Iterator[Here]:
    port = free_port()
    with listening(f"http://localhost:{port}/", STATE) as waiting:
        yield Here(waiting, port, "localhost")


def test_good_request_is_taken_and_answered(here: Here) -> None:
    reply = here.get(GOOD)
    body = reply.read().decode()
    assert reply.status == 200
    assert "the-code" not in body
    assert STATE not in body
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Referrer-Policy"] == "no-referrer"
    assert reply.headers["Content-Security-Policy"] == "default-src 'none'"
    assert here.answered == {"code": "the-code", "state": STATE}
    assert here.answered is None


def test_refusal_is_taken_as_well(here: Here) -> None:
    here.get(f"/?error=access_denied&error_description=no+way&state={STATE}")
    assert here.answered == {
        "error": "access_denied",
        "error_description": "no way",
        "state": STATE,
    }


def test_both_addresses_of_localhost(here: Here) -> None:
    with contextlib.suppress(OSError):  # not every machine has the second
        here.get(GOOD, address="::1")
        assert here.answered


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/favicon.ico", 404),
        (f"/other?code=x&state={STATE}", 404),
        ("/", 400),
        ("/?code=x", 400),
        ("/?code=x&state=guessed", 400),
        (f"/?state={STATE}", 400),
        (f"/?code=&state={STATE}", 400),
        (f"/?code=x&state={STATE}&state=other", 400),
        (f"/?code=x&code=y&state={STATE}", 400),
        ("/?state=%E9%FF", 400),
    ],
)
def test_other_requests_neither_end_it_nor_break_it(here: Here, target: str, status: int) -> None:
    assert here.get(target).status == status
    assert here.answered is None
    assert here.get(GOOD).status == 200
    assert here.answered


def test_page_of_another_name_is_not_taken(here: Here) -> None:
    """A name that somebody else's name server has led to this machine."""
    assert here.get(GOOD, host="evil.example.com").status == 404
    assert here.get(GOOD, host=f"127.0.0.1:{here.port}").status == 404
    assert here.answered is None


@pytest.mark.parametrize("method", ["POST", "HEAD", "OPTIONS", "X"])
def test_other_methods_are_not_taken(here: Here, method: str) -> None:
    assert here.get(GOOD, method=method).status == 501
    assert here.answered is None


def test_silence_floods_and_noise_hold_up_nobody(here: Here) -> None:
    noise = [b"", b"GET", b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/1.1\r\n", b"\0" * 70_000]
    connections = [here.raw(sent) for sent in noise * 4]
    before = time.monotonic()
    assert here.get(GOOD).status == 200
    assert here.answered
    assert time.monotonic() - before < 2
    for connection in connections:
        connection.close()


def test_client_that_goes_away_has_delivered_all_the_same(here: Here) -> None:
    host = f"localhost:{here.port}"
    with here.raw(f"GET {GOOD} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    assert here.waiting.answer(2) == {"code": "the-code", "state": STATE}


def test_nobody_comes(here: Here) -> None:
    before = time.monotonic()
    assert here.waiting.answer(0.2) is None
    assert time.monotonic() - before < 2


@pytest.mark.parametrize(
    ("uri", "address", "target"),
    [
        ("http://127.0.0.1:{port}/back/here", "127.0.0.1", "/back/here"),
        ("http://[::1]:{port}", "::1", "/"),
    ],
)
def test_addresses_and_paths_of_other_redirects(uri: str, address: str, target: str) -> None:
    if address == "::1" and not has_ipv6():
        pytest.skip("this machine has no IPv6")
    port = free_port()
    with listening(uri.format(port=port), STATE) as waiting:
        here = Here(waiting, port, f"[{address}]" if ":" in address else address)
        assert here.get(f"{target}?code=x&state={STATE}", address=address).status == 200
        assert waiting.answer(1)
        other = "::1" if address == "127.0.0.1" else "127.0.0.1"
        with pytest.raises(OSError, match=r"."):
            here.get("/", address=other)


@pytest.mark.parametrize("port", ["", ":80"])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_usual_port_may_be_left_out(host: str, port: str) -> None:
    assert Waiting(f"http://{host}{port}/", STATE).hosts == {host, f"{host}:80"}
    assert Waiting(f"http://{host}:8080/", STATE).hosts == {f"{host}:8080"}


def has_ipv6() -> bool:
    try:
        with contextlib.closing(socket.socket(socket.AF_INET6)) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_port_in_use_at_either_address(family: socket.AddressFamily) -> None:
    if family == socket.AF_INET6 and not has_ipv6():
        pytest.skip("this machine has no IPv6")
    with contextlib.closing(socket.socket(family)) as other:
        other.bind(("127.0.0.1" if family == socket.AF_INET else "::1", 0))
        other.listen()
        uri = f"http://localhost:{other.getsockname()[1]}/"
        with (
            pytest.raises(CredprocError, match="cannot be listened on: its port is in use"),
            listening(uri, STATE),
        ):
            pass


def test_port_is_free_again_at_once_and_no_thread_stays() -> None:
    port, threads = free_port(), threading.active_count()
    for _ in range(3):
        with listening(f"http://localhost:{port}/", STATE) as waiting:
            assert Here(waiting, port, "localhost").get(GOOD).status == 200
    deadline = time.monotonic() + 5
    while threading.active_count() > threads and time.monotonic() < deadline:
        time.sleep(0.02)
    assert threading.active_count() <= threads
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 1)
