"""Words on a screen of some width: tables, paragraphs, spans of time, colours."""

import os
import re
import shutil
import textwrap
import time
import unicodedata
from collections.abc import Mapping, Sequence

from cognito_credproc.values.errors import printable

NARROWEST = 40  # characters; on less, lines are wrapped by the terminal
WIDEST = 100  # characters; longer lines are hard to read
GAP = "  "
SPANS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))  # seconds, unit
# SGR, "Select Graphic Rendition" (ECMA-48).
COLOURS = {"bold": "1", "red": "31", "green": "32", "yellow": "33", "dim": "2"}


class Screen:
    """What standard output shows words on; in a file or a pipe there is no colour."""

    def __init__(
        self, width: int, *, colour: bool, terminal: bool = False, dumb: bool = False
    ) -> None:
        self.width = width
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
        return cls(width, colour=colour, terminal=terminal, dumb=dumb)

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
        return _fitted(first + self.clean(text), self.width).rstrip()

    @staticmethod
    def clean(text: str) -> str:
        """The text as it is, in one line of any length; nothing in it can paint the terminal."""
        return printable(text, limit=2_000)

    def table(self, rows: Sequence[Sequence[str]]) -> list[str]:
        """The rows in columns, the first of them as the heading; long values are cut with …."""
        clean = [[printable(cell) for cell in row] for row in rows]
        widths = [max(map(_width, column)) for column in zip(*clean, strict=True)]
        while sum(widths) + len(GAP) * (len(widths) - 1) > self.width and max(widths) > 6:
            widths[widths.index(max(widths))] -= 1
        heading, *lines = (
            GAP.join(_fitted(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in clean
        )
        return [self.painted(heading, "bold"), *lines]


def span(seconds: float) -> str:
    """How long, in the largest unit that it fills: `58 min`."""
    whole = max(0, int(seconds))
    size, unit = next((size, unit) for size, unit in SPANS if whole >= size or size == 1)
    return f"{whole // size} {unit}"


def moment(at: float) -> str:
    """A time for people, on this machine's clock and in its zone: `2026-11-03 08:05`."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))


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


def _fitted(text: str, width: int) -> str:
    """Cut to the width or filled up to it."""
    if _width(text) > width:
        while text and _width(text) >= width:
            text = text[:-1]
        text = re.sub(r"\s+$", "", text) + "…"
    return text + " " * (width - _width(text))
