"""What a person can put right in the middle of a sign-in: who is not confirmed, or has no password.

Source: Amazon Cognito user pools API reference, ForgotPassword, ConfirmForgotPassword,
AdminResetUserPassword.
"""

from collections.abc import Mapping

from cognito_credproc.flows.attempt import Remedy
from cognito_credproc.flows.delivery import sent_to
from cognito_credproc.flows.flow import (
    FORGOTTEN,
    RESEND,
    RESENT,
    WRONG_CODE,
    Field,
    Flow,
    ask,
    call,
)
from cognito_credproc.flows.password_challenges import UNFIT_PASSWORD
from cognito_credproc.flows.signup import confirm
from cognito_credproc.values.app_client import AppClient
from cognito_credproc.values.errors import ServiceError


def reset_password(
    app: AppClient, username: str, sent: str | None = None, because: str | None = None
) -> Flow[str]:
    """Choose a new password, by a code; returns it.

    `sent` says where to a code went already; without, one is sent. A code or a password that the
    service does not take is asked for again, and the other of the two is kept.
    """
    code = chosen = unfit = None
    while True:
        if code is None:
            sent = sent or (yield from _send(app, username))
            code = yield from ask(Field.CONFIRMATION_CODE, because, sent)
        if code == RESEND:
            code, sent, because = None, None, RESENT
            continue
        if chosen is None:
            chosen = yield from ask(Field.NEW_PASSWORD, unfit)
        confirmation = {**app.named(username), "ConfirmationCode": code, "Password": chosen}
        try:
            yield from call("cognito-idp", "ConfirmForgotPassword", confirmation)
        except ServiceError as error:
            if error.code in UNFIT_PASSWORD:
                chosen, unfit = None, error.detail
            elif error.code == "CodeMismatchException":
                code, because = None, WRONG_CODE
            elif error.code == "ExpiredCodeException":
                code, sent, because = None, None, RESENT
            else:
                raise
        else:
            return chosen


def _send(app: AppClient, username: str) -> Flow[str]:
    return sent_to((yield from call("cognito-idp", "ForgotPassword", app.named(username))))


def _forgotten(app: AppClient, username: str) -> Flow[str | None]:
    return (yield from reset_password(app, username))


def _reset_by_administrator(app: AppClient, username: str) -> Flow[str | None]:
    """A code went out with the reset, and one more would void it."""
    because = "the password of this user was reset; choose a new one"
    return (yield from reset_password(app, username, "to you with the reset", because))


def _not_confirmed(app: AppClient, username: str) -> Flow[str | None]:
    yield from confirm(app, username, because="this user is not confirmed yet")
    return None


REMEDIES: Mapping[str, Remedy] = {
    FORGOTTEN: _forgotten,
    "PasswordResetRequiredException": _reset_by_administrator,
    "UserNotConfirmedException": _not_confirmed,
}
