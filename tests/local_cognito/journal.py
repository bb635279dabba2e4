"""What the service was asked and what it said: every call in order, every body as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class Call(NamedTuple):
    """One request that was received.

    `service` is "cognito-idp", "cognito-identity" or "sts" ("?" for anything else);
    `error` is None, the service's error code, or "fault:" and the fault's name where
    the client got no answer of the service; `at` is epoch seconds of the service's clock.
    """

    service: str
    operation: str
    error: str | None
    at: float


class Journal:
    """The record of all requests. Whoever writes holds the world's lock."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.wire: list[bytes] = []
        self.answers: list[bytes] = []
        self.on_call: Callable[[Call], object] = lambda _call: None

    def note(self, call: Call) -> None:
        """Add a call and tell whoever listens."""
        self.calls.append(call)
        self.on_call(call)
