"""The whole journey against an emulator that others wrote: ministack, from PyPI.

It shows that the helper was not built around the errors of this project's own local Cognito. It is
no judge: ministack 1.5 is less strict than the service, and what it cannot do is this. A test here
holds each line, so that a later version which can is noticed; `examples/ministack.md` has the same.

- A pool that demands MFA lets a user without it in: the first sign-in returns tokens instead of the
  challenge MFA_SETUP. The helper then sets TOTP up by the access token, as where MFA is optional.
- AssociateSoftwareToken by an access token answers with a session too; the service sends none.
- A TOTP code is good as often as it is sent.
- A challenge's session is good as often as it is sent.
- NEW_PASSWORD_REQUIRED is answered with any session.
- Refresh tokens never rotate.

The helper needs none of this and refuses none of it. Mailed codes, devices, USER_AUTH, CUSTOM_AUTH,
the browser and the basic flow are tried against the local Cognito alone.

With `AUTH=true` it checks signatures at STS and the login tokens at the identity pool, so that the
credentials at the end are proven.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
import subprocess
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import boto3
import pyotp
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from tests.e2e.clients import SDKS, beside, cli_v1
from tests.e2e.enrolling import ASK_AGAIN, ASK_NEW, ASK_PASSWORD, ASK_PHONE, RUN, TEMPORARY, keeps
from tests.e2e.items import Items
from tests.e2e.machine import HELPER, NAME, PASSWORD, REGION, SCRIPTS, STEP, failed
from tests.e2e.person import PATIENCE, Person

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from subprocess import CompletedProcess

    from tests.e2e.conftest import Keyrings


class Emulator:
    """ministack on loopback, and clients of an administrator and of nobody."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.pools = self._client("cognito-idp")
        self.identities = self._client("cognito-identity")
        self.roles = self._client("iam")
        self.public = boto3.client(
            "cognito-idp",
            region_name=REGION,
            endpoint_url=endpoint,
            config=Config(signature_version=UNSIGNED),
        )

    def _client(self, service: str) -> Any:
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self.endpoint,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )


class Team:
    """Pools, client, role and one invited user, as the template would make them; one machine."""

    def __init__(self, emulator: Emulator, folder: Path, keyring: dict[str, str]) -> None:
        self.emulator = emulator
        self.pool = emulator.pools.create_user_pool(
            PoolName="team",
            UsernameAttributes=["email"],
            AdminCreateUserConfig={"AllowAdminCreateUserOnly": True},
        )["UserPool"]["Id"]
        emulator.pools.set_user_pool_mfa_config(
            UserPoolId=self.pool,
            SoftwareTokenMfaConfiguration={"Enabled": True},
            MfaConfiguration="ON",
        )
        self.client = emulator.pools.create_user_pool_client(
            UserPoolId=self.pool,
            ClientName="laptops",
            ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            EnableTokenRevocation=True,
            PreventUserExistenceErrors="ENABLED",
        )["UserPoolClient"]["ClientId"]
        emulator.pools.admin_create_user(
            UserPoolId=self.pool,
            Username=NAME,
            TemporaryPassword=TEMPORARY,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": "email", "Value": NAME}],
        )
        self.identity_pool = self._identity_pool()
        self.config = folder / "config"
        service = f"test-{folder.name}"
        self.environment = {
            **keyring,
            "AWS_ENDPOINT_URL": emulator.endpoint,
            "HOME": str(folder),
            "PATH": f"{SCRIPTS}:/usr/bin:/bin",
            "AWS_CONFIG_FILE": str(self.config),
            "AWS_EC2_METADATA_DISABLED": "true",
            "COGNITO_CREDPROC_STATE_DIR": str(folder / "state"),
            "COGNITO_CREDPROC_KEYRING_SERVICE": service,
        }
        self.items = Items(keyring["DBUS_SESSION_BUS_ADDRESS"], service)

    def _identity_pool(self) -> str:
        provider = {
            "ProviderName": f"cognito-idp.{REGION}.amazonaws.com/{self.pool}",
            "ClientId": self.client,
            "ServerSideTokenCheck": True,
        }
        identities = self.emulator.identities
        pool = identities.create_identity_pool(
            IdentityPoolName="team",
            AllowUnauthenticatedIdentities=False,
            CognitoIdentityProviders=[provider],
        )["IdentityPoolId"]
        trust = {
            "Effect": "Allow",
            "Principal": {"Federated": "cognito-identity.amazonaws.com"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {"cognito-identity.amazonaws.com:aud": pool},
                "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"},
            },
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        name = pool.rpartition(":")[2]
        role = self.emulator.roles.create_role(RoleName=name, AssumeRolePolicyDocument=policy)
        self.arn = f"arn:aws:sts::000000000000:assumed-role/{name}/CognitoIdentityCredentials"
        identities.set_identity_pool_roles(
            IdentityPoolId=pool, Roles={"authenticated": role["Role"]["Arn"]}
        )
        return str(pool)

    def run(self, *command: str) -> CompletedProcess[str]:
        """Run a command where no terminal is."""
        return subprocess.run(
            command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def configures(self) -> None:
        """Write the profile, as a script does it."""
        given = {
            "user-pool-id": self.pool,
            "client-id": self.client,
            "identity-pool-id": self.identity_pool,
            "username": NAME,
            "region": REGION,
        }
        options = [f"--{name}={value}" for name, value in given.items()]
        done = self.run(HELPER, "configure", "--profile", "dev", *options)
        assert (done.stderr, done.returncode) == ("", 0)

    def who(self) -> str:
        """Who the AWS CLI says that one is."""
        done = self.run(*cli_v1("dev"))
        assert (done.stderr, done.returncode) == ("", 0)
        return done.stdout.strip()


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """One for the file."""
    program = beside("ministack", "ministack")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("ministack")
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "AUTH": "true",
        "SERVICES": "cognito-idp,cognito-identity,sts,iam",
        "LOG_LEVEL": "WARNING",
    }
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen([program], env=environment, stdout=log, stderr=log) as process,
    ):
        try:
            began = time.monotonic()
            endpoint = f"http://127.0.0.1:{port}"
            while not _answers(f"{endpoint}/_ministack/health"):
                assert process.poll() is None, (folder / "log").read_text()
                assert time.monotonic() - began < PATIENCE
                time.sleep(0.05)
            yield Emulator(endpoint)
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=1):  # noqa: S310 - ours
        return True
    return False


