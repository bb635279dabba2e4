"""The QR code on a terminal: every module as the standard has it, in the room there is."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
import segno

from cognito_credproc.answers import totp
from cognito_credproc.people.qr import Canvas, Form, code, drawn, form_for
from cognito_credproc.people.terminal import Size
from tests.fakes import SEED

ENTRIES = totp.entries(SEED, "istio@example.com", "dev")
LINKS = [entry.link for entry in ENTRIES]
LINK = LINKS[0]
HALVES = {" ": (1, 1), "▀": (0, 1), "▄": (1, 0), "█": (0, 0)}  # 1 is dark


def wanted(zone: int = 2) -> list[list[int]]:
    pieces: Any = list(LINK)
    code = segno.make_qr(pieces, error="l", boost_error=False)
    return [[int(bit) for bit in row] for row in code.matrix_iter(border=zone)]


def test_half_blocks_show_every_module() -> None:
    rows: list[list[int]] = []
    drawing = drawn(code(LINK), Form.BLOCKS, 2)
    for line in drawing.text.splitlines():
        found = re.fullmatch("\x1b\\[97;40m([ ▀▄█]+)\x1b\\[0m", line)
        assert found, "bright on black, whatever the terminal's own colours are"
        pairs = [HALVES[char] for char in found[1]]
        rows += [[top for top, _ in pairs], [bottom for _, bottom in pairs]]
    assert rows[: len(wanted())] == wanted()
    assert len(rows) - len(wanted()) in {0, 1}
    assert drawing.size == (len(rows[0]), len(rows) // 2)


def test_colour_blocks_show_every_module() -> None:
    rows = []
    drawing = drawn(code(LINK), Form.ASCII, 1)
    for line in drawing.text.splitlines():
        assert line.isascii()
        found = re.fullmatch("((?:\x1b\\[(?:47;107|40)m  )+)\x1b\\[0m", line)
        assert found, "white and black by name, whatever the terminal's own colours are"
        rows.append([int(colour == "40") for colour in re.findall("\\[([0-9;]+)m  ", found[1])])
    assert rows == wanted(1)
    assert drawing.size == (2 * len(rows[0]), len(rows))


@pytest.mark.parametrize(
    ("form", "size", "link", "drawn_size"),
    [
        (Form.BLOCKS, (80, 24), 0, (41, 21)),
        (Form.BLOCKS, (40, 20), 1, (37, 19)),
        (Form.BLOCKS, (40, 19), 1, (35, 18)),  # a narrower margin
        (Form.ASCII, (120, 50), 0, (82, 41)),
        (Form.ASCII, (80, 40), 1, (74, 37)),
    ],
)
def test_the_fullest_that_fits_is_drawn(
    form: Form, size: tuple[int, int], link: int, drawn_size: tuple[int, int]
) -> None:
    found = Canvas(form, lambda: Size(*size)).fitted(LINKS, 1)
    assert found
    drawing, fits = found
    assert (fits, drawing.chosen, drawing.size) == (True, link, drawn_size)


def test_where_none_fits_the_smallest_is_named() -> None:
    found = Canvas(Form.ASCII, lambda: Size(80, 24)).fitted(LINKS, 1)
    assert found
    assert (found[0].size, found[1]) == ((70, 35), False)
    assert Canvas(None, lambda: Size(80, 24)).fitted(LINKS, 1) is None


UTF8, PRETENDED = {"LANG": "de_DE.UTF-8"}, {"LC_CTYPE": "C.UTF-8"}


@pytest.mark.parametrize(
    ("environment", "encoding", "form"),
    [
        ({**UTF8, "TERM": "xterm-256color"}, "UTF-8", Form.BLOCKS),
        ({**UTF8, "TERM": "linux"}, "UTF-8", Form.ASCII),
        ({**UTF8, "TERM": "vt220"}, "UTF-8", Form.ASCII),
        ({**UTF8, "TERM": "dumb"}, "UTF-8", None),
        ({**UTF8, "PYTHONIOENCODING": "ascii"}, "UTF-8", Form.ASCII),
        ({"PYTHONIOENCODING": "utf_8:replace", **PRETENDED}, "UTF-8", Form.BLOCKS),
        ({"LANG": "de_DE"}, "ISO-8859-1", Form.ASCII),
        ({"LANG": "C", **PRETENDED}, "UTF-8", Form.ASCII),
        (PRETENDED, "UTF-8", Form.ASCII),
        ({"LC_ALL": "C.UTF-8"}, "UTF-8", Form.BLOCKS),
        ({"LANG": "C.UTF-8", **PRETENDED}, "UTF-8", Form.BLOCKS),
    ],
)
def test_the_form_follows_the_terminal(
    environment: Mapping[str, str], encoding: str, form: Form | None
) -> None:
    assert form_for(environment, encoding, believed=False) == form


def test_where_python_does_not_pretend_the_locale_is_believed() -> None:
    assert form_for(PRETENDED, "UTF-8", believed=True) == Form.BLOCKS
