"""The lock of a sign-in: it ends with its process, and is no other user's business."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.machine import CREDENTIALS, HELPER, MFA, NAME, PASSWORD, SRP, Machine, good_document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.person import Person

LOGIN = (HELPER, "login", "--profile", "dev")
ASK_PASSWORD = f"[dev] password for {NAME}: "
NOBODY = 65_534
AS_NOBODY = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
SOON = 5  # seconds; a held lock is waited for eight


@pytest.fixture
def bare(machine: Machine) -> Machine:
    """A user who keeps nothing, and whose sign-in has run out."""
    machine.enrolled(keep=False)
    machine.items.remove("refresh-token", "session")
    return machine


def ends(person: Person, how: str) -> None:
    """End the sign-in at its prompt."""
    if how == "ctrl-c":
        person.interrupts()
    elif how == "terminal closed":
        os.killpg(person.process.pid, signal.SIGHUP)
    else:
        os.killpg(person.process.pid, signal.SIGTERM)
    status = person.ends()
    assert status == {"ctrl-c": 130, "terminated": 143, "terminal closed": -signal.SIGHUP}[how]


@pytest.mark.parametrize("how", ["ctrl-c", "terminated", "terminal closed"])
def test_whatever_ends_a_prompt_releases_everything(bare: Machine, how: str) -> None:
    with bare.sits(*LOGIN) as person:
        person.sees(ASK_PASSWORD)
        ends(person, how)
    began = time.monotonic()
    with bare.sits(*LOGIN) as person:
        person.sees(ASK_PASSWORD)
        assert time.monotonic() - began < SOON
        person.types(PASSWORD)
        person.answers("[dev] code from your authenticator app: ", bare.code())
        person.sees("[dev] signed in")
        assert person.ends() == 0
    assert bare.calls() == [*SRP, MFA, CREDENTIALS]


def test_nobody_waits_for_a_prompt_while_credentials_are_good(bare: Machine) -> None:
    with bare.sits(*LOGIN) as person:
        person.answers(ASK_PASSWORD, PASSWORD)
        person.answers("[dev] code from your authenticator app: ", bare.code())
        assert person.ends() == 0
    bare.items.expire(left=10 * 60)  # too old for a hit, good for a while
    with bare.sits(*LOGIN) as person:
        person.sees(ASK_PASSWORD)
        began = time.monotonic()
        good_document(bare.helper().stdout)
        assert time.monotonic() - began < SOON


def run_as_nobody() -> bool:
    """Whether another user can run this interpreter; root can become one."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        return False
    tried = [*AS_NOBODY, sys.executable, "-c", "import cognito_credproc"]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0


USERS = ["other home", *(["other user"] if run_as_nobody() else [])]


@pytest.fixture
def elsewhere(bare: Machine) -> Iterator[dict[str, str]]:
    """The environment of somebody who has the same profile and shares nothing else."""
    with tempfile.TemporaryDirectory(prefix="credproc-") as folder:
        home = Path(folder)
        (home / "config").write_bytes(bare.config.read_bytes())
        for path in (home, home / "config"):
            os.chown(path, NOBODY, NOBODY) if os.geteuid() == 0 else None
        kept = ("AWS_ENDPOINT_URL", "AWS_EC2")
        yield {
            **{name: value for name, value in bare.environment.items() if name.startswith(kept)},
            "HOME": folder,
            "LANG": "C.UTF-8",
            "PATH": bare.environment["PATH"],
            "AWS_CONFIG_FILE": str(home / "config"),
            # A keyring that this user named, since a second session bus is not worth its time.
            "PYTHON_KEYRING_BACKEND": "keyrings.alt.file.PlaintextKeyring",
        }


@pytest.mark.parametrize("who", USERS)
def test_two_users_never_meet_in_a_lock(bare: Machine, elsewhere: dict[str, str], who: str) -> None:
    command = [*(AS_NOBODY if who == "other user" else []), HELPER, "--profile", "dev"]

    def runs(**more: str) -> tuple[str, float]:
        began = time.monotonic()
        done = subprocess.run(
            command,
            env={**elsewhere, **more},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            check=False,
        )
        assert done.stdout == ""
        return done.stderr.partition("\n")[0], time.monotonic() - began

    with bare.sits(*LOGIN) as person:
        person.sees(ASK_PASSWORD)
        error, took = runs()
        assert error == "error: profile dev: nobody has signed in yet"
        assert took < SOON
        if who == "other user":
            error, _ = runs(COGNITO_CREDPROC_STATE_DIR=str(bare.state))
            assert error.startswith(f"error: the state folder {bare.state} ")
        person.interrupts()
        assert person.ends() == 130
    lock = next(Path(elsewhere["HOME"]).rglob("*.lock"))
    assert lock.stat().st_mode & 0o777 == 0o600
    assert lock.parent.stat().st_mode & 0o777 == 0o700