@pytest.fixture
def team(emulator: Emulator, keyrings: Keyrings, tmp_path: Path) -> Iterator[Team]:
    """A team whose administrator has invited one person."""
    made = Team(emulator, tmp_path, keyrings.environment())
    yield made
    made.items.close()


def test_the_whole_journey(team: Team) -> None:
    """From `configure` to `aws sts get-caller-identity`; a renewal, a sign-in, the sign-out."""
    team.configures()
    with Person(RUN, team.environment) as person:
        person.answers(ASK_PASSWORD, TEMPORARY)
        person.answers(ASK_NEW, PASSWORD)
        person.answers(ASK_AGAIN, PASSWORD)
        person.sees("Scan this with an authenticator app:")
        person.answers(ASK_PHONE, "s")
        person.sees("to copy it without spaces:")
        person.sees(ASK_PHONE)
        (seed,) = re.findall(r"^[A-Z2-7]{16,}$", person.shown, re.MULTILINE)
        person.types(code(seed))
        keeps(person, "n", "n")
    assert team.items.kinds() == {"session", "refresh-token"}
    assert team.who() == team.arn

    stored = team.items.get("session")
    team.items.expire()
    assert team.who() == team.arn
    assert team.items.get("session") != stored, "nothing was renewed"

    with Person([HELPER, "login", "--profile", "dev"], team.environment) as person:
        person.answers(ASK_PASSWORD, PASSWORD)
        person.answers("[dev] code from your authenticator app: ", code(seed, steps=1))
        assert person.ends() == 0
    assert team.who() == team.arn

    spent = team.items.get("refresh-token")
    done = team.run(HELPER, "logout", "--profile", "dev")
    assert (done.stderr, done.returncode) == ("", 0)
    assert team.items.kinds() == set()
    public = team.emulator.public
    with pytest.raises(public.exceptions.NotAuthorizedException):
        public.get_tokens_from_refresh_token(ClientId=team.client, RefreshToken=spent)
    failed(team.run(HELPER, "--profile", "dev"), 3)


def code(seed: str, steps: int = 0) -> str:
    """The code that the authenticator app shows, or will show, steps of half a minute from now."""
    return pyotp.TOTP(seed).generate_otp(int(time.time()) // STEP + steps)


def test_the_page_has_the_same_list() -> None:
    page = (SDKS.parent / "ministack.md").read_text("utf-8")
    assert __doc__ is not None
    lists = [re.findall(r"^- .*(?:\n  .*)*", text, re.MULTILINE) for text in (__doc__, page)]
    assert lists[0] == lists[1] != []


def test_what_it_cannot_do(team: Team) -> None:
    """The list above; whoever mends one of them in ministack makes this fail."""
    administrator, public = team.emulator.pools, team.emulator.public
    client = administrator.create_user_pool_client(
        UserPoolId=team.pool,
        ClientName="without SRP",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
        RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": 0},
    )["UserPoolClient"]["ClientId"]

    def begin(password: str) -> dict[str, Any]:
        words = {"USERNAME": NAME, "PASSWORD": password}
        answer: dict[str, Any] = public.initiate_auth(
            ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=words
        )
        return answer

    def respond(challenge: str, session: str, **more: str) -> dict[str, Any]:
        answer: dict[str, Any] = public.respond_to_auth_challenge(
            ClientId=client,
            ChallengeName=challenge,
            Session=session,
            ChallengeResponses={"USERNAME": NAME, **more},
        )
        return answer

    assert begin(TEMPORARY)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    tokens = respond("NEW_PASSWORD_REQUIRED", "of nobody at all" * 2, NEW_PASSWORD=PASSWORD)
    access = tokens["AuthenticationResult"]["AccessToken"]  # with no second factor set up
    associated = public.associate_software_token(AccessToken=access)
    assert associated["Session"]
    now = code(associated["SecretCode"])
    public.verify_software_token(AccessToken=access, UserCode=now)
    session = begin(PASSWORD)["Session"]
    for _ in range(2):
        again = respond("SOFTWARE_TOKEN_MFA", session, SOFTWARE_TOKEN_MFA_CODE=now)
    refresh = again["AuthenticationResult"]["RefreshToken"]
    renewed = public.get_tokens_from_refresh_token(ClientId=client, RefreshToken=refresh)
    assert "RefreshToken" not in renewed["AuthenticationResult"]
