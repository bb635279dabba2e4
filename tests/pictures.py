"""The pictures of README: real screens, drawn as SVG from `tests/golden/*.ansi`.

    python -m tests.pictures

draws them anew; a test holds them to what this draws. The terminal is painted too, so that it can
be read on a light page and on a dark one. There is no font, no script and no link in them. Letters
are text of a length that is said, so that they stand in columns in whatever font there is; blocks
are areas, so that a phone can read the QR code.
"""

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from cognito_credproc.answers.totp import entries
from cognito_credproc.people import qr
from tests.golden import COLOURS, FOLDER, HOME, SEED

DRAWN = Path(__file__).resolve().parent.parent / "docs" / "pictures"
ENTRY = entries(SEED, "istio@example.com", "dev")[0]  # the key of the golden screens, an example
CONFIG, STATE = "~/.aws/config", "~/.local/state/cognito-credproc"
WIDE, HIGH = 9, 18  # of a character; half a block is a square then, as a module of a QR code is
LETTER = 15  # font size; a letter of most fonts is 0.6 of that wide
EDGE, BAR = 16, 36  # around the text, and above it
PAPER, FRAME, INK, FAINT = "#161b22", "#57606a", "#e6edf3", "#8b949e"
PALETTE = {30: "#000000", 31: "#ff7b72", 32: "#56d364", 33: "#e3b341", 97: "#ffffff"}
FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
HALVES = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}  # 1 is ink; upper, lower


class Picture(NamedTuple):
    """What is shown under which name."""

    screen: str
    command: str
    described: str

    @property
    def file(self) -> Path:
        """Where it is."""
        return DRAWN / f"{self.screen}.svg"


PICTURES = (
    Picture(
        "enrol",
        "cognito-credproc-enroll --profile dev",
        "The enrolment: the first password, a QR code for the phone, a code from it, the end",
    ),
    Picture(
        "status",
        "cognito-credproc status",
        "A table with a line for each profile, and below it what is wrong and the mend",
    ),
    Picture(
        "doctor-broken",
        "cognito-credproc doctor --profile dev",
        "A line for each check; what is broken says why it matters and the command that mends it",
    ),
)


class Style(NamedTuple):
    """How a character is painted (SGR, ECMA-48); a number of `PALETTE`, or None."""

    ink: int | None = None
    blocks: bool = False  # it has a background of its own, as blocks have
    bold: bool = False
    dim: bool = False

    def then(self, codes: str) -> "Style":
        """The style after a control sequence."""
        style = self
        for code in map(int, filter(None, codes.split(";"))) if codes else [0]:
            match code:
                case 0:
                    style = Style()
                case 1:
                    style = style._replace(bold=True)
                case 2:
                    style = style._replace(dim=True)
                case 40:
                    style = style._replace(blocks=True)
                case _:
                    style = style._replace(ink=code)
        return style


class Run(NamedTuple):
    """Characters of one style, beside each other."""

    row: int
    column: int
    text: str
    style: Style


def runs(screen: str) -> Iterator[Run]:
    """The screen in pieces; spaces at the ends of a piece are left out."""
    style = Style()
    for row, line in enumerate(screen.splitlines()):
        column = 0
        for codes, text in re.findall(r"\x1b\[([\d;]*)m|([^\x1b]+)", line):
            if not text:
                style = style.then(codes)
                continue
            inner = text if style.blocks else text.strip(" ")
            if inner:
                yield Run(row, column + text.index(inner), inner, style)
            column += len(text)


def at_home(screen: str) -> str:
    """The screen with a person's own paths, where the golden one has those of a test."""
    return screen.replace(f"{HOME}/config", CONFIG).replace(f"{HOME}/state", STATE)


def with_code(screen: str) -> str:
    """The screen with the QR code of its own key, where the golden screen has words for one."""

    def code(found: re.Match[str]) -> str:
        blocks, size, _ = qr.drawn(qr.code(ENTRY.link), qr.Form.BLOCKS, qr.QUIET_ZONES[0])
        assert (str(size.columns), str(size.rows)) == found.groups(), "another code's size"
        return blocks

    return re.sub(r"\(the QR code: (\d+) columns, (\d+) rows\)\n", code, screen)


def drawn(picture: Picture) -> str:
    """The whole SVG file."""
    screen = with_code(at_home((FOLDER / f"{picture.screen}.ansi").read_text("utf-8")))
    lines = re.sub(COLOURS, "", screen).splitlines()
    width = 2 * EDGE + WIDE * max(map(len, [*lines, " " * 80]))
    height = BAR + HIGH * len(lines) + EDGE
    found = list(runs(screen))
    words = [letters(run) for run in found if not run.style.blocks]
    blocks = [run for run in found if run.style.blocks]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" aria-labelledby="title what">'
    )
    terminal = (
        f'<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8" '
        f'fill="{PAPER}" stroke="{FRAME}"/>'
    )
    bar = f'<text x="{width // 2}" y="23" text-anchor="middle" fill="{FAINT}" font-size="13">'
    return "\n".join(
        [
            head,
            f'<title id="title">{escape(picture.command)}</title>',
            f'<desc id="what">{escape(picture.described)}</desc>',
            terminal,
            f'<g font-family="{FONTS}" font-size="{LETTER}" fill="{INK}">',
            f"{bar}{escape(picture.command)}</text>",
            *words,
            "</g>",
            *areas(blocks),
            "</svg>\n",
        ]
    )


def letters(run: Run) -> str:
    """A piece of text, as long as its columns."""
    style = run.style
    look = "" if style.ink is None else f' fill="{PALETTE[style.ink]}"'
    look += ' font-weight="bold"' if style.bold else ""
    look += ' fill-opacity="0.65"' if style.dim else ""
    x, y = EDGE + WIDE * run.column, BAR + HIGH * run.row + 14
    return (
        f'<text x="{x}" y="{y}" textLength="{WIDE * len(run.text)}" '
        f'lengthAdjust="spacingAndGlyphs" xml:space="preserve"{look}>{escape(run.text)}</text>'
    )


def areas(blocks: list[Run]) -> Iterator[str]:
    """The blocks: the dark ones on one bright ground, since those are fewer."""
    if not blocks:
        return
    assert {run.style for run in blocks} == {Style(ink=97, blocks=True)}, "bright on black"
    x, y = EDGE + WIDE * blocks[0].column, BAR + HIGH * blocks[0].row
    halves = [half for run in blocks for half in zip(*(HALVES[c] for c in run.text), strict=True)]
    if not any(halves[-1]):
        halves.pop()  # an odd number of modules: the lower half of the last row is none of them
    path = ""
    for at, half in enumerate(halves):
        column = 0
        for bright, cells in groupby(half):
            length = len(list(cells))
            path += "" if bright else f"M{column} {at}h{length}v1h-{length}z"
            column += length
    yield (
        f'<g transform="translate({x} {y}) scale({WIDE})" shape-rendering="crispEdges">'
        f'<rect width="{len(halves[0])}" height="{len(halves)}" fill="{PALETTE[97]}"/>'
        f'<path d="{path}"/></g>'
    )


def main() -> None:
    """Draw all of them."""
    DRAWN.mkdir(parents=True, exist_ok=True)
    for picture in PICTURES:
        picture.file.write_text(drawn(picture), "utf-8", newline="\n")
        print(picture.file.relative_to(DRAWN.parent.parent))


if __name__ == "__main__":
    main()
