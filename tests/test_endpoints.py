"""Which hosts are called: by region and partition, FIPS, dual-stack, and what names an endpoint.

A proxy on loopback takes note of each host and opens no way to it.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cognito_credproc.aws.cognito import ATTEMPTS, Cognito, Limits
from cognito_credproc.flows.flow import Call
from cognito_credproc.settings.settings import Settings
from cognito_credproc.values.clock import CorrectedClock, Deadline
from cognito_credproc.values.errors import CredprocError, UnreachableError
from tests.fakes import PROFILE, FakeClock, config_text
from tests.proxies import Tunnels, closed_proxy
from tests.script import identity, idp

# On a busy machine, an attempt that is given up would go on and reach the next test's proxy.
PATIENT = Limits(connect=60, read=60, call=60)
POOL = "11111111-2222-3333-4444-555555555555"
ASSUME = {
    "RoleArn": "arn:aws:iam::111122223333:role/Dev",
    "RoleSessionName": "istio",
    "WebIdentityToken": "token",
}
CALLS = (
    idp("InitiateAuth", AuthFlow="USER_SRP_AUTH", ClientId="1example23456789"),
    identity("GetId", IdentityPoolId=f"ap-northeast-1:{POOL}"),
    Call("sts", "AssumeRoleWithWebIdentity", ASSUME),
)
# Region, then by kind of endpoint: what stands between service and suffix, or all three hosts.
# Where a service has no endpoint of the kind, botocore's rules take the nearest that there is.
KINDS = {
    "": {},
    "fips": {"AWS_USE_FIPS_ENDPOINT": "true"},
    "dual-stack": {"AWS_USE_DUALSTACK_ENDPOINT": "true"},
    "both": {"AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "true"},
}
HOSTS = """
us-east-1             cognito-idp.%.amazonaws.com       cognito-identity.%.amazonaws.com       sts.%.amazonaws.com
us-east-1      fips   cognito-idp-fips.%.amazonaws.com  cognito-identity-fips.%.amazonaws.com  sts-fips.%.amazonaws.com
us-east-1      dual-stack cognito-idp.%.amazonaws.com   cognito-identity.%.amazonaws.com       sts.%.api.aws
us-east-1      both   cognito-idp-fips.%.amazonaws.com  cognito-identity-fips.%.amazonaws.com  sts-fips.%.api.aws
ap-northeast-1        cognito-idp.%.amazonaws.com       cognito-identity.%.amazonaws.com       sts.%.amazonaws.com
ap-northeast-1 fips   cognito-idp-fips.%.amazonaws.com  cognito-identity-fips.%.amazonaws.com  sts-fips.%.amazonaws.com
ap-northeast-1 dual-stack cognito-idp.%.amazonaws.com   cognito-identity.%.amazonaws.com       sts.%.api.aws
ap-northeast-1 both   cognito-idp-fips.%.api.aws        cognito-identity-fips.%.api.aws        sts-fips.%.api.aws
us-gov-west-1         cognito-idp.%.amazonaws.com       cognito-identity.%.amazonaws.com       sts.%.amazonaws.com
us-gov-west-1  fips   cognito-idp-fips.%.amazonaws.com  cognito-identity-fips.%.amazonaws.com  sts.%.amazonaws.com
us-gov-west-1  dual-stack cognito-idp.%.api.aws         cognito-identity.%.api.aws             sts.%.api.aws
us-gov-west-1  both   cognito-idp-fips.%.api.aws        cognito-identity-fips.%.api.aws        sts-fips.%.api.aws
cn-north-1            cognito-idp.%.amazonaws.com.cn    cognito-identity.%.amazonaws.com.cn    sts.%.amazonaws.com.cn
cn-north-1     dual-stack cognito-idp.%.api.amazonwebservices.com.cn cognito-identity.%.api.amazonwebservices.com.cn sts.%.api.amazonwebservices.com.cn
eusc-de-east-1        cognito-idp.%.amazonaws.eu        cognito-identity.%.amazonaws.eu        sts.%.amazonaws.eu
eusc-de-east-1 fips   cognito-idp-fips.%.amazonaws.eu   cognito-identity-fips.%.amazonaws.eu   sts-fips.%.amazonaws.eu
eusc-de-east-1 dual-stack cognito-idp.%.api.amazonwebservices.eu cognito-identity.%.api.amazonwebservices.eu sts.%.api.amazonwebservices.eu
"""  # noqa: E501 - a table


@pytest.fixture
def tunnels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tunnels]:
    """A proxy that takes note; nothing else of the environment says where to go."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    with closed_proxy() as found:
        for name, value in found.environment.items():
            monkeypatch.setenv(name, value)
        yield found


def pools(region: str) -> dict[str, str]:
    return {
        **PROFILE,
        "cognito_user_pool_id": f"{region}_AbCdEfGhI",
        "cognito_identity_pool_id": f"{region}:{POOL}",
    }


def calls(folder: Path, profile: dict[str, str], more: str = "") -> tuple[Cognito, FakeClock]:
    """The calls of a process that starts with this config file."""
    file = folder / "config"
    file.write_text(config_text({"profile dev": profile}) + more)
    clock = FakeClock()
    settings = Settings.load("dev", {"dev": profile}, file)
    return Cognito(settings, CorrectedClock(clock), Deadline(clock, 99), limits=PATIENT), clock


