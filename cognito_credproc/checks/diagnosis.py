"""What `doctor` says: a line for what is good, the finding and its mend for what is not."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from cognito_credproc.checks.examination import Result
from cognito_credproc.checks.finding import Check, State
from cognito_credproc.settings.named import profile_option
from cognito_credproc.words.layout import Screen

MARKS = {
    State.GOOD: ("ok", "green"),
    State.MENDED: ("mended", "green"),
    State.NOTE: ("note", "yellow"),
    State.BROKEN: ("BROKEN", "red"),
    State.SKIPPED: ("-", "dim"),
}
MARK, NAME = 8, 10  # the widths of the first two columns
WORDS = {
    State.BROKEN: "broken",
    State.MENDED: "mended",
    State.NOTE: "to note",
    State.SKIPPED: "not looked at",
    State.GOOD: "good",
}
ERASE = "\r\x1b[K"  # ECMA-48: back to the first column, erase in line


def waiting(check: Check, screen: Screen) -> str:
    """What is shown while a check runs, until the next line takes its place."""
    return screen.painted("...".ljust(MARK) + check.name, "dim")


class Telling:
    """Tells findings as they come. On a terminal, what is looked at meanwhile stands below them.

    Checks one after the other that lack the same thing are told together.
    """

    def __init__(self, screen: Screen, write: Callable[[str], None]) -> None:
        self._screen = screen
        self._write = write
        self._erase = ERASE if screen.erases else ""
        self._skipped: list[Result] = []

    def begin(self, check: Check) -> None:
        """A check begins."""
        if self._screen.erases:
            self._write(self._erase + waiting(check, self._screen))

    def tell(self, result: Result) -> None:
        """A finding has come."""
        if self._skipped and result.finding != self._skipped[0].finding:
            self._tell_skipped()
        if result.finding.state is State.SKIPPED:
            self._skipped.append(result)
        else:
            self._write(self._erase + lines(result, self._screen))

    def end(self, last: str) -> None:
        """All have come; `last` is the last that is said."""
        self._tell_skipped()
        self._write(self._erase + last)

    def _tell_skipped(self) -> None:
        results, self._skipped = self._skipped, []
        if len(results) > 1:
            names = ", ".join(result.check.name for result in results)
            mark, colour = MARKS[State.SKIPPED]
            said = f"{names}: not looked at, {results[0].finding.what}"
            shown = self._screen.paragraph(said, " " * MARK, mark.ljust(MARK))
            told = self._screen.painted(mark, colour) + shown.removeprefix(mark) + "\n"
        else:
            told = "".join(lines(result, self._screen) for result in results)
        if told:
            self._write(self._erase + told)


def lines(result: Result, screen: Screen) -> str:
    """One finding."""
    finding, indent = result.finding, " " * (MARK + NAME)
    mark, colour = MARKS[finding.state]
    first = mark.ljust(MARK) + result.check.name.ljust(NAME)
    if finding.state in {State.GOOD, State.SKIPPED, State.MENDED}:
        shown = [screen.line(finding.what, first)]
    else:
        shown = [screen.paragraph(finding.what, indent, first)]
        shown += _particulars(result, screen)
    shown[0] = screen.painted(mark, colour) + shown[0].removeprefix(mark)
    return "\n".join(shown) + "\n"


def summary(results: list[Result], profile: str, screen: Screen, *, fixed: bool) -> str:
    """The last line; before it the command that mends, where something can be mended."""
    counts = Counter(result.finding.state for result in results)
    said = ", ".join(f"{counts[state]} {WORDS[state]}" for state in WORDS if counts[state])
    fixable = not fixed and any(result.finding.fix for result in results)
    hint = f"hint: {fix_command(profile)}\n" if fixable else ""
    colour = "red" if counts[State.BROKEN] else "green"
    return hint + screen.painted(said, colour) + "\n"


def fix_command(profile: str) -> str:
    """The command that mends what is safe to mend."""
    return f"cognito-credproc doctor --fix {profile_option(profile)}"


def as_document(results: list[Result], profile: str) -> dict[str, Any]:
    """All of it for programs. The keys are stable: README lists them."""
    return {
        "profile": profile,
        "ok": not any(result.finding.state is State.BROKEN for result in results),
        "checks": [
            {
                "check": result.check.name,
                "state": str(result.finding.state),
                "what": result.finding.what,
                "why": _why(result),
                "mend": result.finding.mend,
                "command": result.finding.command,
                "fixable": result.finding.fix is not None,
                "seconds": round(result.seconds, 3),
            }
            for result in results
        ],
    }


def _particulars(result: Result, screen: Screen) -> list[str]:
    finding, indent = result.finding, " " * (MARK + NAME)
    shown = [screen.paragraph(_why(result), indent, _label("why"))]
    if finding.mend:
        shown.append(screen.paragraph(finding.mend, indent, _label("mend")))
    if finding.command:
        # Not wrapped: it is copied.
        shown.append((indent if finding.mend else _label("mend")) + screen.clean(finding.command))
    return shown


def _why(result: Result) -> str:
    good = result.finding.state in {State.GOOD, State.SKIPPED, State.MENDED}
    return "" if good else result.finding.why or result.check.why


def _label(word: str) -> str:
    return " " * MARK + word.ljust(NAME)
