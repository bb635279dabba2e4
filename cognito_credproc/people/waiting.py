"""Long waits say what they wait for: a line on the controlling terminal, gone when they are over.

It is never on standard output or error, since those belong to whoever called; where there is no
terminal, or while it belongs to others, there is none. A terminal that cannot go back in a line, or
is not to (`NO_COLOR`), gets a line that stays.

A tool's own display may be on the same terminal. So behind a tool it takes longer until something
is said, and nothing is said of other processes: twenty of them may wait for one.
"""

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from enum import Enum, auto

from cognito_credproc.people.terminal import Terminal
from cognito_credproc.values.errors import printable

FOR_PEOPLE, FOR_TOOLS = 1.0, 4.0  # seconds that nothing is said
TICK = 1.0  # seconds
LEAVE = 1.0  # seconds to take the line away; a terminal that was stopped (Ctrl-S) takes nothing
ERASED = "\r\x1b[K"


class On(Enum):
    """What is waited for."""

    PROCESS = auto()
    KEYRING = auto()
    NETWORK = auto()


class Waits:
    """Tells one profile's person about waits `on` those things, after so many seconds."""

    def __init__(
        self,
        profile: str,
        environment: Mapping[str, str],
        on: Collection[On],
        after: float,
        opened: Callable[[], Terminal | None] = Terminal.open,
    ) -> None:
        self._prefix = f"[{profile}] "
        self._on = on
        self._after = after
        self._opened = opened
        dumb = environment.get("TERM", "dumb") == "dumb" or sys.platform == "win32"
        self._stays = dumb or bool(environment.get("NO_COLOR"))

    @classmethod
    def of(cls, profile: str, environment: Mapping[str, str], *, at_terminal: bool) -> "Waits":
        """Those of a command that people type; or of one that runs behind a tool."""
        if at_terminal:
            return cls(profile, environment, set(On), FOR_PEOPLE)
        return cls(profile, environment, {On.KEYRING, On.NETWORK}, FOR_TOOLS)

    @contextlib.contextmanager
    def told(self, on: On, words: Callable[[], str]) -> Iterator[None]:
        """Tell what is waited for while this lasts; `words` are asked for only if it gets long."""
        if on not in self._on:
            yield
            return
        over = threading.Event()
        teller = threading.Thread(target=self._tell, args=(words, over), daemon=True)
        teller.start()
        try:
            yield
        finally:
            over.set()
            teller.join(LEAVE)

    def say(self, text: str) -> None:
        """Show a line now, if there is a terminal."""
        with self._terminal() as terminal, contextlib.suppress(OSError):
            if terminal is not None:
                terminal.say(f"\n{self._prefix}{text}")

    def _tell(self, words: Callable[[], str], over: threading.Event) -> None:
        began = time.monotonic()
        if over.wait(self._after):
            return
        with self._terminal() as terminal, contextlib.suppress(OSError):
            if terminal is None:
                return
            text = f"{self._prefix}waiting for {printable(words())}"
            if self._stays:
                terminal.say(text)
                return
            try:
                while terminal.is_ours:
                    seconds = f", {time.monotonic() - began:.0f} s"
                    room = terminal.size.columns - 1 - len(seconds)
                    terminal.show(f"{ERASED}{shortened(text, room)}{seconds}")
                    if over.wait(TICK):
                        break
            finally:
                if terminal.is_ours:
                    terminal.show(ERASED)

    @contextlib.contextmanager
    def _terminal(self) -> Iterator[Terminal | None]:
        terminal = self._opened()
        try:
            yield terminal
        finally:
            if terminal is not None:
                terminal.close()


def shortened(text: str, room: int) -> str:
    """As much of it as fits, in whole words, and no bracket that is not closed."""
    if len(text) <= room:
        return text
    cut = text[: room + 1].rpartition(" ")[0]
    if len(cut) * 3 < room * 2:  # a word as long as a path
        cut = text[:room]
    while cut.count("(") > cut.count(")") and " (" in cut:
        cut = cut.rpartition(" (")[0]
    return cut


SILENT = Waits("", {}, (), 0)
