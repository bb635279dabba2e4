"""What the service's journal tells: whether anything that is good once was sent twice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.local_cognito.journal import Call

# A throttled request was turned away before anybody looked at it.
TURNED_AWAY = {"TooManyRequestsException"}
# A wrong code leaves its session open, which waits for another code.
LEFT_OPEN = TURNED_AWAY | {"CodeMismatchException", "EnableSoftwareTokenMFAException"}


def replays(
    calls: Sequence[Call], bodies: Sequence[bytes], *, refreshes: bool = False
) -> list[str]:
    """The operations that sent a session, a code or a proof which had been sent before.

    The two lists are those of the journal: a body for each call. With `refreshes`, refresh tokens
    are good once as well.
    """
    assert len(calls) == len(bodies)
    spent: set[tuple[str, str]] = set()
    found = []
    for call, body in zip(calls, bodies, strict=True):
        once = list(_good_once(body, refreshes=refreshes))
        found += [f"{call.operation} {kind}" for kind, value in once if (kind, value) in spent]
        spent.update(
            (kind, value)
            for kind, value in once
            if call.error not in (LEFT_OPEN if kind == "Session" else TURNED_AWAY)
        )
    return found


def _good_once(body: bytes, *, refreshes: bool) -> Iterator[tuple[str, str]]:
    """What of a request's body is good once: kind and value."""
    try:
        members = json.loads(body)
    except ValueError:
        return  # the Query API, whose calls have nothing of the kind
    answers = members.get("ChallengeResponses", {})
    for kind in ("Session", "UserCode", "ConfirmationCode", *["RefreshToken"][: int(refreshes)]):
        if kind in members:
            yield kind, members[kind]
    for kind, value in answers.items():
        if kind.endswith("_CODE") or kind == "PASSWORD_CLAIM_SIGNATURE":
            yield "code" if kind.endswith("_CODE") else kind, value
