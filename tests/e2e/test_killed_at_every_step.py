"""A renewal that is killed at each of its steps in turn; the next process takes over."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.e2e.keyring_watch import KeyringWatch, Write
from tests.e2e.machine import (
    CREDENTIALS,
    HELPER,
    MFA,
    SRP,
    TOKENS,
    Machine,
    failed,
    good_document,
)
from tests.local_cognito import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.conftest import Keyrings, NewMachine
    from tests.local_cognito import Call

GET = [HELPER, "--profile", "dev"]
SIGN_IN = [*SRP, MFA, CREDENTIALS]
REUSED = "RefreshTokenReuseException"
QUICK = 15  # seconds: nobody waits for a lock, nor for a process that is gone


class Step(NamedTuple):
    """A call to Cognito or a write to the keyring: the n-th of its name, and on which side of it.

    `before` a call: the request is there, nothing is done. After it: all is done, and no answer
    goes out.
    """

    name: str
    number: int
    before: bool


class Killer:
    """Ends one process at one step."""

    def __init__(self, machine: Machine, proxy: KeyringWatch) -> None:
        self._machine = machine
        self._proxy = proxy
        self.environment = {
            **machine.environment,
            "DBUS_SESSION_BUS_ADDRESS": proxy.address,
        }
        machine.cognito.listen(self._on_call, lambda _mail: None)
        proxy.on_write = self._on_write
        self.steps: list[Step] = []
        self._at: Step | None = None
        self._by = signal.SIGKILL
        self.status = 0
        self._process: subprocess.Popen[str] | None = None

    def runs(self, at: Step | None, by: signal.Signals = signal.SIGKILL) -> list[Step]:
        """Run the helper and end it at a step; the steps that it came to."""
        self.steps, self._at, self._by = [], at, by
        if at and at.before and at.name != "write":
            for _ in range(at.number - 1):
                self._machine.cognito.faults.add(at.name, Fault.DRIP, seconds=0)
            self._machine.cognito.faults.add(at.name, Fault.SILENCE, seconds=0.01)
        self._process = subprocess.Popen(
            GET, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self._process.communicate(timeout=60)
        self.status = self._process.returncode
        if by == signal.SIGKILL:
            assert self.status == (-by if at else 0), (at, self.steps)
        self._machine.cognito.faults.clear()
        self._at = None
        return self.steps

    def _comes_to(self, name: str, *, before: bool) -> bool:
        """Whether it was the last."""
        number = sum(step.name == name and step.before == before for step in self.steps) + 1
        step = Step(name, number, before)
        self.steps.append(step)
        if step == self._at:
            assert self._process
            os.kill(self._process.pid, self._by)
        return step == self._at

    def _on_call(self, call: Call) -> None:
        self._comes_to(call.operation, before=True)
        if not str(call.error).startswith("fault:silence"):
            self._comes_to(call.operation, before=False)

    def _on_write(self, write: Write) -> None:
        if self._comes_to("write", before=not write.done) and not write.done:
            raise ConnectionResetError  # it does not go on to the keyring


@pytest.fixture
def proxy(keyrings: Keyrings) -> Iterator[KeyringWatch]:
    """A relay before the bus of the tests' keyring."""
    address = keyrings.environment()["DBUS_SESSION_BUS_ADDRESS"]
    with (
        tempfile.TemporaryDirectory(prefix="credproc-") as folder,
        KeyringWatch(address, Path(folder) / "bus") as found,
    ):
        yield found


def takes_over(machine: Machine) -> list[str]:
    """The next process gives good credentials, and soon; the calls that it took."""
    machine.calls()
    began = time.monotonic()
    done = machine.helper()
    assert time.monotonic() - began < QUICK
    assert (done.returncode, done.stderr) == (0, "")
    good_document(done.stdout)
    return machine.calls()


