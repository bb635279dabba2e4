"""The steps of a sign-in: a challenge goes out with a session, its answer comes back with it.

Every answer brings the session of its own step. A good answer spends it and leads to the next
step, which opens another. A wrong code leaves it open; everything else that is refused, a code
used before included, spends it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.local_cognito.errors import not_authorized

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.local_cognito.clients import AppClient
    from tests.local_cognito.fields import Answer
    from tests.local_cognito.sessions import Passage, Session
    from tests.local_cognito.users import User
    from tests.local_cognito.world import World


def ask(
    world: World,
    client: AppClient,
    user: User,
    passage: Passage,
    name: str,
    shown: Mapping[str, str],
    *,
    code: str = "",
) -> Answer:
    """A challenge with a new session; `code` is what was sent for it."""
    return {
        "ChallengeName": name,
        "ChallengeParameters": {**shown, "USER_ID_FOR_SRP": user.username},
        "Session": world.sessions.open(name, client, user, passage, world.clock.now(), code=code),
    }


def open_session(
    world: World, client: AppClient, text: str, stage: str, responses: Mapping[str, str]
) -> Session:
    """The unused session for this step, held to its client and to the real user name."""
    session = world.sessions.find(text, stage, world.clock.now())
    if session.client is not client or session.user.username != responses["USERNAME"]:
        session.used = True
        raise not_authorized("Invalid session for the user.")
    session.user.admit(world.clock.now())
    return session
