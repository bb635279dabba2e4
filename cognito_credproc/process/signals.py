"""Signals: those that end the process wait where that would lose something; what stops it."""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

# All that end a process and can wait (signal(7)): Ctrl-C, a polite kill, a terminal that is closed,
# and those that others send as they like or that limits and timers send. Those of a crash and
# abort(3) cannot. Windows has two of them.
ENDING = tuple(
    getattr(signal, f"SIG{name}")
    for name in (
        *("INT", "TERM", "HUP", "QUIT", "USR1", "USR2", "ALRM", "VTALRM", "PROF"),
        *("XCPU", "XFSZ", "PIPE", "POLL", "PWR", "STKFLT"),
    )
    if hasattr(signal, f"SIG{name}")
)


@contextlib.contextmanager
def held_back(tell: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Let signals that end the process wait for the end of this; then they do what they do.

    A person who presses Ctrl-C is told by `tell`; a second one does not wait, so that nobody is
    kept who means it. Nothing can hold SIGKILL.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread is given signals
        return
    before = {number: signal.getsignal(number) for number in ENDING}
    came: list[int] = []

    def hold(number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGINT and number in came:
            signal.signal(number, before[number])
            os.kill(os.getpid(), number)
        came.append(number)
        if number == signal.SIGINT:
            tell()

    held = [number for number in ENDING if before[number] not in {signal.SIG_IGN, None}]
    for number in held:
        signal.signal(number, hold)
    try:
        yield
    finally:
        for number in held:
            signal.signal(number, before[number])
        if came:
            signal.raise_signal(came[0])


@contextlib.contextmanager
def never_stopped() -> Iterator[None]:
    """Let a use of the terminal fail that would stop a background job until it is called up."""
    stops = [getattr(signal, name) for name in ("SIGTTIN", "SIGTTOU") if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():
        stops = []  # nobody but the main thread may say what signals do
    before = [(number, signal.signal(number, signal.SIG_IGN)) for number in stops]
    try:
        yield
    finally:
        for number, action in before:
            signal.signal(number, action)


@contextlib.contextmanager
def stopped_tidily(tidy: Callable[[], None], resume: Callable[[], None]) -> Iterator[None]:
    """Let Ctrl-Z stop the process after `tidy`; `resume` comes when it goes on, in the foreground.

    It comes also after a stop that nothing can hold (SIGSTOP).
    """
    names = ("SIGTSTP", "SIGCONT")
    numbers = [number for name in names if (number := getattr(signal, name, None))]
    if len(numbers) < 2 or threading.current_thread() is not threading.main_thread():
        yield  # Windows has none; only the main thread is given signals
        return
    stop, go_on = numbers
    before = [signal.getsignal(number) for number in numbers]
    if before[0] is not signal.SIG_DFL:
        yield  # whoever ignores it is not stopped
        return
    is_tidy = False

    def going_on(_number: int = go_on, _frame: FrameType | None = None) -> None:
        nonlocal is_tidy
        is_tidy = False
        resume()

    def stopping(_number: int, _frame: FrameType | None) -> None:
        nonlocal is_tidy
        is_tidy = True
        tidy()
        signal.signal(stop, signal.SIG_DFL)
        os.kill(os.getpid(), stop)  # the process stands still here
        signal.signal(stop, stopping)
        if is_tidy:  # where no shell looks after it, it was never stopped
            going_on()

    signal.signal(stop, stopping)
    signal.signal(go_on, going_on)
    try:
        yield
    finally:
        for number, action in zip(numbers, before, strict=True):
            signal.signal(number, action)
