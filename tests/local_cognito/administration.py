"""What administrators call to shut somebody out, and sign; for all else there is Python here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.local_cognito import sigv4
from tests.local_cognito.errors import ServiceError
from tests.local_cognito.signup import reset_by_administrator

if TYPE_CHECKING:
    from tests.local_cognito.fields import Answer, Fields
    from tests.local_cognito.users import User
    from tests.local_cognito.world import World

# How a service of JSON 1.1 names what STS calls otherwise; the rest is an invalid signature.
CODES = {
    "MissingAuthenticationToken": "MissingAuthenticationTokenException",
    "InvalidClientTokenId": "UnrecognizedClientException",
    "ExpiredToken": "ExpiredTokenException",
}


def admit(world: World, request: sigv4.Request) -> None:
    """Hold a call to its signature; every role may administrate here.

    Raises:
        ServiceError: it is not signed, or not by credentials from here.
    """
    try:
        sigv4.caller(request, world.keys, world.clock, service="cognito-idp")
    except ServiceError as error:
        code = CODES.get(error.code, "InvalidSignatureException")
        raise ServiceError(code, error.message) from None


def admin_delete_software_token(world: World, fields: Fields) -> Answer:
    """AdminDeleteSoftwareToken: the app is the user's no more, who is asked to set up another.

    Source: its documentation in botocore 1.44. What it does to one that was associated and not
    verified yet is not said: here that goes as well. Tokens of sign-ins stay.
    """
    user = _user(world, fields)
    user.token = user.pending = None
    user.prefer("SOFTWARE_TOKEN_MFA", enabled=False, preferred=False)
    return {}


def admin_reset_user_password(world: World, fields: Fields) -> Answer:
    """AdminResetUserPassword: no sign-in before the mailed code is typed. Tokens stay.

    Source: its documentation, which speaks of no tokens; of a disabled user it says "User is
    disabled.", as users report.
    """
    user = _user(world, fields)
    if user.disabled:
        raise ServiceError("NotAuthorizedException", "User is disabled.")
    reset_by_administrator(world.pools[fields.text("UserPoolId", high=55)], user)
    return {}


def admin_user_global_sign_out(world: World, fields: Fields) -> Answer:
    """AdminUserGlobalSignOut: end every sign-in of the user, but no session of a browser."""
    user = _user(world, fields)
    for sign_in in world.sign_ins.values():
        if sign_in.user is user:
            sign_in.revoked = True
    return {}


def _user(world: World, fields: Fields) -> User:
    pool_id = fields.text("UserPoolId", high=55, form=r"[\w-]+_[0-9a-zA-Z]+")
    name = fields.text("Username", high=128)
    pool = world.pools.get(pool_id)
    if pool is None:
        raise ServiceError("ResourceNotFoundException", f"User pool {pool_id} does not exist.")
    found = pool.find(name)
    if found is None:
        raise ServiceError("UserNotFoundException", "User does not exist.")
    return found


OPERATIONS = {
    "AdminDeleteSoftwareToken": admin_delete_software_token,
    "AdminResetUserPassword": admin_reset_user_password,
    "AdminUserGlobalSignOut": admin_user_global_sign_out,
}
