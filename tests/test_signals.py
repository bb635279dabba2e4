"""Signals wait for the end of what they would spoil, and then do what they do."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from cognito_credproc.process.signals import ENDING, held_back
from cognito_credproc.words.face import guarded


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Those of the tests' own process come back."""
    before = {number: signal.getsignal(number) for number in ENDING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def send(number: int) -> None:
    os.kill(os.getpid(), number)


def test_ctrl_c_comes_when_all_is_done() -> None:
    done = []

    def run() -> None:
        with held_back():
            send(signal.SIGINT)
            done.append("stored")

    with pytest.raises(KeyboardInterrupt):
        run()
    assert done == ["stored"]


def test_the_second_ctrl_c_does_not_wait() -> None:
    def run() -> None:
        with held_back():
            send(signal.SIGINT)
            send(signal.SIGINT)
            pytest.fail("a person who means it was kept")

    with pytest.raises(KeyboardInterrupt):
        run()


@pytest.mark.parametrize("number", [number for number in ENDING if number != signal.SIGINT])
def test_a_polite_kill_waits_however_often_it_comes(number: int) -> None:
    came: list[int] = []
    signal.signal(number, lambda number, _frame: came.append(number))
    with held_back():
        send(number)
        send(number)
        assert came == []
    assert came == [number]


def test_all_that_can_wait_are_held() -> None:
    """What is left ends nobody, cannot be caught, or is a fault of the process itself."""
    harmless = {"SIGCHLD", "SIGCLD", "SIGCONT", "SIGURG", "SIGWINCH"}
    stopping = {"SIGTSTP", "SIGTTIN", "SIGTTOU"}
    faults = {"SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGSEGV", "SIGSYS", "SIGTRAP"}
    named = {number for number in signal.Signals if not number.name.startswith("SIGRT")}
    left = {number.name for number in named - set(ENDING)}
    assert left <= harmless | stopping | faults | {"SIGKILL", "SIGSTOP"}


def test_a_command_that_is_terminated_ends_as_ever() -> None:
    done = []

    def run() -> None:
        with held_back():
            send(signal.SIGTERM)
            done.append("stored")

    with pytest.raises(SystemExit) as caught:
        guarded(run)
    assert (done, caught.value.code) == (["stored"], 128 + signal.SIGTERM)


def test_what_is_ignored_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # nohup
    with held_back():
        send(signal.SIGHUP)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_an_error_inside_gives_the_handlers_back() -> None:
    before = [signal.getsignal(number) for number in ENDING]
    with pytest.raises(ZeroDivisionError), held_back():
        raise ZeroDivisionError
    assert [signal.getsignal(number) for number in ENDING] == before


def test_another_thread_is_given_no_signals() -> None:
    done = []

    def run() -> None:
        with held_back():
            done.append("stored")

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert done == ["stored"]