@pytest.mark.slow
def test_a_refresh_is_killed_at_every_step(new_machine: NewMachine, proxy: KeyringWatch) -> None:
    """The token rotates without grace: what is spent and not stored is lost, and nothing else."""
    machine = new_machine(client={"rotation_grace": 0}).enrolled()
    killer = Killer(machine, proxy)
    for _ in range(2):  # the second time, it is known that tokens rotate
        machine.items.expire()
        steps = killer.runs(at=None)
    assert [step.name for step in steps if step.before] == [
        "write",  # whether the keyring takes the token
        TOKENS,
        "write",  # the new one
        CREDENTIALS,
        "write",  # the credentials
    ]
    unstored = (Step(TOKENS, 1, before=False), Step("write", 2, before=True))
    for step in steps:
        machine.half_a_minute_passes()
        machine.items.expire()
        seen = len(machine.cognito.calls)
        killer.runs(at=step)
        calls = takes_over(machine)
        if step in unstored:
            assert calls == [TOKENS, *SIGN_IN], step
        elif step == Step("write", 3, before=False):
            assert calls == [], step
        else:
            assert calls == [TOKENS, CREDENTIALS], step
        errors = [call.error for call in machine.cognito.calls[seen:] if call.error]
        errors = [error for error in errors if not error.startswith("fault:")]
        assert errors == ([REUSED] if step in unstored else []), step
        assert machine.user.wrong_passwords_ever == 0


@pytest.mark.slow
def test_a_sign_in_is_killed_at_every_step(new_machine: NewMachine, proxy: KeyringWatch) -> None:
    """No code is sent twice, and the right factors are not marked as refused."""
    machine = new_machine().enrolled()
    killer = Killer(machine, proxy)
    machine.half_a_minute_passes()
    machine.items.remove("refresh-token", "session")
    steps = killer.runs(at=None)
    assert [step.name for step in steps if step.before] == [
        *SRP,
        MFA,
        "write",  # the refresh token
        CREDENTIALS,
        "write",  # the credentials
    ]
    for step in steps:
        machine.half_a_minute_passes()
        machine.half_a_minute_passes()  # two codes are sent each time
        machine.items.remove("refresh-token", "session")
        seen = len(machine.cognito.calls)
        killer.runs(at=step)
        calls = takes_over(machine)
        stored = steps.index(step) >= steps.index(Step("write", 1, before=False))
        if step == steps[-1]:
            assert calls == [], step
        else:
            assert calls == ([TOKENS, CREDENTIALS] if stored else SIGN_IN), step
        errors = [call.error for call in machine.cognito.calls[seen:] if call.error]
        assert [error for error in errors if not error.startswith("fault:")] == [], step
        assert machine.user.wrong_passwords_ever == 0
        assert machine.user.token
        assert '"refused": {}' in next(machine.state.glob("*.json")).read_text()


def test_a_lost_token_without_stored_factors_needs_a_person(
    new_machine: NewMachine, proxy: KeyringWatch
) -> None:
    machine = new_machine(client={"rotation_grace": 0}).enrolled(keep=False)
    machine.items.expire()
    Killer(machine, proxy).runs(at=Step(TOKENS, 1, before=False))
    error, hint = failed(machine.helper(), 3)
    assert error == (
        "error: profile dev: the refresh token was used before: by a run that was stopped, or by "
        "somebody else"
    )
    assert hint == "cognito-credproc login --profile dev"


@pytest.mark.parametrize(
    ("by", "status"),
    [
        (signal.SIGINT, 130),
        (signal.SIGTERM, 128 + signal.SIGTERM),
        (signal.SIGQUIT, -signal.SIGQUIT),
    ],
)
def test_a_run_that_is_told_to_end_stores_the_new_token_first(
    new_machine: NewMachine, proxy: KeyringWatch, by: signal.Signals, status: int
) -> None:
    """The old one is spent, the new one is on its way."""
    machine = new_machine(client={"rotation_grace": 0}).enrolled(keep=False)
    machine.items.expire()
    killer = Killer(machine, proxy)
    killer.runs(at=Step(TOKENS, 1, before=False), by=by)
    assert killer.status == status
    assert takes_over(machine) == [TOKENS, CREDENTIALS]


@pytest.mark.slow
def test_runs_that_never_hear_that_the_password_is_wrong(
    new_machine: NewMachine, proxy: KeyringWatch
) -> None:
    """Each is killed while the verdict is on its way, as by an SDK that has no patience."""
    machine = new_machine().enrolled()
    machine.items.remove("refresh-token", "session")
    machine.items.set("password", "not the password any more")
    killer = Killer(machine, proxy)
    for _ in range(3):
        killer.runs(at=Step(MFA, 1, before=False))
    for _ in range(5):
        error, hint = failed(machine.helper(), 1)
        assert "the stored password was sent, and no answer came; the next try is in" in error
        assert hint == "cognito-credproc login --profile dev"
    assert machine.user.wrong_passwords_ever == 3
    assert machine.user.locked_until == 0
