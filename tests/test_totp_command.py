"""Codes that a command prints."""

import time
from pathlib import Path

import pytest

from cognito_credproc.answers import totp_command
from cognito_credproc.answers.totp_command import TotpCommand
from cognito_credproc.process.command import CommandError
from cognito_credproc.values.errors import SettingsError
from tests import programs
from tests.fakes import ScriptedPerson


@pytest.mark.parametrize("printed", ["123456", "123456\\n", " 012345 \\r\\n", "\\n\\n123456\\n\\n"])
def test_six_digits_are_a_code(tmp_path: Path, printed: str) -> None:
    prog = programs.shell(tmp_path, f"printf '{printed}'")
    assert TotpCommand(prog)(None) in {"123456", "012345"}


@pytest.mark.parametrize(
    "printed",
    [
        "",
        "12345",
        "1234567",
        "123 456",
        "code: 123456",
        "123456\\n654321",
        "\N{FULLWIDTH DIGIT ONE}23456",
        "\\377",
    ],
)
def test_anything_else_is_none_and_is_not_repeated(tmp_path: Path, printed: str) -> None:
    prog = programs.shell(tmp_path, f"printf '{printed}'")
    with pytest.raises(CommandError) as caught:
        TotpCommand(prog)(None)
    assert caught.value.message == "prog printed something else than six digits"


def test_line_is_split_as_the_aws_cli_splits_credential_process(tmp_path: Path) -> None:
    prog = programs.shell(tmp_path, 'test "$1" = "a b" && test "$2" = c && echo 123456', "my prog")
    assert TotpCommand(f'"{prog}" "a b" c')(None) == "123456"


@pytest.mark.parametrize("line", ['op "item', "  "])
def test_line_without_words(line: str) -> None:
    with pytest.raises(SettingsError, match="cognito_totp_command cannot be split into words"):
        TotpCommand(line)(None)


def test_time_is_short_where_nobody_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(totp_command, "UNATTENDED", 0.2)
    line = programs.shell(tmp_path, "sleep 1; echo 123456")
    before = time.monotonic()
    with pytest.raises(CommandError, match="took longer"):
        TotpCommand(line)(None)
    assert time.monotonic() - before < 0.9
    assert TotpCommand(line)(ScriptedPerson()) == "123456"
