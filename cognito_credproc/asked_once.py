"""A window that nobody answers does not come again for every tool that polls through the night.

It is written down as open before it opens, so that it counts as unanswered even where the tool
gives up and ends this process. A person who signs in by hand makes it a good question again.
"""

from collections.abc import Callable

from cognito_credproc.desktop import Desktop
from cognito_credproc.state import Account
from cognito_credproc.terminal import Person

KEY = "desktop"
REASON = "a question on the desktop was not answered"


class AskedOnce:
    """Somebody who is asked in a window, as long as each question is answered."""

    def __init__(self, desktop: Desktop, memory: Account, save: Callable[[], None]) -> None:
        self._desktop = desktop
        self._memory = memory
        self._save = save

    def say(self, text: str) -> None:
        """Keep a line for the next question."""
        self._desktop.say(text)

    def ask(self, prompt: str, *, hidden: bool = False) -> str:
        """Show a question and return the answer.

        Raises:
            DismissedError: there was none; there will be no more questions.
        """
        self._memory.refused[KEY] = REASON
        self._save()
        answer = self._desktop.ask(prompt, hidden=hidden)
        believe(self._memory, self._save)
        return answer


def asked_once(person: Person | None, memory: Account, save: Callable[[], None]) -> Person | None:
    """The same person; None for one whose window was not answered the last time."""
    if not isinstance(person, Desktop):
        return person
    return None if KEY in memory.refused else AskedOnce(person, memory, save)


def believe(memory: Account, save: Callable[[], None]) -> None:
    """Somebody is there after all."""
    if memory.refused.pop(KEY, None) is not None:
        save()
