"""The sign-in to a user pool: from a password to tokens."""

from collections.abc import Mapping

from cognito_credproc.app_client import AppClient
from cognito_credproc.attempt import (
    Challenge,
    Responder,
    SignIn,
    StartOverError,
    UnknownChallengeError,
)
from cognito_credproc.challenges import CHALLENGES
from cognito_credproc.clock import Clock
from cognito_credproc.errors import ServiceError
from cognito_credproc.flow import RAN_OUT, Answer, Field, Flow, Item, Store, ask, call
from cognito_credproc.refusals import is_stale, is_wrong_password
from cognito_credproc.tokens import Tokens

PASSWORD_FLOWS = ("USER_SRP_AUTH", "USER_PASSWORD_AUTH")


def sign_in(
    app: AppClient,
    username: str,
    auth_flow: str,
    clock: Clock,
    responders: Mapping[str, Responder] = CHALLENGES,
) -> Flow[Tokens]:
    """Sign in with a password and whatever the pool asks for after it.

    A wrong password is asked for again: whoever answers decides when that is enough. A session
    that died on the way (a person took longer than it lives) is started over once.

    Raises:
        ServiceError: the service refused, and asking again would not help.
        UnknownChallengeError: a challenge that no responder answers.
    """
    attempt = SignIn(app, username, clock, (yield from ask(Field.PASSWORD)))
    started_over = False
    while True:
        try:
            yield from ask(Field.CONSENT)
            answer = yield from _first(attempt, auth_flow)
            while "ChallengeName" in answer:
                challenge = Challenge.of(answer)
                attempt.learn(challenge)
                answer = yield from _next(attempt, challenge, responders)
            tokens = Tokens.of(answer)
        except ServiceError as error:
            if is_wrong_password(error):
                password = yield from ask(Field.PASSWORD, "incorrect user name or password")
                attempt = SignIn(app, username, clock, password)
            elif is_stale(error) and not started_over:
                started_over = True
                attempt = SignIn(app, username, clock, attempt.password, news=RAN_OUT)
            else:
                raise
        except StartOverError as wanted:
            attempt = SignIn(app, username, clock, attempt.password, news=wanted.message)
        else:
            if tokens.refresh_token:
                yield Store(Item.REFRESH_TOKEN, tokens.refresh_token)
            return tokens


def _first(attempt: SignIn, auth_flow: str) -> Flow[Answer]:
    if auth_flow == "USER_SRP_AUTH":
        proof = {"SRP_A": attempt.ephemeral.public}
    else:
        proof = {"PASSWORD": attempt.password}
    return (
        yield from call(
            "cognito-idp",
            "InitiateAuth",
            {
                "ClientId": attempt.app.client_id,
                "AuthFlow": auth_flow,
                "AuthParameters": {
                    "USERNAME": attempt.username,
                    **attempt.app.secret_hash(attempt.username),
                    **proof,
                },
            },
        )
    )


def _next(
    attempt: SignIn, challenge: Challenge, responders: Mapping[str, Responder]
) -> Flow[Answer]:
    responder = responders.get(challenge.name)
    if responder is None:
        raise UnknownChallengeError(
            f"cognito asks for {challenge.name}, which this version cannot answer",
            "pip install --upgrade cognito-credproc",
        )
    return (yield from responder(attempt, challenge))
