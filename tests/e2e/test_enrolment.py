"""The enrolment, as people go through it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests import golden
from tests.e2e.enrolling import (
    ASK_AGAIN,
    ASK_MAILED,
    ASK_NEW,
    ASK_PASSWORD,
    ASK_PHONE,
    DONE,
    RUN,
    SET_UP,
    TEMPORARY,
    chooses_password,
    keeps,
    last_code,
    other_than,
    shows_phone,
)
from tests.e2e.machine import (
    CREDENTIALS,
    MFA,
    NAME,
    PASSWORD,
    SRP,
    Machine,
    good_document,
)
from tests.e2e.person import Person
from tests.local_cognito import Fault

if TYPE_CHECKING:
    from tests.e2e.conftest import NewMachine


@pytest.fixture
def invited(machine: Machine) -> Machine:
    """A machine for a user whom an administrator has created."""
    machine.create_user(temporary_password=TEMPORARY)
    return machine


def test_a_user_whom_an_administrator_created(invited: Machine) -> None:
    with Person(RUN, {**invited.environment, "LC_ALL": "C.UTF-8"}, columns=80) as person:
        person.answers(ASK_PASSWORD, TEMPORARY)
        chooses_password(person)
        shows_phone(person, invited)
        keeps(person, "", "")
    assert invited.calls() == [*SRP, MFA, *SET_UP, "GetId", CREDENTIALS]
    assert invited.items.kinds() == {"session", "refresh-token"}
    assert PASSWORD not in person.shown
    golden.check("enrol", person.shown, invited.config.parent)
    good_document(invited.helper().stdout)
    assert invited.calls() == []


@pytest.mark.slow
def test_on_a_slow_line(invited: Machine) -> None:
    """Nine answers of two seconds are more than a tool would wait for."""
    invited.cognito.faults.add("*", Fault.DRIP, times=None, seconds=2)
    with invited.sits(*RUN) as person:
        person.answers(ASK_PASSWORD, TEMPORARY)
        chooses_password(person)
        shows_phone(person, invited)
        keeps(person, "n", "n")
    assert len(invited.calls()) > 6


def test_both_factors_are_kept_where_the_person_says_so(invited: Machine) -> None:
    with invited.sits(*RUN) as person:
        person.answers(ASK_PASSWORD, TEMPORARY)
        chooses_password(person)
        shows_phone(person, invited)
        keeps(person, "y", "y")
    assert invited.items.get("password") == PASSWORD
    assert invited.items.get("totp-seed") == invited.user.totp_secret
    assert invited.items.kinds() == {"session", "refresh-token", "password", "totp-seed"}


def test_nothing_is_kept_unless_the_person_says_so(invited: Machine) -> None:
    with invited.sits(*RUN) as person:
        person.answers(ASK_PASSWORD, TEMPORARY)
        chooses_password(person)
        shows_phone(person, invited)
        keeps(person, "", "n")
    found = subprocess.run(
        ["secret-tool", "search", "--all", "application", "Python keyring library"],
        env=invited.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    ours = invited.environment["COGNITO_CREDPROC_KEYRING_SERVICE"]
    listed = (found.stdout + found.stderr).splitlines()
    items = [line.partition(" = ")[2] for line in listed if line.startswith("attribute.service")]
    kinds = {item.split("/")[1] for item in items if item.startswith(f"{ours}/")}
    assert kinds == {"session", "refresh-token"}


def test_a_new_password_that_the_policy_refuses_or_that_differs(invited: Machine) -> None:
    with invited.sits(*RUN, "--no-store-password", "--no-store-totp") as person:
        person.answers(ASK_PASSWORD, TEMPORARY)
        person.answers(ASK_NEW, "short")
        person.answers(ASK_AGAIN, "short")
        person.sees("Password did not conform with policy: Password not long enough")
        person.answers(ASK_NEW, PASSWORD)
        person.answers(ASK_AGAIN, "something else")
        person.sees("[dev] these two differ; once more")
        chooses_password(person)
        shows_phone(person, invited)
        person.sees(DONE)
        assert person.ends() == 0
    assert "keep" not in person.shown
    assert invited.items.kinds() == {"session", "refresh-token"}


def test_the_phone_is_proved_here(invited: Machine) -> None:
    with invited.sits(*RUN, "--store-password", "--store-totp") as person:
        person.answers(ASK_PASSWORD, TEMPORARY)
        chooses_password(person)
        person.answers(ASK_PHONE, "s")
        seed = invited.user.totp_secret
        assert seed is not None
        person.sees(f"key      {' '.join(seed[at : at + 4] for at in range(0, 52, 4))}")
        person.answers(ASK_PHONE, other_than(invited.code(unused=False)))
        person.sees("that code is not from this key; look for the entry AWS dev")
        person.answers(ASK_PHONE, invited.code(unused=False))
        person.sees("[dev] the phone is set up")
        person.sees(DONE)
        assert person.ends() == 0
    assert invited.calls() == [*SRP, MFA, *SET_UP, "GetId", CREDENTIALS]


def test_sign_up(machine: Machine) -> None:
    with machine.sits(*RUN, "--sign-up") as person:
        person.sees(f"[dev] creating the user {NAME}")
        chooses_password(person)
        person.sees(ASK_MAILED)
        person.types(other_than(last_code(machine)))
        person.sees("[dev] that code is wrong")
        person.answers(ASK_MAILED, "r")
        person.sees("[dev] a new code is on its way")
        person.sees(ASK_MAILED)
        person.types(last_code(machine))
        shows_phone(person, machine)
        keeps(person, "n", "y")
    assert machine.calls() == [
        "SignUp",
        "ConfirmSignUp",
        "ResendConfirmationCode",
        "ConfirmSignUp",
        *SRP,
        *SET_UP,
        "GetId",
        CREDENTIALS,
    ]
    assert machine.items.kinds() == {"session", "refresh-token", "totp-seed"}


def test_sign_up_of_a_user_who_exists(machine: Machine) -> None:
    machine.create_user()
    with machine.sits(*RUN, "--sign-up") as person:
        chooses_password(person)
        person.sees("[dev] this user exists and keeps its password; going on with the sign-in")
        person.answers(ASK_PASSWORD, PASSWORD)
        shows_phone(person, machine)
        keeps(person, "n", "n")


def test_the_password_that_is_kept_is_the_one_that_was_accepted(machine: Machine) -> None:
    machine.create_user()
    with machine.sits(*RUN, "--sign-up") as person:
        person.answers(ASK_NEW, "Not-the-Passw0rd-of-this-user")
        person.answers(ASK_AGAIN, "Not-the-Passw0rd-of-this-user")
        person.answers(ASK_PASSWORD, PASSWORD)
        shows_phone(person, machine)
        keeps(person, "y", "n")
    assert machine.items.get("password") == PASSWORD


def test_nothing_is_kept_before_the_person_says_so(machine: Machine) -> None:
    machine.create_user(temporary_password=TEMPORARY)
    with machine.sits(*RUN) as person:
        person.answers(ASK_PASSWORD, TEMPORARY)
        chooses_password(person)
        person.sees(ASK_PHONE)
        assert machine.items.kinds() == {"session", "refresh-token", "pending-totp-seed"}


def test_sign_up_where_only_administrators_create_users(new_machine: NewMachine) -> None:
    machine = new_machine(pool={"admin_create_only": True})
    with machine.sits(*RUN, "--sign-up") as person:
        chooses_password(person)
        person.sees("SignUp is not permitted for this user pool (NotAuthorizedException)")
        person.sees("hint: ask the administrator to create the user")
        assert person.ends() == 1


def test_a_user_who_is_confirmed_elsewhere_meanwhile(machine: Machine) -> None:
    with machine.sits(*RUN, "--sign-up") as person:
        chooses_password(person)
        person.sees(ASK_MAILED)
        machine.user.status = "CONFIRMED"
        person.types("000000")
        shows_phone(person, machine)
        keeps(person, "n", "n")


def test_a_user_who_never_finished_the_confirmation(machine: Machine) -> None:
    with machine.sits(*RUN, "--sign-up") as person:
        chooses_password(person)
        person.sees(ASK_MAILED)
        person.interrupts()
        assert person.ends() == 130
    before = last_code(machine)
    with machine.sits(*RUN) as person:
        person.answers(ASK_PASSWORD, PASSWORD)
        person.sees("[dev] this user is not confirmed yet")
        person.sees(ASK_MAILED)
        assert last_code(machine) != before
        person.types(last_code(machine))
        shows_phone(person, machine)
        keeps(person, "n", "n")
