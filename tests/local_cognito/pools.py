"""User pools: their settings, users, aliases, clients, and the mail they sent."""

from __future__ import annotations

import secrets
import string
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypedDict, Unpack

from tests.local_cognito import partitions
from tests.local_cognito.clients import (
    AppClient,
    ClientOptions,
    new_client_id,
    new_client_secret,
)
from tests.local_cognito.totp import SoftwareToken, new_seed
from tests.local_cognito.users import TEMPORARY_PASSWORD_SECONDS, User, imagined

if TYPE_CHECKING:
    from tests.local_cognito.lambdas import CustomAuth
    from tests.local_cognito.world import World


class Mail(NamedTuple):
    """A code that the pool sent, by e-mail or to a phone number.

    `kind` is "sign-up", "forgot-password", or the name of the challenge that asks for it.
    """

    destination: str
    code: str
    kind: str


class PoolOptions(TypedDict, total=False):
    """What `create_user_pool` takes besides the region; see `UserPool`."""

    mfa: str
    admin_create_only: bool
    email_as_username: bool
    prevent_user_existence_errors: bool
    minimum_password_length: int
    issuer: str
    required_attributes: tuple[str, ...]
    mfa_kinds: tuple[str, ...]
    mfa_digits: int
    offers_email_mfa: bool
    first_factors: tuple[str, ...]
    otp_digits: int
    factors_in_steps: bool
    tells_user_name: bool
    custom: CustomAuth | None
    devices: str
    devices_skip_mfa: bool
    strict_devices: bool
    device_sessions: bool
    recovery: tuple[str, ...]


