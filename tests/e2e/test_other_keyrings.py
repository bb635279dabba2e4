"""Keyrings that a person names: the whole way with each, and what goes wrong there."""

from __future__ import annotations

import contextlib
import re
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.machine import (
    CREDENTIALS,
    ENROLL,
    HELPER,
    PASSWORD,
    TOKENS,
    Machine,
    failed,
    good_document,
)
from tests.e2e.other_keyrings import BESIDE, KEY, cryptfile, missing, password_store, within
from tests.e2e.surroundings import need_mounts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.conftest import NewMachine

BOUND = 20  # seconds that nobody waits unasked
CHAINER = "keyring.backends.chainer.ChainerBackend"
LOCKED_OUT = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"}
RUN = (HELPER, "--profile", "dev")


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder of a short name, as the sockets of gpg-agent need it."""
    with tempfile.TemporaryDirectory(prefix="credproc-") as folder:
        yield Path(folder)


@pytest.fixture
def opened(
    request: pytest.FixtureRequest, short: Path, new_machine: NewMachine
) -> Iterator[Machine]:
    """An enrolled machine whose keyring is the one that is asked for."""
    with contextlib.ExitStack() as stack:
        match request.param:
            case "pass":
                if absent := missing():
                    pytest.skip(f"not installed: {', '.join(absent)}")
                environment = stack.enter_context(password_store(short))
            case "cryptfile":
                environment = cryptfile(short) | LOCKED_OUT
            case "chain":
                if absent := missing():
                    pytest.skip(f"not installed: {', '.join(absent)}")
                environment = stack.enter_context(password_store(short))
                environment["PYTHON_KEYRING_BACKEND"] = CHAINER
        machine = new_machine()
        machine.environment |= {**environment, "XDG_DATA_HOME": str(short / "data")}
        yield machine


def enrol(machine: Machine) -> None:
    """Enrol with everything stored."""
    seed = machine.pool.enable_totp(machine.create_user())
    given = ["--password-stdin", "--totp-seed-stdin", "--store-password", "--store-totp"]
    done = machine.run([ENROLL, "--profile=dev", *given], f"{PASSWORD}\n{seed}\n")
    assert (done.stderr, done.stdout, done.returncode) == ("", "", 0)
    machine.calls()


def works(machine: Machine, *calls: str) -> str:
    """The credentials come, with no word beside them, after these calls."""
    began = time.monotonic()
    done = machine.helper()
    assert (done.stderr, done.returncode) == ("", 0)
    assert machine.calls() == list(calls)
    assert time.monotonic() - began < BOUND
    return str(good_document(done.stdout)["AccessKeyId"])


def fails(machine: Machine, **environment: str) -> tuple[str, str]:
    """The right two lines, in time, without a call."""
    began = time.monotonic()
    lines = failed(machine.helper(**environment), 1)
    assert time.monotonic() - began < BOUND
    assert machine.calls() == []
    return lines


ALL = pytest.mark.parametrize("opened", ["pass", "cryptfile", "chain"], indirect=True)
PASS = pytest.mark.parametrize("opened", ["pass"], indirect=True)
FILE = pytest.mark.parametrize("opened", ["cryptfile"], indirect=True)


@ALL
def test_the_whole_way(opened: Machine) -> None:
    enrol(opened)
    stored = works(opened)
    within(opened.environment, "keychain.delete_session(name)")
    assert works(opened, TOKENS, CREDENTIALS) != stored
    works(opened)
    done = opened.helper("logout", "--profile", "dev", "--forget")
    assert (done.stderr, done.returncode) == ("", 0)
    assert opened.calls() == ["RevokeToken"]
    failed(opened.helper(), 3)


@PASS
def test_a_passphrase_that_nobody_gives(opened: Machine, short: Path) -> None:
    """Locked, as `pass` has it: gpg cannot ask."""
    enrol(opened)
    (short / "other").mkdir()
    with password_store(short / "other", "a passphrase") as locked:
        store = Path(locked["PASSWORD_STORE_DIR"])
        for item in Path(opened.environment["PASSWORD_STORE_DIR"]).rglob("*.gpg"):
            there = store / item.relative_to(opened.environment["PASSWORD_STORE_DIR"])
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_bytes(item.read_bytes())
        error, hint = fails(opened, **locked)
    assert error == "error: the keyring may be locked: pass ended with status 2"
    assert re.fullmatch(
        r"let gpg-agent have the passphrase, in a terminal: export GPG_TTY=\$\(tty\); "
        r"pass show python-keyring/\S+/session/\S+ >/dev/null",
        hint,
    )
    works(opened)


@PASS
def test_a_program_that_takes_its_time(opened: Machine, tmp_path: Path) -> None:
    enrol(opened)
    slow = tmp_path / "bin"
    slow.mkdir()
    (slow / "pass").write_text("#!/bin/sh\nsleep 30\n")
    (slow / "pass").chmod(0o700)
    error, _ = fails(opened, PATH=f"{slow}:{opened.environment['PATH']}")
    assert error == "error: the keyring did not answer within 10 seconds"
    works(opened)


@ALL
def test_a_store_that_takes_nothing(opened: Machine, short: Path) -> None:
    """Read only, as root finds it too: the renewal works, and loses nothing that was there."""
    need_mounts()
    enrol(opened)
    within(opened.environment, "keychain.delete_session(name)")
    before = everything(opened)
    file = "keyed" in opened.environment["PYTHON_KEYRING_BACKEND"]
    folder = short / ("data" if file else "store")
    freeze = f'mount --bind {folder} {folder} && mount -o remount,bind,ro {folder} && exec "$@"'
    began = time.monotonic()
    done = opened.run(["unshare", "--mount", "sh", "-c", freeze, "sh", *RUN])
    assert (done.stderr, done.returncode) == ("", 0)
    good_document(done.stdout)
    assert time.monotonic() - began < BOUND
    opened.calls()
    assert {key: value for key, value in everything(opened).items() if key != "session"} == before


def everything(machine: Machine) -> dict[str, str]:
    """Every long-lived item, as the keyring has it."""
    code = (
        "from cognito_credproc.flows.flow import Item\n"
        "from cognito_credproc.use_cases.safekeeping import item_owner\n"
        "from cognito_credproc.use_cases.program import load_settings\n"
        "settings = load_settings('dev', os.environ)[0]\n"
        "print({str(item): keychain.read(item, item_owner(item, settings)) for item in Item})\n"
    )
    found: dict[str, str] = eval(within(machine.environment, code))  # noqa: S307 - our own
    return found


@FILE
def test_a_wrong_key(opened: Machine) -> None:
    enrol(opened)
    error, _ = fails(opened, CRYPTFILE_KEY="another key")
    assert error.startswith("error: the keyring ")
    assert "MAC check failed" in error
    works(opened)


@FILE
def test_a_key_that_nobody_can_be_asked_for(opened: Machine) -> None:
    """It would be asked for on standard input, which belongs to the caller."""
    enrol(opened)
    del opened.environment["CRYPTFILE_KEY"]
    error, hint = fails(opened)
    assert error == "error: the keyring asks for its password, and nobody can be asked here"
    assert hint.startswith("run the same command in a terminal")


@FILE
def test_a_key_that_is_asked_for_on_the_terminal(opened: Machine) -> None:
    """The question is the keyring's own; the caller's pipes stay clean."""
    enrol(opened)
    del opened.environment["CRYPTFILE_KEY"]
    prompt = "Please enter password for encrypted keyring: "
    with opened.sits(*RUN, pipes=True) as person:
        person.sees(prompt)
        assert not person.echo
        person.interrupts()
        out, err = person.output()
        assert (person.process.returncode, out, err) == (130, "", "error: interrupted\n")
        assert person.echo
    with opened.sits(*RUN, pipes=True) as person:
        person.sees(prompt)
        person.types(KEY)
        out, err = person.output()
        assert (person.process.returncode, err) == (0, "")
        good_document(out)
    assert opened.calls() == []


@pytest.mark.parametrize("name", [None, CHAINER])
def test_plain_text_is_not_chosen_unasked(
    enrolled: Machine, tmp_path: Path, name: str | None
) -> None:
    """keyrings.alt is installed, and keeps plain text; neither we nor a chain take it."""
    named = {} if name is None else {"PYTHON_KEYRING_BACKEND": name}
    data = {"XDG_DATA_HOME": str(tmp_path / "data"), "XDG_CONFIG_HOME": str(tmp_path)}
    error, _ = fails(enrolled, **named, **data, **LOCKED_OUT)
    assert error == "error: no OS keyring answers here, and secrets are not kept in plain files"
    assert not (tmp_path / "data").exists()


def test_cryptfile_beside_an_unlocked_keyring_is_not_looked_into(enrolled: Machine) -> None:
    """An installed backend that is more willing than the one in use changes nothing."""
    enrolled.environment["PYTHONPATH"] = BESIDE
    works(enrolled)
