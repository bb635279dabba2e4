"""A device that the pool tracks: its item, its confirmation, its proof, its end."""

import base64
import hmac
from typing import Any

import pytest
from pycognito.aws_srp import AWSSRP

from cognito_credproc.flows import srp
from cognito_credproc.flows.attempt import UnknownChallengeError
from cognito_credproc.flows.device import Device, Machine, keep_device
from cognito_credproc.flows.entry import Entry
from cognito_credproc.flows.flow import (
    KNOWN_DEVICE,
    YES,
    Ask,
    Call,
    Drop,
    Field,
    Flow,
    Item,
    Store,
)
from cognito_credproc.flows.signin import sign_in
from cognito_credproc.flows.tokens import Tokens
from cognito_credproc.values.app_client import AppClient
from cognito_credproc.values.errors import CredprocError, ServiceError, UnreachableError
from tests.fakes import FakeClock
from tests.local_cognito import srp as service
from tests.script import CONSENT, TOKENS, Expected, challenged, idp, play, refusal

KEY = "ap-northeast-1_11111111-2222-3333-4444-555555555555"
DEVICE = Device(KEY, "-AbCdEfGh", "a password of the device")
NAME, USER_ID, PASSWORD = "istio@example.com", "1111-2222", "Correct-horse-1"
APP = AppClient("ap-northeast-1_AbCdEfGhI", "client", "a client secret of this app")
METADATA = {"DeviceKey": KEY, "DeviceGroupKey": "-AbCdEfGh"}
STORED = (Store(Item.REFRESH_TOKEN, "a-refresh-token"), None)
BLOCK = base64.b64encode(b"a block").decode()
WHEN = "Tue Nov 3 07:05:09 UTC 2026"
GOES_ALONG = Ask(Field.CONSENT, detail=KNOWN_DEVICE)
UNKNOWN = ("ResourceNotFoundException", "Device does not exist.")
WRONG = ("NotAuthorizedException", "Incorrect username or password.")


# The item


def test_item_holds_all_three_and_comes_back() -> None:
    assert Device.parse(DEVICE.text()) == DEVICE
    assert DEVICE.password in DEVICE.text()
    assert Device("k", "g").password != Device("k", "g").password
    assert len(Device("k", "g").password) > 50


DAMAGED = (
    *(None, "", "x", "[]", "{}", "null"),
    '{"key": "k", "group": "g"}',
    '{"key": "k", "group": "g", "password": 1}',
    '{"key": "k", "group": "g", "password": null}',
)


@pytest.mark.parametrize("text", DAMAGED)
def test_damaged_item_is_no_device(text: str | None) -> None:
    assert Device.parse(text) is None


def test_device_has_no_repr_of_its_secrets() -> None:
    assert "a password" not in f"{DEVICE} {Machine('here', DEVICE)}"


# The verifier


def pycognito_exponent(salt: bytes) -> int:
    """The x of pycognito, by its own functions."""
    from pycognito import aws_srp

    inner = aws_srp.hash_sha256(f"{DEVICE.identity}:{DEVICE.password}".encode())
    return int(aws_srp.hex_hash(aws_srp.pad_hex(salt.hex().lstrip("0")) + inner), 16)


@pytest.mark.parametrize("top", [0x00, 0x01, 0x0F, 0x7F, 0x80, 0xFF])
def test_verifier_and_salt_as_cognito_reads_them_and_as_pycognito_makes_them(
    monkeypatch: pytest.MonkeyPatch, top: int
) -> None:
    salt = int.from_bytes(bytes([top]) + b"\x12" * 15)
    monkeypatch.setattr("cognito_credproc.flows.srp.secrets.randbits", lambda _bits: salt)
    verifier, sent = map(base64.b64decode, srp.verifier(DEVICE.identity, DEVICE.password))
    assert int.from_bytes(sent, signed=True) == salt
    assert int.from_bytes(verifier, signed=True) == pow(srp.G, pycognito_exponent(sent), srp.N)


def test_each_device_has_a_salt_of_its_own() -> None:
    salts = {srp.verifier("identity", "password")[1] for _ in range(3)}
    assert len(salts) == 3


# The confirmation


