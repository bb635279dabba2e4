"""What befalls a Secret Service: locked, killed, slow, full, changed by others, at any time.

Each time: the credentials, or the right two lines in time; never a keyring taken for an empty one,
and nothing lost that it held.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import open_dbus_connection

from tests.e2e.bus_proxy import slow_bus
from tests.e2e.items import Items
from tests.e2e.keyring_session import keyring_session, missing
from tests.e2e.machine import (
    CREDENTIALS,
    MFA,
    NAME,
    SRP,
    TOKENS,
    Machine,
    failed,
    good_document,
)
from tests.e2e.secret_services import gnome_keyring, lock, wait_until_it_stores
from tests.e2e.surroundings import need_mounts
from tests.local_cognito import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from subprocess import CompletedProcess

BOUND = 20  # seconds that nobody waits unasked
LOCKED = "error: the keyring is locked"
SLOW = [
    "error: the keyring did not answer within 10 seconds",
    "error: the session bus did not answer in time",
]


class Session(NamedTuple):
    """A machine with a bus and a keyring of its own, which may be harmed."""

    machine: Machine
    environment: dict[str, str]

    def run(self, **environment: str) -> CompletedProcess[str]:
        """The helper, within the bound."""
        began = time.monotonic()
        done = self.machine.helper(**environment)
        assert time.monotonic() - began < BOUND
        return done

    def fails(self, *errors: str, **environment: str) -> None:
        """One of these errors and a hint; nobody is called, and nothing is taken for empty."""
        error, hint = failed(self.run(**environment), 1)
        assert error in errors
        assert hint
        assert self.machine.calls() == []

    def works(self) -> str:
        """The credentials, with no word beside them."""
        done = self.run()
        assert (done.returncode, done.stderr) == (0, "")
        return str(good_document(done.stdout)["AccessKeyId"])

    def during_a_renewal(self, harm: Callable[[], None]) -> CompletedProcess[str]:
        """Harm the keyring while the service is about to answer the helper."""
        called = threading.Event()
        self.machine.cognito.listen(lambda _call: called.set(), lambda _mail: None)
        self.machine.cognito.faults.add("*", Fault.DRIP, seconds=1.5)

        def harmed() -> None:
            assert called.wait(BOUND)
            harm()

        harming = threading.Thread(target=harmed)
        harming.start()
        done = self.run()
        harming.join()
        return done

    def kill(self) -> None:
        """End the daemon that owns the Secret Service by force."""
        bus = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
        ask = "GetConnectionUnixProcessID"
        message = new_method_call(bus, ask, "s", ("org.freedesktop.secrets",))
        address = self.environment["DBUS_SESSION_BUS_ADDRESS"]
        with contextlib.closing(open_dbus_connection(bus=address)) as connection:
            (process,) = connection.send_and_get_reply(message, timeout=5).body
        os.kill(process, signal.SIGKILL)
        while Path(f"/proc/{process}/cmdline").exists() and not _is_dead(process):
            time.sleep(0.01)

    @contextlib.contextmanager
    def started_again(self) -> Iterator[None]:
        """Another daemon opens the same keyring, as after the next sign-in to the desktop."""
        with gnome_keyring(self.environment):
            wait_until_it_stores(self.environment)
            self.machine.items.let_go()
            self.machine.items = Items(
                self.environment["DBUS_SESSION_BUS_ADDRESS"],
                self.environment["COGNITO_CREDPROC_KEYRING_SERVICE"],
            )
            yield


def _is_dead(process: int) -> bool:
    """Whether it ended and waits for its parent to notice."""
    return ") Z " in Path(f"/proc/{process}/stat").read_text()


@pytest.fixture
def session() -> Iterator[Session]:
    if absent := missing():
        pytest.skip(f"not installed: {', '.join(absent)}")
    with contextlib.ExitStack() as stack:
        # Not pytest's own folder: the path of a socket has to be short.
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="credproc-")))
        (folder / "machine").mkdir()
        keyring = stack.enter_context(keyring_session(folder))
        machine = Machine(folder / "machine", keyring, pool={}, client={}, identity_pool={})
        stack.callback(machine.cognito.stop)
        stack.callback(lambda: machine.items.let_go())  # noqa: PLW0108 - another by then
        yield Session(machine.enrolled(), machine.environment)


def test_locked_in_the_middle_of_a_renewal(session: Session) -> None:
    """This run has what it needs; the next one names what is in its way; nothing is lost."""
    before = session.machine.items.all()
    session.machine.items.expire()
    done = session.during_a_renewal(lambda: lock(session.environment))
    assert (done.returncode, done.stderr) == (0, "")
    good_document(done.stdout)
    assert session.machine.calls() == [TOKENS, CREDENTIALS]
    session.fails(LOCKED)
    session.kill()
    with session.started_again():
        session.works()
        lasting = {name: text for name, text in before.items() if "session" not in name}
        assert session.machine.items.lasting() == lasting


def test_a_dead_daemon_is_not_an_empty_keyring(session: Session) -> None:
    """The bus starts another one, which is locked."""
    before = session.machine.items.all()
    session.kill()
    session.fails(LOCKED, "error: the keyring did not answer within 10 seconds")
    session.kill()
    with session.started_again():
        assert session.machine.items.all() == before
        session.works()
        assert session.machine.calls() == []


def test_killed_in_the_middle_of_a_renewal(session: Session) -> None:
    session.machine.items.expire()
    lasting = session.machine.items.lasting()
    done = session.during_a_renewal(session.kill)
    assert (done.returncode, done.stderr) == (0, "")
    good_document(done.stdout)
    with contextlib.suppress(Exception):
        session.kill()  # the one that the bus started
    with session.started_again():
        assert session.machine.items.lasting() == lasting
        session.works()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("delay", "errors"),
    [
        (0.2, []),
        (1.0, SLOW),
        (30.0, SLOW),
    ],
)
@pytest.mark.parametrize("left", [3_600, 600, -1])
def test_slow(session: Session, delay: float, errors: list[str], left: int) -> None:
    """A hit waits for it a while; so does a renewal, whose many reads share one patience."""
    session.machine.items.expire(left=left)
    lasting = session.machine.items.lasting()
    address = session.environment["DBUS_SESSION_BUS_ADDRESS"]
    folder = Path(session.environment["XDG_RUNTIME_DIR"])
    with slow_bus(folder, address, delay) as slow:
        done = session.run(DBUS_SESSION_BUS_ADDRESS=slow)
        if errors:
            error, hint = failed(done, 1)
            assert error in errors
            assert hint
            assert session.machine.calls() == []
        else:
            assert (done.returncode, done.stderr) == (0, "")
            good_document(done.stdout)
    assert session.machine.items.lasting() == lasting


FROZEN = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1"'
FULL = (
    'cp -a "$1" "$1.kept" && mount -t tmpfs -o size=64k tmpfs "$1" && cp -a "$1.kept/." "$1" '
    '&& { head -c 100000 /dev/zero >"$1/full"; true; }'
)


@pytest.mark.parametrize("how", [FROZEN, FULL], ids=["read-only", "full"])
@pytest.mark.parametrize("rotation", [None, 0])
def test_a_disk_that_takes_nothing(session: Session, how: str, rotation: int | None) -> None:
    """The daemon cannot write its file: the credentials come, and what was there stays there."""
    need_mounts()
    machine, data = session.machine, session.environment["XDG_DATA_HOME"]
    machine.client.rotation_grace = rotation
    machine.items.expire()
    lasting = machine.items.lasting()
    subprocess.run(["sh", "-c", how, "sh", data], check=True, capture_output=True)
    try:
        session.works()
        assert machine.calls() == [TOKENS, CREDENTIALS]
        session.kill()
    finally:
        subprocess.run(["umount", data], check=True)
    with session.started_again():
        assert machine.items.lasting() == lasting
        machine.half_a_minute_passes()
        session.works()  # by the stored factors, where the refresh token was a new one


@pytest.mark.parametrize("kind", ["session", "refresh-token", "password", "totp-seed"])
def test_an_item_that_somebody_deletes_meanwhile(session: Session, kind: str) -> None:
    machine = session.machine
    machine.items.expire()
    done = session.during_a_renewal(lambda: machine.items.remove(kind))
    assert (done.returncode, done.stderr) == (0, "")
    good_document(done.stdout)
    assert machine.calls() == [TOKENS, CREDENTIALS]
    kinds = {"session", "refresh-token", "password", "totp-seed"}
    assert machine.items.kinds() == kinds - ({kind} - {"session"})
    assert session.works() == good_document(done.stdout)["AccessKeyId"]


SHAPES = {
    "no text": b"\xff\xfe\x00junk",
    "empty": b"",
    "of another program": b'{"token": "x", "expires": 5}',
    "very long": b"x" * 300_000,
    "lines": b"\n\n\n",
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_items_of_another_users_shape(session: Session, shape: bytes) -> None:
    """Whatever is in their place: the stored factors sign in, and the items are ours again."""
    machine = session.machine
    machine.items.set_bytes("session", shape)
    session.works()
    assert machine.calls() == [TOKENS, CREDENTIALS]
    machine.items.set_bytes("session", shape)
    machine.items.set_bytes("refresh-token", shape)
    machine.half_a_minute_passes()
    session.works()
    # One that is text is tried as what it stands for, by the newer call and by the older.
    refused = [] if shape in {SHAPES["no text"], SHAPES["empty"]} else [TOKENS, SRP[0]]
    calls = machine.calls()
    assert calls[-4:] == [*SRP, MFA, CREDENTIALS]
    assert set(calls[:-4]) <= set(refused)
    session.works()
    assert machine.calls() == []
    machine.items.expire()
    machine.items.set_bytes("refresh-token", shape)
    machine.items.set_bytes("password", shape)
    status = session.run().returncode
    assert status in {1, 3}
    assert machine.user.wrong_passwords_ever <= 1


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_factors_of_another_users_shape(session: Session, shape: bytes) -> None:
    """A sign-in that needs them fails with the command that mends it, and no attempt is wasted."""
    machine = session.machine
    machine.items.add(f"client-secret/{machine.client.id}", shape)
    machine.items.add(f"device/{machine.pool.id}/{machine.client.id}/{NAME}", shape)
    machine.items.remove("refresh-token", "session")
    done = session.run()
    machine.items.remove("client-secret", "device")
    calls, spent = machine.calls(), machine.memory("totp_step")
    if done.returncode:
        failed(done, 1)
        assert set(calls) <= {SRP[0]}
    else:  # it counts as none
        assert calls == [*SRP, MFA, CREDENTIALS]
        machine.items.remove("refresh-token", "session")
    machine.items.set_bytes("totp-seed", shape)
    for _ in range(2):
        error, hint = failed(session.run(), 3)
        assert error.startswith("error: profile dev: ")
        assert "a code is needed" in error or "the stored TOTP seed makes no codes" in error
        store, login = "-enroll --profile dev --import-totp", " login --profile dev"
        assert hint == f"cognito-credproc{store if 'makes no codes' in error else login}"
    assert machine.calls() == []
    assert machine.memory("totp_step") == spent
    assert machine.user.wrong_passwords_ever == 0
