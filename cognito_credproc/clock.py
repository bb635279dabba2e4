"""The clock: passed in where the time is read more than once, so that a test can move it."""

import contextlib
import time
from collections.abc import Iterator
from typing import Protocol


class Clock(Protocol):
    """Tells the time and can wait."""

    def now(self) -> float:
        """Seconds since the epoch."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> float:
        """Seconds since the epoch, as the machine has it."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class Deadline:
    """The time until which calls may begin; what a person takes to answer does not count."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._at = clock.now() + seconds

    @property
    def passed(self) -> bool:
        """Whether it is too late for another call."""
        return self._clock.now() > self._at

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Move the deadline by the time spent inside."""
        before = self._clock.now()
        try:
            yield
        finally:
            self._at += self._clock.now() - before
