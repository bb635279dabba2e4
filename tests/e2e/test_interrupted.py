"""An enrolment that ends too early, anywhere, and is run again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.enrolling import (
    ASK_AGAIN,
    ASK_MAILED,
    ASK_NEW,
    ASK_PASSWORD,
    ASK_PHONE,
    DONE,
    KEEP_PASSWORD,
    RUN,
    SET_UP,
    TEMPORARY,
    chooses_password,
    keeps,
    last_code,
    shows_phone,
)
from tests.e2e.machine import CREDENTIALS, MFA, PASSWORD, SRP, Machine, good_document
from tests.e2e.screen import scanned
from tests.local_cognito import Fault

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import NewMachine
    from tests.e2e.person import Person

CTRL_C, KILL = "ctrl-c", "kill"


def leaves(person: Person, how: str) -> None:
    """End the enrolment where it is."""
    if how == CTRL_C:
        person.interrupts()
        assert person.ends() == 130
        assert person.echo
    else:
        person.kills()
        person.ends()


@pytest.mark.parametrize("how", [CTRL_C, KILL])
def test_an_invited_user_interrupted_at_every_prompt(machine: Machine, how: str) -> None:
    machine.create_user(temporary_password=TEMPORARY)
    with machine.sits(*RUN) as person:
        person.sees(ASK_PASSWORD)
        leaves(person, how)
    with machine.sits(*RUN) as person:
        person.answers(ASK_PASSWORD, TEMPORARY)
        person.sees(ASK_NEW)
        leaves(person, how)
    with machine.sits(*RUN) as person:
        person.answers(ASK_PASSWORD, TEMPORARY)
        person.answers(ASK_NEW, PASSWORD)
        person.sees(ASK_AGAIN)
        leaves(person, how)
    with machine.sits(*RUN) as person:
        person.answers(ASK_PASSWORD, TEMPORARY)
        chooses_password(person)
        person.sees("Scan this with an authenticator app:")
        leaves(person, how)
    goes_on_from_the_phone(machine, how)


@pytest.mark.parametrize("how", [CTRL_C, KILL])
def test_a_sign_up_interrupted_at_every_prompt(machine: Machine, how: str) -> None:
    run = (*RUN, "--sign-up")
    with machine.sits(*run) as person:
        person.answers(ASK_NEW, PASSWORD)
        person.sees(ASK_AGAIN)
        leaves(person, how)
    assert machine.calls() == []
    with machine.sits(*run) as person:
        chooses_password(person)
        person.sees(ASK_MAILED)
        leaves(person, how)
    with machine.sits(*run) as person:
        chooses_password(person)
        person.sees("[dev] this user exists and keeps its password; going on with the sign-in")
        person.answers(ASK_PASSWORD, PASSWORD)
        person.sees(ASK_MAILED)
        leaves(person, how)
    with machine.sits(*run) as person:
        chooses_password(person)
        person.answers(ASK_PASSWORD, PASSWORD)
        person.sees(ASK_MAILED)
        person.types(last_code(machine))
        person.sees(ASK_PHONE)
        leaves(person, how)
    goes_on_from_the_phone(machine, how)


def goes_on_from_the_phone(machine: Machine, how: str) -> None:
    """TOTP counts at the service, and the phone does not know the key; once it does, it is gone."""
    seed = machine.user.totp_secret
    for last in (ASK_PHONE, KEEP_PASSWORD):
        assert machine.items.get("pending-totp-seed") == seed
        machine.half_a_minute_passes()
        with machine.sits(*RUN) as person:
            person.answers(ASK_PASSWORD, PASSWORD)
            if last == KEEP_PASSWORD:
                shows_phone(person, machine)
            person.sees(last)
            leaves(person, how)
        assert machine.user.totp_secret == seed
    assert machine.items.kinds() == {"session", "refresh-token"}
    machine.half_a_minute_passes()
    machine.calls()
    good_document(machine.helper().stdout)
    assert machine.calls() == [], "all was done"
    with machine.sits(*RUN) as person:
        person.answers(ASK_PASSWORD, PASSWORD)
        person.answers("[dev] code from your authenticator app: ", machine.code())
        person.answers(KEEP_PASSWORD, "y")
        person.sees(DONE)
        assert person.ends() == 0
    assert "Scan this" not in person.shown
    assert machine.calls() == [*SRP, MFA, CREDENTIALS]
    assert machine.items.kinds() == {"session", "refresh-token", "password"}


@pytest.mark.parametrize("operation", ["VerifySoftwareToken", "AssociateSoftwareToken"])
@pytest.mark.parametrize("fault", [Fault.RESET_AFTER, Fault.RESET_BEFORE])
def test_the_network_fails_while_totp_is_set_up(
    machine: Machine, tmp_path: Path, operation: str, fault: Fault
) -> None:
    machine.create_user(password=PASSWORD)
    machine.cognito.faults.add(operation, fault)
    with machine.sits(*RUN) as person:
        person.answers(ASK_PASSWORD, PASSWORD)
        person.sees(f"error: {operation}: no answer from ")
        person.sees("hint: check the network")
        assert person.ends() == 1
    machine.half_a_minute_passes()
    machine.calls()
    with machine.sits(*RUN) as person:
        person.answers(ASK_PASSWORD, PASSWORD)
        shows_phone(person, machine)
        keeps(person, "n", "y")
    counted = operation == "VerifySoftwareToken" and fault is Fault.RESET_AFTER
    assert machine.calls() == [*SRP, *([MFA] if counted else SET_UP), "GetId", CREDENTIALS]
    assert machine.items.get("totp-seed") == machine.user.totp_secret
    (link,) = scanned(person.shown.partition("Scan this")[2], tmp_path, dark=True)
    assert machine.items.get("totp-seed") in link


def test_the_network_fails_at_the_exchange(machine: Machine) -> None:
    machine.create_user(temporary_password=TEMPORARY)
    machine.cognito.faults.add("GetId", Fault.ERROR_500, times=3)
    with machine.sits(*RUN) as person:
        person.answers(ASK_PASSWORD, TEMPORARY)
        chooses_password(person)
        person.sees("error: GetId: ")
        assert person.ends() == 1
    machine.half_a_minute_passes()
    with machine.sits(*RUN, "--no-store-password", "--no-store-totp") as person:
        person.answers(ASK_PASSWORD, PASSWORD)
        shows_phone(person, machine)
        person.sees(DONE)
        assert person.ends() == 0
    assert machine.items.kinds() == {"session", "refresh-token"}


def test_the_network_fails_before_the_preference_is_set(new_machine: NewMachine) -> None:
    machine = new_machine(pool={"mfa": "OPTIONAL"})
    machine.create_user()
    machine.cognito.faults.add("SetUserMFAPreference", Fault.RESET_BEFORE)
    with machine.sits(*RUN) as person:
        person.answers(ASK_PASSWORD, PASSWORD)
        person.sees("error: SetUserMFAPreference: no answer from ")
        assert person.ends() == 1
    with machine.sits(*RUN) as person:
        person.answers(ASK_PASSWORD, PASSWORD)
        shows_phone(person, machine)
        keeps(person, "n", "y")
    assert machine.user.totp_preferred
    assert machine.items.get("totp-seed") == machine.user.totp_secret


def test_another_enrolment_came_in_between(machine: Machine) -> None:
    machine.create_user()
    with machine.sits(*RUN) as person:
        person.answers(ASK_PASSWORD, PASSWORD)
        person.sees(ASK_PHONE)
        leaves(person, CTRL_C)
    seed = machine.pool.enable_totp(machine.user)
    machine.half_a_minute_passes()
    with machine.sits(*RUN) as person:
        person.answers(ASK_PASSWORD, PASSWORD)
        person.answers("[dev] code from your authenticator app: ", machine.code())
        person.answers(KEEP_PASSWORD, "n")
        person.sees(DONE)
        assert person.ends() == 0
    assert "Scan this" not in person.shown
    assert machine.user.totp_secret == seed
    assert machine.items.kinds() == {"session", "refresh-token"}
