"""A window that stays unanswered does not come again by itself."""

import pytest

from cognito_credproc.answers.asked_once import WINDOW, AskedOnce, asked_once, believe
from cognito_credproc.people.desktop import Desktop, DismissedError, Question
from cognito_credproc.storage.state import Account
from tests.fakes import ScriptedPerson


class Window(Desktop):
    """A window with an answer, or without."""

    def __init__(self, answer: str | None) -> None:
        super().__init__("dev", "aws")
        self.answer = answer
        self.questions: list[Question] = []

    def _answer(self, question: Question) -> str:
        self.questions.append(question)
        if self.answer is None:
            raise self._dismissed("cancelled")
        return self.answer


class Machine:
    """What is remembered, and how often it was written."""

    def __init__(self) -> None:
        self.memory = Account()
        self.saved: list[bool] = []

    def save(self) -> None:
        """Write it."""
        self.saved.append(WINDOW in self.memory.refused)

    def person(self, window: Window) -> AskedOnce | None:
        """Who is asked."""
        found = asked_once(window, self.memory, self.save)
        assert found is None or isinstance(found, AskedOnce)
        return found


def test_answered_questions_come_again() -> None:
    machine, window = Machine(), Window("s3cret")
    person = machine.person(window)
    assert person
    person.say("[dev] hello")
    assert person.ask("[dev] password: ", hidden=True) == "s3cret"
    assert machine.saved == [True, False]  # written down before the window opened
    assert window.questions == [Question("password:", "dev", "aws", ["hello"])]
    assert machine.person(window)


def test_unanswered_question_is_the_last_until_a_person_signs_in() -> None:
    machine = Machine()
    person = machine.person(Window(None))
    assert person
    with pytest.raises(DismissedError):
        person.ask("[dev] password: ")
    assert machine.person(Window("s3cret")) is None
    believe(machine.memory, machine.save)
    assert machine.person(Window("s3cret"))
    believe(machine.memory, machine.save)
    assert machine.saved == [True, False]


def test_terminal_is_always_a_good_place() -> None:
    memory = Account(refused={WINDOW: "x"})
    person = ScriptedPerson()
    assert asked_once(person, memory, lambda: None) is person
    assert asked_once(None, memory, lambda: None) is None
