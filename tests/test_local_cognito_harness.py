"""The harness of the local Cognito's own tests: boto3 as the client, pycognito for SRP.

The one test here is the whole way, from password to GetCallerIdentity.
"""

from __future__ import annotations

import base64
import datetime
import hmac
import secrets
import time
from typing import TYPE_CHECKING, Any, Self, Unpack

import boto3
import pyotp
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from pycognito.aws_srp import AWSSRP

from tests.local_cognito import LocalCognito

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.local_cognito.clients import ClientOptions
    from tests.local_cognito.users import User

REGION = "ap-northeast-1"
NAME = "istio@example.com"
PASSWORD = "Correct-horse-1"
# One session for all tests: it keeps the service models, which are slow to load.
_SESSION = boto3.Session(region_name=REGION)
_CONFIG = Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1}, read_timeout=5)
ALL_FLOWS = ("ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")
Reply = dict[str, Any]


def refusal(act: Callable[..., object], *given: Any, **named: Any) -> tuple[str, str]:
    """The code and the message of the error that a call ends in."""
    with pytest.raises(ClientError) as caught:
        act(*given, **named)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def timestamp(at: float) -> str:
    """An epoch second as SRP signs it."""
    moment = datetime.datetime.fromtimestamp(at, datetime.UTC)
    return f"{moment:%a %b} {moment.day} {moment:%H:%M:%S} UTC {moment.year}"


class QuickSRP(AWSSRP):  # type: ignore[misc]
    """pycognito's SRP with a private number of 256 bits in place of 1,024, for speed."""

    def generate_random_small_a(self) -> int:
        """The client's private number."""
        return secrets.randbits(256)


class Site:
    """One local Cognito with a pool, a client and a user, and clients of boto3 on it."""

    def __init__(
        self,
        *,
        pool: Mapping[str, Any] | None = None,
        secret: bool = False,
        **options: Unpack[ClientOptions],
    ) -> None:
        options.setdefault("flows", ALL_FLOWS)
        self.cognito = LocalCognito()
        self.clock = self.cognito.clock
        self.pool = self.cognito.create_user_pool(REGION, **{"mfa": "OFF", **(pool or {})})
        self.client = self.pool.create_client(secret=secret, **options)
        self.user = self.pool.create_user(NAME, password=PASSWORD)
        self.idp = self.aws("cognito-idp")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.cognito.stop()

    def aws(self, service: str, **more: Any) -> Any:
        """A boto3 client on this site; unsigned unless keys are given."""
        config = _CONFIG.merge(Config(signature_version="v4")) if more else _CONFIG
        endpoint = more.pop("endpoint_url", self.cognito.endpoint)
        return _SESSION.client(service, endpoint_url=endpoint, config=config, **more)

    def with_hash(self, name: str, parameters: dict[str, str]) -> dict[str, str]:
        """Parameters with USERNAME and, if the client has a secret, its hash."""
        proof = {"SECRET_HASH": self.client.secret_hash(name)} if self.client.secret else {}
        return {"USERNAME": name, **proof, **parameters}

    def challenge(self, name: str = NAME) -> tuple[AWSSRP, dict[str, str]]:
        """Begin an SRP sign-in: pycognito's half, and the challenge's parameters."""
        srp = QuickSRP(name, "", self.pool.id, self.client.id, client=self.idp)
        begun = self.idp.initiate_auth(
            AuthFlow="USER_SRP_AUTH",
            ClientId=self.client.id,
            AuthParameters=self.with_hash(name, {"SRP_A": f"{srp.large_a_value:x}"}),
        )
        assert begun["ChallengeName"] == "PASSWORD_VERIFIER"
        assert "Session" not in begun
        return srp, begun["ChallengeParameters"]

    def answer(
        self, srp: AWSSRP, shown: Mapping[str, str], password: str = PASSWORD, when: str = ""
    ) -> dict[str, str]:
        """The PASSWORD_VERIFIER responses, by pycognito's arithmetic."""
        user_id = shown["USER_ID_FOR_SRP"]
        when = when or timestamp(self.clock.now())
        key = (
            srp.get_password_authentication_key(
                user_id, password, int(shown["SRP_B"], 16), shown["SALT"]
            )
            if password
            else b""
        )
        block = base64.b64decode(shown["SECRET_BLOCK"])
        text = f"{self.pool.suffix}{user_id}".encode() + block + when.encode()
        return self.with_hash(
            user_id,
            {
                "PASSWORD_CLAIM_SECRET_BLOCK": shown["SECRET_BLOCK"],
                "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(
                    hmac.digest(key, text, "sha256")
                ).decode(),
                "TIMESTAMP": when,
            },
        )

    def respond(self, challenge: str, responses: dict[str, str], **more: str) -> Reply:
        """RespondToAuthChallenge with exactly these responses."""
        reply: Reply = self.idp.respond_to_auth_challenge(
            ClientId=self.client.id, ChallengeName=challenge, ChallengeResponses=responses, **more
        )
        return reply

    def srp(self, password: str = PASSWORD, name: str = NAME) -> Reply:
        """A password by SRP; what comes next."""
        return self.respond("PASSWORD_VERIFIER", self.answer(*self.challenge(name), password))

    def send_password(self, password: str = PASSWORD, name: str = NAME) -> Reply:
        """A password as it is; what comes next."""
        reply: Reply = self.idp.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=self.client.id,
            AuthParameters=self.with_hash(name, {"PASSWORD": password}),
        )
        return reply

    def totp(self, session: str, code: str) -> Reply:
        """Answer SOFTWARE_TOKEN_MFA."""
        responses = self.with_hash(self.user.username, {"SOFTWARE_TOKEN_MFA_CODE": code})
        return self.respond("SOFTWARE_TOKEN_MFA", responses, Session=session)

    def code(self, seed: str, steps: int = 0) -> str:
        """The code of the service's present step, or of one `steps` away."""
        code: str = pyotp.TOTP(seed).at(int(self.clock.now()) + 30 * steps)
        return code

    def early_in_step(self) -> None:
        """Move the service's clock to the start of the next 30-second step."""
        self.clock.advance(30.5 - self.clock.now() % 30)

    def tokens(self, user: User | None = None) -> Reply:
        """Tokens of a sign-in without MFA."""
        name = (user or self.user).email or ""
        result: Reply = self.send_password(name=name)["AuthenticationResult"]
        return result


