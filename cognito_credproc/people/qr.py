"""The QR code of an enrolment, drawn with characters or as a picture (ISO/IEC 18004, by segno).

On a terminal it has two forms. Half blocks are two modules high, which is what makes the code small
enough for most screens. Where the locale or the terminal has no Unicode, each module is a pair of
coloured spaces. Both set their colours by name, since a terminal may write black on white: the code
would come out inverted there. For the same reason `NO_COLOR` is no matter of theirs.
"""

import io
import locale
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import segno

from cognito_credproc.people.characters import is_unicode
from cognito_credproc.people.terminal import Size

QUIET_ZONES = (2, 1)  # modules; the standard says four, phones are content with less, screens small
PNG_QUIET_ZONE, PNG_SCALE = 4, 8  # modules; pixels of a module
BRIGHT_ON_BLACK, RESET = "\x1b[97;40m", "\x1b[0m"
WHITE, BLACK = "\x1b[47;107m", "\x1b[40m"  # bright white where the terminal has it
# They have few characters, or show no UTF-8, or both.
PLAIN_TERMINALS = ("linux", "vt", "ansi", "cons25", "sun")
COLOURLESS = {"dumb", "unknown"}


class Form(StrEnum):
    """What a code is drawn with."""

    BLOCKS = "blocks"
    ASCII = "ascii"


class Drawing(NamedTuple):
    """A code as text; `chosen` is the number of the link in it, among those that were offered."""

    text: str
    size: Size
    chosen: int


@dataclass(frozen=True, slots=True)
class Canvas:
    """A terminal that codes are drawn on; without a form it can show none."""

    form: Form | None
    size: Callable[[], Size]

    @classmethod
    def here(
        cls, environment: Mapping[str, str], chosen: str | None, size: Callable[[], Size]
    ) -> "Canvas":
        """The terminal of this environment, unless the person has chosen the form."""
        if chosen:
            return cls(Form(chosen), size)
        return cls(
            form_for(environment, locale.getencoding(), believed=sys.platform != "linux"), size
        )

    def fitted(self, links: Sequence[Sequence[str]], lines: int) -> tuple[Drawing, bool] | None:
        """The code of the first link that fits, and `lines` of text below; else the smallest.

        Tells whether it fits. A link is given in pieces: one of few characters takes less room.
        """
        if self.form is None:
            return None
        room = self.size()
        room = room._replace(rows=room.rows - lines)
        codes = [code(link) for link in links]
        found = [
            drawn(each, self.form, zone, number)
            for zone in QUIET_ZONES
            for number, each in enumerate(codes)
        ]
        fitting = next((drawing for drawing in found if room.holds(drawing.size)), None)
        smallest = min(found, key=lambda drawing: drawing.size.columns)
        return (fitting or smallest, fitting is not None)


def form_for(environment: Mapping[str, str], encoding: str, *, believed: bool) -> Form | None:
    """The form that a terminal can show; None where it has not even colours.

    `encoding` and `believed` as in `is_unicode`.
    """
    terminal = environment.get("TERM", "")
    if terminal in COLOURLESS:
        return None
    unicode = is_unicode(environment, encoding, believed=believed)
    return Form.BLOCKS if unicode and not terminal.startswith(PLAIN_TERMINALS) else Form.ASCII


def code(link: Sequence[str], error: str = "l") -> segno.QRCode:
    """A link's code; of the least error correction, since a screen has neither dirt nor tears."""
    pieces: Any = list(link)  # segno takes them, though its types do not say so
    return segno.make_qr(pieces, error=error, boost_error=False)


def drawn(code: segno.QRCode, form: Form, zone: int, number: int = 0) -> Drawing:
    """A code in a form, with a quiet zone of so many modules."""
    text = _half_blocks(code, zone) if form == Form.BLOCKS else _colour_blocks(code, zone)
    width = int(code.symbol_size(border=zone)[0])
    size = Size(width if form == Form.BLOCKS else 2 * width, text.count("\n"))
    return Drawing(text, size, number)


def png(link: Sequence[str]) -> bytes:
    """The code as a picture."""
    out = io.BytesIO()
    code(link, "m").save(out, kind="png", scale=PNG_SCALE, border=PNG_QUIET_ZONE)
    return out.getvalue()


def _half_blocks(code: segno.QRCode, zone: int) -> str:
    """Two rows a line. The characters paint the light modules."""
    out = io.StringIO()
    code.terminal(out, border=zone, compact=True)
    return "".join(f"{BRIGHT_ON_BLACK}{line}{RESET}\n" for line in out.getvalue().splitlines())


def _colour_blocks(code: segno.QRCode, zone: int) -> str:
    """Segno's own inverse and default depend on the terminal's colours; these do not."""
    rows = code.matrix_iter(border=zone)
    return "".join(
        "".join((BLACK if dark else WHITE) + "  " for dark in row) + f"{RESET}\n" for row in rows
    )
