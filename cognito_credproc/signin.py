"""The sign-in to a user pool: from a password, or a refresh token, to tokens."""

from collections.abc import Mapping

from cognito_credproc.app_client import AppClient
from cognito_credproc.challenges import (
    CHALLENGES,
    Challenge,
    Responder,
    SignIn,
    UnknownChallengeError,
)
from cognito_credproc.clock import Clock
from cognito_credproc.errors import ServiceError
from cognito_credproc.flow import Answer, Field, Flow, Item, Store, ask, call
from cognito_credproc.tokens import Tokens

REFUSALS = {
    "NotAuthorizedException",
    "UserNotFoundException",
    "UserNotConfirmedException",
    "PasswordResetRequiredException",
    "SoftwareTokenMFANotFoundException",
}
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
            answer = yield from _first(attempt, auth_flow)
            while "ChallengeName" in answer:
                challenge = Challenge.of(answer)
                attempt = attempt.told_by(challenge)
                answer = yield from _next(attempt, challenge, responders)
            tokens = Tokens.of(answer)
        except ServiceError as error:
            if is_wrong_password(error):
                password = yield from ask(Field.PASSWORD, "incorrect user name or password")
                attempt = SignIn(app, username, clock, password)
            elif is_dead_session(error) and not started_over:
                started_over = True
                attempt = SignIn(app, username, clock, attempt.password)
            else:
                raise
        else:
            if tokens.refresh_token:
                yield Store(Item.REFRESH_TOKEN, tokens.refresh_token)
            return tokens


def refresh(app: AppClient, refresh_token: str) -> Flow[Tokens]:
    """New tokens for a refresh token, by GetTokensFromRefreshToken.

    With rotation the old refresh token is dying as the answer arrives, so the new one is stored
    before anything else is looked at.
    """
    parameters = {"ClientId": app.client_id, "RefreshToken": refresh_token}
    if app.secret is not None:
        parameters["ClientSecret"] = app.secret
    answer = yield from call("cognito-idp", "GetTokensFromRefreshToken", parameters)
    rotated = answer.get("AuthenticationResult", {}).get("RefreshToken")
    if rotated:
        yield Store(Item.REFRESH_TOKEN, rotated)
    return Tokens.of(answer)


def revoke(app: AppClient, refresh_token: str) -> Flow[None]:
    """RevokeToken: this refresh token and all tokens of its sign-in end."""
    parameters = {"ClientId": app.client_id, "Token": refresh_token}
    if app.secret is not None:
        parameters["ClientSecret"] = app.secret
    yield from call("cognito-idp", "RevokeToken", parameters)


def is_wrong_password(error: ServiceError) -> bool:
    """Whether another password may help: the code alone also means locked, disabled and others."""
    return (
        error.code == "NotAuthorizedException"
        and error.operation in {"InitiateAuth", "RespondToAuthChallenge"}
        and error.detail.startswith("Incorrect username or password")
    )


def is_lasting_refusal(error: ServiceError) -> bool:
    """Whether sending the same password or code again can only make it worse.

    A client secret that is missing, or a session that died, says nothing about them.
    """
    return (
        error.code in REFUSALS
        and not is_dead_session(error)
        and "secret" not in error.detail.lower()
    )


def wants_client_secret(error: ServiceError) -> bool:
    """Whether the app client has a secret, and the right one was not used."""
    return error.code == "NotAuthorizedException" and (
        "SECRET_HASH was not received" in error.detail
        or "SecretHash does not match" in error.detail
    )


def is_dead_session(error: ServiceError) -> bool:
    """Whether the session expired or was spent, so that a new sign-in is the way on."""
    return error.code == "NotAuthorizedException" and error.detail.startswith("Invalid session")


def is_dead_refresh_token(error: ServiceError) -> bool:
    """Whether this refresh token will never work again."""
    return error.code == "RefreshTokenReuseException" or (
        error.code == "NotAuthorizedException"
        and error.detail.startswith(("Refresh Token", "Invalid Refresh Token"))
    )


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
