"""MFA_SETUP: a second factor is demanded, and the user has none."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cognito_credproc.flows.attempt import (
    Challenge,
    EnrolmentNeededError,
    SignIn,
    UnknownChallengeError,
    respond,
)
from cognito_credproc.flows.flow import (
    WRONG_CODE,
    Answer,
    Field,
    Flow,
    Item,
    Store,
    ask,
    call,
    member,
)
from cognito_credproc.values.errors import ServiceError

SET_UP_HERE = ("SOFTWARE_TOKEN_MFA", "EMAIL_OTP")


def enrolment_needed(_sign_in: SignIn, _challenge: Challenge) -> Flow[Answer]:
    """MFA_SETUP outside the enrolment: say so before anything is set up."""
    raise EnrolmentNeededError("this user has no authenticator app yet, and the pool demands one")
    yield  # a flow like its siblings


def mfa_setup(sign_in: SignIn, challenge: Challenge) -> Flow[Answer]:
    """Set up TOTP: the seed is stored before it counts, and proven at once.

    Verify wants the session of Associate, the last step that of Verify; the one that came with
    the challenge is good for Associate alone. TOTP is active as soon as Verify succeeded. The
    other that can be set up here is an e-mail address, to which a code then goes.
    """
    can_set_up = challenge.names("MFAS_CAN_SETUP", '["SOFTWARE_TOKEN_MFA"]')
    options = tuple(name for name in SET_UP_HERE if name in can_set_up)
    if not options:
        raise UnknownChallengeError(
            f"this pool lets its users set up {', '.join(can_set_up)} only, which needs a number",
            "ask the pool's administrator to enter your phone number",
        )
    kind = options[0] if len(options) == 1 else (yield from ask(Field.MFA_TYPE, options=options))
    if kind == "EMAIL_OTP":
        address = yield from ask(Field.ATTRIBUTE, detail="e-mail address for codes")
        return (yield from respond(sign_in, challenge, {"EMAIL": address}))
    session = yield from prove_seed({"Session": challenge.session})
    return (yield from respond(sign_in, replace(challenge, session=session), {}))


def prove_seed(authorization: Mapping[str, Any]) -> Flow[str | None]:
    """AssociateSoftwareToken, store the seed, VerifySoftwareToken; returns the next session.

    `authorization` is `Session` or `AccessToken`; with the latter no session comes back.
    """
    associated = yield from call("cognito-idp", "AssociateSoftwareToken", authorization)
    yield Store(Item.PENDING_TOTP_SEED, member(associated, "SecretCode"))
    if "Session" in associated:
        authorization = {"Session": associated["Session"]}
    because = None
    while True:
        code = yield from ask(Field.TOTP_CODE, because)
        try:
            verified = yield from call(
                "cognito-idp", "VerifySoftwareToken", {**authorization, "UserCode": code}
            )
        except ServiceError as error:
            if error.code != "EnableSoftwareTokenMFAException" or because:
                raise
            because = WRONG_CODE
        else:
            member(verified, "Status")
            session: str | None = verified.get("Session")
            return session
