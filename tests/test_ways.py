"""The ways to new tokens, as far as devices and the older call for refresh tokens go."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cognito_credproc.flows.device import Device
from cognito_credproc.flows.flow import Item
from cognito_credproc.values.errors import PersonNeededError
from tests.fakes import ScriptedPerson
from tests.machine import (
    GET_ID_OK,
    ISSUER,
    NEW_KEYS,
    REFRESH,
    RESPOND,
    SIGN_IN,
    Machine,
    tokens,
)
from tests.script import challenged, id_token, refusal

KEY = "ap-northeast-1_11111111-2222-3333-4444-555555555555"
DEVICE = Device(KEY, "-group", "secret")
METADATA = {"DeviceKey": KEY, "DeviceGroupKey": "-group"}
UNKNOWN_TOKEN = refusal(REFRESH, "NotAuthorizedException", "Invalid Refresh Token.")
CONFIRM = "ConfirmDevice"
Make = Callable[..., Machine]


@pytest.fixture
def machine(tmp_path: Path) -> Make:
    def make(*script: tuple[str, object]) -> Machine:
        return Machine(tmp_path, *script)

    return make


def signed_in() -> dict[str, object]:
    """Tokens of a sign-in without a device, with the new one's keys."""
    found = {
        "IdToken": id_token(iss=ISSUER, **{"cognito:username": "1111-2222"}),
        "AccessToken": "access",
        "RefreshToken": "fresh",
        "NewDeviceMetadata": METADATA,
    }
    return {"AuthenticationResult": found}


def test_new_device_is_kept_and_goes_with_the_next_refresh(machine: Make) -> None:
    here = machine((SIGN_IN, signed_in()), (CONFIRM, {}), GET_ID_OK, NEW_KEYS)
    here.store(Item.PASSWORD, "stored")
    here.renewal().document()
    device = Device.parse(here.read(Item.DEVICE))
    assert device
    assert device.key == KEY
    assert here.called[1].parameters["DeviceName"].startswith("cognito-credproc on ")
    here.script = [(REFRESH, tokens()), NEW_KEYS]
    here.clock.time += 3_000
    here.renewal().document()
    assert here.called[-2].parameters["DeviceKey"] == KEY
    assert not here.script


def test_refresh_token_that_is_unknown_takes_its_device_with_it(machine: Make) -> None:
    here = machine((REFRESH, UNKNOWN_TOKEN), (SIGN_IN, tokens()), GET_ID_OK, NEW_KEYS)
    here.store(Item.REFRESH_TOKEN, "old")
    here.store(Item.DEVICE, DEVICE.text())
    here.store(Item.PASSWORD, "stored")
    here.renewal().document()
    assert here.read(Item.DEVICE) is None
    assert "DEVICE_KEY" not in here.called[1].parameters["AuthParameters"]


@pytest.mark.parametrize("words", ["Refresh Token has expired", "Refresh Token has been revoked"])
def test_refresh_token_that_ran_out_leaves_the_device(machine: Make, words: str) -> None:
    dead = refusal(REFRESH, "NotAuthorizedException", words)
    here = machine((REFRESH, dead), (SIGN_IN, tokens()), GET_ID_OK, NEW_KEYS)
    here.store(Item.REFRESH_TOKEN, "old")
    here.store(Item.DEVICE, DEVICE.text())
    here.store(Item.PASSWORD, "stored")
    here.renewal().document()
    assert here.called[1].parameters["AuthParameters"]["DEVICE_KEY"] == KEY
    assert here.read(Item.DEVICE) == DEVICE.text()


def test_device_that_is_lost_has_no_code_sent_to_nobody(machine: Make) -> None:
    """With the device no code was needed; without it, one is."""
    sms = challenged("SMS_MFA", USER_ID_FOR_SRP="1111-2222")
    here = machine((SIGN_IN, sms), (RESPOND, signed_in()), (CONFIRM, {}), GET_ID_OK, NEW_KEYS)
    here.store(Item.PASSWORD, "stored")
    here.person = ScriptedPerson("123456")
    here.renewal().login()
    here.person = None
    here.script = [(SIGN_IN, tokens()), NEW_KEYS]
    here.keychain.delete_session("dev")
    here.keychain.delete(Item.REFRESH_TOKEN, here.settings.account)
    here.renewal().document()
    forgotten = refusal(SIGN_IN, "ResourceNotFoundException", "Device does not exist.")
    here.script = [(SIGN_IN, forgotten)]
    here.keychain.delete_session("dev")
    with pytest.raises(PersonNeededError, match="may have a code sent"):
        here.renewal().document()
    assert here.read(Item.DEVICE) is None
    with pytest.raises(PersonNeededError, match="may have a code sent"):
        here.renewal().document()
    assert not here.script


def test_machine_that_is_remembered_needs_no_code_of_an_app(machine: Make) -> None:
    """The sign-in that made it known asked for one; the next need not."""
    totp = challenged("SOFTWARE_TOKEN_MFA", USER_ID_FOR_SRP="1111-2222")
    here = machine((SIGN_IN, totp), (RESPOND, signed_in()), (CONFIRM, {}), GET_ID_OK, NEW_KEYS)
    here.store(Item.PASSWORD, "stored")
    here.person = ScriptedPerson("123456")
    here.renewal().login()
    here.person = None
    here.keychain.delete_session("dev")
    here.keychain.delete(Item.REFRESH_TOKEN, here.settings.account)
    here.script = [(SIGN_IN, tokens()), NEW_KEYS]
    here.renewal().document()
    here.keychain.delete_session("dev")
    here.keychain.delete(Item.DEVICE, here.settings.account)
    with pytest.raises(PersonNeededError, match="a code is needed"):
        here.renewal().document()
    assert not here.script


def test_older_call_has_the_hash_over_the_name_that_the_sign_in_told(machine: Make) -> None:
    here = machine((SIGN_IN, signed_in()), (CONFIRM, {}), GET_ID_OK, NEW_KEYS)
    here.store(Item.PASSWORD, "stored")
    here.store(Item.CLIENT_SECRET, "a client secret of this app")
    here.renewal().document()
    assert here.memory.username == "1111-2222"
    missing = refusal(REFRESH, "UnknownOperationException")
    here.script = [(REFRESH, missing), (SIGN_IN, tokens()), NEW_KEYS]
    here.clock.time += 3_000
    renewal = here.renewal()
    renewal.document()
    sent = here.called[-2].parameters
    assert sent["AuthFlow"] == "REFRESH_TOKEN_AUTH"
    hashed = renewal.ways.app_client().secret_hash("1111-2222")
    assert sent["AuthParameters"] == {"REFRESH_TOKEN": "fresh", **hashed, "DEVICE_KEY": KEY}


def test_client_that_allows_no_refresh_at_all(machine: Make) -> None:
    here = machine(
        (REFRESH, refusal(REFRESH, "OperationNotEnabledException")),
        (SIGN_IN, refusal(SIGN_IN, "InvalidParameterException", "flow not enabled")),
        (SIGN_IN, tokens()),
        GET_ID_OK,
        NEW_KEYS,
    )
    here.store(Item.REFRESH_TOKEN, "old")
    here.store(Item.PASSWORD, "stored")
    here.renewal().document()
    assert [step.parameters.get("AuthFlow") for step in here.called[1:3]] == [
        "REFRESH_TOKEN_AUTH",
        "USER_PASSWORD_AUTH",
    ]
