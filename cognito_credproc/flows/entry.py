"""How a sign-in begins: the flows of InitiateAuth, and what each brings with it.

Source: Amazon Cognito user pools API reference, InitiateAuth, AuthParameters.
"""

from dataclasses import dataclass

from cognito_credproc.flows.attempt import SignIn, password_of
from cognito_credproc.flows.flow import CERTAIN, KNOWN_DEVICE, Answer, Field, Flow, ask, call

PASSWORD_FLOWS = ("USER_SRP_AUTH", "USER_PASSWORD_AUTH")
AUTH_FLOWS = (*PASSWORD_FLOWS, "USER_AUTH", "CUSTOM_AUTH")
PREFERRED = ("PASSWORD_SRP", "PASSWORD", "EMAIL_OTP", "SMS_OTP")
SENDING = ("EMAIL_OTP", "SMS_OTP")  # begins with a code that is sent


@dataclass(frozen=True, slots=True)
class Entry:
    """The flow, and the challenge that it is to begin with where there is a choice."""

    flow: str = "USER_SRP_AUTH"
    preferred: str | None = None

    @property
    def sends(self) -> bool:
        """Whether to begin has a code sent, as far as that can be known."""
        return self.flow == "CUSTOM_AUTH" or self.preferred in SENDING

    @property
    def wish(self) -> dict[str, str]:
        """What tells the service which challenge is wanted first."""
        if self.preferred is None:
            return {}
        if self.flow == "CUSTOM_AUTH":
            return {"CHALLENGE_NAME": "SRP_A"}
        return {"PREFERRED_CHALLENGE": self.preferred}

    @property
    def by_srp(self) -> bool:
        """Whether the password is proven by SRP from the beginning."""
        return self.flow == "USER_SRP_AUTH" or self.preferred == "PASSWORD_SRP"

    @property
    def by_password(self) -> bool:
        """Whether the password itself is sent at the beginning."""
        return self.flow == "USER_PASSWORD_AUTH" or self.preferred == "PASSWORD"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is to be chosen where there is a choice.

    `way` names the app client and the entry, and `device` tells whether one goes along: whether a
    code is wanted depends on them.
    """

    way: str = ""
    mfa: str | None = None
    first_factor: str | None = None
    device: bool = False


def begin(sign_in: SignIn, entry: Entry) -> Flow[Answer]:
    """InitiateAuth, once whoever answers agrees to a code that may be sent for it.

    The password is known before, since PASSWORD_VERIFIER has to be answered within seconds.
    """
    proof = {}
    if entry.by_srp or entry.by_password:
        password = yield from password_of(sign_in)
        proof = {"SRP_A": sign_in.public()} if entry.by_srp else {"PASSWORD": password}
    otherwise = KNOWN_DEVICE if sign_in.device else ""
    yield from ask(Field.CONSENT, detail=CERTAIN if entry.sends else otherwise)
    return (
        yield from call(
            "cognito-idp",
            "InitiateAuth",
            {
                "ClientId": sign_in.app.client_id,
                "AuthFlow": entry.flow,
                "AuthParameters": {
                    "USERNAME": sign_in.username,
                    **sign_in.app.secret_hash(sign_in.username),
                    **sign_in.device_key,
                    **entry.wish,
                    **proof,
                },
            },
        )
    )
