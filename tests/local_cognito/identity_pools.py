"""Identity pools: their settings, the identities they know, and the choice of a role."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypedDict, cast

from tests.local_cognito import jwt
from tests.local_cognito.errors import ServiceError, not_authorized

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.local_cognito.clients import AppClient
    from tests.local_cognito.world import World


class Rule(NamedTuple):
    """One row of a rule-based role mapping; the first that fits decides.

    Source: Amazon Cognito developer guide, "Using role-based access control". `match` is Equals,
    NotEqual, StartsWith or Contains. A rule about a claim that the token lacks, or that is no
    text, fits nobody: the service may be kinder.
    """

    claim: str
    match: str
    value: str
    role_arn: str

    def fits(self, claims: jwt.Claims) -> bool:
        """Whether it applies to a token."""
        found = claims.get(self.claim)
        return isinstance(found, str) and MATCHES[self.match](found, self.value)


MATCHES: Mapping[str, Callable[[str, str], bool]] = {
    "Equals": str.__eq__,
    "NotEqual": str.__ne__,
    "StartsWith": str.startswith,
    "Contains": str.__contains__,
}


class IdentityPoolOptions(TypedDict, total=False):
    """What `create_identity_pool` takes besides client, role and region; see `IdentityPool`."""

    credentials_seconds: int
    role_type: str
    rules: tuple[Rule, ...]
    ambiguous: str
    classic_flow: bool


@dataclass(frozen=True)
class Login:
    """A login token that has been checked."""

    provider: str
    claims: jwt.Claims = field(repr=False)

    @property
    def subject(self) -> tuple[str, str]:
        """What an identity is known by: the provider and the user's `sub`."""
        return self.provider, str(self.claims["sub"])


@dataclass(eq=False)
class IdentityPool:
    """One identity pool. Tests may change any setting while the service runs."""

    world: World = field(repr=False)
    region: str
    clients: list[AppClient]
    role_arn: str
    id: str
    credentials_seconds: int = 3_600
    role_type: str = "Default"
    """ "Default": the authenticated role; "Token": the role that the token prefers; "Rules"."""
    rules: tuple[Rule, ...] = ()
    ambiguous: str = "Deny"
    """ "Deny" or "AuthenticatedRole", where the token prefers no role, or no rule fits."""
    classic_flow: bool = False
    identities: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.role_type not in {"Default", "Token", "Rules"}:
            msg = 'role_type is "Default", "Token" or "Rules"'
            raise ValueError(msg)
        if self.ambiguous not in {"Deny", "AuthenticatedRole"}:
            msg = 'ambiguous is "Deny" or "AuthenticatedRole"'
            raise ValueError(msg)

    def forget_identities(self) -> None:
        """Drop every identity: known ids become unknown, GetId gives new ones."""
        with self.world.lock:
            self.identities.clear()

    def identity_of(self, login: Login) -> str:
        """The identity of a user, the same at every call."""
        if login.subject not in self.identities:
            self.identities[login.subject] = f"{self.region}:{uuid.uuid4()}"
        return self.identities[login.subject]

    def login(self, logins: Mapping[str, str]) -> Login:
        """Check the login tokens of a request.

        Raises:
            ServiceError: NotAuthorizedException in the service's words.
        """
        if not logins:
            raise not_authorized("Unauthenticated access is not supported for this identity pool.")
        checked = [self._checked(provider, token) for provider, token in logins.items()]
        return checked[0]

    def _checked(self, provider: str, token: str) -> Login:
        if provider not in {client.pool.provider for client in self.clients}:
            raise not_authorized("Token is not from a supported provider of this identity pool.")
        try:
            claims = jwt.unverified(token)
        except jwt.NotAToken:
            raise _bad_login("Not a valid OpenId Connect identity token.") from None
        if claims.get("iss") != f"https://{provider}":
            raise _bad_login("Issuer doesn't match providerName")
        try:
            claims = jwt.verified(token, "id")
        except jwt.BadSignature:
            raise _bad_login("Token signature invalid.") from None
        except jwt.NotAToken:
            raise _bad_login("Not a valid OpenId Connect identity token.") from None
        if claims.get("token_use") != "id":
            raise _bad_login("Not a valid OpenId Connect identity token.")
        audiences = {client.id for client in self.clients if client.pool.provider == provider}
        if claims.get("aud") not in audiences:
            raise _bad_login("Incorrect token audience.")
        now, expiry = int(self.world.clock.now()), int(jwt.seconds(claims, "exp"))
        if now >= expiry:
            raise _bad_login(f"Token expired: {now} >= {expiry}")
        return Login(provider, claims)

    def role_for(self, login: Login, wanted: str) -> str:
        """The ARN of the role that a login gets.

        Source: Amazon Cognito developer guide, "Using role-based access control":
        CustomRoleArn has to be among the token's `cognito:roles`; else the preferred
        role, or that of the first rule that fits; else what the pool says of such cases.

        Raises:
            ServiceError: NotAuthorizedException.
        """
        roles = cast("list[str]", login.claims.get("cognito:roles", []))
        if wanted:
            # Whether the pool's own default role may be named too is not known.
            if wanted not in roles:
                raise not_authorized("Invalid CustomRoleArn: not in the cognito:roles claim.")
            return wanted
        if self.role_type == "Default":
            return self.role_arn
        chosen = (
            next((rule.role_arn for rule in self.rules if rule.fits(login.claims)), None)
            if self.role_type == "Rules"
            else login.claims.get("cognito:preferred_role")
        )
        if isinstance(chosen, str):
            return chosen
        if self.ambiguous == "AuthenticatedRole":
            return self.role_arn
        raise not_authorized(
            f"The ambiguous role mapping rules for: {login.provider} denied this request."
        )


def _bad_login(text: str) -> ServiceError:
    return not_authorized(f"Invalid login token. {text}")
