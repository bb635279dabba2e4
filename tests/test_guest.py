"""A backend of another's making: no streams, bounded time, one line, a terminal as it was."""

import os
import signal
import subprocess
import sys
import termios
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito_credproc.flows.flow import Item
from cognito_credproc.people.terminal import Terminal
from cognito_credproc.process.bounded import Patience
from cognito_credproc.storage.guest import Guest, at_arms_length, has_display
from cognito_credproc.storage.keychain import Keychain
from cognito_credproc.values.errors import KeychainError
from tests.fakes import MemoryKeyring
from tests.systems import open_descriptors


class OneLine(MemoryKeyring):
    """Keeps the first line of what it is given, as `pass` does."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Write an entry."""
        super().set_password(service, username, password.splitlines()[0])


@pytest.mark.parametrize("stream", [1, 2])
def test_what_a_backend_says_is_not_heard(capfd: pytest.CaptureFixture[str], stream: int) -> None:
    def operation() -> str:
        os.write(stream, b"noise")
        print("noise", file=sys.stdout if stream == 1 else sys.stderr)
        subprocess.run(["sh", "-c", f"echo noise >&{stream}"], check=True)
        return "value"

    assert at_arms_length(operation, Patience(5)) == "value"
    os.write(stream, b"heard")
    assert capfd.readouterr()[stream - 1] == "heard"


def test_a_backend_that_reads_our_input_finds_none() -> None:
    theirs, ours = os.pipe()
    kept = os.dup(0)
    os.dup2(theirs, 0)
    try:
        assert at_arms_length(lambda: os.read(0, 1), Patience(5)) == b""
        os.write(ours, b"x")
        assert os.read(0, 1) == b"x", "what was there for us is there still"
    finally:
        os.dup2(kept, 0)
        for descriptor in (theirs, ours, kept):
            os.close(descriptor)


def test_streams_come_back_after_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    before = open_descriptors()
    with pytest.raises(ZeroDivisionError):
        at_arms_length(lambda: 1 / 0, Patience(5))
    assert open_descriptors() == before
    os.write(2, b"heard")
    assert capfd.readouterr().err == "heard"


def test_a_silent_backend_is_given_up() -> None:
    never = threading.Event()
    with pytest.raises(KeychainError, match="the keyring did not answer within 0 seconds") as error:
        at_arms_length(lambda: never.wait(30), Brief(0.2))
    assert error.value.hint is not None
    never.set()


class Brief(Patience):
    """A patience that ends at once."""

    LEAST = 0.1


def test_slow_answers_add_up() -> None:
    patience = Brief(0.5)
    began = time.monotonic()

    def slow_answers() -> None:
        for _ in range(20):
            patience.spend(lambda: time.sleep(0.15))

    with pytest.raises(TimeoutError):
        slow_answers()
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("number", [signal.SIGTTIN, signal.SIGTTOU])
def test_nobody_in_the_background_is_stopped(number: signal.Signals) -> None:
    """Where the terminal belongs to others, as in every test, a read is to fail, not to wait."""
    seen: list[object] = []
    at_arms_length(lambda: seen.append(signal.getsignal(number)), Patience(5))
    assert seen == [signal.SIG_IGN if Terminal.open() is None else signal.SIG_DFL]
    assert signal.getsignal(number) is signal.SIG_DFL


def test_a_terminal_is_mended() -> None:
    own, theirs = os.openpty()
    terminal = Terminal(theirs, theirs)
    before = termios.tcgetattr(theirs)
    quiet = termios.tcgetattr(theirs)
    quiet[3] &= ~termios.ECHO

    def interrupted() -> None:
        with terminal.kept():
            termios.tcsetattr(theirs, termios.TCSANOW, quiet)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert termios.tcgetattr(theirs) == before
    os.write(own, b"typed ahead\n")
    with terminal.kept():
        pass
    assert os.read(theirs, 100) == b"typed ahead\n"
    terminal.close()
    os.close(own)


@given(st.text(min_size=1))
def test_any_text_survives_a_keyring_that_keeps_one_line(text: str) -> None:
    guest = Guest(OneLine(), Patience(5))
    guest.set_password("service", "me", text)
    assert guest.get_password("service", "me") == text


def test_what_others_stored_there_is_read_as_it_is() -> None:
    backend = OneLine()
    guest = Guest(backend, Patience(5))
    for text in ("plain", "not ASCII \u00e9", "half an escape \\x"):
        backend.set_password("service", "me", text)
        assert guest.get_password("service", "me") == text
    assert guest.get_password("service", "you") is None
    guest.delete_password("service", "me")
    assert backend.entries == {}


def test_a_question_that_nobody_hears_is_named() -> None:
    class Asking(MemoryKeyring):
        def get_password(self, service: str, username: str) -> str | None:  # noqa: ARG002
            raise EOFError

    with pytest.raises(KeychainError, match="asks for its password, and nobody can be asked here"):
        Guest(Asking(), Patience(5)).get_password("service", "me")


def test_names() -> None:
    guest = Guest(OneLine(), Patience(5))
    assert (guest.name, guest.kind) == ("test guest OneLine", "OneLine")


def test_small_entries_are_known_by_the_class_behind() -> None:
    class WinVaultKeyring(MemoryKeyring):
        """By this name the Windows Credential Manager is known."""

    backend = WinVaultKeyring(1_280)
    keychain = Keychain(Guest(backend, Patience(5)))
    keychain.store(Item.REFRESH_TOKEN, "me", "x" * 5_000)
    assert keychain.read(Item.REFRESH_TOKEN, "me") == "x" * 5_000


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, False),
        ({"DISPLAY": ""}, False),
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "w"}, True),
    ],
)
def test_displays(environment: dict[str, str], expected: bool) -> None:
    assert has_display(environment) == expected
