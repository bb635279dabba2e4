"""A clock that is ten minutes off, either way: sign-ins, enrolments, and what is served after."""

from __future__ import annotations

import calendar
import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from cognito_credproc import record
from tests.e2e.clocks import wrong_clocks
from tests.e2e.enrolling import (
    ASK_PASSWORD,
    RUN,
    SET_UP,
    TEMPORARY,
    chooses_password,
    keeps,
    shows_phone,
)
from tests.e2e.machine import (
    CREDENTIALS,
    HELPER,
    MFA,
    PASSWORD,
    SRP,
    Machine,
    failed,
    good_document,
)
from tests.e2e.test_outage import pauses_end

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Off = dict[str, str]
LOGIN = (HELPER, "login", "--profile", "dev")
MINUTES = pytest.mark.parametrize("minutes", [10, -10])  # that this machine is behind Cognito


@pytest.fixture
def behind(tmp_path: Path) -> Callable[[int], Off]:
    """The environment of a process whose clock is so many minutes behind."""
    ahead = wrong_clocks(tmp_path)
    return lambda minutes: ahead(-minutes * 60)


def remembered(machine: Machine) -> dict[str, Any]:
    """What the state says of the profile's user."""
    (file,) = machine.state.glob("*.json")
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def is_found(machine: Machine, minutes: int) -> None:
    """The skew is remembered, and nothing is marked as refused."""
    memory = remembered(machine)
    assert memory["skew"] == pytest.approx(minutes * 60, abs=8)
    assert memory["refused"] == {}
    assert machine.user.wrong_passwords_ever == 0
    assert [call for call in machine.cognito.calls if call.error] == []


@MINUTES
def test_stored_factors_sign_in(
    enrolled: Machine, behind: Callable[[int], Off], minutes: int
) -> None:
    """The enrolment was a moment ago, by the right clock: the ledger knows its code."""
    off = behind(minutes)
    enrolled.items.remove("refresh-token", "session")
    done = enrolled.helper(**off)
    assert (done.returncode, done.stderr) == (0, "")
    assert enrolled.calls() == [*SRP, MFA, CREDENTIALS]
    is_found(enrolled, minutes)
    shown = good_document(done.stdout)["Expiration"]
    expiry = calendar.timegm(time.strptime(shown, "%Y-%m-%dT%H:%M:%SZ"))
    assert expiry == pytest.approx(time.time() + 3_600, abs=30), "the true one"
    stored = record.parse(enrolled.items.get("session"))
    assert stored is not None
    # What a hit compares with the machine's clock is never later, now or once that is right.
    assert stored.expiry == pytest.approx(time.time() + 3_600 - max(0, minutes * 60), abs=30)
    assert enrolled.helper(**off).stdout == done.stdout
    assert enrolled.helper().stdout == done.stdout
    assert enrolled.calls() == []


@MINUTES
def test_a_person_signs_in(machine: Machine, behind: Callable[[int], Off], minutes: int) -> None:
    machine.enrolled(keep=False)
    machine.items.remove("refresh-token", "session")
    with machine.sits(*LOGIN, environment=behind(minutes)) as person:
        person.answers(ASK_PASSWORD, PASSWORD)
        person.answers("[dev] code from your authenticator app: ", machine.code())
        person.sees("[dev] signed in")
        assert person.ends() == 0
    assert machine.calls() == [*SRP, MFA, CREDENTIALS]
    is_found(machine, minutes)


@MINUTES
def test_an_invited_user_enrols(
    machine: Machine, behind: Callable[[int], Off], minutes: int
) -> None:
    """Then the clock is set right, and a sign-in half a minute later sends another code."""
    machine.create_user(temporary_password=TEMPORARY)
    with machine.sits(*RUN, environment=behind(minutes)) as person:
        person.answers(ASK_PASSWORD, TEMPORARY)
        chooses_password(person)
        shows_phone(person, machine)
        keeps(person, "y", "y")
    assert machine.calls() == [*SRP, MFA, *SET_UP, "GetId", CREDENTIALS]
    is_found(machine, minutes)
    machine.items.remove("refresh-token", "session")
    good_document(machine.helper().stdout)
    assert machine.calls() == [*SRP, MFA, CREDENTIALS]
    is_found(machine, 0)


def test_hours_ahead_the_clock_is_what_has_to_be_set(
    enrolled: Machine, behind: Callable[[int], Off]
) -> None:
    """Every tool would refuse credentials that are over by its own clock; so says each run."""
    off = behind(-120)
    enrolled.items.expire()
    for _ in range(2):
        error, hint = failed(enrolled.helper(**off), 1)
        assert "the new credentials are expired already, by this machine's clock" in error
        assert hint == "set the clock: sudo timedatectl set-ntp true"
    shown = enrolled.run([HELPER, "status", "--profile", "dev"], **off).stdout
    assert shown.endswith("hint: set the clock: sudo timedatectl set-ntp true\n")
    enrolled.calls()
    pauses_end(enrolled)
    good_document(enrolled.helper().stdout)
