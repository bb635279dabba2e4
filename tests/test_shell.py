"""Variables as shell lines: real shells read back what was written, whatever it is."""

import shutil
import subprocess

import pytest

from cognito_credproc.words.shell import FORMATS, lines

PLAIN = "AbC+/=123"
ODD = "it's \\ \"two\"  $(touch x) `y` $HOME %PATH% !! ; & | * ~ # \u2019\u00e9 \\' \\"
POSIX_SHELLS = ("sh", "bash", "dash", "zsh")


def read_back(shell: str, form: str, *options: str) -> str:
    """What a program that a shell starts finds in its environment."""
    text = lines({"FIRST": PLAIN, "SECOND": ODD, "LAST": ""}, FORMATS[form])
    program = f'{text}printf "<%s>" "$FIRST" "$SECOND" "$LAST"'
    command = [shell, *options, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("shell", POSIX_SHELLS)
def test_posix_shells(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"not installed: {shell}")
    assert read_back(shell, "env") == f"<{PLAIN}><{ODD}><>"


def test_fish() -> None:
    if shutil.which("fish") is None:
        pytest.skip("not installed: fish")
    assert read_back("fish", "fish", "--no-config") == f"<{PLAIN}><{ODD}><>"


def test_powershell_doubles_every_quote_that_it_knows() -> None:
    """PowerShell itself is not among Debian's packages, so that it is not run here."""
    assert lines({"A": "it's \u2018$x\u2019 `n \u201aq\u201b"}, FORMATS["powershell"]) == (
        "$Env:A = 'it''s \u2018\u2018$x\u2019\u2019 `n \u201a\u201aq\u201b\u201b'\n"
    )
