"""What people see while something takes long, and how soon Ctrl-C ends it."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import pytest

from tests.e2e.machine import (
    HELPER,
    NAME,
    PASSWORD,
    TOKENS,
    Machine,
    good_document,
)
from tests.local_cognito import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.e2e.person import Person

LOGIN = (HELPER, "login", "--profile", "dev")
GET = (HELPER, "--profile", "dev")
ASK_PASSWORD = f"[dev] password for {NAME}: "
AT_ONCE = 3  # seconds, on a busy machine; what was waited for would take twice as long


@pytest.fixture
def bare(machine: Machine) -> Machine:
    """A user who keeps nothing, and whose sign-in has run out."""
    machine.enrolled(keep=False)
    machine.items.remove("refresh-token", "session")
    return machine


@contextlib.contextmanager
def behind_a_sign_in(machine: Machine, command: Sequence[str]) -> Iterator[Person]:
    """Whoever sits at a command that waits for a sign-in on another terminal, and is told so."""
    with machine.sits(*LOGIN) as first:
        first.sees(ASK_PASSWORD)
        with machine.sits(*command) as second:
            holder = f"process {first.process.pid} (cognito-credproc login, profile dev)"
            second.sees(f"[dev] waiting for another sign-in: {holder}, 1 s")
            yield second


def test_another_sign_in_is_named_and_ctrl_c_ends_the_wait_at_once(bare: Machine) -> None:
    with behind_a_sign_in(bare, LOGIN) as second:
        began = time.monotonic()
        second.interrupts()
        assert second.ends() == 130
        assert time.monotonic() - began < AT_ONCE
    assert bare.calls() == []


def test_whoever_types_the_line_is_told_what_it_waits_for(bare: Machine) -> None:
    """No tool captures what comes out, so it is a person who waits."""
    with behind_a_sign_in(bare, GET) as second:
        second.interrupts()
        assert second.ends() == 130


def test_a_slow_service_is_named_on_the_terminal_alone(bare: Machine) -> None:
    bare.cognito.faults.add("InitiateAuth", Fault.SILENCE)
    with bare.sits(*LOGIN) as person:
        person.answers(ASK_PASSWORD, PASSWORD)
        person.sees("[dev] waiting for Cognito, ")
        began = time.monotonic()
        person.interrupts()
        assert person.ends() == 130
        assert time.monotonic() - began < AT_ONCE


def test_ctrl_c_in_a_refresh_says_what_it_waits_for_and_once_more_ends_it(
    machine: Machine,
) -> None:
    machine.enrolled().items.expire()
    machine.cognito.faults.add(TOKENS, Fault.SILENCE, times=2, seconds=4)
    with machine.sits(*GET, pipes=True) as person:
        while TOKENS not in machine.calls():
            time.sleep(0.05)
        person.interrupts()
        person.sees("[dev] finishing the refresh, ")
        began = time.monotonic()
        person.interrupts()
        assert person.ends() == 130
        assert time.monotonic() - began < AT_ONCE
        assert person.output() == ("", "error: interrupted\n")
    machine.cognito.faults.clear()
    good_document(machine.helper().stdout)
