"""The reader of the Secret Service on real buses, with real services, and in recordings of them."""

from __future__ import annotations

import contextlib
import itertools
import socket
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cognito_credproc import secret_service
from tests.bus import Bus, damaged
from tests.e2e.keyring_session import keyring_session, missing
from tests.e2e.machine import HELPER, Machine, good_document
from tests.e2e.secret_services import gnome_keyring, keepassxc, kwallet, lock
from tests.e2e.session_bus import dbus_broker, dbus_daemon

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.e2e.secret_services import SecretService
    from tests.e2e.session_bus import Bus as SessionBus

USERNAME = "dev"
_numbers = itertools.count()


class Combination(NamedTuple):
    """A bus, a service on it, and the programs that they are."""

    bus: SessionBus
    service: SecretService
    programs: tuple[str, ...]


COMBINATIONS = {
    "gnome-keyring": Combination(dbus_daemon, gnome_keyring, ()),
    "gnome-keyring, dbus-broker": Combination(dbus_broker, gnome_keyring, ("dbus-broker",)),
    "KWallet": Combination(dbus_daemon, kwallet, ("kwalletd5",)),
    "KeePassXC, dbus-broker": Combination(dbus_broker, keepassxc, ("dbus-broker", "keepassxc")),
}
# KeePassXC asks in a window before another program may replace or remove an item.
UNATTENDED = [name for name in COMBINATIONS if not name.startswith("KeePassXC")]


