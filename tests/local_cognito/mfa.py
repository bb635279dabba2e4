"""Second factors: which is due after the password, the codes that are sent, the preferences.

none set up, MFA demanded   MFA_SETUP
one set up, or a preferred  its challenge
several, none preferred     SELECT_MFA_TYPE, then that one's challenge
"""

from __future__ import annotations

import hmac
import json
from typing import TYPE_CHECKING

from tests.local_cognito import devices, tokens
from tests.local_cognito.errors import ServiceError, invalid_parameter
from tests.local_cognito.fields import TOKEN, required
from tests.local_cognito.steps import ask, open_session
from tests.local_cognito.totp import Check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.local_cognito.clients import AppClient
    from tests.local_cognito.fields import Answer, Fields
    from tests.local_cognito.sessions import Passage
    from tests.local_cognito.users import User
    from tests.local_cognito.world import World

EMAIL_MFA = "EMAIL_MFA"
SETTINGS = {
    "SMSMfaSettings": "SMS_MFA",
    "SoftwareTokenMfaSettings": "SOFTWARE_TOKEN_MFA",
    "EmailMfaSettings": "EMAIL_OTP",
}


def factors(client: AppClient, user: User) -> list[str]:
    """The second factors that a user can be asked for."""
    pool = client.pool
    has = {
        "SMS_MFA": user.phone is not None,
        "SOFTWARE_TOKEN_MFA": user.token is not None,
        "EMAIL_OTP": user.email is not None,
    }
    return [
        name
        for name in pool.mfa_kinds
        # Where MFA is demanded, whatever can be asked for is; else only what the user wants.
        if pool.mfa != "OFF" and has[name] and (pool.mfa == "ON" or name in user.mfa)
    ]


def second_factor(world: World, client: AppClient, user: User, passage: Passage) -> Answer | None:
    """The challenge of the second factor that is due; None where none is."""
    found = factors(client, user)
    if user.preferred_mfa in found:
        return challenge(world, client, user, passage, user.preferred_mfa)
    if len(found) > 1:
        names = [EMAIL_MFA if name == "EMAIL_OTP" else name for name in found]
        shown = {"MFAS_CAN_CHOOSE": json.dumps(names if client.pool.offers_email_mfa else found)}
        return ask(world, client, user, passage, "SELECT_MFA_TYPE", shown)
    if found:
        return challenge(world, client, user, passage, found[0])
    if client.pool.mfa == "ON":
        shown = {"MFAS_CAN_SETUP": json.dumps(list(client.pool.mfa_kinds))}
        return ask(world, client, user, passage, "MFA_SETUP", shown)
    return None


def challenge(world: World, client: AppClient, user: User, passage: Passage, name: str) -> Answer:
    """The challenge of one factor; where it is a code that is sent, this sends it."""
    if name == "SOFTWARE_TOKEN_MFA":
        return ask(world, client, user, passage, name, {})
    address = (user.phone if name.startswith("SMS") else user.email) or ""
    code = client.pool.mail(address, name, client.pool.mfa_digits)
    return ask(world, client, user, passage, name, delivery(name, address), code=code)


def delivery(name: str, address: str) -> dict[str, str]:
    """What the challenge of a code tells about where it went."""
    return {
        "CODE_DELIVERY_DELIVERY_MEDIUM": "SMS" if name.startswith("SMS") else "EMAIL",
        "CODE_DELIVERY_DESTINATION": masked(address),
    }


def masked(address: str) -> str:
    """A destination as it is shown."""
    box, at, domain = address.partition("@")
    return f"{box[:1]}***@{domain[:1] or 'e'}***" if at else f"+*******{address[-4:]}"


def used_code() -> ServiceError:
    """What the service says to a code that was good once, here or at the enrolment."""
    return ServiceError("ExpiredCodeException", "Your software token has already been used once.")


