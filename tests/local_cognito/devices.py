"""Devices that a pool tracks: their keys, their proof in place of a second factor, their end.

    DEVICE_KEY of a device that is remembered, password by SRP    DEVICE_SRP_AUTH
    DEVICE_KEY that the pool does not know                        `Device does not exist.`
    none                                                          a new key comes with the tokens

A new device counts from ConfirmDevice on. Until then, its tokens cannot be refreshed; afterwards
they can with its key alone (Amazon Cognito developer guide, "Working with user devices").
"""

from __future__ import annotations

import base64
import binascii
import secrets
import uuid
from typing import TYPE_CHECKING

from tests.local_cognito import attempts, srp, tokens
from tests.local_cognito.errors import ServiceError, invalid_parameter, not_authorized
from tests.local_cognito.fields import DEVICE_KEY, TOKEN, required
from tests.local_cognito.steps import ask, open_session
from tests.local_cognito.users import Device

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.local_cognito.clients import AppClient
    from tests.local_cognito.fields import Answer, Fields
    from tests.local_cognito.sessions import Passage
    from tests.local_cognito.users import User
    from tests.local_cognito.world import World


def named(client: AppClient, name: str, parameters: Mapping[str, str]) -> str:
    """The DEVICE_KEY of a request, which must be a device of the user.

    Raises:
        ServiceError: ResourceNotFoundException, or InvalidParameterException where the pool
            tracks no devices. What the service says there is not known.
    """
    key = parameters.get("DEVICE_KEY", "")
    if not key:
        return ""
    if not client.pool.devices:
        raise invalid_parameter("Device tracking is not enabled for this user pool")
    user = client.pool.find(name)
    if user is not None and key not in user.devices:
        raise _unknown()
    return key


def is_remembered(client: AppClient, user: User, passage: Passage) -> bool:
    """Whether the device is to prove itself: SRP alone knows how."""
    device = user.devices.get(passage.device_key)
    return bool(
        client.pool.devices and passage.by_srp and device and device.verifier and device.remembered
    )


def finish(world: World, client: AppClient, user: User, passage: Passage) -> Answer:
    """The proof of the device, where there is one to be had; else tokens."""
    if not is_remembered(client, user, passage):
        return _tokens(world, client, user, passage)
    if client.pool.device_sessions:
        return ask(world, client, user, passage, "DEVICE_SRP_AUTH", {})
    until = world.clock.now() + 60 * client.session_minutes
    world.expected_devices[client.id, user.username, passage.device_key] = passage, until
    return {"ChallengeName": "DEVICE_SRP_AUTH", "ChallengeParameters": {}}


def _tokens(world: World, client: AppClient, user: User, passage: Passage) -> Answer:
    if not client.pool.devices or passage.device_key:
        return tokens.sign_in(world, client, user, device_key=passage.device_key)
    group = f"-{secrets.token_urlsafe(6)}"
    device = Device(f"{client.pool.region}_{uuid.uuid4()}", group)
    user.devices[device.key] = device
    answer = tokens.sign_in(world, client, user, device_key=device.key)
    result = answer["AuthenticationResult"]
    assert isinstance(result, dict)
    result["NewDeviceMetadata"] = {"DeviceKey": device.key, "DeviceGroupKey": device.group}
    return answer


def _device_srp_auth(
    world: World, client: AppClient, text: str, responses: Mapping[str, str]
) -> Answer:
    key = required(responses, "DEVICE_KEY")
    user = client.pool.find(responses["USERNAME"])
    if client.pool.device_sessions:
        session = open_session(world, client, text, "DEVICE_SRP_AUTH", responses)
        session.used = True
        passage, until = session.passage, session.expires_at
    else:
        expected = world.expected_devices.pop((client.id, responses["USERNAME"], key), None)
        if expected is None:
            raise not_authorized("Invalid session for the user.")
        passage, until = expected
    if user is None or world.clock.now() >= until:
        raise not_authorized("Invalid session for the user, session is expired.")
    device = user.devices.get(key)
    if device is None or key != passage.device_key:
        raise _unknown()
    srp_a = required(responses, "SRP_A")
    shown = attempts.begin_device(world, client, user, passage, device, srp_a)
    if client.pool.device_sessions:
        return ask(world, client, user, passage, "DEVICE_PASSWORD_VERIFIER", shown, tell="USERNAME")
    return {"ChallengeName": "DEVICE_PASSWORD_VERIFIER", "ChallengeParameters": shown}


