"""Second factors by SMS and e-mail, on a terminal and without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.enrolling import DONE, KEEP_PASSWORD, RUN, last_code, other_than
from tests.e2e.machine import (
    CREDENTIALS,
    HELPER,
    MFA,
    NAME,
    PASSWORD,
    SRP,
    Machine,
    failed,
    good_document,
)

if TYPE_CHECKING:
    from tests.e2e.conftest import NewMachine

PHONE = "+819012345678"
LOGIN = (HELPER, "login", "--profile", "dev")
ASK_PASSWORD = f"[dev] password for {NAME}: "
ASK_SMS = "[dev] code sent by SMS to +*******5678 (r sends another): "
ASK_MAIL = "[dev] code sent by e-mail to i***@e*** (r sends another): "
ASK_APP = "[dev] code from your authenticator app: "
SIGNED_IN = "[dev] signed in"
LOGIN_HINT = "cognito-credproc login --profile dev"
ALL = ("SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP")


@pytest.fixture
def machine(new_machine: NewMachine) -> Machine:
    """A machine beside a pool that sends codes by SMS."""
    machine = new_machine(pool={"mfa": "ON", "mfa_kinds": ("SMS_MFA",)})
    machine.create_user().phone = PHONE
    return machine


def keeps_password(machine: Machine) -> Machine:
    """Enrol, with the password kept on this machine."""
    with machine.sits(*RUN) as person:
        person.answers(ASK_PASSWORD, PASSWORD)
        person.sees(ASK_SMS)
        person.types(last_code(machine))
        person.answers(KEEP_PASSWORD, "y")
        person.sees(DONE)
        assert person.ends() == 0
    machine.items.remove("session", "refresh-token")
    machine.calls()
    return machine


def test_wrong_code_another_code_and_a_session_that_ran_out(machine: Machine) -> None:
    with machine.sits(*LOGIN) as person:
        person.answers(ASK_PASSWORD, PASSWORD)
        person.sees(ASK_SMS)
        person.types(other_than(last_code(machine)))
        person.sees("[dev] that code is wrong")
        person.answers(ASK_SMS, "r")
        person.sees("[dev] a new code is on its way")
        person.sees(ASK_SMS)
        assert len(machine.pool.outbox) == 2
        machine.cognito.clock.advance(181)
        person.types(last_code(machine))
        person.sees("[dev] the sign-in had run out; a new code is on its way")
        person.sees(ASK_SMS)
        assert len(machine.pool.outbox) == 3
        person.types(last_code(machine))
        person.sees(SIGNED_IN)
        assert person.ends() == 0
    assert machine.calls() == [*SRP, MFA, *SRP, MFA, *SRP, MFA, "GetId", CREDENTIALS]
    good_document(machine.helper().stdout)
    for message in machine.pool.outbox:
        assert PHONE not in person.shown
        assert message.destination == PHONE


def test_no_code_is_sent_that_nobody_can_type(machine: Machine) -> None:
    keeps_password(machine)
    sent = len(machine.pool.outbox)
    for _ in range(3):
        error, hint = failed(machine.helper(), 3)
        assert error.endswith("a sign-in may have a code sent, and nobody can type it here")
        assert hint == LOGIN_HINT
    assert machine.calls() == []
    assert len(machine.pool.outbox) == sent


def test_at_most_one_code_is_sent_before_it_is_known_that_it_is(machine: Machine) -> None:
    """Even where the memory was lost."""
    keeps_password(machine)
    sent = len(machine.pool.outbox)
    for file in machine.state.glob("*.json"):
        file.unlink()
    for _ in range(3):
        _, hint = failed(machine.helper(), 3)
        assert hint == LOGIN_HINT
    assert machine.calls() == SRP
    assert len(machine.pool.outbox) == sent + 1


def test_sdk_on_a_terminal_has_no_code_sent_before_somebody_is_there(machine: Machine) -> None:
    keeps_password(machine)
    sent = len(machine.pool.outbox)
    with machine.sits(HELPER, "--profile", "dev", pipes=True) as person:
        person.sees("[dev] press Enter to sign in; a code may be sent to you: ")
        assert machine.calls() == []
        person.types("")
        person.sees(ASK_SMS)
        assert len(machine.pool.outbox) == sent + 1
        person.types(last_code(machine))
        out, err = person.output()
    assert err == ""
    good_document(out)


def test_choice_is_remembered_and_the_profile_overrides_it(new_machine: NewMachine) -> None:
    machine = new_machine(pool={"mfa": "ON", "mfa_kinds": ALL, "offers_email_mfa": True})
    user = machine.create_user()
    user.phone = PHONE
    machine.pool.enable_totp(user)
    user.preferred_mfa = ""
    with machine.sits(*LOGIN) as person:
        person.answers(ASK_PASSWORD, PASSWORD)
        person.answers("[dev] which of these (1-3): ", "1")
        person.sees(ASK_SMS)
        person.interrupts()  # it was the wrong one
        assert person.ends() == 130
    machine.pool.outbox.clear()
    with machine.sits(*LOGIN) as person:
        person.answers(ASK_PASSWORD, PASSWORD)
        person.sees("[dev] 1  a code by SMS")
        person.sees("[dev] 3  a code by e-mail")
        assert machine.pool.outbox == []
        person.answers("[dev] which of these (1-3): ", "3")
        person.sees(ASK_MAIL)
        person.types(last_code(machine))
        person.sees("[dev] a code by e-mail from now on; to take another: cognito-credproc")
        person.sees(SIGNED_IN)
        assert person.ends() == 0
    with machine.sits(*LOGIN) as person:
        person.answers(ASK_PASSWORD, PASSWORD)
        person.sees(ASK_MAIL)
        person.types(last_code(machine))
        person.sees(SIGNED_IN)
        assert person.ends() == 0
        assert "which of these" not in person.shown
    machine.write_config(cognito_mfa="SOFTWARE_TOKEN_MFA")
    with machine.sits(*LOGIN) as person:
        person.answers(ASK_PASSWORD, PASSWORD)
        person.sees(ASK_APP)
        machine.cognito.clock.advance(181)
        code = machine.code()
        person.types(code)
        person.sees("[dev] the sign-in had run out\r\n")
        person.answers(ASK_APP, code)
        person.sees(SIGNED_IN)
        assert "that is the same code" not in person.shown
        assert person.ends() == 0
    assert len(machine.pool.outbox) == 2


def test_stored_seed_is_chosen_without_a_person(new_machine: NewMachine) -> None:
    machine = new_machine(pool={"mfa": "ON", "mfa_kinds": ALL}).enrolled()
    machine.user.phone = PHONE
    machine.user.preferred_mfa = ""
    machine.items.remove("session", "refresh-token")
    machine.half_a_minute_passes()
    good_document(machine.helper().stdout)
    assert machine.calls() == [*SRP, MFA, MFA, CREDENTIALS]
    assert machine.pool.outbox == []
