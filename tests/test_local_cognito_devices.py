"""Local Cognito: devices that a pool tracks; pycognito is the client where it can."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
from pycognito.aws_srp import SMSMFAChallengeException, generate_hash_device

from tests.test_local_cognito_harness import ALL_FLOWS, PASSWORD, QuickSRP, Reply, Site, refusal
from tests.test_local_cognito_totp import EXPIRED, INVALID, USED

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "istio"  # pycognito sends the name as typed where the real one is due
UNKNOWN = ("ResourceNotFoundException", "Device does not exist.")
DEAD = ("NotAuthorizedException", "Invalid Refresh Token.")
WRONG = ("NotAuthorizedException", "Incorrect username or password.")
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow")


class Tracking(Site):
    """A pool that tracks devices, and one user with a phone."""

    def __init__(self, **pool: Any) -> None:
        kinds = {"mfa": "ON", "mfa_kinds": ("SMS_MFA",), "email_as_username": False}
        super().__init__(pool={**kinds, "devices": "ALWAYS", **pool}, flows=ALL_FLOWS)
        self.user = self.pool.create_user(NAME, password=PASSWORD)
        self.user.phone = "+819012345678"

    def signed_in(self, **device: str) -> Reply:
        """A sign-in with the password and a code."""
        reply = self.idp.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=self.client.id,
            AuthParameters={"USERNAME": NAME, "PASSWORD": PASSWORD, **device},
        )
        if "ChallengeName" in reply:
            given = {"USERNAME": NAME, "SMS_MFA_CODE": self.pool.outbox[-1].code}
            reply = self.respond("SMS_MFA", given, Session=reply["Session"])
        result: Reply = reply["AuthenticationResult"]
        return result

    def confirmed(self) -> dict[str, str]:
        """A device as pycognito makes one: its three secrets."""
        result = self.signed_in()
        told = result["NewDeviceMetadata"]
        password, config = generate_hash_device(told["DeviceGroupKey"], told["DeviceKey"])
        confirmation = self.confirm(result, config)
        assert confirmation["UserConfirmationNecessary"] is (self.pool.devices == "OPT_IN")
        return {
            "device_key": told["DeviceKey"],
            "device_group_key": told["DeviceGroupKey"],
            "device_password": password,
        }

    def confirm(self, result: Reply, config: dict[str, str]) -> Reply:
        """ConfirmDevice."""
        reply: Reply = self.idp.confirm_device(
            AccessToken=result["AccessToken"],
            DeviceKey=result["NewDeviceMetadata"]["DeviceKey"],
            DeviceSecretVerifierConfig=config,
        )
        return reply

    def refresh(self, result: Reply, **device: str) -> Reply:
        """GetTokensFromRefreshToken."""
        reply: Reply = self.idp.get_tokens_from_refresh_token(
            ClientId=self.client.id, RefreshToken=result["RefreshToken"], **device
        )
        return reply

    def srp_with(self, device: dict[str, str]) -> QuickSRP:
        """Pycognito on this device."""
        return QuickSRP(NAME, PASSWORD, self.pool.id, self.client.id, client=self.idp, **device)


@pytest.fixture
def site() -> Iterator[Tracking]:
    with Tracking() as site:
        yield site


def test_remembered_device_takes_the_place_of_the_code(site: Tracking) -> None:
    device = site.confirmed()
    sent = len(site.pool.outbox)
    reply = site.srp_with(device).authenticate_user()
    assert "NewDeviceMetadata" not in reply["AuthenticationResult"]
    assert len(site.pool.outbox) == sent
    site.refresh(reply["AuthenticationResult"], DeviceKey=device["device_key"])


def test_without_tracking_there_is_no_device() -> None:
    with Tracking(devices="") as site:
        result = site.signed_in()
        assert "NewDeviceMetadata" not in result
        site.refresh(result)
        unknown = f"{site.pool.region}_11111111-2222-3333-4444-555555555555"
        code, text = refusal(site.signed_in, DEVICE_KEY=unknown)
        assert (code, text.split()[0]) == ("InvalidParameterException", "Device")


def test_refresh_wants_a_confirmed_device_and_its_key(site: Tracking) -> None:
    result = site.signed_in()
    told = result["NewDeviceMetadata"]
    key = told["DeviceKey"]
    assert key.startswith(f"{site.pool.region}_")
    assert refusal(site.refresh, result, DeviceKey=key) == DEAD
    _, config = generate_hash_device(told["DeviceGroupKey"], key)
    site.confirm(result, config)
    site.refresh(result, DeviceKey=key)
    assert refusal(site.refresh, result) == DEAD
    other = f"{site.pool.region}_11111111-2222-3333-4444-555555555555"
    assert refusal(site.refresh, result, DeviceKey=other) == DEAD


@pytest.mark.parametrize("key", [True, False])
def test_refresh_by_the_older_call(site: Tracking, key: bool) -> None:
    device = site.confirmed()
    result = site.signed_in(DEVICE_KEY=device["device_key"])
    assert "NewDeviceMetadata" not in result
    named = {"DEVICE_KEY": device["device_key"]} if key else {}

    def call() -> Reply:
        reply: Reply = site.idp.initiate_auth(
            AuthFlow="REFRESH_TOKEN_AUTH",
            ClientId=site.client.id,
            AuthParameters={"REFRESH_TOKEN": result["RefreshToken"], **named},
        )
        return reply

    if key:
        assert "RefreshToken" not in call()["AuthenticationResult"]
    else:
        assert refusal(call) == DEAD


def test_device_that_the_pool_forgot(site: Tracking) -> None:
    device = site.confirmed()
    result = site.srp_with(device).authenticate_user()["AuthenticationResult"]
    site.idp.forget_device(AccessToken=result["AccessToken"], DeviceKey=device["device_key"])
    assert refusal(site.refresh, result, DeviceKey=device["device_key"]) == DEAD
    assert refusal(site.srp_with(device).authenticate_user) == UNKNOWN
    assert refusal(site.signed_in, DEVICE_KEY=device["device_key"]) == UNKNOWN
    assert "NewDeviceMetadata" in site.signed_in()


def test_device_that_is_not_remembered_is_asked_for_the_code() -> None:
    with Tracking(devices="OPT_IN") as site:
        device = site.confirmed()
        with pytest.raises(SMSMFAChallengeException):
            site.srp_with(device).authenticate_user()
        access = site.signed_in(DEVICE_KEY=device["device_key"])["AccessToken"]
        named = {"AccessToken": access, "DeviceKey": device["device_key"]}
        site.idp.update_device_status(**named, DeviceRememberedStatus="remembered")
        assert "AuthenticationResult" in site.srp_with(device).authenticate_user()
        site.idp.update_device_status(**named, DeviceRememberedStatus="not_remembered")
        with pytest.raises(SMSMFAChallengeException):
            site.srp_with(device).authenticate_user()


def test_password_that_is_sent_gets_nobody_past_the_code(site: Tracking) -> None:
    device = site.confirmed()
    sent = len(site.pool.outbox)
    site.signed_in(DEVICE_KEY=device["device_key"])
    assert len(site.pool.outbox) == sent + 1


def test_device_after_the_code_where_it_does_not_replace_it() -> None:
    with Tracking(devices_skip_mfa=False) as site:
        device = site.confirmed()
        with pytest.raises(SMSMFAChallengeException) as caught:
            site.srp_with(device).authenticate_user()
        session = caught.value.get_tokens()["Session"]
        given = {"USERNAME": NAME, "SMS_MFA_CODE": site.pool.outbox[-1].code}
        assert site.respond("SMS_MFA", given, Session=session)["ChallengeName"] == (
            "DEVICE_SRP_AUTH"
        )


def proven(site: Tracking, device: dict[str, str]) -> Reply:
    """The first half of a sign-in on a device: up to DEVICE_SRP_AUTH."""
    srp = site.srp_with(device)
    asked = srp.get_auth_params()
    begun = site.idp.initiate_auth(
        AuthFlow="USER_SRP_AUTH", ClientId=site.client.id, AuthParameters=asked
    )
    return site.respond(
        "PASSWORD_VERIFIER", srp.process_challenge(begun["ChallengeParameters"], asked)
    )


def device_begin(site: Tracking, srp: QuickSRP, **more: str) -> Reply:
    given = {"USERNAME": NAME, "DEVICE_KEY": srp.device_key, "SRP_A": f"{srp.large_a_value:x}"}
    return site.respond("DEVICE_SRP_AUTH", given, **more)


def test_wrong_device_password_counts_against_nobody(site: Tracking) -> None:
    device = site.confirmed()
    for _ in range(6):
        assert proven(site, device)["ChallengeName"] == "DEVICE_SRP_AUTH"
        srp = site.srp_with({**device, "device_password": "another"})
        begun = device_begin(site, srp)
        answer = srp.process_device_challenge(begun["ChallengeParameters"])
        assert refusal(site.respond, "DEVICE_PASSWORD_VERIFIER", answer) == WRONG
        assert refusal(site.respond, "DEVICE_PASSWORD_VERIFIER", answer) == USED
    assert site.user.wrong_passwords_ever == 0
    assert "AuthenticationResult" in site.srp_with(device).authenticate_user()


def test_device_is_proven_only_after_the_password_and_once(site: Tracking) -> None:
    device = site.confirmed()
    srp = site.srp_with(device)
    assert refusal(device_begin, site, srp) == INVALID
    proven(site, device)
    device_begin(site, srp)
    assert refusal(device_begin, site, srp) == INVALID
    proven(site, device)
    site.clock.advance(181)
    assert refusal(device_begin, site, srp) == EXPIRED


def test_proof_of_a_device_is_no_proof_of_a_password(site: Tracking) -> None:
    device = site.confirmed()
    proven(site, device)
    srp = site.srp_with(device)
    begun = device_begin(site, srp)
    answer = srp.process_device_challenge(begun["ChallengeParameters"])
    assert refusal(lambda: site.respond("PASSWORD_VERIFIER", answer)) == WRONG


def test_sessions_of_the_device_where_there_are_some() -> None:
    with Tracking(device_sessions=True) as site:
        device = site.confirmed()
        asked = proven(site, device)
        srp = site.srp_with(device)
        begun = device_begin(site, srp, Session=asked["Session"])
        answer = srp.process_device_challenge(begun["ChallengeParameters"])
        done = site.respond("DEVICE_PASSWORD_VERIFIER", answer, Session=begun["Session"])
        assert "AuthenticationResult" in done
        asked = proven(site, device)
        assert refusal(device_begin, site, srp) == INVALID


def test_key_that_is_named_at_the_beginning_alone_is_no_device(site: Tracking) -> None:
    device = site.confirmed()
    srp = site.srp_with(device)
    asked = srp.get_auth_params()
    begun = site.idp.initiate_auth(
        AuthFlow="USER_SRP_AUTH", ClientId=site.client.id, AuthParameters=asked
    )
    answer = srp.process_challenge(begun["ChallengeParameters"], asked)
    del answer["DEVICE_KEY"]
    assert site.respond("PASSWORD_VERIFIER", answer)["ChallengeName"] == "SMS_MFA"


@pytest.mark.parametrize("what", ["PasswordVerifier", "Salt"])
@pytest.mark.parametrize("raw", [b"\x80" * 16, b"", b"\x00", b"\x7f" * 500])
def test_verifier_and_salt_are_numbers_as_java_reads_them(
    site: Tracking, what: str, raw: bytes
) -> None:
    result = site.signed_in()
    told = result["NewDeviceMetadata"]
    _, good = generate_hash_device(told["DeviceGroupKey"], told["DeviceKey"])
    config = {**good, what: base64.b64encode(raw).decode()}
    if what == "Salt" and len(raw) == 500:
        site.confirm(result, config)
        return
    code, text = refusal(site.confirm, result, config)
    assert code == "InvalidParameterException"
    assert ("Negative" in text) is (raw[:1] == b"\x80")


def test_confirmation_is_for_the_new_device_of_this_sign_in_and_once(site: Tracking) -> None:
    first, second = site.signed_in(), site.signed_in()
    told = first["NewDeviceMetadata"]
    _, config = generate_hash_device(told["DeviceGroupKey"], told["DeviceKey"])
    stolen = {**second, "NewDeviceMetadata": told}
    assert refusal(site.confirm, stolen, config) == (
        "InvalidParameterException",
        "Invalid device key given",
    )
    site.confirm(first, config)
    assert refusal(site.confirm, first, config)[0] == "DeviceKeyExistsException"


def test_device_of_somebody_else(site: Tracking) -> None:
    device = site.confirmed()
    other = site.pool.create_user("other", password=PASSWORD)
    other.phone = "+819012340000"
    parameters = {"USERNAME": "other", "PASSWORD": PASSWORD, "DEVICE_KEY": device["device_key"]}
    assert (
        refusal(
            site.idp.initiate_auth,
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=site.client.id,
            AuthParameters=parameters,
        )
        == UNKNOWN
    )
