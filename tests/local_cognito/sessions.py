"""Sessions between the steps of a sign-in: opaque, each good once, running out."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.local_cognito.errors import not_authorized

if TYPE_CHECKING:
    from tests.local_cognito.clients import AppClient
    from tests.local_cognito.totp import SoftwareToken
    from tests.local_cognito.users import User

# Stages besides the challenges' own names: the two links of the MFA_SETUP chain.
ASSOCIATED = "MFA_SETUP after AssociateSoftwareToken"
VERIFIED = "MFA_SETUP after VerifySoftwareToken"


@dataclass(frozen=True)
class Passage:
    """What holds from InitiateAuth to the tokens of one sign-in, whatever comes between."""

    name: str
    """The user's name as it was sent."""
    chosen: bool = False
    """USER_AUTH: the first factor is the client's choice."""
    custom: bool = False
    """CUSTOM_AUTH: functions ask."""
    device_key: str = ""
    """The device that the client says it is."""
    by_srp: bool = False
    """The password was proven by SRP."""

    @property
    def through_srp(self) -> bool:
        """Whether the sessions go on through SRP."""
        return self.chosen or self.custom


@dataclass
class Session:
    """Where one sign-in stands: the step it waits for, for whom, and what the step needs."""

    stage: str
    client: AppClient
    user: User
    passage: Passage
    expires_at: float
    token: SoftwareToken | None = field(default=None, repr=False)
    code: str = field(default="", repr=False)
    """The code that was sent for this step."""
    told: bool = True
    """Whether the client was told the real user name; else it can know only what it sent."""
    question: tuple[int, int] = (0, 0)
    """A custom challenge's number, and how often it was answered wrong."""
    used: bool = False


class Sessions:
    """All sessions ever opened, so that a used one can be told from an unknown one."""

    def __init__(self) -> None:
        self._by_text: dict[str, Session] = {}

    def open(
        self,
        stage: str,
        client: AppClient,
        user: User,
        passage: Passage,
        now: float,
        *,
        token: SoftwareToken | None = None,
        code: str = "",
        told: bool = True,
        question: tuple[int, int] = (0, 0),
    ) -> str:
        """A new session that waits for `stage`; it runs out with the client's setting."""
        # A live one had 1,543 characters of base64url.
        text = secrets.token_urlsafe(1_158)[:1_543]
        expires_at = now + 60 * client.session_minutes
        self._by_text[text] = Session(
            stage, client, user, passage, expires_at, token, code, told, question
        )
        return text

    def peek(self, text: str) -> Session | None:
        """The session of a text, used or not."""
        return self._by_text.get(text)

    def find(self, text: str, stage: str, now: float) -> Session:
        """The session, still unused; the caller says when it is spent.

        A session that is shown where another step is due is spent by that: nobody has
        said that the service is more patient.

        Raises:
            ServiceError: NotAuthorizedException: unknown, used, expired, or of another step.
        """
        session = self._by_text.get(text)
        if session is None:
            raise not_authorized("Invalid session for the user.")
        if session.used:
            raise not_authorized("Invalid session for the user, session can only be used once.")
        if now >= session.expires_at:
            raise not_authorized("Invalid session for the user, session is expired.")
        if session.stage != stage:
            session.used = True
            raise not_authorized("Invalid session for the user.")
        return session