class Confirmation:
    """ConfirmDevice as it should come; keeps the device that was stored for it."""

    def __init__(self, answer: object) -> None:
        self.answer = answer
        self.device: Device | None = None

    def stored(self, step: Any) -> None:
        """The device is stored before it counts."""
        assert isinstance(step, Store)
        assert step.item is Item.DEVICE
        self.device = Device.parse(step.value)
        assert self.device
        assert (self.device.key, self.device.group) == (KEY, "-AbCdEfGh")

    def called(self, step: Any) -> None:
        """The verifier is that of the stored password."""
        assert self.device
        config = step.parameters["DeviceSecretVerifierConfig"]
        salt = int.from_bytes(base64.b64decode(config["Salt"]))
        known = service.verifier(self.device.identity, self.device.password, salt)
        assert int.from_bytes(base64.b64decode(config["PasswordVerifier"])) == known.number
        assert step == idp(
            "ConfirmDevice",
            AccessToken="access",
            DeviceKey=KEY,
            DeviceName="here",
            DeviceSecretVerifierConfig=config,
        )

    @property
    def script(self) -> list[tuple[Expected, object]]:
        """The steps up to the answer."""
        return [(self.stored, None), (self.called, self.answer)]


def kept() -> Flow[None]:
    return keep_device("access", METADATA, "here")


def status(remembered: str) -> Call:
    return idp(
        "UpdateDeviceStatus",
        AccessToken="access",
        DeviceKey=KEY,
        DeviceRememberedStatus=remembered,
    )


def test_pool_that_always_remembers() -> None:
    play(kept(), *Confirmation({"UserConfirmationNecessary": False}).script)


def test_pool_that_leaves_it_to_the_person() -> None:
    begun = Confirmation({"UserConfirmationNecessary": True}).script
    ask = Ask(Field.REMEMBER_DEVICE)
    play(kept(), *begun, (ask, YES), (status("remembered"), {}))
    begun = Confirmation({"UserConfirmationNecessary": True}).script
    play(kept(), *begun, (ask, ""))
    begun = Confirmation({"UserConfirmationNecessary": True}).script
    error = refusal("UpdateDeviceStatus", "TooManyRequestsException")
    play(kept(), *begun, (ask, YES), (status("remembered"), error))


def test_device_that_the_pool_refuses_is_dropped_and_the_sign_in_is_good() -> None:
    refused = refusal("ConfirmDevice", "InvalidParameterException", "Negative value")
    play(kept(), *Confirmation(refused).script, (Drop(Item.DEVICE), None))


def test_device_that_may_count_is_kept() -> None:
    play(kept(), *Confirmation(UnreachableError("no answer")).script)


# The sign-in


def flow(device: Device | None = DEVICE, entry: str = "USER_PASSWORD_AUTH") -> Flow[Tokens]:
    return sign_in(APP, NAME, Entry(entry), FakeClock(), machine=Machine("here", device))


def initiate(key: str | None = KEY) -> Call:
    named = {"DEVICE_KEY": key} if key else {}
    sent = {"USERNAME": NAME, **APP.secret_hash(NAME), **named, "PASSWORD": PASSWORD}
    return idp(
        "InitiateAuth", ClientId="client", AuthFlow="USER_PASSWORD_AUTH", AuthParameters=sent
    )


def response(challenge: str, session: str | None, key: str | None = KEY, **given: str) -> Call:
    named = {"DEVICE_KEY": key} if key else {}
    responses = {"USERNAME": USER_ID, **APP.secret_hash(USER_ID), **named, **given}
    parameters: dict[str, Any] = {
        "ClientId": "client",
        "ChallengeName": challenge,
        "ChallengeResponses": responses,
    }
    return idp("RespondToAuthChallenge", **parameters, **({"Session": session} if session else {}))


def refused(operation: str, kind: tuple[str, str]) -> ServiceError:
    return refusal(operation, *kind)


def test_new_device_is_confirmed_after_the_refresh_token_is_stored() -> None:
    answer = {"AuthenticationResult": {**TOKENS["AuthenticationResult"], "AccessToken": "access"}}
    answer["AuthenticationResult"]["NewDeviceMetadata"] = METADATA  # type: ignore[assignment]
    play(
        flow(None),
        (Ask(Field.PASSWORD), PASSWORD),
        (CONSENT, ""),
        (initiate(None), answer),
        STORED,
        *Confirmation({"UserConfirmationNecessary": False}).script,
    )


