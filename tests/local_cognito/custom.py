"""CUSTOM_AUTH: what Lambda functions ask, with or without the password before it.

The functions are played by a list of questions. A wrong answer has the same question asked again,
in a new session, until the tries are used up (Amazon Cognito developer guide, "Custom
authentication challenge Lambda triggers").
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from tests.local_cognito import attempts, devices
from tests.local_cognito.errors import invalid_parameter, wrong_name_or_password
from tests.local_cognito.fields import required
from tests.local_cognito.sessions import Passage
from tests.local_cognito.steps import ask, open_session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.local_cognito.clients import AppClient
    from tests.local_cognito.fields import Answer
    from tests.local_cognito.lambdas import CustomAuth
    from tests.local_cognito.users import User
    from tests.local_cognito.world import World


def begin(world: World, client: AppClient, name: str, parameters: Mapping[str, str]) -> Answer:
    """InitiateAuth: the first question, or SRP before it; nothing else will do."""
    functions = _functions(client)
    passage = Passage(name, custom=True, device_key=devices.named(client, name, parameters))
    user = client.pool.find(name) or client.pool.imagined(name)
    by_srp = parameters.get("CHALLENGE_NAME") == "SRP_A"
    if by_srp is not functions.password_first:
        raise wrong_name_or_password()
    if not by_srp:
        return question(world, client, user, passage)
    shown = attempts.begin(world, client, passage, required(parameters, "SRP_A"))
    return ask(world, client, user, passage, "PASSWORD_VERIFIER", shown)


def question(
    world: World,
    client: AppClient,
    user: User,
    passage: Passage,
    number: int = 0,
    wrong: int = 0,
    answer: str = "",
) -> Answer:
    """A question; an `answer` that was sent before stays the answer."""
    asked = _functions(client).questions[number]
    if asked.sent:
        answer = answer or client.pool.mail(user.email or "", "CUSTOM_CHALLENGE")
    return ask(
        world,
        client,
        user,
        passage,
        "CUSTOM_CHALLENGE",
        asked.shown,
        code=answer or asked.answer,
        tell="USERNAME",
        question=(number, wrong),
    )


def _functions(client: AppClient) -> CustomAuth:
    if client.pool.custom is None:
        raise invalid_parameter("Custom auth lambda trigger is not configured for the user pool.")
    return client.pool.custom


def _custom_challenge(
    world: World, client: AppClient, text: str, responses: Mapping[str, str]
) -> Answer:
    session = open_session(world, client, text, "CUSTOM_CHALLENGE", responses)
    answer = required(responses, "ANSWER")
    session.used = True
    functions, user, passage = _functions(client), session.user, session.passage
    number, wrong = session.question
    if client.pool.find(passage.name) and hmac.compare_digest(
        session.code.encode(), answer.encode()
    ):
        if number + 1 < len(functions.questions):
            return question(world, client, user, passage, number + 1)
        return devices.finish(world, client, user, passage)
    if wrong + 1 >= functions.tries:
        raise wrong_name_or_password()
    return question(world, client, user, passage, number, wrong + 1, session.code)


CHALLENGES = {"CUSTOM_CHALLENGE": _custom_challenge}
