"""The challenges that a code answers."""

from cognito_credproc.attempt import Challenge, SignIn, respond
from cognito_credproc.errors import ServiceError
from cognito_credproc.flow import USED_CODE, WRONG_CODE, Answer, Field, Flow, ask


def software_token_mfa(sign_in: SignIn, challenge: Challenge) -> Flow[Answer]:
    """Send a TOTP code; a wrong or used one is asked for again while the session lives."""
    because = None
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