def test_known_device_goes_along_everywhere_and_is_told_to_whoever_consents() -> None:
    play(
        flow(),
        (Ask(Field.PASSWORD), PASSWORD),
        (GOES_ALONG, ""),
        (initiate(), challenged("SMS_MFA", "1", USER_ID_FOR_SRP=USER_ID)),
        (Ask(Field.SENT_CODE, detail="to you"), "123456"),
        (response("SMS_MFA", "1", SMS_MFA_CODE="123456"), TOKENS),
        STORED,
    )


@pytest.mark.parametrize(
    "kind",
    [UNKNOWN, ("InvalidParameterException", "Device tracking is not enabled for this user pool")],
)
def test_device_that_the_pool_forgot_is_dropped_and_the_sign_in_goes_on(
    kind: tuple[str, str],
) -> None:
    """Without it a code may be sent, so that consent is asked for anew."""
    play(
        flow(),
        (Ask(Field.PASSWORD), PASSWORD),
        (GOES_ALONG, ""),
        (initiate(), refused("InitiateAuth", kind)),
        (Drop(Item.DEVICE), None),
        (CONSENT, ""),
        (initiate(None), TOKENS),
        STORED,
    )


def test_other_things_that_are_not_found_do_not_cost_the_device() -> None:
    error = refusal("InitiateAuth", "ResourceNotFoundException", "User pool client does not exist.")
    with pytest.raises(ServiceError) as caught:
        play(flow(), (Ask(Field.PASSWORD), PASSWORD), (GOES_ALONG, ""), (initiate(), error))
    assert caught.value is error


class DeviceService:
    """The service's half of both proofs, the user's and the device's."""

    def __init__(self, session: str | None) -> None:
        self.session = session
        self.sent: list[str] = []
        self.verifiers = {
            "user": service.verifier(APP.pool_suffix + USER_ID, PASSWORD, salt=0xABCDEF),
            "device": service.verifier(DEVICE.identity, DEVICE.password, salt=0x8BCDEF),
        }

    def _challenge(self, whose: str, a: str) -> dict[str, str]:
        assert a not in self.sent, "a pair of SRP was used twice"
        self.sent.append(a)
        self.exchange = service.begin(self.verifiers[whose], int(a, 16))
        return {
            "SALT": f"{self.exchange.verifier.salt:x}",
            "SRP_B": f"{self.exchange.public:x}",
            "SECRET_BLOCK": BLOCK,
            "USERNAME": USER_ID,
        }

    def begun(self, key: str | None = KEY) -> tuple[Expected, object]:
        """InitiateAuth."""
        reply = challenged("PASSWORD_VERIFIER", None, USER_ID_FOR_SRP=USER_ID)

        def called(step: Any) -> None:
            sent = dict(step.parameters["AuthParameters"])
            reply["ChallengeParameters"].update(self._challenge("user", sent.pop("SRP_A")))
            named = {"DEVICE_KEY": key} if key else {}
            assert sent == {"USERNAME": NAME, **APP.secret_hash(NAME), **named}

        return called, reply

    def device_begun(self) -> tuple[Expected, object]:
        """DEVICE_SRP_AUTH."""
        reply = challenged("DEVICE_PASSWORD_VERIFIER", self.session, DEVICE_KEY=KEY)

        def called(step: Any) -> None:
            a = step.parameters["ChallengeResponses"]["SRP_A"]
            reply["ChallengeParameters"].update(self._challenge("device", a))
            assert step == response("DEVICE_SRP_AUTH", self.session, SRP_A=a)

        return called, reply

    def proven(
        self, challenge: str, reply: object, *, session: str | None, key: str | None = KEY
    ) -> tuple[Expected, object]:
        """The proof, as the service computes it."""

        def called(step: Any) -> None:
            proof = base64.b64encode(self.exchange.proof(b"a block", WHEN)).decode()
            assert step == response(
                challenge,
                session,
                key,
                PASSWORD_CLAIM_SIGNATURE=proof,
                PASSWORD_CLAIM_SECRET_BLOCK=BLOCK,
                TIMESTAMP=WHEN,
            )

        return called, reply


