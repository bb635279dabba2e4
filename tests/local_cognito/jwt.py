"""JSON web tokens as the service issues them: RS256, compact form (RFC 7515, RFC 7519)."""

from __future__ import annotations

import base64
import binascii
import json
from typing import cast

from tests.local_cognito import rsa

Claims = dict[str, object]

# Cognito signs ID and access tokens under different key ids. Here one key serves both,
# but each token still has to carry the id that belongs to its use.
KEY_IDS = {
    "id": "tEsTkEyIdLocalCognitoForIdTokens0123456789ab",
    "access": "tEsTkEyIdLocalCognitoForAccessTokens0123456=",
    "identity": "local-cognito-identity-1",
}


class NotAToken(Exception):  # noqa: N818  an answer to "is it one?", not a failure of this code
    """The text is not a token in compact form with this service's header."""


class BadSignature(Exception):  # noqa: N818  as above
    """The text has a token's form, and the signature is not this service's."""


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def issue(claims: Claims, use: str) -> str:
    """A signed token; `use` is "id", "access" or "identity" and selects the key id."""
    header = {"kid": KEY_IDS[use], "alg": "RS256"}
    body = ".".join(
        _b64(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims)
    )
    return f"{body}.{_b64(rsa.sign(body.encode()))}"


def unverified(token: str) -> Claims:
    """The claims, with the form and the header checked but not the signature.

    Raises:
        NotAToken: not three parts of base64url, not JSON objects, not RS256, unknown key id.
    """
    try:
        head, body, signature = token.split(".")
        header, claims = json.loads(_unb64(head)), json.loads(_unb64(body))
        _unb64(signature)
    except (ValueError, binascii.Error) as error:
        raise NotAToken from error
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise NotAToken
    if header.get("alg") != "RS256" or header.get("kid") not in KEY_IDS.values():
        raise NotAToken
    return cast("Claims", claims)


def verified(token: str, use: str) -> Claims:
    """The claims of a token that this service signed for `use`.

    Raises:
        NotAToken: the form is wrong, or it was issued for another use.
        BadSignature: the form is right and the signature is not.
    """
    claims = unverified(token)
    body, _, signature = token.rpartition(".")
    if not rsa.verify(body.encode(), _unb64(signature)):
        raise BadSignature
    header = json.loads(_unb64(body.split(".")[0]))
    if header["kid"] != KEY_IDS[use]:
        raise NotAToken
    return claims


def seconds(claims: Claims, name: str) -> float:
    """A time claim (`exp`, `iat`) in epoch seconds; 0 where it is missing or no number."""
    value = claims.get(name)
    return float(value) if isinstance(value, int | float) else 0.0
