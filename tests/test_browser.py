"""Opening a page: by real programs that stand for browsers."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from cognito_credproc.people import browser
from cognito_credproc.people.browser import opened
from tests import programs

URL = "https://login.example.com/oauth2/authorize?a=b&c=d%20e"
DESKTOP = {"DISPLAY": ":0"}


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with no browsers but those that a test makes."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr("sys.platform", "linux")
    return folder


def seen(folder: Path, name: str, then: str = "exit 0") -> tuple[str, Path]:
    """A browser that notes its words."""
    notes = folder / f"{name}.notes"
    return programs.shell(folder, f'printf "%s|" "$@" >>"{notes}"; {then}', name), notes


def test_the_desktop_s_own_choice_comes_first(path: Path) -> None:
    _, chosen = seen(path, "xdg-open")
    _, other = seen(path, "firefox")
    assert opened(URL, DESKTOP)
    assert chosen.read_text() == f"{URL}|"
    assert not other.exists()


def test_one_that_fails_leaves_it_to_the_next(path: Path) -> None:
    seen(path, "xdg-open", "exit 3")
    _, other = seen(path, "firefox")
    assert opened(URL, {"WAYLAND_DISPLAY": "wayland-0"})
    assert other.read_text() == f"{URL}|"


def test_without_a_desktop_or_a_browser_none_opens(path: Path) -> None:
    assert not opened(URL, DESKTOP)
    _, notes = seen(path, "xdg-open")
    assert not opened(URL, {})
    assert not opened(URL, {"DISPLAY": ""})
    assert not notes.exists()


def test_browser_that_the_person_names(path: Path, tmp_path: Path) -> None:
    program, notes = seen(tmp_path, "mine", "exec 1>&2")
    _, desktop = seen(path, "xdg-open")
    for line in (f"'{program}' --new 'a b'", f"{tmp_path}/none:{program}", f"{program} -u=%s -x"):
        assert opened(URL, {**DESKTOP, "BROWSER": line})
    assert notes.read_text() == f"--new|a b|{URL}|{URL}|-u={URL}|-x|"
    assert not desktop.exists()
    assert opened(URL, {**DESKTOP, "BROWSER": "'open quote::"})
    assert desktop.exists()


def test_macos_has_a_program_for_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    _, notes = seen(path, "open")
    assert opened(URL, {})
    assert notes.read_text() == f"{URL}|"


START = """
import os, sys
from cognito_credproc.people.browser import opened
print(opened("https://x.example.com/", {"BROWSER": sys.argv[1]}))
"""


def test_browser_that_stays_holds_nothing_of_ours(tmp_path: Path) -> None:
    """An SDK reads our standard output to its end."""
    pid = tmp_path / "pid"
    text = f'echo noise; echo noise >&2; echo $$ >"{pid}"; exec /bin/sleep 30'
    program = programs.shell(tmp_path, text)
    before = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", START, program], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("True\n", "")
    assert time.monotonic() - before < 10
    subprocess.run(["/bin/kill", pid.read_text().strip()], check=True)  # it lived on


def test_windows_opens_it_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    opened_there: list[str] = []
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setattr(browser.os, "startfile", opened_there.append, raising=False)  # type: ignore[attr-defined]
    assert opened(URL, {})
    assert opened_there == [URL]

    def fails(_url: str) -> None:
        raise OSError

    monkeypatch.setattr(browser.os, "startfile", fails, raising=False)  # type: ignore[attr-defined]
    assert not opened(URL, {})
