"""Tokens of a user pool: issuing, refreshing, rotating, revoking.

One sign-in gives one `SignIn`; every token that descends from it carries its
`origin_jti`. Revoking ends the sign-in and with it all of those. Refresh tokens are
opaque; rotation replaces one by the next, which runs out when the first would have
(Amazon Cognito developer guide, "Refresh token rotation").
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from tests.local_cognito import jwt
from tests.local_cognito.errors import ServiceError, not_authorized

if TYPE_CHECKING:
    from tests.local_cognito.clients import AppClient
    from tests.local_cognito.fields import Answer
    from tests.local_cognito.users import User
    from tests.local_cognito.world import World

SCOPE = "aws.cognito.signin.user.admin"


@dataclass
class SignIn:
    """One sign-in of one user through one client."""

    client: AppClient
    user: User
    at: float
    origin_jti: str = field(default_factory=lambda: str(uuid.uuid4()))
    revoked: bool = False
    device_key: str = ""
    """The device that the tokens are bound to, where the pool tracks devices."""
    scopes: tuple[str, ...] = (SCOPE,)
    """What the access tokens are good for: of a page, what was asked for and no more."""
    by_page: bool = False


@dataclass
class RefreshToken:
    """One refresh token; `dies_at` is set once rotation has replaced it."""

    sign_in: SignIn
    expires_at: float
    dies_at: float | None = None


def sign_in(world: World, client: AppClient, user: User, device_key: str = "") -> Answer:
    """The AuthenticationResult of a finished sign-in, with a refresh token."""
    return _begun(world, SignIn(client, user, world.clock.now(), device_key=device_key))


def page_sign_in(
    world: World, client: AppClient, user: User, nonce: str, scopes: tuple[str, ...]
) -> Answer:
    """The same of a sign-in by the browser; the first ID token alone has the `nonce`."""
    started = SignIn(client, user, world.clock.now(), scopes=scopes, by_page=True)
    return _begun(world, started, nonce)


def _begun(world: World, started: SignIn, nonce: str = "") -> Answer:
    now, client = started.at, started.client
    world.sign_ins[started.origin_jti] = started
    result = _tokens(started, now, nonce)
    result["RefreshToken"] = _new_refresh_token(world, started, now + client.refresh_token_seconds)
    return {"AuthenticationResult": result, "ChallengeParameters": {}}


def refresh(
    world: World, client: AppClient, text: str, device_key: str = "", *, at_domain: bool = False
) -> tuple[Answer, RefreshToken]:
    """New ID and access token, and the record of the refresh token that gave them.

    Tokens that are bound to a device want its key, and a device that was confirmed. A pool with
    `strict_devices` takes no other key, and tokens of a page at its domain (`at_domain`) alone.

    Raises:
        ServiceError: NotAuthorizedException, or RefreshTokenReuseException for a token
            that rotation has replaced and whose grace is over.
    """
    now = world.clock.now()
    record = world.refresh_tokens.get(text)
    if record is None or record.sign_in.client is not client:
        raise not_authorized("Invalid Refresh Token.")
    bound = record.sign_in.device_key
    device = record.sign_in.user.devices.get(bound)
    if bound and (device_key != bound or device is None or device.verifier is None):
        raise not_authorized("Invalid Refresh Token.")
    if client.pool.strict_devices:
        elsewhere = record.sign_in.by_page and not at_domain
        if elsewhere or device_key not in {"", bound}:
            raise not_authorized("Invalid Refresh Token.")
    if record.sign_in.revoked:
        raise not_authorized("Refresh Token has been revoked")
    if now >= record.expires_at:
        raise not_authorized("Refresh Token has expired")
    if record.dies_at is not None and now >= record.dies_at:
        raise ServiceError(
            "RefreshTokenReuseException", "Refresh token has been invalidated by rotation"
        )
    if record.sign_in.user.disabled:
        raise not_authorized("User is disabled.")
    return _tokens(record.sign_in, now), record


def rotate(world: World, record: RefreshToken, grace: int) -> str:
    """A successor for a refresh token; the old one dies after `grace` seconds."""
    if record.dies_at is None:
        record.dies_at = world.clock.now() + grace
    return _new_refresh_token(world, record.sign_in, record.expires_at)


def of_access_token(world: World, text: str) -> SignIn:
    """The sign-in behind an access token that a call was made with.

    Raises:
        ServiceError: NotAuthorizedException: no such token, expired, or revoked.
    """
    try:
        claims = jwt.verified(text, "access")
    except (jwt.NotAToken, jwt.BadSignature):
        raise not_authorized("Invalid Access Token") from None
    found = world.sign_ins.get(cast("str", claims.get("origin_jti", "")))
    if found is None or claims.get("token_use") != "access":
        raise not_authorized("Invalid Access Token")
    if world.clock.now() >= jwt.seconds(claims, "exp"):
        raise not_authorized("Access Token has expired")
    if found.revoked:
        raise not_authorized("Access Token has been revoked")
    if SCOPE not in found.scopes:
        raise not_authorized("Access Token does not have required scopes")
    if found.user.disabled:
        raise not_authorized("User is disabled.")
    return found


def _new_refresh_token(world: World, of: SignIn, expires_at: float) -> str:
    # The service's are encrypted JSON web tokens of five parts; a live one had 1,785
    # characters. Nobody but the service can read them, so these hold nothing.
    head = "eyJjdHkiOiJKV1QiLCJlbmMiOiJBMjU2R0NNIiwiYWxnIjoiUlNBLU9BRVAifQ"
    parts = (342, 16, 1_339, 22)
    text = ".".join([head, *(secrets.token_urlsafe(size)[:size] for size in parts)])
    world.refresh_tokens[text] = RefreshToken(of, expires_at)
    return text


def _tokens(of: SignIn, now: float, nonce: str = "") -> Answer:
    client, user, pool = of.client, of.user, of.client.pool
    common: jwt.Claims = {
        "sub": user.sub,
        **({"cognito:groups": list(user.groups)} if user.groups else {}),
        "iss": pool.issuer,
        "origin_jti": of.origin_jti,
        "auth_time": int(of.at),
        "iat": int(now),
    }
    identity: jwt.Claims = {
        **common,
        **user.attributes,
        **({"email": user.email, "email_verified": user.email_verified} if user.email else {}),
        "cognito:username": user.username,
        **({"cognito:roles": list(user.roles)} if user.roles else {}),
        **({"cognito:preferred_role": user.preferred_role} if user.preferred_role else {}),
        "aud": client.id,
        "token_use": "id",
        **({"nonce": nonce} if nonce else {}),
        "exp": int(now) + client.id_token_seconds,
        "jti": str(uuid.uuid4()),
    }
    access: jwt.Claims = {
        **common,
        "client_id": client.id,
        "event_id": str(uuid.uuid4()),
        "token_use": "access",
        "scope": " ".join(of.scopes),
        "exp": int(now) + client.access_token_seconds,
        "jti": str(uuid.uuid4()),
        "username": user.username,
    }
    has_identity = not of.by_page or "openid" in of.scopes
    return {
        "AccessToken": jwt.issue(access, "access"),
        "ExpiresIn": client.access_token_seconds,
        "IdToken": jwt.issue(identity, "id") if has_identity else None,
        "TokenType": "Bearer",
    }
