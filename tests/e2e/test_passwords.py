"""Passwords that are forgotten, reset or run out; users who never confirmed; on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.enrolling import (
    ASK_AGAIN,
    ASK_MAILED,
    ASK_NEW,
    ASK_PASSWORD,
    DONE,
    RUN,
    TEMPORARY,
    chooses_password,
    last_code,
    other_than,
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
from tests.local_cognito.signup import reset_by_administrator

if TYPE_CHECKING:
    from tests.e2e.conftest import NewMachine

LOGIN = (HELPER, "login", "--profile", "dev")
LOGIN_HINT = "cognito-credproc login --profile dev"
OLD = "Forgotten-horse-0"
SIGNED_IN = "[dev] signed in"
OFFER = "[dev] have a code sent to you, and choose a new password? [y/N] "
ASK_SMS = "[dev] code sent by SMS to +*******5678 (r sends another): "
ASK_RESET = "[dev] code sent to you with the reset (r sends another): "
RESET = ["ForgotPassword", "ConfirmForgotPassword"]
IN = [*SRP, "GetId", CREDENTIALS]


@pytest.fixture
def machine(new_machine: NewMachine) -> Machine:
    """A machine beside a pool without second factors."""
    machine = new_machine(pool={"mfa": "OFF"})
    machine.create_user(password=OLD)
    return machine


def test_forgotten_at_the_prompt(machine: Machine) -> None:
    with machine.sits(*LOGIN) as person:
        person.answers(ASK_PASSWORD, "Something-else-1")
        person.sees("[dev] incorrect user name or password; Enter alone if you have forgotten it")
        person.answers(ASK_PASSWORD, "")
        person.answers(OFFER, "")
        person.answers(ASK_PASSWORD, "")
        assert machine.pool.outbox == []
        person.answers(OFFER, "y")
        person.sees(ASK_MAILED)
        person.types(other_than(last_code(machine)))
        chooses_password(person)
        person.sees("[dev] that code is wrong")
        person.sees(ASK_MAILED)
        person.types(last_code(machine))
        person.sees(SIGNED_IN)
        assert person.ends() == 0
    assert machine.calls() == [*SRP, *RESET, "ConfirmForgotPassword", *IN]
    assert machine.items.kinds() == {"session", "refresh-token"}
    assert PASSWORD not in person.shown
    good_document(machine.helper().stdout)


def test_known_to_be_forgotten_with_a_client_secret_and_a_second_factor(
    new_machine: NewMachine,
) -> None:
    """The code for the password goes where the one of the second factor does not."""
    machine = new_machine(pool={"mfa": "ON", "mfa_kinds": ("SMS_MFA",)}, client={"secret": True})
    machine.create_user(password=OLD).phone = "+819012345678"
    machine.user.prefer("SMS_MFA", enabled=True, preferred=True)
    with machine.sits(*RUN, "--forgot-password") as person:
        person.answers("[dev] client secret: ", str(machine.client.secret))
        person.sees(ASK_MAILED)
        person.types(last_code(machine))
        person.answers(ASK_NEW, "short")
        person.answers(ASK_AGAIN, "short")
        person.sees("Password did not conform with policy: Password not long enough")
        chooses_password(person)
        person.sees(ASK_SMS)
        person.types(last_code(machine))
        person.answers("[dev] keep the password on this machine? [y/N] ", "y")
        person.sees(DONE)
        assert person.ends() == 0
    assert machine.calls() == [
        *("ForgotPassword", *RESET, "ConfirmForgotPassword"),
        *(*SRP, MFA, "GetId", CREDENTIALS),
    ]
    assert machine.items.get("password") == PASSWORD


def test_reset_by_an_administrator(machine: Machine) -> None:
    """Its own code is good; an SDK sends neither code nor password again and again."""
    done = machine.run([*RUN, "--password-stdin", "--store-password"], f"{OLD}\n")
    assert done.returncode == 0, done.stderr
    machine.items.remove("session", "refresh-token")
    machine.calls()
    reset_by_administrator(machine.pool, machine.user)
    for _ in range(3):
        error, hint = failed(machine.helper(), 3)
        assert "Password reset required for the user" in error
        assert hint == LOGIN_HINT
    assert len(machine.calls()) <= 2
    with machine.sits(*LOGIN) as person:
        person.answers(ASK_PASSWORD, OLD)
        person.sees("[dev] the password of this user was reset; choose a new one")
        person.answers(ASK_RESET, last_code(machine))
        chooses_password(person)
        person.sees(SIGNED_IN)
        assert person.ends() == 0
    assert machine.calls() == [*SRP, "ConfirmForgotPassword", *SRP, CREDENTIALS]
    assert len(machine.pool.outbox) == 1
    assert machine.items.get("password") == PASSWORD
    machine.items.remove("session", "refresh-token")
    good_document(machine.helper().stdout)


def test_code_of_a_reset_that_ran_out(machine: Machine) -> None:
    reset_by_administrator(machine.pool, machine.user)
    machine.cognito.clock.advance(3_601)
    with machine.sits(*LOGIN) as person:
        person.answers(ASK_PASSWORD, OLD)
        person.answers(ASK_RESET, last_code(machine))
        chooses_password(person)
        person.sees("[dev] a new code is on its way")
        person.sees(ASK_MAILED)
        assert len(machine.pool.outbox) == 2
        person.types(last_code(machine))
        person.sees(SIGNED_IN)
        assert person.ends() == 0


def test_interrupted_at_the_code(machine: Machine) -> None:
    """Nothing changed; the next run begins anew, and the code that came is void then."""
    with machine.sits(*LOGIN, "--forgot-password") as person:
        person.sees(ASK_MAILED)
        person.interrupts()
        assert person.ends() == 130
    with machine.sits(*LOGIN) as person:
        person.answers(ASK_PASSWORD, OLD)
        person.sees(SIGNED_IN)
        assert person.ends() == 0


def test_without_a_terminal_no_code_is_sent(machine: Machine) -> None:
    for command in ([*LOGIN, "--forgot-password"], [*RUN, "--forgot-password"]):
        error, _ = failed(machine.run(command), 3)
        assert error == "error: a new password can be chosen only on a terminal"
    assert machine.calls() == []
    assert machine.pool.outbox == []


def test_user_who_never_confirmed(machine: Machine) -> None:
    machine.user.status, machine.user.email_verified = "UNCONFIRMED", False
    with machine.sits(*LOGIN) as person:
        person.answers(ASK_PASSWORD, OLD)
        person.sees("[dev] this user is not confirmed yet")
        person.sees(ASK_MAILED)
        person.types(last_code(machine))
        person.sees(SIGNED_IN)
        assert person.ends() == 0
    assert machine.calls() == [*SRP, "ResendConfirmationCode", "ConfirmSignUp", *IN]


def test_temporary_password_that_ran_out(machine: Machine) -> None:
    machine.pool.users.clear()
    machine.create_user(temporary_password=TEMPORARY)
    machine.cognito.clock.advance(8 * 86_400)
    hint = f"hint: ask the administrator for a new temporary password, then: {LOGIN_HINT}"
    with machine.sits(*LOGIN) as person:
        person.answers(ASK_PASSWORD, TEMPORARY)
        person.sees("Temporary password has expired and must be reset by an administrator")
        person.sees(hint)
        assert person.ends() == 1
    with machine.sits(*LOGIN, "--forgot-password") as person:
        person.sees("User password cannot be reset in the current state")
        person.sees(hint)
        assert person.ends() == 1


def test_temporary_password_and_attributes_that_the_pool_demands(new_machine: NewMachine) -> None:
    """`login` is enough where no authenticator app has to be set up.

    What is refused is asked for again, and nothing else is, though each refusal spends the session.
    """
    machine = new_machine(pool={"mfa": "OFF", "required_attributes": ("name", "phone_number")})
    machine.create_user(temporary_password=TEMPORARY)
    with machine.sits(*LOGIN) as person:
        person.answers(ASK_PASSWORD, TEMPORARY)
        person.answers("[dev] name: ", "")
        person.sees("[dev] the user pool demands it")
        person.answers("[dev] name: ", "Istio")
        person.answers("[dev] phone_number: ", "090-1234")
        for unfit, rule in (("short", "not long"), ("no-digits-HERE", "must have numeric")):
            person.answers(ASK_NEW, unfit)
            person.answers(ASK_AGAIN, unfit)
            person.sees(f"Password did not conform with policy: Password {rule}")
        chooses_password(person)
        person.sees("[dev] Invalid phone number format.")
        person.answers("[dev] phone_number: ", "+819012345678")
        person.sees(SIGNED_IN)
        assert person.ends() == 0
        assert person.shown.count("[dev] name: ") == 2
    assert machine.user.attributes == {"name": "Istio", "phone_number": "+819012345678"}