@dataclass(eq=False)
class UserPool:
    """One user pool. Tests may change any setting while the service runs."""

    world: World = field(repr=False)
    region: str
    id: str
    mfa: str = "ON"
    """ "ON", "OPTIONAL" or "OFF"."""
    admin_create_only: bool = False
    email_as_username: bool = True
    """The e-mail signs in and the user name is a UUID, equal to `sub`."""
    prevent_user_existence_errors: bool = True
    minimum_password_length: int = 8
    issuer: str = ""
    """Default: that of the region's partition; {region} and {id} are filled in."""
    required_attributes: tuple[str, ...] = ()
    """Asked for at NEW_PASSWORD_REQUIRED if the user has them not yet."""
    mfa_kinds: tuple[str, ...] = ("SOFTWARE_TOKEN_MFA",)
    """The second factors that are switched on: also "SMS_MFA" and "EMAIL_OTP"."""
    offers_email_mfa: bool = False
    """SELECT_MFA_TYPE calls EMAIL_OTP so, as the model does for its answer. Not known."""
    mfa_digits: int = 6
    """The length of codes that are sent for a second factor."""
    first_factors: tuple[str, ...] = ("PASSWORD",)
    """What USER_AUTH offers: also "EMAIL_OTP", "SMS_OTP" and "WEB_AUTHN"."""
    otp_digits: int = 8
    """The length of codes that are sent for a first factor."""
    factors_in_steps: bool = False
    """A factor that USER_AUTH was asked for comes as a challenge of its own, whatever came with
    the request. Public descriptions differ."""
    tells_user_name: bool = False
    """The challenges before the first factor tell the real user name. Not known."""
    custom: CustomAuth | None = None
    """The functions of CUSTOM_AUTH."""
    devices: str = ""
    """Whether devices are tracked, and remembered: "ALWAYS", or "OPT_IN" where the user says so."""
    devices_skip_mfa: bool = True
    """A remembered device takes the place of a second factor."""
    strict_devices: bool = False
    """Tokens are refreshed with the key of their own device or none, and those of a page, which
    hands out no key, at the token endpoint alone: by the model, and by public reports."""
    device_sessions: bool = False
    """The challenges of a device come with sessions. Public clients differ on whether they do."""
    recovery: tuple[str, ...] = ("email", "phone_number")
    """Where the code for a new password goes: the first that a user has. None: administrators."""
    users: dict[str, User] = field(default_factory=dict)
    outbox: list[Mail] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.mfa not in {"ON", "OPTIONAL", "OFF"}:
            msg = 'mfa is "ON", "OPTIONAL" or "OFF"'
            raise ValueError(msg)
        pattern = self.issuer or partitions.user_pool_issuer(self.region) + "/{id}"
        self.issuer = pattern.replace("{region}", self.region).replace("{id}", self.id)

    @property
    def suffix(self) -> str:
        """What follows the underscore of the pool id; SRP hashes it."""
        return self.id.partition("_")[2]

    @property
    def provider(self) -> str:
        """The pool's key in an identity pool's Logins: the issuer without https://."""
        return self.issuer.removeprefix("https://")

    def create_client(self, *, secret: bool = False, **options: Unpack[ClientOptions]) -> AppClient:
        """A new app client, with a secret if asked for."""
        with self.world.lock:
            client = AppClient(
                self, new_client_id(), new_client_secret() if secret else None, **options
            )
            self.world.clients[client.id] = client
            return client

    def create_user(
        self,
        name: str,
        *,
        password: str | None = None,
        temporary_password: str | None = None,
        email: str | None = None,
    ) -> User:
        """A user as an administrator creates one; the password policy is not applied.

        With `password` the user is CONFIRMED, with `temporary_password` it has to be
        changed at the first sign-in (7 days). In a pool without `email_as_username`
        the name is the user name and `email` an alias.

        Raises:
            ValueError: not exactly one password, or the name is taken.
        """
        if (password is None) == (temporary_password is None):
            msg = "give either password or temporary_password"
            raise ValueError(msg)
        with self.world.lock:
            user = self.add_user(name, email)
            until = None if password else self.world.clock.now() + TEMPORARY_PASSWORD_SECONDS
            user.set_password(password or temporary_password or "", temporary_until=until)
            return user

    def add_user(self, name: str, email: str | None = None) -> User:
        """Enter a user without a password.

        Raises:
            ValueError: the name or the alias is taken.
        """
        if self.find(name) or (email and self.find(email)):
            msg = f"{name} exists already"
            raise ValueError(msg)
        sub = str(uuid.uuid4())
        username = sub if self.email_as_username else name
        email = name if self.email_as_username else email
        user = User(username, sub, self.suffix, email)
        self.users[username] = user
        return user

    def find(self, name: str) -> User | None:
        """The user of this user name or e-mail alias, or None."""
        if name in self.users:
            return self.users[name]
        folded = name.casefold()
        return next((u for u in self.users.values() if (u.email or "").casefold() == folded), None)

    def user(self, name: str) -> User:
        """The user of this user name or e-mail alias.

        Raises:
            KeyError: there is none.
        """
        with self.world.lock:
            found = self.find(name)
        if found is None:
            raise KeyError(name)
        return found

    def imagined(self, name: str) -> User:
        """The stand-in for an unknown name."""
        return imagined(self.id, name, opaque_id=self.email_as_username)

    def enable_totp(self, user: User) -> str:
        """Set up TOTP for a user as if it had been done long ago; returns the base32 seed."""
        with self.world.lock:
            user.token = SoftwareToken(new_seed())
            user.prefer("SOFTWARE_TOKEN_MFA", enabled=True, preferred=True)
            return user.token.seed

    def mail(self, destination: str, kind: str, digits: int = 6) -> str:
        """Send a new code; the message stays in `outbox`."""
        code = f"{secrets.randbelow(10**digits):0{digits}d}"
        message = Mail(destination, code, kind)
        self.outbox.append(message)
        self.world.on_mail(message)
        return code


def new_pool_id(region: str) -> str:
    """Region, underscore, nine letters or digits."""
    letters = string.ascii_letters + string.digits
    return f"{region}_{''.join(secrets.choice(letters) for _ in range(9))}"