@pytest.mark.parametrize("session", [None, "session"])
def test_remembered_device_proves_itself_in_place_of_a_code(session: str | None) -> None:
    here = DeviceService(session)
    play(
        flow(entry="USER_SRP_AUTH"),
        (Ask(Field.PASSWORD), PASSWORD),
        (GOES_ALONG, ""),
        here.begun(),
        here.proven("PASSWORD_VERIFIER", challenged("DEVICE_SRP_AUTH", session), session=None),
        here.device_begun(),
        here.proven("DEVICE_PASSWORD_VERIFIER", TOKENS, session=session),
        STORED,
    )


@pytest.mark.parametrize("kind", [WRONG, UNKNOWN, ("NotAuthorizedException", "Invalid session")])
@pytest.mark.parametrize("late", [True, False])
def test_device_that_is_not_believed_is_no_wrong_password(
    kind: tuple[str, str], late: bool
) -> None:
    """The password was right; the sign-in begins again without the device."""
    here = DeviceService(None)
    error = refused("RespondToAuthChallenge", kind)
    begun = here.device_begun()
    proof = here.proven("DEVICE_PASSWORD_VERIFIER", error, session=None)
    play(
        flow(entry="USER_SRP_AUTH"),
        (Ask(Field.PASSWORD), PASSWORD),
        (GOES_ALONG, ""),
        here.begun(),
        here.proven("PASSWORD_VERIFIER", challenged("DEVICE_SRP_AUTH", None), session=None),
        *([begun, proof] if late else [(begun[0], error)]),
        (Drop(Item.DEVICE), None),
        (CONSENT, ""),
        here.begun(None),
        here.proven("PASSWORD_VERIFIER", TOKENS, session=None, key=None),
        STORED,
    )


def test_wrong_password_on_a_device_is_a_wrong_password() -> None:
    here = DeviceService(None)
    play(
        flow(entry="USER_SRP_AUTH"),
        (Ask(Field.PASSWORD), "wrong"),
        (GOES_ALONG, ""),
        here.begun(),
        (lambda _step: None, refused("RespondToAuthChallenge", WRONG)),
        (Ask(Field.PASSWORD, "incorrect user name or password"), PASSWORD),
        (GOES_ALONG, ""),
        here.begun(),
        here.proven("PASSWORD_VERIFIER", TOKENS, session=None),
        STORED,
    )


@pytest.mark.parametrize("challenge", ["DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER"])
def test_proof_that_is_asked_of_nobody(challenge: str) -> None:
    with pytest.raises(UnknownChallengeError, match="was not named"):
        play(
            flow(None),
            (Ask(Field.PASSWORD), PASSWORD),
            (initiate(None), challenged(challenge)),
        )


def test_device_that_cannot_be_dropped_ends_it() -> None:
    with pytest.raises(CredprocError, match="the keyring is locked"):
        play(
            flow(),
            (Ask(Field.PASSWORD), PASSWORD),
            (GOES_ALONG, ""),
            (initiate(), refused("InitiateAuth", UNKNOWN)),
            (Drop(Item.DEVICE), CredprocError("the keyring is locked")),
        )


def test_signature_is_that_of_pycognito() -> None:
    ephemeral = srp.Ephemeral()
    known = service.verifier(DEVICE.identity, DEVICE.password, salt=0x8BCDEF)
    exchange = service.begin(known, int(ephemeral.public, 16))
    theirs = AWSSRP(
        NAME,
        PASSWORD,
        APP.user_pool_id,
        "client",
        client=object(),
        device_key=DEVICE.key,
        device_group_key=DEVICE.group,
        device_password=DEVICE.password,
    )
    theirs.small_a_value, theirs.large_a_value = ephemeral.a, int(ephemeral.public, 16)
    key = theirs.get_device_authentication_key(
        DEVICE.group, DEVICE.key, DEVICE.password, exchange.public, "8bcdef"
    )
    message = DEVICE.identity.encode() + b"a block" + WHEN.encode()
    ours = srp.claim_signature(
        ephemeral,
        srp.Verifier("8bcdef", f"{exchange.public:x}", BLOCK),
        identity=DEVICE.identity,
        password=DEVICE.password,
        timestamp=WHEN,
    )
    assert base64.b64decode(ours) == hmac.digest(key, message, "sha256")
