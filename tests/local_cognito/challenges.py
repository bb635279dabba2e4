"""The challenges that follow a proved password: what is asked, and how it is answered.

Every answer brings the session of its own step. A good answer spends it and leads to
`next_step`, which opens another. A wrong code leaves it open; everything else that is
refused, a code used before included, spends it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.local_cognito import tokens
from tests.local_cognito.errors import ServiceError, invalid_parameter, not_authorized
from tests.local_cognito.fields import required
from tests.local_cognito.sessions import VERIFIED
from tests.local_cognito.totp import Check
from tests.local_cognito.users import check_policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.local_cognito.clients import AppClient
    from tests.local_cognito.fields import Answer
    from tests.local_cognito.sessions import Session
    from tests.local_cognito.users import User
    from tests.local_cognito.world import World


def next_step(world: World, client: AppClient, user: User) -> Answer:
    """The challenge that is due for a user with a proved password, or tokens."""
    pool = client.pool
    if user.status == "FORCE_CHANGE_PASSWORD":
        missing = [name for name in pool.required_attributes if name not in user.attributes]
        return _ask(
            world,
            client,
            user,
            "NEW_PASSWORD_REQUIRED",
            {
                "requiredAttributes": json.dumps([f"userAttributes.{name}" for name in missing]),
                "userAttributes": json.dumps(user.shown_attributes()),
            },
        )
    if pool.mfa == "OFF":
        return tokens.sign_in(world, client, user)
    if user.token and (pool.mfa == "ON" or user.totp_enabled):
        return _ask(world, client, user, "SOFTWARE_TOKEN_MFA", {})
    if pool.mfa == "ON":
        setup = {"MFAS_CAN_SETUP": json.dumps(["SOFTWARE_TOKEN_MFA"])}
        return _ask(world, client, user, "MFA_SETUP", setup)
    return tokens.sign_in(world, client, user)


def used_code() -> ServiceError:
    """What the service says to a code that was good once, here or at the enrolment."""
    return ServiceError("ExpiredCodeException", "Your software token has already been used once.")


def _ask(world: World, client: AppClient, user: User, name: str, shown: dict[str, str]) -> Answer:
    return {
        "ChallengeName": name,
        "ChallengeParameters": {**shown, "USER_ID_FOR_SRP": user.username},
        "Session": world.sessions.open(name, client, user, world.clock.now()),
    }


def _open(
    world: World, client: AppClient, text: str, stage: str, responses: Mapping[str, str]
) -> Session:
    """The unused session for this step, held to its client and to the real user name."""
    session = world.sessions.find(text, stage, world.clock.now())
    if session.client is not client or session.user.username != responses["USERNAME"]:
        session.used = True
        raise not_authorized("Invalid session for the user.")
    session.user.admit(world.clock.now())
    return session


def _software_token_mfa(
    world: World, client: AppClient, text: str, responses: Mapping[str, str]
) -> Answer:
    session = _open(world, client, text, "SOFTWARE_TOKEN_MFA", responses)
    code = required(responses, "SOFTWARE_TOKEN_MFA_CODE")
    token = session.user.token
    if token is None:
        session.used = True
        raise ServiceError("SoftwareTokenMFANotFoundException", "Software token MFA not found.")
    match token.check(code, world.clock.now()):
        case Check.WRONG:
            raise ServiceError("CodeMismatchException", "Invalid code received for user")
        case Check.USED:
            session.used = True
            raise used_code()
        case Check.GOOD:
            session.used = True
    return tokens.sign_in(world, client, session.user)


def _new_password_required(
    world: World, client: AppClient, text: str, responses: Mapping[str, str]
) -> Answer:
    session = _open(world, client, text, "NEW_PASSWORD_REQUIRED", responses)
    user, pool = session.user, client.pool
    password = required(responses, "NEW_PASSWORD")
    # Whether a refused password leaves the session open is not known: here it does not.
    session.used = True
    check_policy(password, pool.minimum_password_length)
    given = {
        name.removeprefix("userAttributes."): value
        for name, value in responses.items()
        if name.startswith("userAttributes.")
    }
    if user.email and "email" in given:
        raise not_authorized("Cannot modify an already provided email")
    for name in pool.required_attributes:
        if name not in user.attributes and not given.get(name):
            raise invalid_parameter(f"Invalid attributes given, {name} is missing")
    user.attributes |= given
    user.set_password(password)
    return next_step(world, client, user)


def _mfa_setup(world: World, client: AppClient, text: str, responses: Mapping[str, str]) -> Answer:
    session = _open(world, client, text, VERIFIED, responses)
    session.used = True
    return tokens.sign_in(world, client, session.user)


CHALLENGES = {
    "SOFTWARE_TOKEN_MFA": _software_token_mfa,
    "NEW_PASSWORD_REQUIRED": _new_password_required,
    "MFA_SETUP": _mfa_setup,
}
