"""What the helper asks a person, where it asks, and how it ends where nobody can be asked."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.e2e.machine import (
    ARN,
    CREDENTIALS,
    HELPER,
    MFA,
    NAME,
    PASSWORD,
    SCRIPTS,
    SRP,
    Machine,
    failed,
    good_document,
    words,
)

if TYPE_CHECKING:
    from tests.e2e.conftest import NewMachine
    from tests.e2e.person import Person

GET = (HELPER, "--profile", "dev")
LOGIN = (HELPER, "login", "--profile", "dev")
ASK_PASSWORD = f"[dev] password for {NAME}: "
ASK_CODE = "[dev] code from your authenticator app: "


@pytest.fixture
def bare(machine: Machine) -> Machine:
    """A user who keeps nothing, and whose sign-in has run out."""
    machine.enrolled(keep=False)
    machine.items.remove("refresh-token", "session")
    return machine


def sign_in(person: Person, machine: Machine) -> None:
    """Answer what a sign-in asks for."""
    person.answers(ASK_PASSWORD, PASSWORD)
    person.answers(ASK_CODE, machine.code())


def test_prompts_come_on_the_terminal_while_the_streams_are_pipes(bare: Machine) -> None:
    with bare.sits(*GET, pipes=True) as person:
        sign_in(person, bare)
        assert person.ends() == 0
        out, err = person.output()
    good_document(out)
    assert err == ""
    assert PASSWORD not in person.shown
    assert bare.calls() == [*SRP, MFA, CREDENTIALS]
    assert bare.helper().stdout == out
    assert bare.calls() == []


def test_prompts_come_while_the_aws_cli_waits(bare: Machine) -> None:
    who = ["sts", "get-caller-identity", "--query=Arn", "--output=text", "--profile=dev"]
    with bare.sits(str(SCRIPTS / "aws"), *who) as person:
        sign_in(person, bare)
        person.sees(ARN)
        assert person.ends() == 0
    assert PASSWORD not in person.shown
    assert bare.calls() == [*SRP, MFA, CREDENTIALS, "GetCallerIdentity"]


def test_without_a_terminal_the_hint_is_the_command_that_mends_it(bare: Machine) -> None:
    _, hint = failed(bare.helper(), 3)
    assert hint == "cognito-credproc login --profile dev"
    assert bare.calls() == []
    with bare.sits(*words(hint)) as person:
        sign_in(person, bare)
        person.sees("[dev] signed in")
        assert person.ends() == 0
    good_document(bare.helper().stdout)


def test_a_background_job_does_not_ask(bare: Machine) -> None:
    job = 'set -m; "$@" & wait $!'  # the system would stop a job that reads from the terminal
    with bare.sits("/bin/bash", "-c", job, "job", *GET) as person:
        person.sees("hint: cognito-credproc login --profile dev")
        assert person.ends() == 3


def test_a_wrong_password_and_a_wrong_code_are_asked_for_again(bare: Machine) -> None:
    with bare.sits(*LOGIN) as person:
        person.answers(ASK_PASSWORD, "wrong")
        person.sees("[dev] incorrect user name or password")
        person.answers(ASK_PASSWORD, PASSWORD)
        person.answers(ASK_CODE, "12 345")
        person.sees("a code is six digits")
        wrong = f"{(int(bare.code()) + 1) % 1_000_000:06d}"
        person.answers(ASK_CODE, wrong)
        person.sees("[dev] that code is wrong")
        person.answers(ASK_CODE, wrong)
        person.sees("[dev] that is the same code")
        right = bare.code()
        person.answers(ASK_CODE, f" {right[:3]} {right[3:]} ")
        person.sees("[dev] signed in")
        assert person.ends() == 0
    assert bare.user.wrong_passwords_ever == 1


def test_three_wrong_passwords_are_enough(bare: Machine) -> None:
    with bare.sits(*LOGIN) as person:
        person.answers(ASK_PASSWORD, "wrong")
        person.sees("incorrect user name or password; Enter alone if you have forgotten it\r\n")
        person.answers(ASK_PASSWORD, f" {PASSWORD}")
        person.sees("[dev] what was typed begins or ends with a space\r\n")
        person.answers(ASK_PASSWORD, "wrong")
        person.sees("[dev] incorrect user name or password\r\n")  # nothing is asked any more
        person.sees(
            "hint: if you have forgotten it: cognito-credproc login --profile dev --forgot-password"
        )
        assert person.ends() == 1
    assert bare.user.wrong_passwords == 3
    assert person.shown.count("with a space") == 1
    assert PASSWORD not in person.shown


@pytest.mark.parametrize(
    ("how", "status"),
    [("ctrl-c", 130), ("ctrl-d", 1), ("terminate", 143)],
)
def test_leaving_at_the_password_prompt(bare: Machine, how: str, status: int) -> None:
    with bare.sits(*GET, pipes=True) as person:
        person.sees(ASK_PASSWORD)
        assert not person.echo
        if how == "ctrl-c":
            person.interrupts()
        elif how == "ctrl-d":
            person.presses(b"\x04")
        else:
            person.process.send_signal(signal.SIGTERM)
        assert person.ends() == status
        assert person.echo
        assert person.output()[0] == ""
    with bare.sits(*GET, pipes=True) as person:
        sign_in(person, bare)
        assert person.ends() == 0
        good_document(person.output()[0])


def test_a_killed_sign_in_leaves_no_lock(bare: Machine) -> None:
    with bare.sits(*LOGIN) as person:
        person.sees(ASK_PASSWORD)
        person.kills()
        person.ends()
    with bare.sits(*LOGIN) as person:
        sign_in(person, bare)
        assert person.ends() == 0


def test_a_second_process_waits_for_the_sign_in_of_the_first(bare: Machine) -> None:
    with bare.sits(*GET, pipes=True) as first:
        first.sees(ASK_PASSWORD)
        with bare.sits(*GET, pipes=True) as second:
            first.types(PASSWORD)
            first.answers(ASK_CODE, bare.code())
            assert (first.ends(), second.ends()) == (0, 0)
            assert second.output() == first.output()
            assert second.shown == ""
    assert bare.calls() == [*SRP, MFA, CREDENTIALS]


def test_a_pool_without_mfa_asks_for_the_password_alone(new_machine: NewMachine) -> None:
    machine = new_machine(pool={"mfa": "OFF"}).enrolled(keep=False)
    machine.items.remove("refresh-token", "session")
    with machine.sits(*LOGIN) as person:
        person.answers(ASK_PASSWORD, PASSWORD)
        person.sees("[dev] signed in")
        assert person.ends() == 0
    assert machine.calls() == [*SRP, CREDENTIALS]