def hosts(tunnels: Tunnels, cognito: Cognito) -> list[str]:
    """The host that each of the three services is called at."""
    tunnels.asked.clear()
    for call in CALLS:
        with pytest.raises(UnreachableError, match="opened no way"):
            cognito(call)
    assert tunnels.asked[::ATTEMPTS] == tunnels.asked[1::ATTEMPTS] == tunnels.asked[2::ATTEMPTS]
    return [target.removesuffix(":443") for target in tunnels.asked[::ATTEMPTS]]


def rows() -> Iterator[tuple[str, str, list[str]]]:
    for row in HOSTS.strip().splitlines():
        region, *rest = row.split()
        kind = rest.pop(0) if len(rest) == 4 else ""
        yield region, kind, [host.replace("%", region) for host in rest]


@pytest.mark.parametrize(("region", "kind", "expected"), list(rows()))
def test_region_and_kind_of_endpoint(
    tunnels: Tunnels,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    region: str,
    kind: str,
    expected: list[str],
) -> None:
    for name, value in KINDS[kind].items():
        monkeypatch.setenv(name, value)
    cognito, _ = calls(tmp_path, pools(region))
    assert hosts(tunnels, cognito) == expected


def test_the_pools_regions_count_and_not_the_profiles(tunnels: Tunnels, tmp_path: Path) -> None:
    """STS is called where the identity pool is: its tokens are of that partition."""
    apart = {**pools("eu-west-1"), "cognito_user_pool_id": "us-gov-east-1_AbCdEfGhI"}
    cognito, _ = calls(tmp_path, {**apart, "region": "sa-east-1"})
    assert hosts(tunnels, cognito) == [
        "cognito-idp.us-gov-east-1.amazonaws.com",
        "cognito-identity.eu-west-1.amazonaws.com",
        "sts.eu-west-1.amazonaws.com",
    ]
    cognito, _ = calls(tmp_path, {**apart, "cognito_region": "cn-northwest-1"})
    assert {host.partition(".")[2] for host in hosts(tunnels, cognito)} == {
        "cn-northwest-1.amazonaws.com.cn"
    }


def test_keys_of_the_profile(
    tunnels: Tunnels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As botocore has it: one service before all, the environment before the file."""
    services = (
        "[services ours]\ncognito_identity_provider =\n  endpoint_url = https://idp.example\n"
        "cognito_identity =\n  endpoint_url = https://identity.example\n"
    )
    profile = {**pools("eu-west-1"), "services": "ours", "endpoint_url": "https://all.example"}
    cognito, _ = calls(tmp_path, profile, services)
    assert hosts(tunnels, cognito) == ["idp.example", "identity.example", "all.example"]
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY", "https://variable.example")
    cognito, _ = calls(tmp_path, profile, services)
    assert hosts(tunnels, cognito) == ["idp.example", "variable.example", "all.example"]
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://everything.example")
    cognito, _ = calls(tmp_path, profile, services)
    assert hosts(tunnels, cognito) == [
        "everything.example",
        "variable.example",
        "everything.example",
    ]
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    cognito, _ = calls(tmp_path, {**profile, "use_fips_endpoint": "true"}, services)
    assert hosts(tunnels, cognito) == [
        "cognito-idp-fips.eu-west-1.amazonaws.com",
        "cognito-identity-fips.eu-west-1.amazonaws.com",
        "sts-fips.eu-west-1.amazonaws.com",
    ]


def test_an_endpoint_is_taken_as_it_is(
    tunnels: Tunnels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever names one means it, whatever kind of endpoint the region would have."""
    for name, value in KINDS["both"].items():
        monkeypatch.setenv(name, value)
    for service in ("COGNITO_IDENTITY_PROVIDER", "COGNITO_IDENTITY", "STS"):
        url = f"https://{service.replace('_', '-').lower()}.vpce.example"
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", url)
    cognito, _ = calls(tmp_path, pools("eu-west-1"))
    assert hosts(tunnels, cognito) == [
        "cognito-identity-provider.vpce.example",
        "cognito-identity.vpce.example",
        "sts.vpce.example",
    ]


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("services", "gone", "services"),
        ("sts_regional_endpoints", "everywhere", "everywhere"),
    ],
)
def test_a_wrong_key_is_named(
    tunnels: Tunnels, tmp_path: Path, key: str, value: str, words: str
) -> None:
    cognito, _ = calls(tmp_path, {**pools("eu-west-1"), key: value})
    with pytest.raises(CredprocError, match=words) as caught:
        cognito(CALLS[2])
    assert caught.value.hint == (
        "mend that in the profile, or in the environment; see: env | grep ^AWS_"
    )
    assert tunnels.asked == []


@pytest.mark.parametrize(
    ("host", "hint"),
    [
        ("sts-fips.sa-east-1.amazonaws.invalid", "AWS_USE_FIPS_ENDPOINT=false"),
        ("sts.sa-east-1.api.aws.invalid", "AWS_USE_DUALSTACK_ENDPOINT=false"),
        ("sts.sa-east-1.amazonaws.invalid", "check the network"),
    ],
)
def test_a_host_that_there_is_not(
    tunnels: Tunnels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, hint: str
) -> None:
    monkeypatch.delenv("HTTPS_PROXY")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"https://{host}")
    cognito, clock = calls(tmp_path, pools("eu-west-1"))
    with pytest.raises(UnreachableError, match=f"no connection to https://{host}") as caught:
        cognito(CALLS[2])
    assert hint in str(caught.value.hint)
    assert len(clock.slept) == ATTEMPTS - 1
    assert tunnels.asked == []
