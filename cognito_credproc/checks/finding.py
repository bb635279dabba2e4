"""What a check finds: what, why it matters, and the exact mend."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from cognito_credproc.values.errors import CredprocError, with_command

if TYPE_CHECKING:
    from cognito_credproc.checks.subject import Subject

# A hint that begins so is a command to type; any other is a sentence.
PROGRAMS = ("aws ", "chmod ", "cognito-credproc", "echo ", "export ", "unset ")


class State(StrEnum):
    """How bad it is."""

    GOOD = "good"
    MENDED = "mended"  # it was broken, and `--fix` has mended it
    NOTE = "note"  # it works, and may surprise
    BROKEN = "broken"
    SKIPPED = "skipped"  # something that it needs is broken


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found. Nothing in it is ever a secret."""

    state: State
    what: str
    why: str = ""  # why it matters; where it is empty, the check's own sentence holds
    mend: str = ""  # what to do, in words
    command: str = ""  # the command that does it
    fix: Callable[[], None] | None = field(default=None, compare=False)  # does it, safely


@dataclass(frozen=True, slots=True)
class Check:
    """One check; `why` says what depends on the thing, `seconds` how long it may take.

    `unbounded` is for a check that has bounds of its own and programs to end when it is
    interrupted: it runs in the main thread.
    """

    name: str
    run: Callable[["Subject"], Iterator[Finding]]
    why: str
    seconds: float = 10.0
    unbounded: bool = False


class BlockedError(Exception):
    """What the check needs is broken, and another check says so."""


def good(what: str) -> Finding:
    """All is well."""
    return Finding(State.GOOD, what)


def note(what: str, why: str, mend: str = "", command: str = "") -> Finding:
    """It works, but somebody should know."""
    return Finding(State.NOTE, what, why, mend, command)


def broken(
    what: str,
    why: str = "",
    mend: str = "",
    command: str = "",
    fix: Callable[[], None] | None = None,
) -> Finding:
    """It does not work."""
    return Finding(State.BROKEN, what, why, mend, command, fix)


def with_hint(what: str, hint: str | None) -> Finding:
    """It does not work, and a hint says what to do: a command, or a sentence."""
    if hint and hint.startswith(PROGRAMS):
        return broken(what, command=hint)
    mend, command = with_command(hint or "")
    return broken(what, mend=mend, command=command)


def of_error(error: CredprocError) -> Finding:
    """An error as a finding: its hint is the mend."""
    return with_hint(error.message, error.hint)
