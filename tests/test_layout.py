"""Tables that fit, paragraphs, spans of time, colours only where they are wanted."""

import os
import pty
import re
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito_credproc.words.layout import Screen, moment, span, utc
from tests.fakes import NOW

PLAIN = Screen(80, colour=False)
ANYTHING = st.text(max_size=60)


def test_a_table_is_as_wide_as_its_longest_values() -> None:
    rows = [("NAME", "AGE"), ("a", "1"), ("longer", "22")]
    assert PLAIN.table(rows) == ["NAME    AGE", "a       1", "longer  22"]


@given(st.lists(st.tuples(ANYTHING, ANYTHING, ANYTHING), min_size=1, max_size=4))
def test_a_table_fits_whatever_is_in_it(rows: list[tuple[str, str, str]]) -> None:
    lines = Screen(40, colour=False).table([("A", "B", "C"), *rows])
    assert len(lines) == len(rows) + 1
    assert all(line.isprintable() for line in lines)
    assert all(sum(not unicodedata.combining(char) for char in line) <= 40 for line in lines)


def test_what_does_not_fit_is_cut_where_it_is_longest() -> None:
    cut = Screen(40, colour=False).table([("NAME", "REST"), ("n" * 8, "r" * 60)])
    assert cut[1] == "n" * 8 + "  " + "r" * 29 + "…"


WIDE = [
    ("PROFILE", "GOOD UNTIL", "ROLE"),
    ("customer-production-eu", "08:05 (59 min)", "Administrators"),
    ("customer-production-us", "none", ""),
]


def test_the_columns_that_yield_are_cut_one_after_the_other() -> None:
    def lines(width: int, ellipsis: str = "…") -> list[str]:
        return Screen(width, colour=False, ellipsis=ellipsis).table(WIDE, (2, 0))

    assert lines(50)[1] == "customer-production-eu  08:05 (59 min)  Administr…"
    assert lines(40)[1] == "custo…ion-eu  08:05 (59 min)  Administr…"
    assert lines(40, "...")[1:] == [
        "cus...ion-eu  08:05 (59 min)  Adminis...",
        "cus...ion-us  none",
    ]


def test_where_they_cannot_yield_enough_each_row_has_lines_of_its_own() -> None:
    assert Screen(36, colour=False).table(WIDE, (2, 0)) == [
        "customer-production-eu",
        "  GOOD UNTIL  08:05 (59 min)",
        "  ROLE        Administrators",
        "customer-production-us",
        "  GOOD UNTIL  none",
    ]


def test_nothing_is_cut_for_a_program() -> None:
    whole = Screen(40, colour=False, whole=True)
    assert whole.table(WIDE, (2, 0))[1] == "customer-production-eu  08:05 (59 min)  Administrators"
    assert whole.table([("A", "B"), ("a" * 40, "b")])[1] == "a" * 40 + "  b"
    assert whole.line("x" * 50, "ok ") == "ok " + "x" * 50


@pytest.mark.parametrize(
    ("environment", "dots"),
    [({"PYTHONIOENCODING": "utf-8"}, "…"), ({"PYTHONIOENCODING": "ascii"}, "...")],
)
def test_what_is_cut_says_so_in_characters_that_are_shown(
    environment: dict[str, str], dots: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "isatty", lambda _: True)
    assert Screen.of(environment).line("x" * 200).endswith("x" + dots)


def test_wide_characters_take_two_columns() -> None:
    lines = PLAIN.table([("NAME", "X"), ("\u958b\u767a", "1"), ("e\u0301", "2")])
    assert lines == ["NAME  X", "\u958b\u767a  1", "e\u0301     2"]


def test_a_paragraph_breaks_between_words_and_leaves_paths_whole() -> None:
    path = "/home/" + "deep/" * 10
    shown = Screen(40, colour=False).paragraph(f"see the file {path} and mend it", "  ", "* ")
    assert shown.splitlines() == ["* see the file", f"  {path}", "  and mend it"]


def test_nothing_that_is_shown_can_paint_the_screen() -> None:
    assert "\x1b" not in PLAIN.paragraph("name \x1b[31m")
    assert "\x1b" not in "".join(PLAIN.table([("A",), ("\x1b[2J",)]))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3_599, "59 min"),
        (3_600, "1 h"),
        (86_399, "23 h"),
        (86_400, "1 d"),
        (86_400 * 30, "30 d"),
    ],
)
def test_spans(seconds: float, words: str) -> None:
    assert span(seconds) == words


def test_times_for_people_and_for_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert moment(NOW) == "2026-11-03 16:05"
        assert utc(NOW) == "2026-11-03T07:05:09Z"
        assert utc(None) is None
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({}, True), ({"NO_COLOR": ""}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
)
def test_colours_on_a_terminal_unless_they_are_unwanted(
    environment: dict[str, str], coloured: bool
) -> None:
    own, theirs = pty.openpty()
    kept = os.dup(1)
    try:
        os.dup2(theirs, 1)
        shown = Screen.of({"TERM": "xterm", **environment}).painted("word", "red")
    finally:
        os.dup2(kept, 1)
        for descriptor in (own, theirs, kept):
            os.close(descriptor)
    assert shown == ("\x1b[31mword\x1b[0m" if coloured else "word")


def test_no_colours_in_a_pipe() -> None:
    reading, writing = os.pipe()
    kept = os.dup(1)
    try:
        os.dup2(writing, 1)
        shown = Screen.of({"TERM": "xterm"}).painted("word", "red")
    finally:
        os.dup2(kept, 1)
        for descriptor in (reading, writing, kept):
            os.close(descriptor)
    assert shown == "word"


def test_painted_words_are_as_they_were() -> None:
    painted = Screen(80, colour=True).table([("NAME", "AGE"), ("a", "1")])
    assert re.sub(r"\x1b\[\d*m", "", "\n".join(painted)) == "NAME  AGE\na     1"
    assert painted[0] != "NAME  AGE"
