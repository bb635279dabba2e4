"""What a terminal shows for the bytes that it is given, as an image that zbar can read."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

WIDE, HIGH = 6, 12  # pixels of a character
BLACK, GREY, WHITE = 0, 192, 255
# Foreground or background by SGR number (ECMA-48; 90-107: aixterm). None: the terminal's own.
FOREGROUND = {37: GREY, 97: WHITE, 30: BLACK, 39: None}
BACKGROUND = {47: GREY, 107: WHITE, 40: BLACK, 49: None}
HALVES = {" ": "bb", "\u2580": "fb", "\u2584": "bf", "\u2588": "ff"}  # upper half, lower half
PIECE = re.compile(r"\x1b\[([\d;]*)m|([^\x1b])")


def picture(shown: str, *, dark: bool) -> list[list[int]]:
    """The lines that hold nothing but blocks, half a character a row, on a dark or light theme."""
    own = (WHITE, BLACK) if dark else (BLACK, WHITE)
    rows: list[list[int]] = []
    for line in shown.splitlines():
        cells = _cells(line, *own)
        if cells:
            rows.append([upper for upper, _ in cells])
            rows.append([lower for _, lower in cells])
    width = max(map(len, rows))
    return [row + [own[1]] * (width - len(row)) for row in rows]


def visible(shown: str, columns: int, rows: int) -> str:
    """What a terminal of that size has on it at last: long lines go on below, old ones are gone."""
    lines = []
    for line in shown.split("\n"):
        pieces = PIECE.findall(line)
        line_now, used = "", 0
        for codes, character in pieces:
            if character and used == columns:
                lines.append(line_now)
                line_now, used = "", 0
            line_now += character or f"\x1b[{codes}m"
            used += bool(character)
        lines.append(line_now)
    return "\n".join(lines[-rows:])


def _cells(line: str, ink: int, paper: int) -> list[tuple[int, int]]:
    """Upper and lower half of each character; nothing for a line with any text in it."""
    front, back, inverted = ink, paper, False
    cells = []
    for codes, character in PIECE.findall(line):
        if character:
            halves = HALVES.get(character)
            if halves is None:
                return []
            colours = {"f": back if inverted else front, "b": front if inverted else back}
            cells.append((colours[halves[0]], colours[halves[1]]))
            continue
        for number in map(int, codes.split(";")) if codes else [0]:
            if number in {0, 7}:
                inverted = number == 7
            if number == 0:
                front, back = ink, paper
            front = _chosen(FOREGROUND, number, front, ink)
            back = _chosen(BACKGROUND, number, back, paper)
    return cells


def _chosen(table: dict[int, int | None], number: int, now: int, own: int) -> int:
    if number not in table:
        return now
    colour = table[number]
    return own if colour is None else colour


def scanned(shown: str, folder: Path, *, dark: bool) -> list[str]:
    """What zbar reads from the blocks on a screen, with a margin of the theme's own colour."""
    rows = picture(shown, dark=dark)
    paper = BLACK if dark else WHITE
    margin = [[paper] * (len(rows[0]) + 8)] * 4
    framed = [*margin, *([paper] * 4 + row + [paper] * 4 for row in rows), *margin]
    pixels = b"".join(
        bytes(value for value in row for _ in range(WIDE)) * (HIGH // 2) for row in framed
    )
    size = f"{len(framed[0]) * WIDE} {len(framed) * HIGH // 2}"
    file = folder / f"{'dark' if dark else 'light'}.pgm"
    file.write_bytes(f"P5 {size} 255\n".encode() + pixels)
    return picture_read(file)


def picture_read(file: Path) -> list[str]:
    """What zbar reads from a picture."""
    found = subprocess.run(
        ["zbarimg", "--quiet", "--raw", "--nodbus", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.split()
