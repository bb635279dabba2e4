"""From a password to credentials in every partition, through a proxy, with an authority of its own.

The hosts are the real ones; the proxy leads to the local Cognito whatever host is asked for.
"""

import os
import ssl
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
import trustme

from cognito_credproc.aws.cognito import Cognito
from cognito_credproc.flows.exchange import exchange
from cognito_credproc.flows.flow import Call, RememberIdentity, Step, run
from cognito_credproc.flows.tokens import Tokens
from cognito_credproc.settings.settings import Settings
from cognito_credproc.values.clock import CorrectedClock, Deadline
from cognito_credproc.values.credentials import Credentials
from tests.fakes import FakeClock, config_text
from tests.local_cognito import LocalCognito, partitions
from tests.proxies import tls_proxy
from tests.script import idp

NAME, PASSWORD = "istio@example.com", "Correct-horse-1"
HOSTS = {
    "ap-northeast-1": "amazonaws.com",
    "us-gov-west-1": "amazonaws.com",
    "cn-northwest-1": "amazonaws.com.cn",
    "eusc-de-east-1": "amazonaws.eu",
}
UPDATED = ("ap-northeast-1", "https://issuer-cognito-idp.{region}.amazonaws.com/{id}")


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    return monkeypatch


def profile(service: LocalCognito, region: str, issuer: str = "") -> dict[str, str]:
    """A user pool, an identity pool that allows the basic flow, a role for it, a user."""
    pool = service.create_user_pool(region, mfa="OFF", issuer=issuer)
    client = pool.create_client(flows=("ALLOW_USER_PASSWORD_AUTH",))
    role = f"arn:{partitions.of(region).name}:iam::444455556666:role/Dev"
    identities = service.create_identity_pool(client, role, classic_flow=True)
    pool.create_user(NAME, password=PASSWORD).roles.append(role)
    service.create_role(role, max_session_seconds=43_200, trusts=[identities.id])
    return {
        "cognito_user_pool_id": pool.id,
        "cognito_client_id": client.id,
        "cognito_identity_pool_id": identities.id,
        "cognito_username": NAME,
        "cognito_role_arn": role,
    }


def credentials(file: Path, keys: dict[str, str]) -> Credentials:
    """Sign in and exchange, as a process does that starts now."""
    file.write_text(config_text({"profile dev": keys}))
    settings = Settings.load("dev", {"dev": keys}, file)
    clock = FakeClock()
    cognito = Cognito(settings, CorrectedClock(clock), Deadline(clock, 99))
    given = {"USERNAME": NAME, "PASSWORD": PASSWORD}
    answer = cognito(
        idp(
            "InitiateAuth",
            ClientId=settings.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters=given,
        )
    )

    def perform(step: Step) -> Any:
        assert isinstance(step, Call | RememberIdentity)
        return cognito(step) if isinstance(step, Call) else None

    return run(exchange(settings.identity_pool, Tokens.of(answer).id_token, None), perform)


@pytest.mark.parametrize(("region", "issuer"), [*((region, "") for region in HOSTS), UPDATED])
def test_every_partition_by_both_flows(
    tmp_path: Path, environment: pytest.MonkeyPatch, region: str, issuer: str
) -> None:
    with LocalCognito() as service, tls_proxy(service.endpoint, tmp_path) as tunnels:
        for name, value in tunnels.environment.items():
            environment.setenv(name, value)
        keys = profile(service, region, issuer)
        enhanced = credentials(tmp_path / "config", keys)
        basic = {"cognito_credential_flow": "basic", "cognito_duration_seconds": "43200"}
        longer = credentials(tmp_path / "config", keys | basic)
        now = service.clock.now()
        assert [call.error for call in service.calls] == [None] * len(service.calls)
    assert enhanced.account_id == longer.account_id == "444455556666"
    assert now + 3_590 < enhanced.expiration <= now + 3_600
    assert now + 43_190 < longer.expiration <= now + 43_200
    services = ("cognito-idp", "cognito-identity", "sts")
    hosts = [f"{service}.{region}.{HOSTS[region]}:443" for service in services]
    assert tunnels.asked == [*hosts[:2], *hosts]


def test_proxy_that_wants_a_password(tmp_path: Path, environment: pytest.MonkeyPatch) -> None:
    with (
        LocalCognito() as service,
        tls_proxy(service.endpoint, tmp_path, user="me:pa%40ss") as tunnels,
    ):
        for name, value in tunnels.environment.items():
            environment.setenv(name, value)
        credentials(tmp_path / "config", profile(service, "eu-west-1"))
    assert set(tunnels.proven) == {"Basic " + b64encode(b"me:pa@ss").decode()}


@pytest.mark.parametrize("said_in", ["environment", "profile"])
def test_endpoint_with_a_certificate_of_a_private_authority(
    tmp_path: Path, environment: pytest.MonkeyPatch, said_in: str
) -> None:
    """On this machine, which no proxy needs to lead to."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    environment.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    environment.setenv("NO_PROXY", "127.0.0.1")
    with LocalCognito(ssl_context=context) as service:
        keys = profile(service, "eu-west-1")
        if said_in == "environment":
            environment.setenv("AWS_CA_BUNDLE", str(bundle))
            for name, value in service.environment().items():
                environment.setenv(name, value)
        else:
            keys |= {"ca_bundle": str(bundle), "endpoint_url": service.endpoint}
        found = credentials(tmp_path / "config", keys | {"cognito_credential_flow": "basic"})
    assert found.account_id == "444455556666"
