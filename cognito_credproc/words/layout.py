"""Words on a screen of some width: tables, paragraphs, spans of time, colours."""

import os
import re
import shutil
import textwrap
import time
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from cognito_credproc.people.characters import unicode_is_shown
from cognito_credproc.values.errors import printable

NARROWEST = 40  # characters; on less, lines are wrapped by the terminal
WIDEST = 100  # characters; longer lines are hard to read
GAP = "  "
NARROWEST_COLUMN, NARROWEST_CUT = 10, 6  # characters, to which a column is cut
SPANS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))  # seconds, unit
# SGR, "Select Graphic Rendition" (ECMA-48).
COLOURS = {"bold": "1", "red": "31", "green": "32", "yellow": "33", "dim": "2"}


class Screen:
    """What standard output shows words on; in a file or a pipe there is no colour.

    What is `whole` is not cut anywhere: a program may look for it.
    """

    def __init__(
        self,
        width: int,
        *,
        colour: bool,
        terminal: bool = False,
        dumb: bool = False,
        whole: bool = False,
        ellipsis: str = "…",
    ) -> None:
        self.width = width
        self._whole = whole
        self._ellipsis = ellipsis
        self.terminal = terminal
        self.erases = terminal and not dumb
        """Whether what was written can be overwritten."""
        self._colour = colour

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Screen":
        """Standard output as it is; `NO_COLOR` is honoured (no-color.org)."""
        try:
            terminal = os.isatty(1)
        except OSError:
            terminal = False
        dumb = environment.get("TERM") == "dumb"
        colour = terminal and not environment.get("NO_COLOR") and not dumb
        columns = shutil.get_terminal_size().columns
        width = max(NARROWEST, min(columns, WIDEST))
        ellipsis = "…" if unicode_is_shown(environment) else "..."
        return cls(
            width, colour=colour, terminal=terminal, dumb=dumb, whole=not terminal,
            ellipsis=ellipsis,
        )  # fmt: skip

    def painted(self, text: str, colour: str) -> str:
        """The text in a colour, or in bold."""
        return f"\x1b[{COLOURS[colour]}m{text}\x1b[0m" if self._colour and text else text

    def paragraph(self, text: str, indent: str = "", first: str | None = None) -> str:
        """The text in lines; words that are too long, such as paths, are left whole."""
        return textwrap.fill(
            self.clean(text),
            self.width,
            initial_indent=indent if first is None else first,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )

    def line(self, text: str, first: str = "") -> str:
        """The text in one line, cut with … where it is too long."""
        whole = first + self.clean(text)
        return (whole if self._whole else self._fitted(whole, self.width)).rstrip()

    @staticmethod
    def clean(text: str) -> str:
        """The text as it is, in one line of any length; nothing in it can paint the terminal."""
        return printable(text, limit=2_000)

    def table(self, rows: Sequence[Sequence[str]], yielding: Sequence[int] = ()) -> list[str]:
        """The rows in columns, the first of them as the heading; long values are cut with ….

        `yielding` are the columns that may be cut, the first before the second, which keeps both
        ends of its values. Where that is not enough, each row is told in lines of its own.
        """
        clean = [[printable(cell) for cell in row] for row in rows]
        widths = [max(map(_width, column)) for column in zip(*clean, strict=True)]
        spare = self.width - sum(widths) - len(GAP) * (len(widths) - 1)
        if yielding and not self._whole:
            for number in yielding:
                least = min(widths[number], max(NARROWEST_COLUMN, _width(clean[0][number])))
                cut = max(0, min(-spare, widths[number] - least))
                widths[number] -= cut
                spare += cut
            if spare < 0:
                return list(self._stacked(clean))
        while spare < 0 and max(widths) > NARROWEST_CUT and not self._whole:
            widths[widths.index(max(widths))] -= 1
            spare += 1
        ends = set(yielding[1:])
        heading, *lines = (
            GAP.join(
                self._fitted(cell, widths[number], ends=number in ends)
                for number, cell in enumerate(row)
            ).rstrip()
            for row in clean
        )
        return [self.painted(heading, "bold"), *lines]

    def _stacked(self, rows: Sequence[Sequence[str]]) -> Iterator[str]:
        """Each row's first value, and below it the others with their headings."""
        (_, *headings), *rest = rows
        label = max(map(_width, headings)) + 2 * len(GAP)
        for first, *others in rest:
            yield self.painted(first, "bold")
            for heading, value in zip(headings, others, strict=True):
                if value:
                    yield self.paragraph(value, " " * label, f"{GAP}{heading}".ljust(label))

    def _fitted(self, text: str, width: int, *, ends: bool = False) -> str:
        """Cut to the width or filled up to it; with `ends`, both of them are kept."""
        if _width(text) > width:
            dots, tail = self._ellipsis, ""
            while ends and _width(text[-len(tail) - 1 :]) * 2 <= width:
                tail = text[-len(tail) - 1 :]
            while text and _width(text) > width - len(dots) - _width(tail):
                text = text[:-1]
            text = re.sub(r"\s+$", "", text) + dots + tail
        return text + " " * (width - _width(text))


def span(seconds: float) -> str:
    """How long, in the largest unit that it fills: `58 min`."""
    whole = max(0, int(seconds))
    size, unit = next((size, unit) for size, unit in SPANS if whole >= size or size == 1)
    return f"{whole // size} {unit}"


def moment(at: float) -> str:
    """A time for people, on this machine's clock and in its zone: `2026-11-03 08:05`."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))


def until(at: float) -> str:
    """A time soon to come, for people: `08:05`."""
    return moment(at)[11:]


def utc(at: float | None) -> str | None:
    """A time for programs (RFC 3339)."""
    return None if at is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def _width(text: str) -> int:
    """How many columns of a terminal a text takes (Unicode Standard Annex 11)."""
    return sum(
        0
        if unicodedata.combining(character)
        else 2
        if unicodedata.east_asian_width(character) in {"W", "F"}
        else 1
        for character in text
    )
