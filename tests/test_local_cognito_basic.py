"""Local Cognito: the basic (classic) flow: GetOpenIdToken, then AssumeRoleWithWebIdentity."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from tests.local_cognito import partitions
from tests.test_local_cognito_harness import refusal
from tests.test_local_cognito_identity import ADMINISTRATORS, DEVELOPERS, Exchange
from tests.test_local_cognito_sts import post

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def site() -> Iterator[Exchange]:
    """A site whose identity pool allows the basic flow."""
    with Exchange() as site:
        site.identity_pool.classic_flow = True
        yield site


def open_id_token(site: Exchange) -> str:
    """A token of the identity pool."""
    logins = site.logins()
    reply = site.identity.get_open_id_token(IdentityId=site.get_id(logins), Logins=logins)
    token: str = reply["Token"]
    return token


def assume(site: Exchange, token: str, **more: Any) -> dict[str, Any]:
    """AssumeRoleWithWebIdentity with that token."""
    reply: dict[str, Any] = site.aws("sts").assume_role_with_web_identity(
        **{"RoleArn": DEVELOPERS, "RoleSessionName": "istio", "WebIdentityToken": token, **more}
    )
    return reply


def test_is_refused_unless_the_pool_allows_it(site: Exchange) -> None:
    """The service's own words."""
    site.identity_pool.classic_flow = False
    assert refusal(open_id_token, site) == (
        "InvalidParameterException",
        "Basic (classic) flow is not enabled, please use enhanced flow.",
    )


def test_credentials(site: Exchange) -> None:
    """Length, name of the session, and that STS knows them."""
    reply = assume(site, open_id_token(site), DurationSeconds=900)
    assert reply["AssumedRoleUser"]["Arn"].endswith(":assumed-role/Developers/istio")
    assert reply["SubjectFromWebIdentityToken"] == site.get_id()
    assert reply["Audience"] == site.identity_pool.id
    keys = reply["Credentials"]
    assert 890 < keys["Expiration"].timestamp() - time.time() <= 900
    who = site.aws(
        "sts",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    ).get_caller_identity()
    assert who["Arn"] == reply["AssumedRoleUser"]["Arn"]


def test_duration_is_bounded_by_the_role(site: Exchange) -> None:
    """900-43,200 seconds, and the role's maximum."""
    token = open_id_token(site)
    for seconds in (3_601, 43_201):
        assert refusal(assume, site, token, DurationSeconds=seconds)[0] == ("ValidationError")
    site.cognito.create_role(DEVELOPERS, max_session_seconds=43_200)
    assume(site, token, DurationSeconds=43_200)


def test_tokens_that_are_not_taken(site: Exchange) -> None:
    """Expired, a user pool's, nonsense; and a role that nobody made."""
    token = open_id_token(site)
    assert refusal(assume, site, token, RoleArn=ADMINISTRATORS)[0] == "AccessDenied"
    for wrong in ("nonsense", site.tokens()["IdToken"], token[:-8] + "AAAAAAAA"):
        assert refusal(assume, site, wrong)[0] == "InvalidIdentityToken"
    site.clock.advance(601)
    assert refusal(assume, site, token)[0] == "ExpiredTokenException"


def test_role_trusts_the_identity_pool(site: Exchange) -> None:
    token = open_id_token(site)
    site.cognito.create_role(DEVELOPERS, trusts=["ap-northeast-1:another"])
    assert refusal(assume, site, token) == (
        "AccessDenied",
        "Not authorized to perform sts:AssumeRoleWithWebIdentity",
    )
    site.cognito.create_role(DEVELOPERS, trusts=[site.identity_pool.id])
    assume(site, token)


@pytest.mark.parametrize("name", ["x", "two words", "\u00e9t\u00e9", "a/b", "x" * 65])
def test_session_names_that_are_not_taken(site: Exchange, name: str) -> None:
    form = {
        "Action": "AssumeRoleWithWebIdentity",
        "Version": "2011-06-15",
        "RoleArn": DEVELOPERS,
        "RoleSessionName": name,
        "WebIdentityToken": open_id_token(site),
    }
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    status, text = post(site, urlencode(form).encode(), kind)
    assert (status, "<Code>ValidationError</Code>" in text) == (400, True)
    good = {**form, "RoleSessionName": "istio+1=2,3.4@example.com_-"}
    assert post(site, urlencode(good).encode(), kind)[0] == 200
    # Whoever signs looked for credentials first.
    signed = {**kind, "Authorization": "AWS4-HMAC-SHA256 Credential=x"}
    assert post(site, urlencode(good).encode(), signed)[0] == 403


@pytest.mark.parametrize(
    ("region", "provider"),
    [
        ("eu-west-3", "cognito-identity.amazonaws.com"),
        ("us-gov-west-1", "cognito-identity-us-gov.amazonaws.com"),
        ("us-gov-east-1", "cognito-identity.us-gov-east-1.amazonaws.com"),
        ("cn-north-1", "cognito-identity.cn-north-1.amazonaws.com.cn"),
        ("eusc-de-east-1", "cognito-identity.eusc-de-east-1.amazonaws.eu"),
    ],
)
def test_partitions(site: Exchange, region: str, provider: str) -> None:
    """A role of another partition trusts another provider."""
    role = f"arn:{partitions.of(region).name}:iam::111122223333:role/Here"
    elsewhere = "arn:aws-iso:iam::111122223333:role/Elsewhere"
    site.cognito.create_role(elsewhere)
    site.identity_pool = site.cognito.create_identity_pool(
        site.client, role_arn=role, region=region, classic_flow=True
    )
    token = open_id_token(site)
    reply = assume(site, token, RoleArn=role)
    assert reply["Provider"] == provider
    assert reply["AssumedRoleUser"]["Arn"].startswith(role.split(":iam:", maxsplit=1)[0])
    assert refusal(assume, site, token, RoleArn=elsewhere)[0] == "AccessDenied"
