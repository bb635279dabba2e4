"""A command that asks the person."""

from pathlib import Path

import pytest

from cognito_credproc.people import askpass
from cognito_credproc.people.askpass import Askpass, shown
from cognito_credproc.people.desktop import DismissedError, Question
from tests import programs

PROMPT = "[dev] password for istio@example.com: "


def test_question_is_the_last_word_and_the_first_line_the_answer(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    line = programs.shell(tmp_path, f'printf "%s|" "$@" >>"{notes}"; echo " s3cret "; echo more')
    person = Askpass(f'"{line}" --title "AWS sign-in"', "dev", "aws")
    person.say("[dev] incorrect user name or password")
    assert person.ask(PROMPT, hidden=True) == " s3cret "
    assert notes.read_text() == (
        "--title|AWS sign-in|incorrect user name or password\n"
        "cognito-credproc, AWS profile dev, asked for by aws\n"
        "password for istio@example.com:|"
    )


def test_unknown_caller_is_left_out_and_nothing_paints_the_window(tmp_path: Path) -> None:
    line = programs.shell(tmp_path, 'printf %s "$1" | tr "\\n" "|"')
    asked = Askpass(line, "dev", None).ask("\x1b[31m100 %\N{RIGHT-TO-LEFT OVERRIDE} `id`: ")
    assert asked == "cognito-credproc, AWS profile dev|[31m100 % `id`:"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("echo s3cret; exit 1", "prog ended with status 1"),  # as zenity does when cancelled
        ("true", "prog printed none"),
        ("echo; echo s3cret", "prog printed none"),
        ("printf '\\377'", "what was typed is not UTF-8"),
        ("exec sleep 60", "prog took longer than 0 seconds"),
        ("exec yes s3cret", "prog printed more than 4096 bytes"),
    ],
)
def test_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, why: str) -> None:
    monkeypatch.setattr(askpass, "PATIENCE", 0.4)
    with pytest.raises(DismissedError) as caught:
        Askpass(programs.shell(tmp_path, text), "dev", "aws").ask(PROMPT)
    assert caught.value.message == f"profile dev: no answer from cognito_prompt: {why}"
    assert caught.value.exit_status == 3
    assert "s3cret" not in caught.value.lines()


def test_windows_shell_finds_nothing_to_run() -> None:
    question = Question('a" & calc.exe %PATH% ^|', "dev", None, [])
    assert shown(question, "win32").endswith("\na    calc.exe  PATH    ")
    assert shown(question, "linux").endswith(question.text)
