"""The isolated line: words that every SDK splits alike."""

import shlex
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cognito_credproc import __version__
from cognito_credproc.errors import SettingsError
from cognito_credproc.line import isolated_line


@settings(deadline=None, derandomize=True)
@given(profile=st.text(min_size=1, max_size=30), folder=st.text(max_size=30))
def test_shell_and_shlex_see_the_same_words(profile: str, folder: str) -> None:
    python = f"/opt/{folder}/python"
    try:
        line = isolated_line(profile, python)
    except SettingsError:
        return
    words = shlex.split(line)
    assert words[0] == python
    assert words[1:3] == ["-I", "-S"]
    assert words[-2:] == ["--profile", profile]
    assert "'" not in line or '"' in line


@pytest.mark.parametrize("profile", ["dev", "two words", "it's", "a&b;c", "~", "日本語", "a=b"])
def test_shell_agrees(profile: str) -> None:
    shown = subprocess.run(
        ["/bin/sh", "-c", f"printf '%s\\n' {isolated_line(profile)}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.splitlines()[-1] == profile
    assert len(shown.stdout.splitlines()) == 6


@pytest.mark.parametrize("profile", ["", 'a"b', "a$b", "a`b", "a\\b", "a\nb", "a\x00b", "a!b"])
def test_words_that_are_read_differently_are_refused(profile: str) -> None:
    with pytest.raises(SettingsError, match="cannot be written"):
        isolated_line(profile)


def test_line_runs_this_installation() -> None:
    line = isolated_line("dev").replace("--profile dev", "--version")
    done = subprocess.run(
        shlex.split(line), capture_output=True, text=True, check=True, cwd=Path("/")
    )
    assert done.stdout == f"cognito-credproc {__version__}\n"


def test_python_in_a_folder_with_a_space() -> None:
    line = isolated_line("dev", "/opt/my python/python")
    assert line.startswith('"/opt/my python/python" -I -S ')
