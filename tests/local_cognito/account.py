"""Calls of somebody who has signed in: GetUser, token refresh, sign-out, revocation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.local_cognito import tokens
from tests.local_cognito.errors import ServiceError
from tests.local_cognito.fields import CLIENT_ID, DEVICE_KEY, TOKEN

if TYPE_CHECKING:
    from tests.local_cognito.fields import Answer, Fields
    from tests.local_cognito.world import World

_SECRET = r"[\w+]+"


def get_user(world: World, fields: Fields) -> Answer:
    """GetUser: the attributes and the MFA settings behind an access token."""
    user = tokens.of_access_token(world, fields.text("AccessToken", form=TOKEN)).user
    shown = {"sub": user.sub, **user.shown_attributes()}
    answer: Answer = {
        "Username": user.username,
        "UserAttributes": [{"Name": name, "Value": value} for name, value in shown.items()],
    }
    usable = sorted(user.mfa - (set() if user.token else {"SOFTWARE_TOKEN_MFA"}))
    if usable:
        answer["UserMFASettingList"] = usable
    if user.preferred_mfa in usable:
        answer["PreferredMfaSetting"] = user.preferred_mfa
    return answer


def get_tokens_from_refresh_token(world: World, fields: Fields) -> Answer:
    """GetTokensFromRefreshToken: with rotation a new refresh token comes back as well."""
    client = world.client(fields.text("ClientId", high=128, form=CLIENT_ID))
    if client.get_tokens_refusal == "UnknownOperationException":
        raise ServiceError(client.get_tokens_refusal, "", 404)
    if client.get_tokens_refusal:
        raise ServiceError(client.get_tokens_refusal, "The operation is not enabled")
    client.check_secret(fields.optional("ClientSecret", low=24, high=64, form=_SECRET))
    text = fields.text("RefreshToken", form=TOKEN)
    device_key = fields.optional("DeviceKey", low=1, high=55, form=DEVICE_KEY)
    result, record = tokens.refresh(world, client, text, device_key)
    if client.rotation_grace is not None:
        result["RefreshToken"] = tokens.rotate(world, record, client.rotation_grace)
    return {"AuthenticationResult": result}


def revoke_token(world: World, fields: Fields) -> Answer:
    """RevokeToken: end the sign-in of a refresh token, and with it all of its tokens."""
    client = world.client(fields.text("ClientId", high=128, form=CLIENT_ID))
    client.check_secret(fields.optional("ClientSecret", low=24, high=64, form=_SECRET))
    text = fields.text("Token", form=TOKEN)
    if not client.revocation:
        raise ServiceError("UnsupportedOperationException", "Revocation is not enabled")
    record = world.refresh_tokens.get(text)
    if record is None and text.count(".") == 2:
        raise ServiceError("UnsupportedTokenTypeException", "Only refresh tokens can be revoked")
    if record is None or record.sign_in.client is not client:
        raise ServiceError("UnauthorizedException", "The token was not issued to this client")
    record.sign_in.revoked = True
    return {}


def global_sign_out(world: World, fields: Fields) -> Answer:
    """GlobalSignOut: end every sign-in of the user."""
    caller = tokens.of_access_token(world, fields.text("AccessToken", form=TOKEN))
    for other in world.sign_ins.values():
        if other.user is caller.user:
            other.revoked = True
    return {}


OPERATIONS = {
    "GetUser": get_user,
    "GetTokensFromRefreshToken": get_tokens_from_refresh_token,
    "RevokeToken": revoke_token,
    "GlobalSignOut": global_sign_out,
}
