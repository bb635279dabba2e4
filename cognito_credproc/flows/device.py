"""A device that a user pool tracks: this machine, by a key and a random password of its own.

Source: Amazon Cognito developer guide, "Working with user devices in your user pool": ConfirmDevice
with the verifier of the password makes the new key of a sign-in count. Until then its tokens cannot
be refreshed; afterwards only together with the key.
"""

import contextlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from cognito_credproc.flows import srp
from cognito_credproc.flows.flow import YES, Drop, Field, Flow, Item, Store, ask, call, member
from cognito_credproc.values.errors import ServiceError, UnreachableError


@dataclass(frozen=True, slots=True, repr=False)
class Device:
    """Its key and its group's as Cognito gave them, and the password that it proves itself by."""

    key: str
    group: str
    password: str = field(default_factory=lambda: secrets.token_urlsafe(40))

    @property
    def identity(self) -> str:
        """What SRP takes in place of the pool and the user."""
        return self.group + self.key

    def text(self) -> str:
        """The text of its item in the keyring."""
        return json.dumps(asdict(self))

    @classmethod
    def parse(cls, text: str | None) -> "Device | None":
        """The device in an item's text; None for none, or for what is no device of ours."""
        try:
            found = json.loads(text or "")
            device = cls(found["key"], found["group"], found["password"])
        except (ValueError, KeyError, TypeError):
            return None
        return device if all(isinstance(part, str) for part in asdict(device).values()) else None


@dataclass(frozen=True, slots=True)
class Machine:
    """This machine: its name, for people who look at the devices of a user, and its device."""

    name: str = "cognito-credproc"
    device: Device | None = None


def keep_device(access_token: str, metadata: Mapping[str, str], name: str) -> Flow[None]:
    """Make the new device of a sign-in count, and remember it if the person is asked and agrees.

    A sign-in is good without it: what fails here costs its refresh token, and so the next renewal
    a sign-in, not this one. The device is stored before it counts, since its password is nowhere
    else.
    """
    device = Device(member(metadata, "DeviceKey"), member(metadata, "DeviceGroupKey"))
    verifier, salt = srp.verifier(device.identity, device.password)
    yield Store(Item.DEVICE, device.text())
    named = {"AccessToken": access_token, "DeviceKey": device.key}
    config = {"PasswordVerifier": verifier, "Salt": salt}
    try:
        confirmed = yield from call(
            "cognito-idp",
            "ConfirmDevice",
            {**named, "DeviceName": name, "DeviceSecretVerifierConfig": config},
        )
    except ServiceError:
        yield Drop(Item.DEVICE)
        return
    except UnreachableError:
        return  # it may count; if not, the pool says so at the next sign-in
    if not confirmed.get("UserConfirmationNecessary"):
        return
    if (yield from ask(Field.REMEMBER_DEVICE)) == YES:
        with contextlib.suppress(ServiceError, UnreachableError):
            yield from call(
                "cognito-idp",
                "UpdateDeviceStatus",
                {**named, "DeviceRememberedStatus": "remembered"},
            )
