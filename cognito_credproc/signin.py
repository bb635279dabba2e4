"""The sign-in to a user pool: from a user name to tokens."""

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
from cognito_credproc.entry import Entry, begin
from cognito_credproc.errors import ServiceError
from cognito_credproc.flow import RAN_OUT, Answer, Flow, Item, Store
from cognito_credproc.refusals import is_stale, is_wrong_password
from cognito_credproc.tokens import Tokens


def sign_in(
    app: AppClient,
    username: str,
    entry: Entry,
    clock: Clock,
    responders: Mapping[str, Responder] = CHALLENGES,
) -> Flow[Tokens]:
    """Sign in by one of the flows, with whatever the pool asks for in it.

    A wrong password is asked for again: whoever answers decides when that is enough. A session
    that died on the way (a person took longer than it lives) is started over once.

    Raises:
        ServiceError: the service refused, and asking again would not help.
        UnknownChallengeError: a challenge that no responder answers.
    """
    attempt = SignIn(app, username, clock)
    started_over = False
    while True:
        try:
            answer = yield from begin(attempt, entry)
            while "ChallengeName" in answer:
                challenge = Challenge.of(answer)
                attempt.learn(challenge)
                answer = yield from _next(attempt, challenge, responders)
            tokens = Tokens.of(answer)
        except ServiceError as error:
            if is_wrong_password(error) and attempt.password is not None:
                attempt = SignIn(app, username, clock, wrong="incorrect user name or password")
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
