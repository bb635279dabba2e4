"""Who is asked, by the setting, the system, the terminal and the programs that are there."""

from pathlib import Path

import pytest

from cognito_credproc.people import people
from cognito_credproc.people.askpass import Askpass
from cognito_credproc.people.pinentry import Pinentry
from cognito_credproc.people.terminal import Terminal
from tests import programs

DESKTOP = {"DISPLAY": ":0"}


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with pinentry and zenity on the PATH, and with a terminal if a test says so."""
    for name in ("pinentry", "pinentry-mac", "zenity"):
        programs.shell(tmp_path, "exit 1", name)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(Terminal, "open", lambda: None)
    return tmp_path


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    here = Terminal(-1, -1)
    monkeypatch.setattr(Terminal, "open", lambda: here)
    return here


def asked(prompt: str, environment: dict[str, str], *, at_terminal: bool = False) -> object:
    """Who."""
    return people.person(prompt, "dev", environment, at_terminal=at_terminal)


def test_terminal_alone_unless_said(terminal: Terminal) -> None:
    assert asked("terminal", DESKTOP) is terminal


def test_nobody_without_one() -> None:
    assert asked("terminal", DESKTOP) is None


@pytest.mark.parametrize(
    ("prompt", "kind"),
    [
        ("pinentry", Pinentry),
        ("pinentry-mac", Pinentry),
        ("zenity --password", Askpass),
        ("{path}/pinentry", Pinentry),
        ('"{path}/zenity" --entry', Askpass),
    ],
)
@pytest.mark.usefixtures("terminal")
def test_window_where_it_is_asked_for(path: Path, prompt: str, kind: type) -> None:
    assert type(asked(prompt.replace("{path}", str(path)), DESKTOP)) is kind


@pytest.mark.parametrize("prompt", ["pinentry", "zenity --password", "pinentry-none"])
def test_people_s_commands_ask_where_they_are_typed(terminal: Terminal, prompt: str) -> None:
    assert asked(prompt, DESKTOP, at_terminal=True) is terminal


@pytest.mark.parametrize("prompt", ["pinentry", "zenity --password"])
def test_people_s_commands_ask_in_a_window_elsewhere(prompt: str) -> None:
    assert asked(prompt, DESKTOP, at_terminal=True) is not None


def test_missing_program_leaves_the_terminal(terminal: Terminal) -> None:
    assert asked("pinentry-none", DESKTOP) is terminal


def test_missing_program_and_no_terminal() -> None:
    assert asked("none --password", DESKTOP) is None


def test_pinentry_wants_a_desktop_or_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked("pinentry", {}) is None
    assert asked("pinentry", {"DISPLAY": ""}) is None
    assert type(asked("pinentry", {"WAYLAND_DISPLAY": "wayland-0"})) is Pinentry
    assert type(asked("zenity", {})) is Askpass  # it may know a way of its own
    monkeypatch.setattr("sys.platform", "darwin")
    assert type(asked("pinentry", {})) is Pinentry


@pytest.mark.usefixtures("terminal")
def test_pinentry_may_use_the_terminal() -> None:
    assert type(asked("pinentry", {})) is Pinentry
