"""Faults on demand: what goes wrong, with which operation, how often."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What goes wrong. Only those marked so let the service do its work first."""

    THROTTLE = "throttle"
    """HTTP 400 TooManyRequestsException (STS: Throttling)."""
    THROTTLE_429 = "throttle_429"
    """HTTP 429 TooManyRequestsException."""
    ERROR_500 = "error_500"
    """HTTP 500 InternalErrorException (STS: InternalFailure)."""
    ERROR_503_HTML = "error_503_html"
    """HTTP 503 with a page of HTML, as a load balancer gives it."""
    CAPTIVE_PORTAL = "captive_portal"
    """HTTP 200 with a page of HTML, as a hotel's network gives it."""
    GARBAGE = "garbage"
    """HTTP 200 with bytes that are neither text nor JSON."""
    TRUNCATED = "truncated"
    """The work is done; the first half of the answer comes back as if it were all."""
    RESET_BEFORE = "reset_before"
    """The connection is reset, the work is not done."""
    RESET_AFTER = "reset_after"
    """The work is done, and the connection is reset before the answer."""
    SILENCE = "silence"
    """Nothing comes back, and nothing is done, for `seconds` (60); then a reset."""
    DRIP = "drip"
    """The work is done; the answer comes in small pieces over `seconds` (5)."""
    ECHO = "echo"
    """HTTP 400 InvalidParameterException that quotes every text of the request."""
    ENDLESS = "endless"
    """HTTP 200 with JSON that never ends, as fast as it is taken; nothing is done."""


WORKED = frozenset({Fault.TRUNCATED, Fault.RESET_AFTER, Fault.DRIP})
_SECONDS = {Fault.SILENCE: 60.0, Fault.DRIP: 5.0}


@dataclass
class Planned:
    """One fault that waits for its operation; `times` None means until cleared."""

    operation: str
    fault: Fault
    times: int | None
    seconds: float


class Faults:
    """The faults that are planned, served in the order in which they were added."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: list[Planned] = []

    def add(
        self,
        operation: str,
        fault: Fault | str,
        times: int | None = 1,
        *,
        seconds: float | None = None,
    ) -> None:
        """Let the next `times` requests for `operation` ("*": any) go wrong.

        `seconds` is how long SILENCE and DRIP take.

        Raises:
            ValueError: no such fault.
        """
        kind = Fault(fault)
        length = _SECONDS.get(kind, 0.0) if seconds is None else seconds
        with self._lock:
            self._planned.append(Planned(operation, kind, times, length))

    def clear(self) -> None:
        """Forget all planned faults."""
        with self._lock:
            self._planned.clear()

    def take(self, operation: str) -> Planned | None:
        """The fault that is due for a request, used up by it."""
        with self._lock:
            for planned in self._planned:
                if planned.operation in {"*", operation}:
                    if planned.times is not None:
                        planned.times -= 1
                        if planned.times <= 0:
                            self._planned.remove(planned)
                    return planned
        return None
