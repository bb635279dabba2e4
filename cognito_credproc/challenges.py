"""The answers to Cognito's challenges, one table.

Theory. A sign-in is a chain: InitiateAuth, and every RespondToAuthChallenge after it, returns
either tokens or the next challenge with a new session. A session is good once and for about three
minutes; a wrong code leaves it usable, anything else that was accepted spends it.

    InitiateAuth ─┬─> PASSWORD_VERIFIER (SRP only) ─┐
                  └─────────────────────────────────┴─> NEW_PASSWORD_REQUIRED ─┐
                                                    ├──────────────────────────┤
                                                    │   MFA_SETUP <────────────┤ no factor yet
                                                    │   SOFTWARE_TOKEN_MFA <───┘ factor set up
                                                    └─> tokens

The table says how each is answered. Each entry is a flow that is given the challenge and returns
the service's next answer; whatever follows what is the service's to say, not ours.

Source: Amazon Cognito user pools API reference, RespondToAuthChallenge.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cognito_credproc import srp
from cognito_credproc.app_client import AppClient
from cognito_credproc.clock import Clock
from cognito_credproc.errors import CredprocError, ServiceError, UnreachableError
from cognito_credproc.flow import (
    USED_CODE,
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


@dataclass(slots=True)
class SignIn:
    """What holds through one sign-in, whatever challenges come; a new password takes effect."""

    app: AppClient
    username: str
    clock: Clock
    password: str = field(repr=False)
    ephemeral: srp.Ephemeral = field(default_factory=srp.Ephemeral, repr=False)
    user_id: str | None = None  # the real user name, once a challenge has told it

    def told_by(self, challenge: "Challenge") -> "SignIn":
        """The same sign-in, with the real user name if the challenge tells it."""
        user_id = challenge.parameters.get("USER_ID_FOR_SRP", self.user_id)
        return replace(self, user_id=user_id)


@dataclass(frozen=True, slots=True)
class Challenge:
    """One challenge as the service sent it."""

    name: str
    session: str | None = field(repr=False)
    parameters: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(cls, answer: Answer) -> "Challenge":
        """Read it from an answer that holds no tokens."""
        return cls(
            answer["ChallengeName"], answer.get("Session"), answer.get("ChallengeParameters", {})
        )


UNFIT_PASSWORD = {"InvalidPasswordException", "PasswordHistoryPolicyViolationException"}


class EnrolmentNeededError(CredprocError):
    """The pool demands a second factor and this user has none yet."""

    exit_status = 3


class UnknownChallengeError(CredprocError):
    """A challenge that this version cannot answer."""


def respond(
    sign_in: SignIn,
    challenge: Challenge,
    responses: Mapping[str, str],
    *,
    session: str | None = None,
) -> Flow[Answer]:
    """RespondToAuthChallenge; the name that the service knows the user by goes with it."""
    username = sign_in.user_id or sign_in.username
    parameters: dict[str, Any] = {
        "ClientId": sign_in.app.client_id,
        "ChallengeName": challenge.name,
        "ChallengeResponses": {
            "USERNAME": username,
            **sign_in.app.secret_hash(username),
            **responses,
        },
    }
    if session or challenge.session:
        parameters["Session"] = session or challenge.session
    return (yield from call("cognito-idp", "RespondToAuthChallenge", parameters))


def password_verifier(sign_in: SignIn, challenge: Challenge) -> Flow[Answer]:
    """Prove the password by SRP."""
    verifier = srp.Verifier(
        salt=member(challenge.parameters, "SALT"),
        b=member(challenge.parameters, "SRP_B"),
        secret_block=member(challenge.parameters, "SECRET_BLOCK"),
    )
    timestamp = srp.timestamp(sign_in.clock.now())
    signature = srp.claim_signature(
        sign_in.ephemeral,
        verifier,
        identity=sign_in.app.pool_suffix + member(challenge.parameters, "USER_ID_FOR_SRP"),
        password=sign_in.password,
        timestamp=timestamp,
    )
    return (
        yield from respond(
            sign_in,
            challenge,
            {
                "PASSWORD_CLAIM_SIGNATURE": signature,
                "PASSWORD_CLAIM_SECRET_BLOCK": verifier.secret_block,
                "TIMESTAMP": timestamp,
            },
        )
    )


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


def new_password_required(sign_in: SignIn, challenge: Challenge) -> Flow[Answer]:
    """Replace the temporary password, and give the attributes that the pool demands."""
    attributes = {}
    for key in _names(challenge, "requiredAttributes", "[]"):
        name = key if key.startswith("userAttributes.") else f"userAttributes.{key}"
        label = name.removeprefix("userAttributes.")
        attributes[name] = yield from ask(Field.ATTRIBUTE, detail=label)
    because = None
    while True:
        password = yield from ask(Field.NEW_PASSWORD, because)
        try:
            answer = yield from respond(
                sign_in, challenge, {"NEW_PASSWORD": password, **attributes}
            )
        except ServiceError as error:
            if error.code not in UNFIT_PASSWORD:
                raise
            because = error.detail
        else:
            sign_in.password = password
            return answer


def enrolment_needed(_sign_in: SignIn, _challenge: Challenge) -> Flow[Answer]:
    """MFA_SETUP outside the enrolment: say so before anything is set up."""
    raise EnrolmentNeededError("this user has no authenticator app yet, and the pool demands one")
    yield  # a flow like its siblings


def mfa_setup(sign_in: SignIn, challenge: Challenge) -> Flow[Answer]:
    """Set up TOTP: the seed is stored before it counts, and proven at once.

    Verify wants the session of Associate, the last step that of Verify; the one that came with
    the challenge is good for Associate alone. TOTP is active as soon as Verify succeeded.
    """
    can_set_up = _names(challenge, "MFAS_CAN_SETUP", '["SOFTWARE_TOKEN_MFA"]')
    if "SOFTWARE_TOKEN_MFA" not in can_set_up:
        raise UnknownChallengeError(
            f"this pool lets its users set up {', '.join(can_set_up)} only; TOTP is not among them",
            "ask the pool's administrator to switch on authenticator apps",
        )
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


def _names(challenge: Challenge, parameter: str, default: str) -> list[str]:
    """A parameter that is a JSON string which holds a list."""
    try:
        names = json.loads(challenge.parameters.get(parameter, default))
    except ValueError:
        names = None
    if not isinstance(names, list):
        raise UnreachableError(f"cognito's {parameter} cannot be read")
    return [str(name) for name in names]


Responder = Callable[[SignIn, Challenge], Flow[Answer]]

CHALLENGES: Mapping[str, Responder] = {
    "PASSWORD_VERIFIER": password_verifier,
    "SOFTWARE_TOKEN_MFA": software_token_mfa,
    "NEW_PASSWORD_REQUIRED": new_password_required,
    "MFA_SETUP": enrolment_needed,
}
ENROLMENT_CHALLENGES: Mapping[str, Responder] = {**CHALLENGES, "MFA_SETUP": mfa_setup}
