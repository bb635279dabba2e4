"""The service's clock: real time plus an offset that tests can move."""

from __future__ import annotations

import threading
import time


class Clock:
    """Epoch seconds as the service sees them.

    Every expiry check and the `Date` header of every answer use it. Moving it
    forward makes sessions, tokens and credentials run out without waiting.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._offset = 0.0

    @property
    def offset(self) -> float:
        """Seconds by which the service is ahead of this machine."""
        with self._lock:
            return self._offset

    def now(self) -> float:
        """Seconds since 1970, UTC."""
        return time.time() + self.offset

    def machine(self) -> float:
        """Seconds since 1970 as this machine has them, whatever `advance` did."""
        return time.time()

    def advance(self, seconds: float) -> None:
        """Move the clock by `seconds`; a negative number moves it back."""
        with self._lock:
            self._offset += seconds
