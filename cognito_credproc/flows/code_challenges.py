"""The challenges that a code answers: of an authenticator app, or one that was sent."""

from cognito_credproc.flows.attempt import Challenge, SignIn, StartOverError, respond
from cognito_credproc.flows.delivery import delivered
from cognito_credproc.flows.flow import (
    RAN_OUT,
    RAN_OUT_RESENT,
    RESEND,
    RESENT,
    USED_CODE,
    WRONG_CODE,
    Answer,
    Field,
    Flow,
    ask,
)
from cognito_credproc.values.errors import ServiceError

DELIVERY = ("CODE_DELIVERY_DELIVERY_MEDIUM", "CODE_DELIVERY_DESTINATION")


def software_token_mfa(sign_in: SignIn, challenge: Challenge) -> Flow[Answer]:
    """Send a TOTP code; a wrong or used one is asked for again while the session lives."""
    because, sign_in.news = sign_in.news, None
    while True:
        code = yield from ask(Field.TOTP_CODE, because)
        try:
            return (yield from respond(sign_in, challenge, {"SOFTWARE_TOKEN_MFA_CODE": code}))
        except ServiceError as error:
            if error.code == "CodeMismatchException":
                because = WRONG_CODE
            elif error.code == "ExpiredCodeException":
                because = USED_CODE
            else:
                raise


def sent_code(sign_in: SignIn, challenge: Challenge) -> Flow[Answer]:
    """Send back a code that came by SMS or e-mail; a wrong one can be typed again.

    Cognito has no call that sends another. The way to one is a new sign-in.

    Raises:
        StartOverError: another code is wanted.
    """
    because, sign_in.news = sign_in.news, None
    if because == RAN_OUT:
        because = RAN_OUT_RESENT
    where = delivered(*map(challenge.parameters.get, DELIVERY))
    while True:
        code = yield from ask(Field.SENT_CODE, because, where)
        if code == RESEND:
            raise StartOverError(RESENT)
        try:
            return (yield from respond(sign_in, challenge, {f"{challenge.name}_CODE": code}))
        except ServiceError as error:
            if error.code != "CodeMismatchException":
                raise
            because = WRONG_CODE
