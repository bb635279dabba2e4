"""What comes after a proved password, and the answers to all challenges."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.local_cognito import custom, devices, mfa
from tests.local_cognito.errors import invalid_parameter, not_authorized
from tests.local_cognito.fields import required
from tests.local_cognito.sessions import VERIFIED
from tests.local_cognito.steps import ask, open_session
from tests.local_cognito.users import check_attributes, check_policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.local_cognito.clients import AppClient
    from tests.local_cognito.fields import Answer
    from tests.local_cognito.sessions import Passage
    from tests.local_cognito.users import User
    from tests.local_cognito.world import World


def next_step(world: World, client: AppClient, user: User, passage: Passage) -> Answer:
    """The challenge that is due for a user with a proved password, or tokens."""
    pool = client.pool
    if passage.custom:
        return custom.question(world, client, user, passage)
    if user.status == "FORCE_CHANGE_PASSWORD":
        missing = [name for name in pool.required_attributes if name not in user.attributes]
        return ask(
            world,
            client,
            user,
            passage,
            "NEW_PASSWORD_REQUIRED",
            {
                "requiredAttributes": json.dumps([f"userAttributes.{name}" for name in missing]),
                "userAttributes": json.dumps(user.shown_attributes()),
            },
        )
    if pool.devices_skip_mfa and devices.is_remembered(client, user, passage):
        return devices.finish(world, client, user, passage)
    due = mfa.second_factor(world, client, user, passage)
    return due or devices.finish(world, client, user, passage)


def _new_password_required(
    world: World, client: AppClient, text: str, responses: Mapping[str, str]
) -> Answer:
    session = open_session(world, client, text, "NEW_PASSWORD_REQUIRED", responses)
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
    check_attributes(given)
    for name in pool.required_attributes:
        if name not in user.attributes and not given.get(name):
            raise invalid_parameter(f"Invalid attributes given, {name} is missing")
    user.attributes |= given
    user.set_password(password)
    return next_step(world, client, user, session.passage)


def _mfa_setup(world: World, client: AppClient, text: str, responses: Mapping[str, str]) -> Answer:
    """TOTP: the session of VerifySoftwareToken. E-mail: the challenge's own, and an address."""
    if responses.get("EMAIL"):
        session = open_session(world, client, text, "MFA_SETUP", responses)
        session.used = True
        if "EMAIL_OTP" not in client.pool.mfa_kinds:
            raise invalid_parameter("Email MFA is not enabled for this user pool")
        user = session.user
        user.email, user.email_verified = responses["EMAIL"], False
        return mfa.challenge(world, client, user, session.passage, "EMAIL_OTP")
    session = open_session(world, client, text, VERIFIED, responses)
    session.used = True
    return devices.finish(world, client, session.user, session.passage)


CHALLENGES = {
    **mfa.CHALLENGES,
    **custom.CHALLENGES,
    **devices.CHALLENGES,
    "NEW_PASSWORD_REQUIRED": _new_password_required,
    "MFA_SETUP": _mfa_setup,
}
