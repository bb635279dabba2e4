"""What a browser is sent with to the sign-in page, and the code that it brings back.

Source: Amazon Cognito developer guide, "The redirect and authorization endpoint"; RFC 6749,
section 4.1; RFC 7636. A fault in the client or the redirect is shown to the person, every other
one goes to the redirect.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.local_cognito.clients import AppClient
    from tests.local_cognito.users import User
    from tests.local_cognito.world import World

CODE_SECONDS = 300
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class PageError(Exception):
    """Shown to the person; nobody is redirected."""


class Denied(Exception):  # noqa: N818  as above
    """Told to the redirect: error, and its description if there is one."""

    def __init__(self, authorization: Authorization, error: str, description: str = "") -> None:
        super().__init__(error)
        told = {"error": error, **({"error_description": description} if description else {})}
        self.location = authorization.back(told)


@dataclass(frozen=True)
class Authorization:
    """One request to sign in, checked."""

    client: AppClient = field(repr=False)
    redirect_uri: str
    state: str
    scopes: tuple[str, ...]
    challenge: str
    nonce: str
    identity_provider: str
    login_hint: str

    def back(self, told: Mapping[str, str]) -> str:
        """The redirect with what it is told."""
        joint = "&" if "?" in self.redirect_uri else "?"
        state = {"state": self.state} if self.state else {}
        return f"{self.redirect_uri}{joint}{urlencode({**told, **state})}"


@dataclass
class Grant:
    """A code: who signed in, and what it may be redeemed with; good once, for five minutes."""

    authorization: Authorization
    user: User
    expires_at: float
    used: bool = False


def read(world: World, query: str) -> Authorization:
    """The request of a query string.

    Raises:
        PageError: the client or the redirect is not known, or a parameter comes twice.
        Denied: the redirect is good, and something else is wrong.
    """
    pairs = parse_qsl(query, keep_blank_values=True)
    given = dict(pairs)
    if len(given) != len(pairs):
        raise PageError("invalid_request: a parameter is repeated")
    client = world.clients.get(given.get("client_id", ""))
    if client is None:
        raise PageError(f"invalid_request: client {given.get('client_id')} does not exist")
    redirect_uri = given.get("redirect_uri", "")
    if redirect_uri not in client.callback_urls:
        raise PageError("redirect_mismatch")
    scopes = tuple(given.get("scope", "").split()) or client.scopes
    request = Authorization(
        client,
        redirect_uri,
        given.get("state", ""),
        scopes,
        given.get("code_challenge", ""),
        given.get("nonce", ""),
        given.get("identity_provider", ""),
        given.get("login_hint", ""),
    )
    if given.get("response_type") not in {"code", "token"}:
        raise Denied(request, "invalid_request", "response_type is required")
    if given["response_type"] not in client.response_types:
        raise Denied(request, "unauthorized_client")
    if not set(scopes) <= set(client.scopes):
        raise Denied(request, "invalid_scope")
    method = given.get("code_challenge_method", "")
    if bool(request.challenge) != bool(method) or method not in {"", "S256"}:
        raise Denied(request, "invalid_request", "code_challenge_method must be S256")
    if request.challenge and not CHALLENGE.fullmatch(request.challenge):
        raise Denied(request, "invalid_request", "code_challenge is malformed")
    if request.identity_provider not in {"", *client.identity_providers}:
        raise PageError("unauthorized: Login option is not available. Please try another one")
    return request


def grant(world: World, authorization: Authorization, user: User) -> str:
    """The redirect with a new code for a user who has signed in."""
    code = str(uuid.uuid4())
    world.grants[code] = Grant(authorization, user, world.clock.now() + CODE_SECONDS)
    return authorization.back({"code": code})


def is_proof(challenge: str, verifier: str) -> bool:
    """Whether a verifier is the one behind an S256 challenge (RFC 7636, section 4.6)."""
    if not challenge:
        return not verifier
    if not VERIFIER.fullmatch(verifier):
        return False
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    return hmac.compare_digest(digest.rstrip(b"=").decode(), challenge)
