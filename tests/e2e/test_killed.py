"""Callers that lose patience: the helper is killed while it waits, and nothing is lost by it."""

from __future__ import annotations

import contextlib
import signal
import time
from typing import TYPE_CHECKING

import pytest

from tests.e2e.machine import HELPER, NAME, PASSWORD, good_document
from tests.local_cognito import Fault

if TYPE_CHECKING:
    from tests.e2e.conftest import NewMachine
    from tests.e2e.machine import Machine
    from tests.e2e.person import Person

RUN = (HELPER, "--profile", "dev")
PROMPT = f"[dev] password for {NAME}: "
ENDS = {signal.SIGTERM: 143, signal.SIGKILL: -9}
KILLS = pytest.mark.parametrize("number", ENDS, ids=lambda number: number.name)


def killed(person: Person, number: signal.Signals) -> None:
    """Kill it as an SDK does: the process alone, whose streams are pipes."""
    person.process.send_signal(number)
    out, err = person.output()
    assert (person.process.returncode, out, err) == (ENDS[number], "", "")


def works_again(machine: Machine) -> None:
    """The lock is free, nothing is lost, the next one signs in."""
    machine.half_a_minute_passes()
    began = time.monotonic()
    done = machine.helper()
    assert (done.returncode, done.stderr) == (0, "")
    good_document(done.stdout)
    assert time.monotonic() - began < 10


@pytest.mark.slow
def test_killed_after_20_and_60_seconds_at_a_prompt(new_machine: NewMachine) -> None:
    """The Rust SDK waits some 20 seconds, the Go SDK 60; a person who is asked may take longer."""
    patience = {20: signal.SIGTERM, 21: signal.SIGKILL, 60: signal.SIGTERM, 61: signal.SIGKILL}
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        waiting = {}
        for seconds in patience:
            machine = new_machine().enrolled(keep=False)
            machine.items.remove("session", "refresh-token")
            person = stack.enter_context(machine.sits(*RUN, pipes=True))
            person.sees(PROMPT)
            waiting[seconds] = machine, person
        for seconds, (machine, person) in waiting.items():
            time.sleep(max(0, began + seconds - time.monotonic()))
            assert person.process.poll() is None, "it waits for the person"
            killed(person, patience[seconds])
            assert machine.items.all() == {}
            if patience[seconds] is signal.SIGTERM:
                assert person.echo, "the terminal shows again what is typed"
            with machine.sits(*RUN, pipes=True) as again:
                again.answers(PROMPT, PASSWORD)
                again.answers("[dev] code from your authenticator app: ", machine.code())
                out, err = again.output()
                assert (again.process.returncode, err) == (0, "")
                good_document(out)


@KILLS
@pytest.mark.parametrize("operation", ["GetTokensFromRefreshToken", "InitiateAuth"])
def test_killed_while_the_service_is_silent(
    enrolled: Machine, number: signal.Signals, operation: str
) -> None:
    enrolled.items.expire()
    if operation == "InitiateAuth":
        enrolled.items.remove("refresh-token")
    lasting = enrolled.items.lasting()
    before = len(enrolled.cognito.calls)
    enrolled.cognito.faults.add(operation, Fault.SILENCE)
    with enrolled.sits(*RUN, pipes=True) as person:
        deadline = time.monotonic() + 20
        while len(enrolled.cognito.calls) == before:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        killed(person, number)
    assert enrolled.items.lasting() == lasting
    works_again(enrolled)
