"""pinentry: a scripted one for what goes wrong, Debian's pinentry-tty for what is real."""

import shutil
import sys
from pathlib import Path

import pexpect
import pytest

from cognito_credproc.people import pinentry
from cognito_credproc.people.desktop import DismissedError
from cognito_credproc.people.pinentry import Pinentry
from cognito_credproc.people.questions import hidden, six_digits
from tests.scripted_pinentry import FLOOD, GOES, SILENCE, Scripted, scripted

PROMPT = "[dev] password for istio@example.com: "


def asks(program: Scripted, **environment: str) -> Pinentry:
    """The person behind it."""
    return Pinentry(program.path, "dev", "aws", environment)


def test_question_names_profile_and_caller(tmp_path: Path) -> None:
    program = scripted(tmp_path, {"GETPIN": ["D s3cret", "OK"]})
    assert asks(program).ask(PROMPT, hidden=True) == "s3cret"
    assert program.requests == [
        "SETTIMEOUT 115",
        "SETTITLE cognito-credproc",
        "SETDESC AWS profile dev%0Aasked for by aws",
        "SETPROMPT password for istio@example.com:",
        "GETPIN",
        "BYE",
    ]


def test_options_say_where_and_in_which_letters(tmp_path: Path) -> None:
    program = scripted(tmp_path, {"GETPIN": ["OK"], "OPTION": ["ERR 83886254 Unknown option"]})
    environment = {"LC_ALL": "", "LC_CTYPE": "ja_JP.UTF-8", "LANG": "C", "DISPLAY": ":1"}
    assert asks(program, **environment).ask(PROMPT) == ""
    options = [line for line in program.requests if line.startswith("OPTION")]
    assert options == ["OPTION lc-ctype=ja_JP.UTF-8", "OPTION display=:1"]


def test_what_was_said_is_shown_as_the_error(tmp_path: Path) -> None:
    program = scripted(tmp_path, {"GETPIN": ["D 1", "OK"]})
    person = asks(program)
    for number in range(7):
        person.say(f"[dev] {number} 50 %\ttab")
    person.ask(PROMPT)
    person.ask(PROMPT)
    errors = [line for line in program.requests if line.startswith("SETERROR")]
    assert errors == ["SETERROR " + "%0A".join(f"{number} 50 %25tab" for number in range(2, 7))]


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        (["D 100%25 s%0A%0D ", "OK"], "100% s\n\r "),
        (["# a comment", "S PASSWORD_FROM_CACHE", "D one", "D  two", "OK"], "one two"),
        (["D \xc3\xa9", "OK"], "é"),
        (["D %zz%2", "OK"], "%zz%2"),
        (["D one%0D\r", "OK\r"], "one\r"),  # its lines end as those of its system
        (["OK"], ""),
    ],
)
def test_answers(tmp_path: Path, lines: list[str], answer: str) -> None:
    assert asks(scripted(tmp_path, {"GETPIN": lines})).ask(PROMPT) == answer


@pytest.mark.parametrize(
    ("replies", "why"),
    [
        ({"GETPIN": ["ERR 83886179 Operation cancelled <Pinentry>"]}, "cancelled"),
        ({"GETPIN": ["ERR 83886278 x"]}, "cancelled"),
        ({"GETPIN": ["ERR 83886142 Timeout <Pinentry>"]}, "nobody answered"),
        ({"GETPIN": ["D s3cret", "ERR 83886340 s3cret"]}, "pinentry failed with error 260"),
        ({"GETPIN": ["ERR"]}, "pinentry failed with error 0"),
        ({"GETPIN": ["s3cret"]}, "pinentry does not speak as a pinentry does"),
        ({"GETPIN": ["INQUIRE QUALITY s3cret"]}, "does not speak as a pinentry does"),
        ({"GETPIN": ["S x"] * 1_001}, "does not speak as a pinentry does"),
        ({"GETPIN": ["D \xff", "OK"]}, "what was typed is not UTF-8"),
        ({"GETPIN": GOES}, "pinentry ended too early"),
        ({"GETPIN": FLOOD}, "pinentry printed too long a line"),
        ({"greeting": GOES}, "pinentry ended too early"),
        ({"greeting": ["ERR 1 no"]}, "pinentry failed with error 1"),
        ({"SETDESC": ["ERR 536871187 Unknown IPC command"]}, "pinentry failed with error 275"),
    ],
)
def test_no_answer(tmp_path: Path, replies: dict[str, object], why: str) -> None:
    with pytest.raises(DismissedError) as caught:
        asks(scripted(tmp_path, replies)).ask(PROMPT)
    assert caught.value.message.startswith("profile dev: no answer from cognito_prompt: ")
    assert caught.value.message.endswith(why)
    assert caught.value.hint == "cognito-credproc login --profile dev"
    assert caught.value.exit_status == 3
    assert "s3cret" not in caught.value.lines()


