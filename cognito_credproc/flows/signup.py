"""The flows of a new user: sign-up, confirmation, and the first TOTP seed.

Source: Amazon Cognito user pools API reference, SignUp, ConfirmSignUp, ResendConfirmationCode,
SetUserMFAPreference.
"""

from collections.abc import Mapping

from cognito_credproc.flows.delivery import sent_to
from cognito_credproc.flows.flow import (
    RESEND,
    RESENT,
    WRONG_CODE,
    Field,
    Flow,
    ask,
    call,
    member,
)
from cognito_credproc.flows.setup_challenges import prove_seed
from cognito_credproc.values.app_client import AppClient
from cognito_credproc.values.errors import ServiceError


def sign_up(app: AppClient, username: str, attributes: Mapping[str, str]) -> Flow[str | None]:
    """Create the user and confirm it; returns the password, or None if the user was there before.

    A password that the pool's policy refuses is asked for again, with the policy's own words.
    """
    because = None
    while True:
        password = yield from ask(Field.NEW_PASSWORD, because)
        try:
            answer = yield from call(
                "cognito-idp",
                "SignUp",
                {
                    **app.named(username),
                    "Password": password,
                    "UserAttributes": [
                        {"Name": name, "Value": value} for name, value in attributes.items()
                    ],
                },
            )
        except ServiceError as error:
            if error.code == "UsernameExistsException":
                return None
            if error.code != "InvalidPasswordException":
                raise
            because = error.detail
        else:
            if not member(answer, "UserConfirmed"):
                yield from confirm(app, username, sent_to(answer))
            return password


def confirm(
    app: AppClient, username: str, destination: str | None = None, because: str | None = None
) -> Flow[None]:
    """Ask for the code that was mailed and confirm the user; without a destination, mail it.

    `because` says why the code is asked for.
    """
    while True:
        try:
            if destination is None:
                destination = yield from _resend(app, username)
            code = yield from ask(Field.CONFIRMATION_CODE, because, destination)
            if code == RESEND:
                destination, because = None, RESENT
                continue
            confirmation = {**app.named(username), "ConfirmationCode": code}
            yield from call("cognito-idp", "ConfirmSignUp", confirmation)
        except ServiceError as error:
            if _is_confirmed(error):
                return
            if error.code == "CodeMismatchException":
                because = WRONG_CODE
            elif error.code == "ExpiredCodeException":
                destination, because = None, RESENT
            else:
                raise
        else:
            return


def set_up_totp(access_token: str, *, known_machine: bool) -> Flow[None]:
    """Set up TOTP for a user who is signed in, where the pool does not demand it.

    A machine that the pool remembers is asked for no code, even of a user who has a second factor;
    then that stays as it is.
    """
    if known_machine:
        user = yield from call("cognito-idp", "GetUser", {"AccessToken": access_token})
        if user.get("UserMFASettingList"):
            return
    yield from prove_seed({"AccessToken": access_token})
    yield from call(
        "cognito-idp",
        "SetUserMFAPreference",
        {
            "AccessToken": access_token,
            "SoftwareTokenMfaSettings": {"Enabled": True, "PreferredMfa": True},
        },
    )


def _resend(app: AppClient, username: str) -> Flow[str]:
    answer = yield from call("cognito-idp", "ResendConfirmationCode", app.named(username))
    return sent_to(answer)


def _is_confirmed(error: ServiceError) -> bool:
    """Confirmed elsewhere meanwhile: ConfirmSignUp says so in one way, the resend in another."""
    return (error.code == "NotAuthorizedException" and "status is CONFIRMED" in error.detail) or (
        error.code == "InvalidParameterException" and "already confirmed" in error.detail
    )
