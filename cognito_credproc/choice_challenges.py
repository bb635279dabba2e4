"""The challenges that are a choice between ways to go on."""

from cognito_credproc.attempt import Challenge, SignIn, UnknownChallengeError, respond
from cognito_credproc.flow import CERTAIN, Answer, Field, Flow, ask

SENDING = ("SMS_MFA", "EMAIL_OTP", "EMAIL_MFA")  # to choose one of these has a code sent
SECOND_FACTORS = ("SOFTWARE_TOKEN_MFA", *SENDING)  # those that have a row in the table


def select_mfa_type(sign_in: SignIn, challenge: Challenge) -> Flow[Answer]:
    """Choose one of the second factors that the user has set up."""
    offered = challenge.names("MFAS_CAN_CHOOSE", "[]")
    options = tuple(name for name in offered if name in SECOND_FACTORS)
    if not options:
        raise UnknownChallengeError(
            f"cognito offers second factors that this version cannot answer: {', '.join(offered)}",
            "pip install --upgrade cognito-credproc",
        )
    choice = yield from ask(Field.MFA_TYPE, options=options)
    if choice in SENDING:
        yield from ask(Field.CONSENT, detail=CERTAIN)
    return (yield from respond(sign_in, challenge, {"ANSWER": choice}))
