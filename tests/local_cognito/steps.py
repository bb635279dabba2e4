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
    tell: str | None = "USER_ID_FOR_SRP",
    question: tuple[int, int] = (0, 0),
) -> Answer:
    """A challenge with a new session; `code` is what was sent for it.

    Not every challenge is known to tell the real user name, nor all by the same parameter.
    """
    session = world.sessions.open(
        name,
        client,
        user,
        passage,
        world.clock.now(),
        code=code,
        told=tell is not None,
        question=question,
    )
    real = {tell: user.username} if tell else {}
    return {"ChallengeName": name, "ChallengeParameters": {**shown, **real}, "Session": session}


def open_session(
    world: World, client: AppClient, text: str, stage: str, responses: Mapping[str, str]
) -> Session:
    """The unused session for this step, held to its client and to the real user name.

    A client that was not told that name may use the one that it began with.
    """
    session = world.sessions.find(text, stage, world.clock.now())
    names = {session.user.username, *(() if session.told else (session.passage.name,))}
    if session.client is not client or responses["USERNAME"] not in names:
        session.used = True
        raise not_authorized("Invalid session for the user.")
    session.user.admit(world.clock.now())
    return session
