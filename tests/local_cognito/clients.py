"""App clients of a user pool: which flows they allow, and the proof of their secret."""

from __future__ import annotations

import base64
import hmac
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypedDict

from tests.local_cognito.errors import invalid_parameter, not_authorized

if TYPE_CHECKING:
    from tests.local_cognito.errors import ServiceError
    from tests.local_cognito.pools import UserPool

DEFAULT_FLOWS = ("ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


class ClientOptions(TypedDict, total=False):
    """What `UserPool.create_client` takes besides `secret`; see `AppClient` for units."""

    flows: tuple[str, ...]
    session_minutes: int
    rotation_grace: int | None
    access_token_seconds: int
    id_token_seconds: int
    refresh_token_seconds: int
    get_tokens_refusal: str
    revocation: bool
    callback_urls: tuple[str, ...]
    logout_urls: tuple[str, ...]
    scopes: tuple[str, ...]
    response_types: tuple[str, ...]
    identity_providers: tuple[str, ...]


@dataclass(eq=False)
class AppClient:
    """One app client. Tests may change any setting while the service runs."""

    pool: UserPool = field(repr=False)
    id: str
    secret: str | None = field(default=None, repr=False)
    flows: tuple[str, ...] = DEFAULT_FLOWS
    session_minutes: int = 3
    rotation_grace: int | None = None
    """Seconds for which a rotated refresh token stays good, 0-60; None: no rotation."""
    access_token_seconds: int = 3_600
    id_token_seconds: int = 3_600
    refresh_token_seconds: int = 30 * 86_400
    get_tokens_refusal: str = ""
    """The error code of GetTokensFromRefreshToken, where there is no such call or it is refused."""
    revocation: bool = True
    """EnableTokenRevocation."""
    callback_urls: tuple[str, ...] = ()
    """What `redirect_uri` may be, to the letter; the rest is for managed login as well."""
    logout_urls: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    response_types: tuple[str, ...] = ("code",)
    identity_providers: tuple[str, ...] = ("COGNITO",)

    def __post_init__(self) -> None:
        if not 3 <= self.session_minutes <= 15:
            msg = "session_minutes is 3 to 15"
            raise ValueError(msg)
        if self.rotation_grace is not None and not 0 <= self.rotation_grace <= 60:
            msg = "rotation_grace is None, or 0 to 60 seconds"
            raise ValueError(msg)

    def secret_hash(self, name: str) -> str:
        """SECRET_HASH for a name: base64 of HMAC-SHA256(secret, name + client id).

        Source: Amazon Cognito developer guide, "Computing secret hash values".
        """
        key = (self.secret or "").encode()
        return base64.b64encode(hmac.digest(key, f"{name}{self.id}".encode(), "sha256")).decode()

    def check_hash(self, given: str, name: str) -> None:
        """Refuse a request whose SECRET_HASH is missing, or not the one over `name`.

        Raises:
            ServiceError: NotAuthorizedException; a hash sent to a client without a
                secret is refused as well.
        """
        if not self.secret:
            if given:
                raise self._hash_differs()
            return
        if not given:
            raise not_authorized(
                f"Client {self.id} is configured with secret but SECRET_HASH was not received"
            )
        if not hmac.compare_digest(given.encode(), self.secret_hash(name).encode()):
            raise self._hash_differs()

    def check_secret(self, given: str) -> None:
        """Refuse a request whose raw ClientSecret is missing, wrong, or not wanted.

        Raises:
            ServiceError: NotAuthorizedException.
        """
        if not hmac.compare_digest(given.encode(), (self.secret or "").encode()):
            raise not_authorized(f"Unable to verify secret for client {self.id}")

    def check_flow(self, flow: str) -> None:
        """Refuse a flow that is not switched on.

        Raises:
            ServiceError: InvalidParameterException `X flow not enabled for this client`.
        """
        allowed = f"ALLOW_{flow}" in self.flows
        if flow == "REFRESH_TOKEN_AUTH" and self.rotation_grace is not None:
            # The service lets nobody configure both; here rotation wins.
            allowed = False
        if not allowed:
            raise invalid_parameter(f"{flow} flow not enabled for this client")

    def _hash_differs(self) -> ServiceError:
        return not_authorized(f"SecretHash does not match for the client: {self.id}")


def new_client_id() -> str:
    """26 characters, as the service makes them."""
    return "".join(secrets.choice(_LETTERS) for _ in range(26))


def new_client_secret() -> str:
    """51 characters, as the service makes them (the model allows 24-64)."""
    return "".join(secrets.choice(_LETTERS) for _ in range(51))
