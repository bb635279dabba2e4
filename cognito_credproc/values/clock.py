"""The clock: passed in where the time is read more than once, so that a test can move it.

A machine's clock may be wrong by minutes, above all after sleep. Codes, SRP timestamps and expiry
depend on Cognito's, so `CorrectedClock` follows that as soon as an answer has told it.
"""

import contextlib
import math
import time
from collections.abc import Iterator
from typing import Protocol

LATE = 7.0  # seconds
# Seconds; AWS refuses what was signed longer ago (SigV4, "Elements of a request").
LARGEST_SKEW = 300.0


class Clock(Protocol):
    """Tells the time and can wait."""

    def now(self) -> float:
        """Seconds since the epoch."""

    def elapsed(self) -> float:
        """Seconds since some moment; nobody sets it."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> float:
        """Seconds since the epoch, as the machine has it."""
        return time.time()

    def elapsed(self) -> float:
        """Seconds since some moment, whatever is done to the machine's clock."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class CorrectedClock:
    """Cognito's clock as far as it is known, and this machine's beside it.

    The answers' `Date` says what Cognito's clock is (RFC 9110, section 6.6.1), to the second. It
    was written somewhere between the sending and the answer, so that it is compared with the
    middle of that, and what half of that and the rounding can explain is no skew. `DOUBT` is the
    smallest skew that is corrected after a quick answer.
    """

    DOUBT = 2.0  # seconds

    def __init__(self, machine: Clock) -> None:
        self.machine = machine
        self.skew = 0.0  # seconds that Cognito's clock is ahead of the machine's
        self.error = math.inf  # seconds by which it may still be wrong

    @property
    def known(self) -> bool:
        """Whether an answer has told it."""
        return math.isfinite(self.error)

    def now(self) -> float:
        """Seconds since the epoch by Cognito's clock."""
        return self.machine.now() + self.skew

    def elapsed(self) -> float:
        """Seconds since some moment."""
        return self.machine.elapsed()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self.machine.sleep(seconds)

    def learn(self, date: float, began: float, took: float) -> None:
        """Follow the `Date` of an answer, in seconds since the epoch.

        `began` is when its call began by the machine's clock, `took` how long it lasted. Where the
        machine's clock was set meanwhile, nothing can be told.
        """
        if abs(self.machine.now() - began - took) > self.DOUBT / 2:
            return
        skew = date + 0.5 - began - took / 2
        self.error = self.DOUBT + took / 2
        self.skew = skew if abs(skew) > self.error else 0.0


class Deadline:
    """The time until which calls may begin; what a person takes to answer does not count.

    Those that spend nothing may begin until `LATE` after it, and have less time for it: so nothing
    is spent that there is no time to make use of, and the end of all is the same.
    """

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._at = clock.elapsed() + seconds

    @property
    def passed(self) -> bool:
        """Whether it is too late for another call."""
        return self.left < 0

    @property
    def left(self) -> float:
        """Seconds that are left; negative when it has passed."""
        return self._at - self._clock.elapsed()

    def wait(self, seconds: float) -> bool:
        """Wait, unless that would be too long; tells whether it was done."""
        if self.left <= seconds:
            return False
        self._clock.sleep(seconds)
        return True

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Move the deadline by the time spent inside."""
        before = self._clock.elapsed()
        try:
            yield
        finally:
            self._at += self._clock.elapsed() - before
