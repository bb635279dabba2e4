"""What `doctor` says, line by line."""

import json

import pytest

from cognito_credproc.checks.diagnosis import (
    ERASE,
    Telling,
    as_document,
    fix_command,
    lines,
    summary,
    waiting,
)
from cognito_credproc.checks.examination import Result
from cognito_credproc.checks.finding import Check, Finding, State, broken, good, note
from cognito_credproc.words.layout import Screen

PLAIN, COLOURED = Screen(80, colour=False), Screen(80, colour=True)
COMMAND = "cognito-credproc configure --profile dev --username " + "very_long_" * 10


def result(finding: Finding) -> Result:
    return Result(Check("clock", lambda _: iter(()), "codes carry the time"), finding, 0.25)


def test_what_is_good_is_one_line_however_long() -> None:
    assert lines(result(good("right")), PLAIN) == "ok      clock     right\n"
    shown = lines(result(good("very " * 40)), PLAIN)
    assert shown.count("\n") == 1
    assert len(shown) <= 81
    assert shown.endswith("…\n")


def test_what_is_broken_says_what_why_and_the_mend() -> None:
    finding = broken("12 min behind", mend="set it:", command="sudo timedatectl set-ntp true")
    assert lines(result(finding), PLAIN) == (
        "BROKEN  clock     12 min behind\n"
        "        why       codes carry the time\n"
        "        mend      set it:\n"
        "                  sudo timedatectl set-ntp true\n"
    )


def test_words_are_wrapped_and_commands_are_not() -> None:
    finding = note("it is slow " * 12, "people wait " * 12, command=COMMAND)
    shown = lines(result(finding), PLAIN).splitlines()
    assert shown[-1] == "        mend      " + COMMAND
    assert all(len(line) <= 80 for line in shown[:-1])


@pytest.mark.parametrize("finding", [good("x"), note("x", "y"), broken("x")])
def test_colours_change_no_word(finding: Finding) -> None:
    coloured = lines(result(finding), COLOURED)
    assert "\x1b[" in coloured
    for code in ("\x1b[32m", "\x1b[33m", "\x1b[31m", "\x1b[0m"):
        coloured = coloured.replace(code, "")
    assert coloured == lines(result(finding), PLAIN)


def test_nothing_that_was_found_can_paint_the_screen() -> None:
    shown = lines(result(broken("\x1b[2J", "\x1b[2J", "\x1b[2J", "\x1b[2J")), PLAIN)
    assert "\x1b" not in shown


def test_the_last_line_counts_and_names_the_command_that_mends() -> None:
    results = [result(good("a")), result(good("b")), result(note("c", "d")), result(broken("e"))]
    assert summary(results, "dev", PLAIN, fixed=False) == "1 broken, 1 to note, 2 good\n"
    results.append(result(broken("f", fix=lambda: None)))
    said = summary(results, "two words", PLAIN, fixed=False)
    hint, last = said.splitlines()
    assert hint == "hint: cognito-credproc doctor --fix --profile 'two words'"
    assert last == "2 broken, 1 to note, 2 good"
    assert "--fix" not in summary(results, "dev", PLAIN, fixed=True)


def test_the_command_that_mends_is_for_a_shell() -> None:
    assert fix_command("two words").endswith("--profile 'two words'")


def test_json_has_it_all() -> None:
    results = [result(good("right")), result(broken("wrong", mend="m", command="c"))]
    document = json.loads(json.dumps(as_document(results, "dev")))
    assert (document["profile"], document["ok"]) == ("dev", False)
    right, wrong = document["checks"]
    assert right["state"] == "good"
    assert wrong == {
        "check": "clock",
        "state": "broken",
        "what": "wrong",
        "why": "codes carry the time",
        "mend": "m",
        "command": "c",
        "fixable": False,
        "seconds": 0.25,
    }
    assert as_document(results[:1], "dev")["ok"] is True


def test_every_state_has_a_mark() -> None:
    for state in State:
        assert lines(result(Finding(state, "x")), PLAIN)


def test_what_is_looked_at_is_named_meanwhile() -> None:
    assert waiting(result(good("x")).check, PLAIN) == "...     clock"


def named(name: str, finding: Finding) -> Result:
    return Result(Check(name, lambda _: iter(()), "why"), finding, 0)


def told(*results: Result, terminal: bool = False) -> str:
    """What is told of these findings."""
    said: list[str] = []
    telling = Telling(Screen(80, colour=False, terminal=terminal), said.append)
    for one in results:
        telling.begin(one.check)
        telling.tell(one)
    telling.end("the end\n")
    return "".join(said)


NO_NETWORK = Finding(State.SKIPPED, "needs the network")


def test_what_lacks_the_same_thing_is_told_together() -> None:
    assert told(
        named("clock", NO_NETWORK),
        named("state", good("fine")),
        named("user pool", NO_NETWORK),
        named("client", NO_NETWORK),
        named("stored", Finding(State.SKIPPED, "needs the keyring")),
    ) == (
        "-       clock     needs the network\n"
        "ok      state     fine\n"
        "-       user pool, client: not looked at, needs the network\n"
        "-       stored    needs the keyring\n"
        "the end\n"
    )


def test_many_that_are_not_looked_at_stay_on_the_screen() -> None:
    shown = told(*(named(f"check-{number}", NO_NETWORK) for number in range(15)))
    assert all(len(line) <= 80 for line in shown.splitlines())
    assert "check-0, check-1" in shown
    assert "check-14: not looked at" in " ".join(shown.split())


def test_what_is_looked_at_is_shown_on_a_terminal_alone_and_overwritten() -> None:
    results = [named("clock", good("right")), named("lock", good("free"))]
    assert "..." not in told(*results)
    shown = told(*results, terminal=True)
    assert "...     clock" + ERASE in shown
    assert shown.replace(ERASE, "").endswith("ok      lock      free\nthe end\n")
