"""AssociateSoftwareToken and VerifySoftwareToken.

By session the steps are one chain: MFA_SETUP's session -> Associate's -> Verify's
-> RespondToAuthChallenge. By access token there are no sessions, and where MFA is
optional the user's preference switches the token on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.local_cognito import tokens
from tests.local_cognito.errors import ServiceError, invalid_parameter
from tests.local_cognito.fields import TOKEN
from tests.local_cognito.mfa import used_code
from tests.local_cognito.sessions import ASSOCIATED, VERIFIED
from tests.local_cognito.totp import Check, SoftwareToken, new_seed

if TYPE_CHECKING:
    from tests.local_cognito.fields import Answer, Fields
    from tests.local_cognito.pools import UserPool
    from tests.local_cognito.sessions import Session
    from tests.local_cognito.users import User
    from tests.local_cognito.world import World


def associate_software_token(world: World, fields: Fields) -> Answer:
    """AssociateSoftwareToken: a new seed, not yet active; an older one stays until it is."""
    session, user, pool = _caller(world, fields, "MFA_SETUP")
    if pool.mfa == "OFF" or "SOFTWARE_TOKEN_MFA" not in pool.mfa_kinds:
        raise ServiceError(
            "SoftwareTokenMFANotFoundException",
            "Software Token MFA has not been enabled by the userPool",
        )
    fresh = SoftwareToken(new_seed())
    if session is None:
        user.pending = fresh
        return {"SecretCode": fresh.seed}
    session.used = True
    following = world.sessions.open(
        ASSOCIATED, session.client, user, session.passage, world.clock.now(), token=fresh
    )
    return {"SecretCode": fresh.seed, "Session": following}


def verify_software_token(world: World, fields: Fields) -> Answer:
    """VerifySoftwareToken: the first code makes the seed the user's; it cannot sign in too."""
    code = fields.text("UserCode", low=6, high=6, form="[0-9]{6}")
    fields.optional("FriendlyDeviceName")
    session, user, pool = _caller(world, fields, ASSOCIATED)
    token = session.token if session else user.pending or user.token
    if token is None:
        raise ServiceError("SoftwareTokenMFANotFoundException", "Software token MFA not found.")
    match token.check(code, world.clock.now()):
        case Check.WRONG:
            raise ServiceError(
                "EnableSoftwareTokenMFAException",
                "Code mismatch and fail enable Software Token MFA",
            )
        case Check.USED:
            if session:
                session.used = True
            raise used_code()
        case Check.GOOD:
            user.token, user.pending = token, None
    if session is None:
        if pool.mfa == "ON":
            user.mfa.add("SOFTWARE_TOKEN_MFA")
        return {"Status": "SUCCESS"}
    user.prefer("SOFTWARE_TOKEN_MFA", enabled=True, preferred=True)
    session.used = True
    following = world.sessions.open(
        VERIFIED, session.client, user, session.passage, world.clock.now()
    )
    return {"Status": "SUCCESS", "Session": following}


def _caller(world: World, fields: Fields, stage: str) -> tuple[Session | None, User, UserPool]:
    """Who calls: by the session of `stage`, or by access token; exactly one of the two."""
    text = fields.optional("Session", low=20, high=2_048)
    access = fields.optional("AccessToken", form=TOKEN)
    if bool(text) == bool(access):
        raise invalid_parameter("Give either Session or AccessToken")
    if access:
        signed_in = tokens.of_access_token(world, access)
        return None, signed_in.user, signed_in.client.pool
    session = world.sessions.find(text, stage, world.clock.now())
    session.user.admit(world.clock.now())
    return session, session.user, session.client.pool


OPERATIONS = {
    "AssociateSoftwareToken": associate_software_token,
    "VerifySoftwareToken": verify_software_token,
}
