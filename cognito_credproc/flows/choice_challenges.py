"""The challenges that are a choice between ways to go on."""

from cognito_credproc.flows.attempt import (
    BrowserNeededError,
    Challenge,
    SignIn,
    UnknownChallengeError,
    password_of,
    respond,
)
from cognito_credproc.flows.flow import CERTAIN, Answer, Field, Flow, ask

SENDING = ("SMS_MFA", "SMS_OTP", "EMAIL_OTP", "EMAIL_MFA")  # to choose these has a code sent
# Those that have a row in the table, a proof of the password before the password itself.
SECOND_FACTORS = ("SOFTWARE_TOKEN_MFA", "SMS_MFA", "EMAIL_OTP", "EMAIL_MFA")
FIRST_FACTORS = ("PASSWORD_SRP", "PASSWORD", "EMAIL_OTP", "SMS_OTP")
UPGRADE = "pip install --upgrade cognito-credproc"


def select_mfa_type(sign_in: SignIn, challenge: Challenge) -> Flow[Answer]:
    """Choose one of the second factors that the user has set up."""
    offered = challenge.names("MFAS_CAN_CHOOSE", "[]")
    options = tuple(name for name in offered if name in SECOND_FACTORS)
    if not options:
        raise UnknownChallengeError(
            f"cognito offers second factors that this version cannot answer: {', '.join(offered)}",
            UPGRADE,
        )
    choice = yield from ask(Field.MFA_TYPE, options=options)
    if choice in SENDING:
        yield from ask(Field.CONSENT, detail=CERTAIN)
    return (yield from respond(sign_in, challenge, {"ANSWER": choice}))


def select_challenge(sign_in: SignIn, challenge: Challenge) -> Flow[Answer]:
    """Choose the first factor; what proves a password goes with the choice."""
    options = tuple(name for name in FIRST_FACTORS if name in challenge.available)
    if not options:
        if "WEB_AUTHN" in challenge.available:
            return (yield from web_authn(sign_in, challenge))
        offered = ", ".join(challenge.available)
        raise UnknownChallengeError(
            f"cognito offers ways to sign in that this version does not know: {offered}", UPGRADE
        )
    choice = yield from ask(Field.FIRST_FACTOR, options=options)
    proof = {}
    if choice == "PASSWORD":
        proof["PASSWORD"] = yield from password_of(sign_in)
    elif choice == "PASSWORD_SRP":
        yield from password_of(sign_in)
        proof["SRP_A"] = sign_in.public()
    else:
        yield from ask(Field.CONSENT, detail=CERTAIN)
    return (yield from respond(sign_in, challenge, {"ANSWER": choice, **proof}))


def web_authn(_sign_in: SignIn, _challenge: Challenge) -> Flow[Answer]:
    """A passkey: its origin is a web page, so that a browser alone can use it."""
    raise BrowserNeededError("cognito asks for a passkey, which only a browser can use")
    yield  # a flow like its siblings
