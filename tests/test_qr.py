"""The QR code on a terminal: every module as the standard's encoder has it."""

import re

import segno

from cognito_credproc.answers.totp import provisioning_uri
from cognito_credproc.people.qr import QUIET_ZONE, colour_blocks, drawn, half_blocks
from tests.fakes import SEED

LINK = provisioning_uri(SEED, "istio@example.com", "AWS dev")
HALVES = {" ": (1, 1), "▀": (0, 1), "▄": (1, 0), "█": (0, 0)}  # 1 is dark


def wanted() -> list[list[int]]:
    code = segno.make_qr(LINK, error="l", boost_error=False)
    return [[int(bit) for bit in row] for row in code.matrix_iter(border=QUIET_ZONE)]


def test_half_blocks_show_every_module() -> None:
    rows: list[list[int]] = []
    for line in half_blocks(LINK).splitlines():
        found = re.fullmatch("\x1b\\[97;40m([ ▀▄█]+)\x1b\\[0m", line)
        assert found, "bright on black, whatever the terminal's own colours are"
        pairs = [HALVES[char] for char in found[1]]
        rows += [[top for top, _ in pairs], [bottom for _, bottom in pairs]]
    assert rows[: len(wanted())] == wanted()
    assert len(rows) - len(wanted()) in {0, 1}


def test_colour_blocks_show_every_module() -> None:
    rows = []
    for line in colour_blocks(LINK).splitlines():
        assert line.isascii()
        found = re.fullmatch("((?:\x1b\\[(?:47;107|40)m  )+)\x1b\\[0m", line)
        assert found, "white and black by name, whatever the terminal's own colours are"
        rows.append([int(colour == "40") for colour in re.findall("\\[([0-9;]+)m  ", found[1])])
    assert rows == wanted()


def test_it_fits_a_small_terminal() -> None:
    assert len(wanted()) <= 80 // 2 + 9
    assert len(half_blocks(LINK).splitlines()) <= 26


def test_the_form_follows_the_terminal() -> None:
    assert drawn(LINK, unicode=True) == half_blocks(LINK)
    assert drawn(LINK, unicode=False) == colour_blocks(LINK)
