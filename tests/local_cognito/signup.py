"""Accounts without an administrator: signing up, confirming, and a forgotten password."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.local_cognito.errors import ServiceError, invalid_parameter, not_authorized
from tests.local_cognito.fields import CLIENT_ID
from tests.local_cognito.mailed_codes import expired, mismatch
from tests.local_cognito.mfa import masked
from tests.local_cognito.signin import named_user
from tests.local_cognito.users import check_attributes, check_policy

if TYPE_CHECKING:
    from tests.local_cognito.clients import AppClient
    from tests.local_cognito.fields import Answer, Fields
    from tests.local_cognito.pools import UserPool
    from tests.local_cognito.users import User
    from tests.local_cognito.world import World

RESET = "forgot-password"


def sign_up(world: World, fields: Fields) -> Answer:
    """SignUp: a new unconfirmed user, and a code by mail."""
    client, name = _client_and_name(world, fields)
    pool = client.pool
    if pool.admin_create_only:
        raise not_authorized("SignUp is not permitted for this user pool")
    attributes = fields.attributes("UserAttributes")
    address = name if pool.email_as_username else attributes.get("email", "")
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
        raise invalid_parameter(
            "Username should be an email."
            if pool.email_as_username
            else "Attributes did not conform to the schema: email: The attribute is required"
        )
    if attributes.pop("email", address).casefold() != address.casefold():
        raise invalid_parameter("User ID and email attribute values do not match")
    check_attributes(attributes)
    password = fields.text("Password", high=256, form=r"[\S]+")
    check_policy(password, pool.minimum_password_length)
    if pool.find(name) or pool.find(address):
        text = "An account with the given email already exists."
        raise ServiceError(
            "UsernameExistsException", text if pool.email_as_username else "User already exists"
        )
    user = pool.add_user(name, address)
    user.set_password(password)
    user.attributes |= attributes
    user.status, user.email_verified = "UNCONFIRMED", False
    return {
        "UserConfirmed": False,
        "UserSub": user.sub,
        "CodeDeliveryDetails": _send(world, client, user, "sign-up"),
    }


def confirm_sign_up(world: World, fields: Fields) -> Answer:
    """ConfirmSignUp: the mailed code makes the user CONFIRMED."""
    client, name = _client_and_name(world, fields)
    code = fields.text("ConfirmationCode", high=2_048, form=r"[\S]+")
    user = named_user(client, name)
    if user is None:
        # The guide says only that the answer must not tell; this is the less helpful one.
        raise expired()
    if user.status != "UNCONFIRMED":
        raise not_authorized(f"User cannot be confirmed. Current status is {user.status}")
    world.codes.check("sign-up", _key(client, user), code, world.clock.now())
    user.status, user.email_verified = "CONFIRMED", True
    return {}


def resend_confirmation_code(world: World, fields: Fields) -> Answer:
    """ResendConfirmationCode: a new code, which voids the ones before it."""
    client, name = _client_and_name(world, fields)
    user = named_user(client, name)
    if user is None:
        return {"CodeDeliveryDetails": _delivery(name)}
    if user.status != "UNCONFIRMED":
        raise invalid_parameter("User is already confirmed.")
    # The first message is the sign-up's own and no repeat.
    world.codes.may_send("sign-up", _key(client, user), world.clock.now(), free=1)
    return {"CodeDeliveryDetails": _send(world, client, user, "sign-up")}


def forgot_password(world: World, fields: Fields) -> Answer:
    """ForgotPassword: mail a code, good for an hour."""
    client, name = _client_and_name(world, fields)
    user = named_user(client, name)
    if user is None:
        return {"CodeDeliveryDetails": _delivery(name)}
    if user.disabled:
        raise not_authorized("User is disabled.")
    if user.status == "FORCE_CHANGE_PASSWORD":
        raise not_authorized("User password cannot be reset in the current state.")
    world.codes.may_send(RESET, _key(client, user), world.clock.now())
    return {"CodeDeliveryDetails": send_reset_code(client.pool, user)}


def send_reset_code(pool: UserPool, user: User) -> dict[str, str]:
    """Send the code for a new password to where the pool recovers accounts.

    An address that gets the second factor's codes is not good for it.
    Source: Amazon Cognito user pools API reference, AccountRecoverySettingType.

    Raises:
        ServiceError: the pool leaves that to administrators, or the user has no such address.
    """
    if not pool.recovery:
        raise not_authorized("Contact administrator to reset password.")
    reachable = {
        "email": user.email if user.email_verified and "EMAIL_OTP" not in user.mfa else None,
        "phone_number": user.phone if "SMS_MFA" not in user.mfa else None,
    }
    for attribute in pool.recovery:
        if address := reachable[attribute]:
            code = pool.mail(address, RESET)
            pool.world.codes.sent(RESET, f"{pool.id}/{user.username}", code, pool.world.clock.now())
            return _delivery(address, attribute)
    raise invalid_parameter(
        "Cannot reset password for the user as there is no registered/verified email "
        "or phone_number"
    )


def reset_by_administrator(pool: UserPool, user: User) -> None:
    """What AdminResetUserPassword does: the password is void, and a code is on its way.

    Raises:
        ServiceError: the user has no address for it.
    """
    with pool.world.lock:
        send_reset_code(pool, user)
        user.reset_required = True


def confirm_forgot_password(world: World, fields: Fields) -> Answer:
    """ConfirmForgotPassword: the mailed code and a new password."""
    client, name = _client_and_name(world, fields)
    code = fields.text("ConfirmationCode", high=2_048, form=r"[\S]+")
    password = fields.text("Password", high=256, form=r"[\S]+")
    user = named_user(client, name)
    if user is None:
        raise mismatch()
    if user.status == "UNCONFIRMED":
        raise ServiceError("UserNotConfirmedException", "User is not confirmed.")
    check_policy(password, client.pool.minimum_password_length)
    world.codes.check(RESET, _key(client, user), code, world.clock.now())
    user.set_password(password)
    return {}


def _client_and_name(world: World, fields: Fields) -> tuple[AppClient, str]:
    client = world.client(fields.text("ClientId", high=128, form=CLIENT_ID))
    name = fields.text("Username", high=128, form=r"\S+")
    client.check_hash(fields.optional("SecretHash", low=1, high=128, form=r"[\w+=/]+"), name)
    return client, name


def _key(client: AppClient, user: User) -> str:
    return f"{client.pool.id}/{user.username}"


def _send(world: World, client: AppClient, user: User, kind: str) -> dict[str, str]:
    address = user.email or ""
    code = client.pool.mail(address, kind)
    world.codes.sent(kind, _key(client, user), code, world.clock.now())
    return _delivery(address)


def _delivery(address: str, attribute: str = "email") -> dict[str, str]:
    medium = "EMAIL" if attribute == "email" else "SMS"
    return {"Destination": masked(address), "DeliveryMedium": medium, "AttributeName": attribute}


OPERATIONS = {
    "SignUp": sign_up,
    "ConfirmSignUp": confirm_sign_up,
    "ResendConfirmationCode": resend_confirmation_code,
    "ForgotPassword": forgot_password,
    "ConfirmForgotPassword": confirm_forgot_password,
}
