"""What a user pool publishes about itself (OpenID Connect Discovery 1.0, section 4)."""

import json
from typing import NamedTuple


class Published(NamedTuple):
    """Who issues the pool's tokens, without the scheme; or that there is no such pool."""

    issuer: str | None
    absent: bool


def path(user_pool_id: str) -> str:
    """Where it is, at the endpoint of the user pools."""
    return f"/{user_pool_id}/.well-known/openid-configuration"


def read(body: bytes) -> Published:
    """Read it; anything else says neither."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        return Published(None, absent=False)
    issuer = found.get("issuer")
    return Published(
        issuer.removeprefix("https://") if isinstance(issuer, str) else None,
        absent="does not exist" in str(found.get("message", "")),
    )