@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow")
@pytest.mark.parametrize("secret", [False, True])
def test_srp_totp_exchange_and_caller_identity(secret: bool) -> None:
    with Site(pool={"mfa": "ON"}, secret=secret) as site:
        seed = site.pool.enable_totp(site.user)
        pool = site.cognito.create_identity_pool(site.client)
        srp = AWSSRP(
            NAME,
            PASSWORD,
            site.pool.id,
            site.client.id,
            client=site.idp,
            client_secret=site.client.secret,
        )
        asked = srp.get_auth_params()
        begun = site.idp.initiate_auth(
            AuthFlow="USER_SRP_AUTH", ClientId=site.client.id, AuthParameters=asked
        )
        proved = site.respond(
            "PASSWORD_VERIFIER", srp.process_challenge(begun["ChallengeParameters"], asked)
        )
        assert proved["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
        result = site.totp(proved["Session"], site.code(seed))["AuthenticationResult"]

        identity = site.aws("cognito-identity")
        logins = {site.pool.provider: result["IdToken"]}
        known = identity.get_id(IdentityPoolId=pool.id, Logins=logins)["IdentityId"]
        given = identity.get_credentials_for_identity(IdentityId=known, Logins=logins)
        keys = given["Credentials"]
        assert 3_590 < keys["Expiration"].timestamp() - time.time() < 3_601
        who = site.aws(
            "sts",
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretKey"],
            aws_session_token=keys["SessionToken"],
        ).get_caller_identity()
        assert who["Account"] == "111122223333"
        assert who["Arn"] == (
            "arn:aws:sts::111122223333:assumed-role/Developers/CognitoIdentityCredentials"
        )
        assert [(call.service, call.operation, call.error) for call in site.cognito.calls] == [
            ("cognito-idp", "InitiateAuth", None),
            ("cognito-idp", "RespondToAuthChallenge", None),
            ("cognito-idp", "RespondToAuthChallenge", None),
            ("cognito-identity", "GetId", None),
            ("cognito-identity", "GetCredentialsForIdentity", None),
            ("sts", "GetCallerIdentity", None),
        ]
        assert PASSWORD.encode() not in b"".join(site.cognito.wire)
        assert site.cognito.environment() == {
            "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": site.cognito.endpoint,
            "AWS_ENDPOINT_URL_COGNITO_IDENTITY": site.cognito.endpoint,
            "AWS_ENDPOINT_URL_STS": site.cognito.endpoint,
            "AWS_ENDPOINT_URL_SIGNIN": site.cognito.endpoint,
        }
