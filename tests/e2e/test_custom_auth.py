"""CUSTOM_AUTH: questions of the pool's own, on a terminal and without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.enrolling import DONE, KEEP_PASSWORD, RUN, last_code
from tests.e2e.machine import CREDENTIALS, NAME, PASSWORD, failed, good_document
from tests.e2e.test_codes import ASK_PASSWORD, LOGIN, LOGIN_HINT, SIGNED_IN
from tests.local_cognito import CustomAuth, Question

if TYPE_CHECKING:
    from tests.e2e.conftest import NewMachine
    from tests.e2e.machine import Machine

FLOWS = ("ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")
COLOUR = Question({"question": "which colour?\x1b[2J"}, "blue")
MAILED = Question({"sent to": "i***@e***"}, sent=True)
RESPOND = "RespondToAuthChallenge"


def machine_with(new_machine: NewMachine, functions: CustomAuth, **keys: str) -> Machine:
    machine = new_machine(pool={"mfa": "OFF", "custom": functions}, client={"flows": FLOWS})
    machine.create_user()
    machine.write_config(cognito_auth_flow="CUSTOM_AUTH", **keys)
    return machine


def test_questions_and_a_code_that_the_functions_mail(new_machine: NewMachine) -> None:
    machine = machine_with(new_machine, CustomAuth((COLOUR, MAILED)))
    with machine.sits(*LOGIN) as person:
        person.sees("[dev] question: which colour?\ufffd[2J")
        person.answers("[dev] answer: ", "red")
        person.sees("[dev] the same is asked once more; the answer may have been wrong")
        person.answers("[dev] answer: ", "blue")
        person.sees("[dev] sent to: i***@e***")
        person.answers("[dev] answer: ", last_code(machine))
        person.sees(SIGNED_IN)
        assert person.ends() == 0
    assert "blue" not in person.shown, "it may be a secret"
    assert machine.calls() == ["InitiateAuth", *[RESPOND] * 3, "GetId", CREDENTIALS]
    good_document(machine.helper().stdout)
    machine.items.remove("session", "refresh-token")
    for _ in range(2):
        _, hint = failed(machine.helper(), 3)
        assert hint == LOGIN_HINT
    assert machine.calls() == []
    assert len(machine.pool.outbox) == 1


def test_stored_password_is_not_blamed_for_a_wrong_answer(new_machine: NewMachine) -> None:
    functions = CustomAuth((COLOUR,), password_first=True, tries=1)
    machine = machine_with(new_machine, functions, cognito_preferred_challenge="PASSWORD_SRP")
    with machine.sits(*RUN) as person:
        person.answers(ASK_PASSWORD, PASSWORD)
        person.answers("[dev] answer: ", "blue")
        person.answers(KEEP_PASSWORD, "y")
        person.sees(DONE)
        assert person.ends() == 0
    machine.items.remove("session", "refresh-token")
    with machine.sits(*LOGIN) as person:
        person.answers("[dev] answer: ", "red")
        person.sees("error: the pool did not accept the answer to its question")
        person.sees(f"hint: {LOGIN_HINT}")
        assert person.ends() == 1
    with machine.sits(*LOGIN) as person:
        person.answers("[dev] answer: ", "blue")
        person.sees(SIGNED_IN)
        assert person.ends() == 0
        assert NAME not in person.shown


@pytest.mark.parametrize("preferred", [None, "PASSWORD_SRP"])
def test_functions_that_want_the_other_beginning(
    new_machine: NewMachine, preferred: str | None
) -> None:
    """The service's words do not say it; nobody is asked for a password for ever."""
    functions = CustomAuth((COLOUR,), password_first=preferred is None)
    keys = {"cognito_preferred_challenge": preferred} if preferred else {}
    machine = machine_with(new_machine, functions, **keys)
    with machine.sits(*LOGIN) as person:
        for _ in range(3 if preferred else 0):
            person.answers(ASK_PASSWORD, PASSWORD)
        person.sees("error: ")
        person.sees("hint: ")
        assert person.ends() == 1
