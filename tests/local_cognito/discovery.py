"""What a user pool publishes: `/{pool id}/.well-known/openid-configuration`, by GET.

Source: OpenID Connect Discovery 1.0, section 3, and the members that the service gives. What it
says of a pool that is not there is not known for certain.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.local_cognito import wire

if TYPE_CHECKING:
    from tests.local_cognito.world import World

SUFFIX = "/.well-known/openid-configuration"


def document(world: World, path: str) -> wire.Reply | None:
    """The reply for a path of this kind; None for any other path."""
    if not path.endswith(SUFFIX):
        return None
    pool_id = path.removesuffix(SUFFIX).removeprefix("/")
    pool = world.pools.get(pool_id)
    if pool is None:
        said = {"message": f"User pool {pool_id} does not exist."}
        return wire.Reply(400, "application/json", json.dumps(said).encode())
    found = {
        "id_token_signing_alg_values_supported": ["RS256"],
        "issuer": f"https://{pool.provider}",
        "jwks_uri": f"https://{pool.provider}/.well-known/jwks.json",
        "response_types_supported": ["code", "token"],
        "scopes_supported": ["openid", "email", "phone", "profile"],
        "subject_types_supported": ["public"],
    }
    return wire.Reply(200, "application/json", json.dumps(found).encode())