def _device_password_verifier(
    world: World, client: AppClient, text: str, responses: Mapping[str, str]
) -> Answer:
    if client.pool.device_sessions:
        session = open_session(world, client, text, "DEVICE_PASSWORD_VERIFIER", responses)
        session.used = True
    attempt = attempts.finish_device(world, client, responses)
    return _tokens(world, client, attempt.user, attempt.passage)


def confirm_device(world: World, fields: Fields) -> Answer:
    """ConfirmDevice: the new device of this very sign-in, with the verifier of its password."""
    caller = tokens.of_access_token(world, fields.text("AccessToken", form=TOKEN))
    device = _of(caller, fields)
    name = fields.optional("DeviceName", low=1, high=1_024)
    config = fields.inner("DeviceSecretVerifierConfig")
    if config is None:
        raise invalid_parameter("Invalid device secret verifier config")
    if device.key != caller.device_key:
        raise invalid_parameter("Invalid device key given")
    if device.verifier is not None:
        raise ServiceError("DeviceKeyExistsException", "Device key already exists")
    salt = _number(config.text("Salt"), "salt")
    number = _number(config.text("PasswordVerifier"), "password verifier")
    if not 1 < number < srp.N:
        raise invalid_parameter("Invalid password verifier")
    device.verifier = srp.GivenVerifier(f"{device.group}{device.key}", salt, number)
    device.name = name
    device.remembered = caller.client.pool.devices == "ALWAYS"
    return {"UserConfirmationNecessary": not device.remembered}


def update_device_status(world: World, fields: Fields) -> Answer:
    """UpdateDeviceStatus: remembered, or not."""
    caller = tokens.of_access_token(world, fields.text("AccessToken", form=TOKEN))
    device = _of(caller, fields)
    status = fields.text("DeviceRememberedStatus")
    if status not in {"remembered", "not_remembered"}:
        raise invalid_parameter("Invalid device status")
    if device.verifier is None:
        raise _unknown()
    device.remembered = status == "remembered"
    return {}


def forget_device(world: World, fields: Fields) -> Answer:
    """ForgetDevice: its tokens are refreshed no more."""
    caller = tokens.of_access_token(world, fields.text("AccessToken", form=TOKEN))
    del caller.user.devices[_of(caller, fields).key]
    return {}


def _of(caller: tokens.SignIn, fields: Fields) -> Device:
    key = fields.text("DeviceKey", high=55, form=DEVICE_KEY)
    device = caller.user.devices.get(key)
    if device is None:
        raise _unknown()
    return device


def _unknown() -> ServiceError:
    return ServiceError("ResourceNotFoundException", "Device does not exist.")


def _number(text: str, what: str) -> int:
    """A number as Java reads its bytes: signed, so that a set first bit is refused."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise invalid_parameter(f"Invalid {what}") from None
    number = int.from_bytes(raw, "big", signed=True)
    if number < 0:
        raise invalid_parameter(f"Negative value passed for {what}")
    if number == 0:
        raise invalid_parameter(f"Invalid {what}")
    return number


CHALLENGES = {
    "DEVICE_SRP_AUTH": _device_srp_auth,
    "DEVICE_PASSWORD_VERIFIER": _device_password_verifier,
}
OPERATIONS = {
    "ConfirmDevice": confirm_device,
    "UpdateDeviceStatus": update_device_status,
    "ForgetDevice": forget_device,
}