def _software_token_mfa(
    world: World, client: AppClient, text: str, responses: Mapping[str, str]
) -> Answer:
    session = open_session(world, client, text, "SOFTWARE_TOKEN_MFA", responses)
    code = required(responses, "SOFTWARE_TOKEN_MFA_CODE")
    token = session.user.token
    if token is None:
        session.used = True
        raise ServiceError("SoftwareTokenMFANotFoundException", "Software token MFA not found.")
    match token.check(code, world.clock.now()):
        case Check.WRONG:
            raise ServiceError("CodeMismatchException", "Invalid code received for user")
        case Check.USED:
            session.used = True
            raise used_code()
        case Check.GOOD:
            session.used = True
    return devices.finish(world, client, session.user, session.passage)


def _sent_code(
    world: World, client: AppClient, text: str, responses: Mapping[str, str], name: str
) -> Answer:
    """A wrong code leaves the session open; a good one is used up with it."""
    session = open_session(world, client, text, name, responses)
    code = required(responses, f"{name}_CODE")
    if not hmac.compare_digest(session.code.encode(), code.encode()):
        raise ServiceError("CodeMismatchException", "Invalid code or auth state for the user.")
    session.used = True
    return devices.finish(world, client, session.user, session.passage)


def _sms_mfa(world: World, client: AppClient, text: str, responses: Mapping[str, str]) -> Answer:
    return _sent_code(world, client, text, responses, "SMS_MFA")


def _email_otp(world: World, client: AppClient, text: str, responses: Mapping[str, str]) -> Answer:
    return _sent_code(world, client, text, responses, "EMAIL_OTP")


def _sms_otp(world: World, client: AppClient, text: str, responses: Mapping[str, str]) -> Answer:
    return _sent_code(world, client, text, responses, "SMS_OTP")


def _select_mfa_type(
    world: World, client: AppClient, text: str, responses: Mapping[str, str]
) -> Answer:
    session = open_session(world, client, text, "SELECT_MFA_TYPE", responses)
    answer = required(responses, "ANSWER")
    session.used = True
    if client.pool.offers_email_mfa:
        answer = {EMAIL_MFA: "EMAIL_OTP", "EMAIL_OTP": ""}.get(answer, answer)
    if answer not in factors(client, session.user):
        raise invalid_parameter(f"{answer} is not one of the factors that can be chosen")
    return challenge(world, client, session.user, session.passage, answer)


def set_user_mfa_preference(world: World, fields: Fields) -> Answer:
    """SetUserMFAPreference: a factor that the user or the pool does not have is refused."""
    caller = tokens.of_access_token(world, fields.text("AccessToken", form=TOKEN))
    user, kinds = caller.user, caller.client.pool.mfa_kinds
    given = {name: inner for name in SETTINGS if (inner := fields.inner(name)) is not None}
    passkeys = fields.inner("WebAuthnMfaSettings")
    if passkeys and passkeys.flag("Enabled"):
        raise invalid_parameter("WebAuthn MFA is not enabled for this user pool")
    for name, inner in given.items():
        wanted = inner.flag("Enabled") or inner.flag("PreferredMfa")
        if wanted and name == "SoftwareTokenMfaSettings" and user.token is None:
            raise invalid_parameter("User has not verified software token mfa")
        address = user.phone if name == "SMSMfaSettings" else user.email
        if wanted and (SETTINGS[name] not in kinds or not address):
            raise invalid_parameter(f"User does not have delivery config set to turn on {name}")
    for name, inner in given.items():
        enabled, preferred = bool(inner.flag("Enabled")), bool(inner.flag("PreferredMfa"))
        user.prefer(SETTINGS[name], enabled=enabled, preferred=preferred)
    return {}


CHALLENGES = {
    "SOFTWARE_TOKEN_MFA": _software_token_mfa,
    "SMS_MFA": _sms_mfa,
    "EMAIL_OTP": _email_otp,
    "SMS_OTP": _sms_otp,
    "SELECT_MFA_TYPE": _select_mfa_type,
}
OPERATIONS = {"SetUserMFAPreference": set_user_mfa_preference}
