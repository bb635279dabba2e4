"""A person who is asked in a window, where no terminal answers: what all such windows share."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

from cognito_credproc.people.questions import login_command
from cognito_credproc.values.errors import PersonNeededError

PATIENCE = 120  # seconds for an answer; nobody else can sign in meanwhile
MOST = 12  # questions of one sign-in; a program that answers anything at all would go on for ever
SHOWN = 5  # the latest lines of what was said since the last question


class Question(NamedTuple):
    """What is shown: the question without the profile's name, and what was said before it."""

    text: str
    profile: str
    caller: str | None
    said: Sequence[str]


class DismissedError(PersonNeededError):
    """No answer came: the window was closed, nobody was there, or it could not be shown."""


class Desktop(ABC):
    """Somebody who is asked in a window; what is said is shown with the next question."""

    def __init__(self, profile: str, caller: str | None) -> None:
        self._profile = profile
        self._caller = caller
        self._said: list[str] = []
        self._asked = 0

    def say(self, text: str) -> None:
        """Keep a line for the next question."""
        self._said.append(text.removeprefix(self._prefix))

    def ask(self, prompt: str, *, hidden: bool = False) -> str:  # noqa: ARG002 - windows hide all
        """Show a question and return the answer.

        Raises:
            DismissedError: there was none.
        """
        self._asked += 1
        if self._asked > MOST:
            raise self._dismissed(f"{MOST} answers were of no use")
        said, self._said = self._said[-SHOWN:], []
        text = prompt.removeprefix(self._prefix).strip()
        return self._answer(Question(text, self._profile, self._caller, said))

    @abstractmethod
    def _answer(self, question: Question) -> str:
        """The answer to a question."""

    def _dismissed(self, reason: str) -> DismissedError:
        return DismissedError(
            f"profile {self._profile}: no answer from cognito_prompt: {reason}",
            login_command(self._profile),
        )

    @property
    def _prefix(self) -> str:
        return f"[{self._profile}] "
