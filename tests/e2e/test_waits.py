"""What people see while something takes long, and how soon Ctrl-C ends it."""

from __future__ import annotations

import time

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


def test_another_sign_in_is_named_and_ctrl_c_ends_the_wait_at_once(bare: Machine) -> None:
    with bare.sits(*LOGIN) as first:
        first.sees(ASK_PASSWORD)
        with bare.sits(*LOGIN) as second:
            holder = f"process {first.process.pid} (cognito-credproc login, profile dev)"
            second.sees(f"[dev] waiting for another sign-in: {holder}, 1 s")
            began = time.monotonic()
            second.interrupts()
            assert second.ends() == 130
            assert time.monotonic() - began < AT_ONCE
    assert bare.calls() == []


def test_whoever_types_the_line_is_told_what_it_waits_for(bare: Machine) -> None:
    """No tool captures what comes out, so it is a person who waits."""
    with bare.sits(*LOGIN) as first:
        first.sees(ASK_PASSWORD)
        with bare.sits(*GET) as second:
            holder = f"process {first.process.pid} (cognito-credproc login, profile dev)"
            second.sees(f"[dev] waiting for another sign-in: {holder}, 1 s")
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
