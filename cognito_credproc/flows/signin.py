"""The sign-in to a user pool: from a user name to tokens."""

from collections.abc import Mapping

from cognito_credproc.flows.attempt import (
    NO_REMEDIES,
    Challenge,
    ForgottenError,
    Remedy,
    Responder,
    SignIn,
    StartOverError,
    UnknownChallengeError,
)
from cognito_credproc.flows.challenges import CHALLENGES
from cognito_credproc.flows.device import Machine, keep_device
from cognito_credproc.flows.entry import Entry, begin
from cognito_credproc.flows.flow import FORGOTTEN, RAN_OUT, Answer, Drop, Flow, Item, Store
from cognito_credproc.flows.refusals import is_device_refused, is_stale, is_wrong_password
from cognito_credproc.flows.tokens import Tokens
from cognito_credproc.values.app_client import AppClient
from cognito_credproc.values.clock import Clock
from cognito_credproc.values.errors import ServiceError


def sign_in(
    app: AppClient,
    username: str,
    entry: Entry,
    clock: Clock,
    responders: Mapping[str, Responder] = CHALLENGES,
    machine: Machine = Machine(),  # noqa: B008 - frozen
    *,
    password: str | None = None,
    remedies: Mapping[str, Remedy] = NO_REMEDIES,
) -> Flow[Tokens]:
    """Sign in by one of the flows, with whatever the pool asks for in it.

    A wrong password is asked for again: whoever answers decides when that is enough. A session
    that died on the way (a person took longer than it lives) is started over once, one that a
    refused answer of theirs has spent as often as they answer. A device that
    the pool forgot is dropped, and the sign-in goes on without.

    `password` is for where it is known already. `remedies`, by the code of the refusal that they
    are for, are tried once each.

    Raises:
        ServiceError: the service refused, and asking again would not help.
        UnknownChallengeError: a challenge that no responder answers.
    """
    left = dict(remedies)
    attempt = SignIn(app, username, clock, machine.device, password)
    while True:
        attempt.may_be_forgotten = FORGOTTEN in left
        try:
            answer = yield from _answered(attempt, entry, responders)
            tokens = Tokens.of(answer)
        except ServiceError as error:
            if remedy := left.pop(error.code, None):
                attempt = yield from _mended(attempt, remedy)
                continue
            failed, attempt = attempt, _after(attempt, error)
            if failed.device and not attempt.device:
                yield Drop(Item.DEVICE)
        except ForgottenError:
            attempt = yield from _mended(attempt, left.pop(FORGOTTEN))
        except StartOverError as wanted:
            attempt = attempt.again(news=wanted.message or None)
        else:
            if tokens.refresh_token:
                yield Store(Item.REFRESH_TOKEN, tokens.refresh_token)
            if new := answer["AuthenticationResult"].get("NewDeviceMetadata"):
                yield from keep_device(tokens.access_token, new, machine.name)
            return tokens


def _mended(attempt: SignIn, remedy: Remedy) -> Flow[SignIn]:
    """The attempt after a remedy, with the password that this gave, if any."""
    new = yield from remedy(attempt.app, attempt.username)
    following = attempt.again()
    following.password = new or attempt.password
    return following


def _answered(attempt: SignIn, entry: Entry, responders: Mapping[str, Responder]) -> Flow[Answer]:
    """One attempt: the chain of challenges, to the answer that holds none."""
    answer = yield from begin(attempt, entry)
    while "ChallengeName" in answer:
        challenge = Challenge.of(answer)
        attempt.learn(challenge)
        answer = yield from _next(attempt, challenge, responders)
    return answer


def _after(attempt: SignIn, error: ServiceError) -> SignIn:
    """The attempt that may come after a refusal; raises it where another would not help."""
    if attempt.device and is_device_refused(error, attempt.stage):
        following = attempt.again()
        following.device = None
        return following
    if is_wrong_password(error) and attempt.password is not None:
        return attempt.again(wrong="incorrect user name or password")
    if is_stale(error) and not attempt.restarted:
        following = attempt.again(news=RAN_OUT)
        following.restarted = True
        return following
    raise error


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
