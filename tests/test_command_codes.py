"""The codes of a command: its refusals are remembered, none of them is sent twice."""

from collections.abc import Callable

import pytest

from cognito_credproc.answers.answers import Answers
from cognito_credproc.flows.flow import USED_CODE, WRONG_CODE, Ask, Field, Item
from cognito_credproc.people.terminal import Person
from cognito_credproc.process.command import CommandError
from cognito_credproc.storage.state import Account
from cognito_credproc.values.clock import CorrectedClock
from cognito_credproc.values.errors import CredprocError, PersonNeededError
from tests.fakes import SEED, FakeClock, ScriptedPerson

CODE = Ask(Field.TOTP_CODE)
WRONG = Ask(Field.TOTP_CODE, WRONG_CODE)
USED = Ask(Field.TOTP_CODE, USED_CODE)
STEP = 59_789_650
START = STEP * 30.0


class Scripted:
    """A command that prints what a list says, or fails."""

    def __init__(self, *printed: str | CommandError, line: str = "op item get AWS --otp") -> None:
        self.line = line
        self.printed = list(printed)
        self.people: list[Person | None] = []

    def __call__(self, person: Person | None) -> str:
        """Print."""
        self.people.append(person)
        printed = self.printed.pop(0)
        if isinstance(printed, CommandError):
            raise printed
        return printed


class Sitting:
    """One sign-in with a command."""

    def __init__(
        self,
        command: Callable[[Person | None], str],
        *answers: str,
        memory: Account | None = None,
        into: float = 0,
        attended: bool = True,
        stored: dict[Item, str] | None = None,
    ) -> None:
        self.memory = memory or Account()
        self.clock = FakeClock(START + into)
        self.person = ScriptedPerson(*answers)
        self.saved: list[int] = []
        self.answers = Answers(
            "dev",
            "istio@example.com",
            stored or {},
            self.memory,
            lambda: self.saved.append(self.memory.totp_step),
            CorrectedClock(self.clock),
            self.person if attended else None,
            command,  # type: ignore[arg-type]
        )


def test_command_answers_and_the_step_is_written_down() -> None:
    command = Scripted("111111")
    sitting = Sitting(command, attended=False)
    assert sitting.answers(CODE) == "111111"
    assert sitting.saved[-1] == STEP
    assert command.people == [None]
    assert sitting.answers.code_given


def test_person_is_told_and_handed_on() -> None:
    command = Scripted("111111")
    sitting = Sitting(command)
    assert sitting.answers(CODE) == "111111"
    assert sitting.person.told == ["[dev] the code comes from cognito_totp_command"]
    assert command.people == [sitting.person]


def test_stored_seed_comes_first() -> None:
    sitting = Sitting(Scripted(), stored={Item.TOTP_SEED: SEED}, attended=False)
    assert len(sitting.answers(CODE)) == 6


def test_refused_code_is_the_last_until_a_person_signs_in() -> None:
    sitting = Sitting(Scripted("111111"), "222222")
    sitting.answers(CODE)
    assert sitting.answers(WRONG) == "222222"
    (reason,) = sitting.memory.refused.values()
    assert reason == WRONG_CODE

    later = Sitting(Scripted(), memory=sitting.memory, into=60, attended=False)
    with pytest.raises(PersonNeededError) as caught:
        later.answers(CODE)
    assert caught.value.message == (
        "profile dev: the code of cognito_totp_command was refused (that code is wrong), "
        "and nobody can be asked here"
    )
    assert caught.value.hint == "cognito-credproc login --profile dev"

    login = Sitting(Scripted("333333"), memory=sitting.memory, into=60)
    login.answers.believe_command()
    assert login.memory.refused == {}
    assert login.answers(CODE) == "333333"


def test_refusal_is_of_one_command_alone() -> None:
    sitting = Sitting(Scripted("111111"), "222222")
    sitting.answers(CODE)
    sitting.answers(WRONG)
    other = Scripted("444444", line="ykman oath accounts code --single AWS")
    assert Sitting(other, memory=sitting.memory, into=60).answers(CODE) == "444444"


def test_wrong_code_that_was_typed_refuses_no_command() -> None:
    failed = CommandError("op ended with status 1")
    sitting = Sitting(Scripted(failed, "555555"), "222222")
    assert sitting.answers(CODE) == "222222"
    assert sitting.answers(WRONG) == "555555"
    assert sitting.memory.refused == {}


def test_step_whose_code_was_sent_is_waited_out_before_the_command_runs() -> None:
    sitting = Sitting(Scripted("111111"), memory=Account(totp_step=STEP), into=10)
    assert sitting.answers(CODE) == "111111"
    assert sitting.clock.slept == [20]
    assert sitting.memory.totp_step == STEP + 1
    assert sitting.person.told[0] == "[dev] waiting 20 s for the next code"


def test_step_ahead_that_a_seed_has_sent_is_waited_out_too() -> None:
    sitting = Sitting(Scripted("111111"), memory=Account(totp_step=STEP + 1), into=10)
    sitting.answers(CODE)
    assert sitting.clock.slept == [50]


def test_step_from_a_wrong_clock_is_not_waited_for() -> None:
    sitting = Sitting(Scripted("111111"), memory=Account(totp_step=STEP + 2))
    sitting.answers(CODE)
    assert sitting.clock.slept == []
    assert sitting.memory.totp_step == STEP


def test_nobody_waits_long_unattended() -> None:
    command = Scripted()
    sitting = Sitting(command, memory=Account(totp_step=STEP), into=10, attended=False)
    with pytest.raises(CredprocError, match="the codes of this half minute are used"):
        sitting.answers(CODE)
    near = Sitting(Scripted("1" * 6), memory=Account(totp_step=STEP), into=26, attended=False)
    near.answers(CODE)
    assert near.clock.slept == [4]


def test_same_code_is_asked_for_again_after_the_edge() -> None:
    sitting = Sitting(Scripted("111111", "111111", "222222"), into=10)
    assert sitting.answers(CODE) == "111111"
    sitting.clock.time += 30  # it lags behind: in the next step it says the same
    assert sitting.answers(USED) == "222222"
    assert sitting.clock.slept == [20]
    assert sitting.memory.totp_step == STEP + 2


def test_same_code_for_ever_is_a_refusal() -> None:
    sitting = Sitting(Scripted("111111", "111111", "111111"), "222222")
    sitting.answers(CODE)
    assert sitting.answers(USED) == "222222"
    assert list(sitting.memory.refused.values()) == ["it gives the same code again and again"]


def test_failure_is_told_and_the_code_is_typed() -> None:
    sitting = Sitting(Scripted(CommandError("op ended with status 1")), "222222")
    assert sitting.answers(CODE) == "222222"
    assert sitting.person.told[1] == (
        "[dev] cognito_totp_command gave no code: op ended with status 1"
    )
    assert sitting.memory.refused == {}  # a vault that was locked may be open the next time


def test_failure_needs_a_person() -> None:
    sitting = Sitting(Scripted(CommandError("op was not found")), attended=False)
    with pytest.raises(PersonNeededError) as caught:
        sitting.answers(CODE)
    assert caught.value.lines() == (
        "error: profile dev: cognito_totp_command gave no code: op was not found\n"
        "hint: cognito-credproc login --profile dev\n"
    )
    assert sitting.memory.totp_step == 0
