"""One user of a pool: the record, its password lock-out, and the password policy."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.local_cognito import srp
from tests.local_cognito.errors import (
    ServiceError,
    invalid_parameter,
    not_authorized,
    wrong_name_or_password,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.local_cognito.totp import SoftwareToken

TEMPORARY_PASSWORD_SECONDS = 7 * 86_400
FREE_WRONG_PASSWORDS = 5
LONGEST_LOCK_SECONDS = 900


def lock_seconds(wrong: int) -> float:
    """How long the account locks after the `wrong`-th wrong password in a row.

    Source: Amazon Cognito developer guide, "Lockout behavior for failed sign-in
    attempts": nothing below 5, then 2^(n-5) seconds, at most about 15 minutes.
    """
    if wrong < FREE_WRONG_PASSWORDS:
        return 0.0
    return float(min(2 ** (wrong - FREE_WRONG_PASSWORDS), LONGEST_LOCK_SECONDS))


@dataclass
class Device:
    """One device of a user, by the key that it was given."""

    key: str
    group: str
    verifier: srp.GivenVerifier | None = field(default=None, repr=False)
    """None until ConfirmDevice."""
    name: str = ""
    remembered: bool = False


@dataclass
class User:
    """A user. Tests read and change the public fields; the service does too."""

    username: str
    sub: str
    pool_suffix: str = field(repr=False)
    email: str | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    status: str = "CONFIRMED"
    groups: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    """Role ARNs of the user's groups: the claim `cognito:roles`."""
    preferred_role: str | None = None
    disabled: bool = False
    reset_required: bool = False
    email_verified: bool = True
    token: SoftwareToken | None = field(default=None, repr=False)
    pending: SoftwareToken | None = field(default=None, repr=False)
    """Associated by access token, not yet verified."""
    phone: str | None = None
    passkeys: int = 0
    mfa: set[str] = field(default_factory=set)
    """The second factors that the user's preferences switch on."""
    preferred_mfa: str = ""
    devices: dict[str, Device] = field(default_factory=dict)
    temporary_until: float | None = None
    wrong_passwords: int = 0
    """Wrong passwords in a row: what the lock-out counts. A good one sets it to 0."""
    wrong_passwords_ever: int = 0
    locked_until: float = 0.0
    verifier: srp.Verifier | None = field(default=None, repr=False)

    @property
    def totp_secret(self) -> str | None:
        """The verified seed in base32 without padding, or None."""
        return self.token.seed if self.token else None

    @property
    def totp_preferred(self) -> bool:
        """Whether an authenticator app is the preferred second factor."""
        return self.preferred_mfa == "SOFTWARE_TOKEN_MFA"

    def prefer(self, name: str, *, enabled: bool, preferred: bool) -> None:
        """Switch a second factor on or off, as SetUserMFAPreference does."""
        (self.mfa.add if enabled else self.mfa.discard)(name)
        if enabled and preferred:
            self.preferred_mfa = name
        elif self.preferred_mfa == name:
            self.preferred_mfa = ""

    def set_password(self, password: str, *, temporary_until: float | None = None) -> None:
        """Give a permanent password, or a temporary one that is good until an epoch second."""
        self.verifier = srp.verifier(self.pool_suffix + self.username, password)
        self.temporary_until = temporary_until
        self.reset_required = False
        self.status = "CONFIRMED" if temporary_until is None else "FORCE_CHANGE_PASSWORD"

    def prove(self, good: Callable[[], bool], now: float) -> None:
        """Take one try at the password and hold it to the lock-out and the account's state.

        `good` is asked only where the account is open, so that a try during a lock
        neither counts nor tells anything.

        Raises:
            ServiceError: locked, wrong, or right for an account that may not sign in.
        """
        if self.reset_required:
            raise ServiceError(
                "PasswordResetRequiredException", "Password reset required for the user"
            )
        if now < self.locked_until:
            raise not_authorized("Password attempts exceeded")
        if not good():
            self.wrong_passwords += 1
            self.wrong_passwords_ever += 1
            if seconds := lock_seconds(self.wrong_passwords):
                self.locked_until = now + seconds
            raise wrong_name_or_password()
        self.wrong_passwords = 0
        self.admit(now)

    def admit(self, now: float) -> None:
        """Refuse an account that may not sign in, whatever it has proved.

        Raises:
            ServiceError: disabled, not confirmed, or the temporary password is too old.
        """
        if self.disabled:
            raise not_authorized("User is disabled.")
        if self.status == "UNCONFIRMED":
            raise ServiceError("UserNotConfirmedException", "User is not confirmed.")
        if self.temporary_until is not None and now >= self.temporary_until:
            raise not_authorized(
                "Temporary password has expired and must be reset by an administrator."
            )

    def shown_attributes(self) -> dict[str, str]:
        """The attributes as tokens and GetUser show them, without `sub`."""
        shown = dict(self.attributes)
        if self.email:
            shown |= {"email": self.email, "email_verified": json.dumps(self.email_verified)}
        if self.phone:
            shown |= {"phone_number": self.phone, "phone_number_verified": "true"}
        return shown


def imagined(pool_id: str, name: str, *, opaque_id: bool) -> User:
    """The user that the service pretends to have behind an unknown name.

    Always the same for the same name, so that a second question tells no more than
    the first (RFC 5054 section 2.5.1.3); nobody knows its password.
    """
    seed = hashlib.sha256(f"imagined\0{pool_id}\0{name}".encode()).digest()
    username = as_uuid(seed[:16]) if opaque_id else name
    suffix = pool_id.partition("_")[2]
    user = User(username, as_uuid(seed[:16]), suffix)
    salt = int.from_bytes(seed[16:], "big") | 1
    nobody_knows = base64.b64encode(secrets.token_bytes(32)).decode()
    user.verifier = srp.verifier(suffix + username, nobody_knows, salt)
    return user


def as_uuid(raw: bytes) -> str:
    """Sixteen bytes in the form of a UUID."""
    text = raw.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:32]))


def check_attributes(given: Mapping[str, str]) -> None:
    """Hold attributes to their forms.

    Raises:
        ServiceError: InvalidParameterException.
    """
    if not re.fullmatch(r"\+[1-9][0-9]{1,14}", given.get("phone_number", "+81")):
        raise invalid_parameter("Invalid phone number format.")
    if not re.fullmatch(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", given.get("email", "a@b.c")):
        raise invalid_parameter("Invalid email address format.")


def check_policy(password: str, minimum: int) -> None:
    """Hold a new password to the service's default policy.

    Raises:
        ServiceError: InvalidPasswordException with the first rule that is broken.
    """
    rules = (
        (len(password) >= minimum, "Password not long enough"),
        (any(map(str.isupper, password)), "Password must have uppercase characters"),
        (any(map(str.islower, password)), "Password must have lowercase characters"),
        (any(map(str.isdigit, password)), "Password must have numeric characters"),
        (
            any(not (mark.isalnum() or mark.isspace()) for mark in password),
            "Password must have symbol characters",
        ),
    )
    for kept, text in rules:
        if not kept:
            raise ServiceError(
                "InvalidPasswordException", f"Password did not conform with policy: {text}"
            )
