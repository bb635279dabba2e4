"""USER_AUTH: the client chooses the first factor, at once or from a list.

    preferred, and to be had    that factor's next step
    none, or not to be had      SELECT_CHALLENGE with the list, then that factor's next step

Where second factors are in use, codes are no first factor (Amazon Cognito developer guide,
"Authentication flows"). Its sessions go through SRP as well.
"""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

from tests.local_cognito import attempts, devices, mfa
from tests.local_cognito.challenges import next_step
from tests.local_cognito.errors import (
    invalid_parameter,
    not_authorized,
    wrong_name_or_password,
)
from tests.local_cognito.fields import required
from tests.local_cognito.sessions import Passage
from tests.local_cognito.steps import ask, open_session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.local_cognito.clients import AppClient
    from tests.local_cognito.fields import Answer
    from tests.local_cognito.users import User
    from tests.local_cognito.world import World


def begin(world: World, client: AppClient, name: str, parameters: Mapping[str, str]) -> Answer:
    """InitiateAuth: the preferred factor, or the list."""
    passage = Passage(name, chosen=True, device_key=devices.named(client, name, parameters))
    user = client.pool.find(name) or client.pool.imagined(name)
    preferred = parameters.get("PREFERRED_CHALLENGE", "")
    offered = _offered(client, user)
    if preferred in offered:
        return _factor(world, client, user, passage, preferred, parameters)
    asked = _ask(world, client, user, passage, "SELECT_CHALLENGE", {})
    return {**asked, "AvailableChallenges": offered}


def _offered(client: AppClient, user: User) -> list[str]:
    pool = client.pool
    alone = pool.mfa != "ON" and not mfa.factors(client, user)
    passwords = [] if user.verifier is None else ["PASSWORD", "PASSWORD_SRP"]
    has = {
        "WEB_AUTHN": user.passkeys > 0,
        "EMAIL_OTP": alone and user.email is not None and user.email_verified,
        "SMS_OTP": alone and user.phone is not None,
    }
    return [*passwords, *(n for n in has if n in pool.first_factors and has[n])]


def _ask(
    world: World,
    client: AppClient,
    user: User,
    passage: Passage,
    name: str,
    shown: Mapping[str, str],
    *,
    code: str = "",
) -> Answer:
    tell = "USER_ID_FOR_SRP" if client.pool.tells_user_name else None
    return ask(world, client, user, passage, name, shown, code=code, tell=tell)


def _factor(
    world: World,
    client: AppClient,
    user: User,
    passage: Passage,
    name: str,
    parameters: Mapping[str, str],
) -> Answer:
    """The next step of a factor."""
    match name:
        case "PASSWORD" | "PASSWORD_SRP" if client.pool.factors_in_steps:
            return _ask(world, client, user, passage, name, {})
        case "PASSWORD":
            return _password(world, client, user, passage, parameters)
        case "PASSWORD_SRP":
            return _password_srp(world, client, user, passage, parameters)
        case "WEB_AUTHN":
            options = json.dumps({"challenge": secrets.token_urlsafe(32), "rpId": "localhost"})
            shown = {"CREDENTIAL_REQUEST_OPTIONS": options}
            return _ask(world, client, user, passage, name, shown)
    address = (user.phone if name == "SMS_OTP" else user.email) or ""
    code = client.pool.mail(address, name, client.pool.otp_digits)
    shown = mfa.delivery(name, address)
    return _ask(world, client, user, passage, name, shown, code=code)


def _password(
    world: World, client: AppClient, user: User, passage: Passage, parameters: Mapping[str, str]
) -> Answer:
    password = required(parameters, "PASSWORD")
    if client.pool.find(passage.name) is None or user.verifier is None:
        raise wrong_name_or_password()
    verifier = user.verifier
    user.prove(lambda: verifier.matches(password), world.clock.now())
    return next_step(world, client, user, passage)


def _password_srp(
    world: World, client: AppClient, user: User, passage: Passage, parameters: Mapping[str, str]
) -> Answer:
    shown = attempts.begin(world, client, passage, required(parameters, "SRP_A"))
    return ask(world, client, user, passage, "PASSWORD_VERIFIER", shown)


def _select_challenge(
    world: World, client: AppClient, text: str, responses: Mapping[str, str]
) -> Answer:
    session = open_session(world, client, text, "SELECT_CHALLENGE", responses)
    answer = required(responses, "ANSWER")
    session.used = True
    if answer not in _offered(client, session.user):
        raise invalid_parameter(f"{answer} is not one of the available challenges")
    return _factor(world, client, session.user, session.passage, answer, responses)


def _password_alone(
    world: World, client: AppClient, text: str, responses: Mapping[str, str]
) -> Answer:
    session = open_session(world, client, text, "PASSWORD", responses)
    session.used = True
    return _password(world, client, session.user, session.passage, responses)


def _password_srp_alone(
    world: World, client: AppClient, text: str, responses: Mapping[str, str]
) -> Answer:
    session = open_session(world, client, text, "PASSWORD_SRP", responses)
    session.used = True
    return _password_srp(world, client, session.user, session.passage, responses)


def _web_authn(world: World, client: AppClient, text: str, responses: Mapping[str, str]) -> Answer:
    """There are no authenticators here, so that no answer is right."""
    session = open_session(world, client, text, "WEB_AUTHN", responses)
    required(responses, "CREDENTIAL")
    session.used = True
    raise not_authorized("The credential was not accepted")


CHALLENGES = {
    "SELECT_CHALLENGE": _select_challenge,
    "PASSWORD": _password_alone,
    "PASSWORD_SRP": _password_srp_alone,
    "WEB_AUTHN": _web_authn,
}
