"""The operations of identity pools: GetId, GetCredentialsForIdentity, GetOpenIdToken."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from tests.local_cognito import jwt, partitions
from tests.local_cognito.errors import ServiceError, invalid_parameter, not_authorized
from tests.local_cognito.fields import IDENTITY_ID

if TYPE_CHECKING:
    from tests.local_cognito.fields import Answer, Fields
    from tests.local_cognito.identity_pools import IdentityPool, Login
    from tests.local_cognito.world import World

OPEN_ID_TOKEN_SECONDS = 600
SESSION_NAME = "CognitoIdentityCredentials"


def get_id(world: World, fields: Fields) -> Answer:
    """GetId: the identity of the user behind the login token."""
    pool_id = fields.text("IdentityPoolId", high=55, form=IDENTITY_ID)
    fields.optional("AccountId", low=1, high=15, form=r"\d+")
    logins = fields.strings("Logins", most=10)
    pool = world.identity_pools.get(pool_id)
    if pool is None:
        raise ServiceError("ResourceNotFoundException", f"IdentityPool '{pool_id}' not found.")
    return {"IdentityId": pool.identity_of(pool.login(logins))}


def get_credentials_for_identity(world: World, fields: Fields) -> Answer:
    """GetCredentialsForIdentity: the enhanced flow."""
    wanted = fields.optional("CustomRoleArn", low=20, high=2_048)
    pool, login, identity_id = _identified(world, fields)
    arn = pool.role_for(login, wanted)
    role = world.keys.roles.get(arn)
    if role is None or not role.lets_in(pool.id):
        raise ServiceError(
            "InvalidIdentityPoolConfigurationException",
            "Invalid identity pool configuration. Check assigned IAM roles for this pool.",
        )
    expires_at = float(int(world.clock.now()) + pool.credentials_seconds)
    issued = world.keys.issue(role, SESSION_NAME, expires_at)
    return {
        "IdentityId": identity_id,
        "Credentials": {
            "AccessKeyId": issued.access_key_id,
            "SecretKey": issued.secret_key,
            "SessionToken": issued.session_token,
            "Expiration": issued.expires_at,
        },
    }


def get_open_id_token(world: World, fields: Fields) -> Answer:
    """GetOpenIdToken: the first half of the basic flow; the token is good for 10 minutes."""
    pool, login, identity_id = _identified(world, fields)
    if not pool.classic_flow:
        raise invalid_parameter("Basic (classic) flow is not enabled, please use enhanced flow.")
    now = int(world.clock.now())
    claims: jwt.Claims = {
        "sub": identity_id,
        "aud": pool.id,
        "amr": ["authenticated", login.provider, f"{login.provider}:{login.subject[1]}"],
        "iss": f"https://{partitions.identity_provider(pool.region)}",
        "exp": now + OPEN_ID_TOKEN_SECONDS,
        "iat": now,
        "jti": str(uuid.uuid4()),
    }
    return {"IdentityId": identity_id, "Token": jwt.issue(claims, "identity")}


def _identified(world: World, fields: Fields) -> tuple[IdentityPool, Login, str]:
    """The pool of a known identity, the checked login, and the identity's id."""
    identity_id = fields.text("IdentityId", high=55, form=IDENTITY_ID)
    logins = fields.strings("Logins", most=10)
    for pool in world.identity_pools.values():
        if identity_id in pool.identities.values():
            login = pool.login(logins)
            if pool.identities.get(login.subject) != identity_id:
                raise not_authorized(
                    "Logins don't match. Please include at least one valid login for this "
                    "identity or identity pool."
                )
            return pool, login, identity_id
    raise ServiceError("ResourceNotFoundException", f"Identity '{identity_id}' not found.")


OPERATIONS = {
    "GetId": get_id,
    "GetCredentialsForIdentity": get_credentials_for_identity,
    "GetOpenIdToken": get_open_id_token,
}
