"""The record: what is written is read again, and nothing else is."""

import os
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cognito_credproc.record import (
    AHEAD,
    ENDPOINTS,
    FRESH,
    LONGEST,
    MAGIC,
    SPREAD,
    Record,
    item,
    parse,
    stamp,
)

WORD = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)
DOCUMENT = '{"Version": 1}\n'
NOWHERE = [""] * len(ENDPOINTS)  # no variable is set
GOOD = Record(1_793_689_509, "1-2-3", "0123456789abcdef", DOCUMENT)


def fields(record: Record | None) -> tuple[int, str, str, str] | None:
    if record is None:
        return None
    return record.expiry, record.file, record.digest, record.document


@given(
    expiry=st.integers(0, 9_999_999_999),
    file=WORD,
    digest=st.from_regex(r"[0-9a-f]{1,40}", fullmatch=True),
    document=st.text(),
)
def test_round_trip(expiry: int, file: str, digest: str, document: str) -> None:
    again = parse(Record(expiry, file, digest, document).text())
    assert fields(again) == (expiry, file, digest, document)


def test_a_digest_that_is_no_number_is_none() -> None:
    assert parse(Record(1_793_689_509, "1-2-3", "not-hex", DOCUMENT).text()) is None


def test_what_would_be_good_for_days_is_not_believed() -> None:
    """No credentials are: the clock was set back after they were stored."""
    longest, longer = GOOD.expiry - LONGEST, GOOD.expiry - LONGEST - 1
    assert GOOD.is_good(longest)
    assert GOOD.is_fresh(longest)
    assert not GOOD.is_good(longer)
    assert not GOOD.is_fresh(longer)


def test_header_is_as_the_module_says() -> None:
    assert GOOD.text() == ("cognito-credproc 1 1793689509 15 1-2-3 0123456789abcdef\n" + DOCUMENT)


@given(st.integers(0, len(GOOD.text()) - 1))
def test_anything_cut_short_is_none(length: int) -> None:
    assert parse(GOOD.text()[:length]) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        DOCUMENT,
        GOOD.text() + " ",
        GOOD.text().replace(" 15 ", " 14 "),
        GOOD.text().replace(" 15 ", " -15 "),
        GOOD.text().replace(" 15 ", " 1_5 "),
        GOOD.text().replace(" 15 ", " ² "),
        GOOD.text().replace(MAGIC, "cognito-credproc 2"),
        GOOD.text().replace(MAGIC, "cognito-credproc 10"),
        GOOD.text().replace(MAGIC, "cognito-credprod 1"),
        GOOD.text().replace("\n", "\r\n"),
        GOOD.text().replace("1793689509", "soon"),
        GOOD.text().replace("1793689509", "9" * 5_000),
        GOOD.text().replace("1-2-3", "1 2 3"),
        GOOD.text().replace("1-2-3 ", ""),
    ],
)
def test_anything_else_is_none(text: str) -> None:
    assert parse(text) is None


@given(st.text() | st.text().map(lambda text: f"{MAGIC} {text}"))
@example(f"{MAGIC} 1 2 3 4\n")
def test_garbage_never_raises(text: str) -> None:
    found = parse(text)
    assert found is None or found.document == text.partition("\n")[2]


def test_stamp_changes_with_time_size_and_file(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text("[default]")
    stamps = [stamp(file.stat(), NOWHERE)]
    assert stamp(file.stat(), NOWHERE) == stamps[0]
    assert " " not in stamps[0]

    file.write_text("[default]\n")  # the size
    os.utime(file, ns=(0, int(stamps[0].split("-")[0])))
    stamps.append(stamp(file.stat(), NOWHERE))
    os.utime(file, ns=(0, 7))  # the time
    stamps.append(stamp(file.stat(), NOWHERE))
    other = tmp_path / "other"
    other.write_text("[default]\n")  # the file
    os.utime(other, ns=(0, 7))
    other.replace(file)
    stamps.append(stamp(file.stat(), NOWHERE))
    assert len(set(stamps)) == 4


VALUE = st.text(st.characters(blacklist_characters="\0"), max_size=9)


@given(st.lists(VALUE, min_size=8, max_size=8), st.lists(VALUE, min_size=8, max_size=8))
@example(["a", "b", *NOWHERE[2:]], ["ab", *NOWHERE[1:]])
@example(["a", *NOWHERE[1:]], ["", "a", *NOWHERE[2:]])
@example(["https://a b\n"] * 8, ["\udcff"] * 8)
def test_stamp_changes_with_every_variable(one: list[str], other: list[str]) -> None:
    stat = Path(__file__).stat()
    assert (stamp(stat, one) == stamp(stat, other)) == (one == other)
    again = parse(Record(1_793_689_509, stamp(stat, one), "0123456789abcdef", DOCUMENT).text())
    assert again
    assert again.file == stamp(stat, one)


@given(st.text("0123456789abcdef", min_size=16, max_size=16))
def test_background_renewal_begins_somewhere_in_ten_minutes(digest: str) -> None:
    early = Record(0, "", digest, "").early
    assert FRESH + AHEAD <= early < FRESH + SPREAD


def test_people_do_not_renew_in_one_second() -> None:
    moments = {Record(0, "", f"{number * 0x9E3779B97F4A7C15:x}", "").early for number in range(99)}
    assert len(moments) > 50


def test_names_of_the_item() -> None:
    assert item("service", "dev", None) == ("service/session/dev", "dev")
    assert item("service", "dev", "") == ("service/session/dev", "dev")
    assert item("service", "dev", "/c") == ("service/session/dev@/c", "dev@/c")


def test_a_change_whose_time_was_set_back_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text("cognito_identity_pool_id = one")
    before = file.stat()
    file.write_text("cognito_identity_pool_id = two")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert stamp(file.stat(), []) != stamp(before, [])


def test_a_variable_that_says_no_more_than_the_default_changes_nothing(tmp_path: Path) -> None:
    stat = tmp_path.stat()
    assert stamp(stat, ["", "false"]) == stamp(stat, ["", ""])
    assert stamp(stat, ["", "true"]) != stamp(stat, ["", ""])
