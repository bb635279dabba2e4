"""What nobody answers does not come again for every tool that polls through the night.

That is a window that asks, and a sign-in page in the browser.

It is written down as open just before it opens, so that it counts as unanswered even where the tool
gives up and ends this process. A person who signs in by hand makes it a good question again.
"""

import contextlib
from collections.abc import Callable, Iterator

from cognito_credproc.people.desktop import Desktop
from cognito_credproc.people.terminal import Person
from cognito_credproc.storage.state import Account

WINDOW, PAGE = "question", "sign-in-page"
REASONS = {
    WINDOW: "a question on the desktop was not answered",
    PAGE: "the sign-in page was opened, and nobody signed in",
}


@contextlib.contextmanager
def once(key: str, memory: Account, save: Callable[[], None]) -> Iterator[None]:
    """What is done here is not to be done again by itself, unless it ends well."""
    memory.refused[key] = REASONS[key]
    save()
    yield
    del memory.refused[key]
    save()


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
        with once(WINDOW, self._memory, self._save):
            return self._desktop.ask(prompt, hidden=hidden)


def asked_once(person: Person | None, memory: Account, save: Callable[[], None]) -> Person | None:
    """The same person; None for one whose window was not answered the last time."""
    if not isinstance(person, Desktop):
        return person
    return None if WINDOW in memory.refused else AskedOnce(person, memory, save)


def believe(memory: Account, save: Callable[[], None]) -> None:
    """Somebody is there after all."""
    if memory.refused.keys() & REASONS.keys():
        for key in REASONS:
            memory.refused.pop(key, None)
        save()
