"""Codes that a pool has mailed: how long they live, how often they can be tried or sent."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from tests.local_cognito.errors import ServiceError

HOUR = 3_600
TRIES_AN_HOUR = 15
RESENDS_AN_HOUR = 5
LIFE = {"sign-up": 24 * HOUR, "forgot-password": HOUR}


@dataclass
class _State:
    """The codes of one purpose for one user."""

    codes: list[str] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)
    tried: list[float] = field(default_factory=list)
    expires_at: float = 0.0


class MailedCodes:
    """Mailed codes by purpose and user name.

    Limits: Amazon Cognito developer guide, "Quotas": 15 tries and 5 repeats an hour;
    a confirmation code lives 24 hours, a password reset code one hour.
    """

    def __init__(self) -> None:
        self._states: dict[tuple[str, str], _State] = {}

    def _state(self, kind: str, key: str) -> _State:
        return self._states.setdefault((kind, key), _State())

    def may_send(self, kind: str, key: str, now: float, *, free: int = 0) -> None:
        """Refuse the message that would pass the hour's limit; `free` are not counted.

        Raises:
            ServiceError: LimitExceededException.
        """
        state = self._state(kind, key)
        recent = [at for at in state.sent[free:] if now - at < HOUR]
        if len(state.sent) >= free and len(recent) >= RESENDS_AN_HOUR:
            raise _limit()

    def sent(self, kind: str, key: str, code: str, now: float) -> None:
        """Remember a code that has just been mailed; the ones before it are void."""
        state = self._state(kind, key)
        state.codes.append(code)
        state.sent.append(now)
        state.expires_at = now + LIFE[kind]

    def check(self, kind: str, key: str, given: str, now: float) -> None:
        """Try a code; a good one is used up.

        Raises:
            ServiceError: LimitExceededException, ExpiredCodeException for a code that ran
                out, was replaced or was used, CodeMismatchException for any other.
        """
        state = self._state(kind, key)
        if len([at for at in state.tried if now - at < HOUR]) >= TRIES_AN_HOUR:
            raise _limit()
        state.tried.append(now)
        if not state.codes:
            raise expired()
        if hmac.compare_digest(state.codes[-1].encode(), given.encode()):
            if now >= state.expires_at:
                raise expired()
            state.codes.append("")
            return
        raise expired() if given in state.codes else mismatch()


def expired() -> ServiceError:
    """ExpiredCodeException in the service's words."""
    return ServiceError(
        "ExpiredCodeException", "Invalid code provided, please request a code again."
    )


def mismatch() -> ServiceError:
    """CodeMismatchException in the service's words."""
    return ServiceError(
        "CodeMismatchException", "Invalid verification code provided, please try again."
    )


def _limit() -> ServiceError:
    return ServiceError(
        "LimitExceededException", "Attempt limit exceeded, please try after some time."
    )