@pytest.fixture(scope="module", params=COMBINATIONS)
def session(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """The environment of a session with an unlocked keyring."""
    combination = COMBINATIONS[request.param]
    if absent := missing(*combination.programs):
        pytest.skip(f"not installed: {', '.join(absent)}")
    # The path of a socket has to be short.
    with (
        tempfile.TemporaryDirectory(prefix="credproc-") as folder,
        keyring_session(Path(folder), combination.bus, combination.service) as environment,
    ):
        yield environment


def as_bytes(environment: Mapping[str, str]) -> dict[bytes, bytes]:
    return {key.encode(): value.encode() for key, value in environment.items()}


def kept(environment: Mapping[str, str], text: str) -> str:
    """Keep a text as `keyring` does, in an item of its own; the item's service name.

    The backend is named: KWallet can be slow enough for `keyring` to look for another one.
    """
    service = f"cognito-credproc/session/{next(_numbers)}"
    write = "import keyring, sys; keyring.set_password(*sys.argv[1:], sys.stdin.read())"
    backend = {"PYTHON_KEYRING_BACKEND": "keyring.backends.SecretService.Keyring"}
    by_others([sys.executable, "-c", write, service, USERNAME], {**environment, **backend}, text)
    return service


def by_others(command: list[str], environment: Mapping[str, str], given: str = "") -> str:
    """What a program of others says, which agrees on a key with the service.

    Where a public key or the shared secret begins with a zero byte, KWallet and they do not: one
    time in some 200, libsecret's `secret-tool` fails. A few in a row would be something else.
    """
    for _ in range(4):
        done = subprocess.run(
            command,
            env=environment,
            input=given.encode(),
            capture_output=True,
            timeout=30,
            check=False,
        )
        if done.returncode == 0:
            return done.stdout.decode()
    raise AssertionError(done.stderr.decode())


@pytest.mark.parametrize(
    "text", ["x", "日本語 \N{GRINNING FACE}\n", "x" * 3_000, "y" * 200_000], ids=len
)
def test_what_keyring_wrote_is_read(session: dict[str, str], text: str) -> None:
    service = kept(session, text)
    assert secret_service.lookup(service, USERNAME, as_bytes(session)) == text
    tool = ["secret-tool", "lookup", "service", service, "username", USERNAME]
    assert by_others(tool, session) == text


def test_what_is_not_there_is_certainly_not_there(session: dict[str, str]) -> None:
    service = kept(session, "secret")
    environment = as_bytes(session)
    assert secret_service.lookup(service, "somebody else", environment) == ""
    assert secret_service.lookup(service + "/x", USERNAME, environment) == ""


def test_many_readers_at_once(session: dict[str, str]) -> None:
    """Nearly all are answered, and none wrongly; the others have to ask `keyring`.

    Under load, gnome-keyring 42 now and then loses an alias on the way to its collection and says
    that an object of a garbled name does not exist.
    """
    service = kept(session, "secret")
    environment = as_bytes(session)
    with ThreadPoolExecutor(16) as pool:
        look = lambda _: secret_service.lookup(service, USERNAME, environment, 20)  # noqa: E731
        found = Counter(pool.map(look, range(160)))
    assert set(found) <= {"secret", None}
    assert found["secret"] >= 150


@pytest.mark.parametrize("session", UNATTENDED, indirect=True)
def test_a_whole_sign_in_and_its_hits(session: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / f"reader-{next(_numbers)}"
    folder.mkdir()
    with Machine(folder, session, pool={}, client={}, identity_pool={}) as machine:
        machine.enrolled(keep=False)
        first = machine.helper()
        good_document(first.stdout)
        assert machine.helper().stdout == first.stdout
        loaded = machine.run([sys.executable, "-X", "importtime", HELPER, "--profile", "dev"])
        assert "| keyring" not in loaded.stderr
        assert machine.calls() == []


class Recorder:
    """A socket before a bus that passes everything on and keeps what the bus says."""

    def __init__(self, path: Path, bus: bytes) -> None:
        self.said = b""
        self.environment = {b"DBUS_SESSION_BUS_ADDRESS": b"unix:path=" + str(path).encode()}
        self._bus = bus
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with self._listener, self._listener.accept()[0] as caller, socket.socket(1) as bus:
            bus.connect(self._bus)
            back = threading.Thread(target=self._back, args=(bus, caller))
            back.start()
            while heard := caller.recv(65536):
                bus.sendall(heard)
            bus.shutdown(socket.SHUT_RDWR)
            back.join()

    def _back(self, bus: socket.socket, caller: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while said := bus.recv(65536):
                self.said += said
                caller.sendall(said)

    def recording(self) -> bytes:
        """Everything that the bus said, once the reader is gone."""
        self._thread.join()
        return self.said


@pytest.mark.slow
def test_damaged_recordings_give_the_item_or_nothing(session: dict[str, str]) -> None:
    """What this bus and this service really said, with bytes cut, flipped and put in."""
    text = "cognito-credproc 1 …\n" + "x" * 2_000
    service = kept(session, text)
    with tempfile.TemporaryDirectory(prefix="credproc-") as name:
        folder = Path(name)
        (address,) = secret_service.addresses(as_bytes(session))
        recorder = Recorder(folder / "recorder", address)
        assert secret_service.lookup(service, USERNAME, recorder.environment, 20) == text
        recording = recorder.recording()
        bus = Bus(folder / "bus")

        @settings(
            max_examples=400,
            database=None,
            suppress_health_check=[HealthCheck.function_scoped_fixture],
        )
        @given(damaged(recording), st.integers(1, 4_000))
        def replayed(said: bytes, size: int) -> None:
            bus.pieces = [said[at : at + size] for at in range(0, len(said), size)]
            try:
                found = secret_service.lookup(service, USERNAME, bus.environment, 1.0)
            except secret_service.LockedError:
                return
            assert found is None or isinstance(found, str)

        try:
            bus.pieces = [recording]
            assert secret_service.lookup(service, USERNAME, bus.environment) == text
            replayed()
        finally:
            bus.stop()


def test_a_locked_keyring_is_never_taken_for_an_empty_one(session: dict[str, str]) -> None:
    """The last test of the session: some services need a person to unlock them again."""
    service = kept(session, "secret")
    lock(session)
    try:
        found = secret_service.lookup(service, USERNAME, as_bytes(session))
    except secret_service.LockedError:
        return
    assert found is None
