"""InitiateAuth and RespondToAuthChallenge: the flows, and the order of the challenges.

A flow proves something about a user; `next_step` then looks at the user and the pool
and asks for what is still missing, or gives tokens:

    password proved -> FORCE_CHANGE_PASSWORD?       NEW_PASSWORD_REQUIRED, then again
                    -> second factor due (`mfa`)    its challenge, then tokens
                    -> otherwise                    tokens

USER_AUTH proves the password, or another first factor, in a way that the client chooses (`choice`).

`FLOWS` and `CHALLENGES` are the tables that later factors are added to.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tests.local_cognito import attempts, challenges, choice, custom, devices, tokens
from tests.local_cognito.challenges import next_step
from tests.local_cognito.errors import ServiceError, invalid_parameter, wrong_name_or_password
from tests.local_cognito.fields import CLIENT_ID, required
from tests.local_cognito.sessions import Passage

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.local_cognito.clients import AppClient
    from tests.local_cognito.fields import Answer, Fields
    from tests.local_cognito.users import User
    from tests.local_cognito.world import World


@dataclass(frozen=True)
class Flow:
    """One AuthFlow: the client setting that allows it, and what it does."""

    allowed_as: str
    run: Callable[[World, AppClient, dict[str, str]], Answer]


def initiate_auth(world: World, fields: Fields) -> Answer:
    """InitiateAuth: find the flow, hold it to the client's settings, run it."""
    client = world.client(fields.text("ClientId", high=128, form=CLIENT_ID))
    name = fields.text("AuthFlow")
    flow = FLOWS.get(name)
    if flow is None:
        # A flow that a client cannot switch on here, or an administrator's.
        raise invalid_parameter(f"{name} flow not enabled for this client")
    client.check_flow(flow.allowed_as)
    return flow.run(world, client, fields.strings("AuthParameters"))


def respond_to_auth_challenge(world: World, fields: Fields) -> Answer:
    """RespondToAuthChallenge: check client and names, then hand over to the table."""
    client = world.client(fields.text("ClientId", high=128, form=CLIENT_ID))
    challenge = fields.text("ChallengeName")
    responses = fields.strings("ChallengeResponses")
    name = required(responses, "USERNAME")
    if len(name) > 128:
        raise invalid_parameter("USERNAME is longer than 128 characters")
    session = fields.optional("Session", low=20, high=2_048)
    # The hash is over the real user name, whatever name was sent, as soon as it was told.
    begun, known = world.sessions.peek(session), client.pool.find(name)
    hashed = known.username if known and (begun is None or begun.told) else name
    client.check_hash(responses.get("SECRET_HASH", ""), hashed)
    if challenge == "PASSWORD_VERIFIER":
        attempt = attempts.finish(world, client, responses, session)
        # A device that is named at the beginning alone is none.
        device_key = devices.named(client, attempt.passage.name, responses)
        passage = replace(attempt.passage, by_srp=True, device_key=device_key)
        return next_step(world, client, attempt.user, passage)
    if challenge not in CHALLENGES:
        raise invalid_parameter(f"Challenge {challenge} is not offered by this client")
    if not session and challenge not in devices.CHALLENGES:
        raise invalid_parameter("Missing required parameter Session")
    return CHALLENGES[challenge](world, client, session, responses)


def named_user(client: AppClient, name: str) -> User | None:
    """The user behind a name, or None where the pool keeps its users' existence private.

    Raises:
        ServiceError: UserNotFoundException where it does not.
    """
    found = client.pool.find(name)
    if found is None and not client.pool.prevent_user_existence_errors:
        raise ServiceError("UserNotFoundException", "User does not exist.")
    return found


def _name_of(client: AppClient, parameters: dict[str, str]) -> str:
    name = required(parameters, "USERNAME")
    if len(name) > 128:
        raise invalid_parameter("USERNAME is longer than 128 characters")
    client.check_hash(parameters.get("SECRET_HASH", ""), name)
    named_user(client, name)
    return name


def _user_srp_auth(world: World, client: AppClient, parameters: dict[str, str]) -> Answer:
    name = _name_of(client, parameters)
    passage = Passage(name, device_key=devices.named(client, name, parameters))
    shown = attempts.begin(world, client, passage, required(parameters, "SRP_A"))
    return {"ChallengeName": "PASSWORD_VERIFIER", "ChallengeParameters": shown}


def _user_password_auth(world: World, client: AppClient, parameters: dict[str, str]) -> Answer:
    name = _name_of(client, parameters)
    user = named_user(client, name)
    password = required(parameters, "PASSWORD")
    if len(password) > 256:
        raise invalid_parameter("PASSWORD is longer than 256 characters")
    if user is None or user.verifier is None:
        raise wrong_name_or_password()
    verifier = user.verifier
    user.prove(lambda: verifier.matches(password), world.clock.now())
    passage = Passage(name, device_key=devices.named(client, name, parameters))
    return next_step(world, client, user, passage)


def _refresh_token_auth(world: World, client: AppClient, parameters: dict[str, str]) -> Answer:
    text = required(parameters, "REFRESH_TOKEN")
    record = world.refresh_tokens.get(text)
    name = record.sign_in.user.username if record else ""
    client.check_hash(parameters.get("SECRET_HASH", ""), name)
    result, _ = tokens.refresh(world, client, text, parameters.get("DEVICE_KEY", ""))
    return {"AuthenticationResult": result, "ChallengeParameters": {}}


def _user_auth(world: World, client: AppClient, parameters: dict[str, str]) -> Answer:
    return choice.begin(world, client, _name_of(client, parameters), parameters)


def _custom_auth(world: World, client: AppClient, parameters: dict[str, str]) -> Answer:
    return custom.begin(world, client, _name_of(client, parameters), parameters)


FLOWS = {
    "CUSTOM_AUTH": Flow("CUSTOM_AUTH", _custom_auth),
    "USER_AUTH": Flow("USER_AUTH", _user_auth),
    "USER_SRP_AUTH": Flow("USER_SRP_AUTH", _user_srp_auth),
    "USER_PASSWORD_AUTH": Flow("USER_PASSWORD_AUTH", _user_password_auth),
    "REFRESH_TOKEN_AUTH": Flow("REFRESH_TOKEN_AUTH", _refresh_token_auth),
    "REFRESH_TOKEN": Flow("REFRESH_TOKEN_AUTH", _refresh_token_auth),
}
CHALLENGES = {**challenges.CHALLENGES, **choice.CHALLENGES}
OPERATIONS = {
    "InitiateAuth": initiate_auth,
    "RespondToAuthChallenge": respond_to_auth_challenge,
}