@pytest.mark.parametrize("silent_at", ["greeting", "SETDESC", "GETPIN"])
def test_silence_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, silent_at: str
) -> None:
    monkeypatch.setattr(pinentry, "READY", 1.0)
    monkeypatch.setattr(pinentry, "PATIENCE", 0.6)
    with pytest.raises(DismissedError, match="pinentry said nothing for 1 seconds"):
        asks(scripted(tmp_path, {silent_at: SILENCE})).ask(PROMPT)


def test_program_that_cannot_be_run(tmp_path: Path) -> None:
    with pytest.raises(DismissedError, match="pinentry-none was not found"):
        Pinentry(str(tmp_path / "pinentry-none"), "dev", None, {}).ask(PROMPT)


def test_long_lines_are_cut_between_characters_and_escapes(tmp_path: Path) -> None:
    program = scripted(tmp_path, {"GETPIN": ["D 1", "OK"]})
    for letter in ("é", "%", "x"):
        for shift in range(3):
            asks(program).ask("y" * shift + letter * 2_000)
    sent = [line for line in program.requests if line.startswith("SETPROMPT")]
    assert len(sent) == 9
    assert all(990 < len(line.encode()) < 1_000 for line in sent)
    assert not any(line.rstrip("%25")[-1:] == "%" for line in sent)


def test_useless_answers_come_to_an_end(tmp_path: Path) -> None:
    person = asks(scripted(tmp_path, {"GETPIN": ["D garbage", "OK"]}))
    with pytest.raises(DismissedError, match="12 answers were of no use"):
        six_digits(person, "[dev] ", "[dev] code: ")
    person = asks(scripted(tmp_path, {"GETPIN": ["OK"]}))
    with pytest.raises(DismissedError, match="12 answers were of no use"):
        hidden(person, "[dev] password: ")


ON_A_TERMINAL = """
import os
from cognito_credproc.values.errors import CredprocError
from cognito_credproc.people.pinentry import Pinentry
from cognito_credproc.people.terminal import Terminal
person = Pinentry("pinentry-tty", "dev", "aws", os.environ, Terminal.open())
person.say("[dev] incorrect user name or password")
try:
    print(ascii(person.ask("[dev] password for me: ", hidden=True)))
except CredprocError as error:
    print(error.message)
"""


@pytest.fixture
def real() -> "pexpect.spawn[str]":
    """Debian's own, on a pseudo-terminal."""
    if shutil.which("pinentry-tty") is None:
        pytest.skip("not installed: pinentry-tty")
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "xterm"}
    return pexpect.spawn(
        sys.executable, ["-c", ON_A_TERMINAL], env=environment, timeout=20, encoding="utf-8"
    )


def test_real_pinentry_asks_without_an_echo(real: "pexpect.spawn[str]") -> None:
    real.expect_exact("incorrect user name or password")
    real.expect_exact("AWS profile dev\r\nasked for by aws")
    real.expect_exact("password for me:")
    assert real.waitnoecho(5)
    real.sendline("100% Corréct  ")
    real.expect_exact(r"'100% Corr\xe9ct  '")
    assert real.getecho()
    real.expect(pexpect.EOF)
    real.close()


def test_real_pinentry_is_cancelled(real: "pexpect.spawn[str]") -> None:
    real.expect_exact("password for me:")
    assert real.waitnoecho(5)
    real.send("\x04")
    real.expect_exact("no answer from cognito_prompt: cancelled")
    assert real.getecho()
    real.expect(pexpect.EOF)
    real.close()
