"""Local Cognito: what tokens hold, refreshing, rotation, revocation."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.test_local_cognito_harness import NAME, Reply, Site, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

REVOKED = ("NotAuthorizedException", "Refresh Token has been revoked")
EXPIRED = ("NotAuthorizedException", "Refresh Token has expired")
INVALID = ("NotAuthorizedException", "Invalid Refresh Token.")


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


def claims(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return found


def refresh(site: Site, token: str, flow: str = "REFRESH_TOKEN_AUTH", **more: str) -> Reply:
    reply: Reply = site.idp.initiate_auth(
        AuthFlow=flow, ClientId=site.client.id, AuthParameters={"REFRESH_TOKEN": token, **more}
    )["AuthenticationResult"]
    return reply


def exchange(site: Site, token: str, **more: str) -> Reply:
    reply: Reply = site.idp.get_tokens_from_refresh_token(
        ClientId=site.client.id, RefreshToken=token, **more
    )["AuthenticationResult"]
    return reply


def test_claims_and_sizes(site: Site) -> None:
    site.user.groups += ["developers"]
    site.user.roles += ["arn:aws:iam::111122223333:role/Developers"]
    site.user.preferred_role = site.user.roles[0]
    result = site.tokens()
    identity, access = claims(result["IdToken"]), claims(result["AccessToken"])
    issuer = f"https://cognito-idp.ap-northeast-1.amazonaws.com/{site.pool.id}"
    common = {
        "sub": site.user.sub,
        "iss": issuer,
        "cognito:groups": ["developers"],
        "auth_time": identity["auth_time"],
        "iat": identity["iat"],
        "exp": identity["iat"] + 3_600,
        "origin_jti": identity["origin_jti"],
    }
    assert identity == common | {
        "aud": site.client.id,
        "token_use": "id",
        "email": NAME,
        "email_verified": True,
        "cognito:username": site.user.username,
        "cognito:roles": site.user.roles,
        "cognito:preferred_role": site.user.roles[0],
        "jti": identity["jti"],
    }
    assert access == common | {
        "client_id": site.client.id,
        "token_use": "access",
        "username": site.user.username,
        "scope": "aws.cognito.signin.user.admin",
        "jti": access["jti"],
        "event_id": access["event_id"],
    }
    assert len(result["RefreshToken"]) == 1_785
    assert result["ExpiresIn"] == 3_600


def test_tokens_without_groups_are_about_as_long_as_live_ones(site: Site) -> None:
    result = site.tokens()
    assert abs(len(result["IdToken"]) - 958) < 100
    assert abs(len(result["AccessToken"]) - 1_002) < 100


def test_issuer_can_be_another() -> None:
    with Site(pool={"issuer": "https://issuer-cognito-idp.{region}.amazonaws.com/{id}"}) as site:
        issuer = f"https://issuer-cognito-idp.ap-northeast-1.amazonaws.com/{site.pool.id}"
        assert claims(site.tokens()["IdToken"])["iss"] == issuer
        assert site.pool.provider == issuer.removeprefix("https://")


@pytest.mark.parametrize("flow", ["REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"])
def test_refresh_gives_no_refresh_token(site: Site, flow: str) -> None:
    first = site.tokens()
    for again in (
        refresh(site, first["RefreshToken"], flow),
        exchange(site, first["RefreshToken"]),
    ):
        assert "RefreshToken" not in again
        old, new = claims(first["IdToken"]), claims(again["IdToken"])
        assert (old["auth_time"], old["origin_jti"]) == (new["auth_time"], new["origin_jti"])
        assert old["jti"] != new["jti"]


def test_refresh_token_runs_out_and_belongs_to_its_client(site: Site) -> None:
    token = site.tokens()["RefreshToken"]
    for wrong in ("nonsense", token + "x"):
        assert refusal(refresh, site, wrong) == INVALID
        assert refusal(exchange, site, wrong) == INVALID
    site.clock.advance(30 * 86_400 - 5)
    refresh(site, token)
    site.clock.advance(6)
    assert refusal(refresh, site, token) == EXPIRED
    assert refusal(exchange, site, token) == EXPIRED
    token = site.tokens()["RefreshToken"]
    site.client = site.pool.create_client()
    assert refusal(refresh, site, token) == INVALID


def test_refresh_with_a_client_secret() -> None:
    with Site(secret=True) as site:
        token = site.tokens()["RefreshToken"]
        secret = site.client.secret or ""
        assert refusal(refresh, site, token)[1].endswith("SECRET_HASH was not received")
        over_alias = site.client.secret_hash(NAME)
        assert "does not match" in refusal(refresh, site, token, SECRET_HASH=over_alias)[1]
        refresh(site, token, SECRET_HASH=site.client.secret_hash(site.user.username))
        assert refusal(exchange, site, token)[0] == "NotAuthorizedException"
        wrong = secret[:-1] + ("a" if secret[-1] != "a" else "b")
        assert refusal(exchange, site, token, ClientSecret=wrong)[0] == "NotAuthorizedException"
        exchange(site, token, ClientSecret=secret)


def test_rotation_without_grace() -> None:
    with Site(rotation_grace=0) as site:
        first = site.tokens()["RefreshToken"]
        second = exchange(site, first)["RefreshToken"]
        assert second != first
        assert refusal(exchange, site, first)[0] == "RefreshTokenReuseException"
        third = exchange(site, second)["RefreshToken"]
        assert refusal(refresh, site, third) == (
            "InvalidParameterException",
            "REFRESH_TOKEN_AUTH flow not enabled for this client",
        )


def test_rotation_with_grace() -> None:
    with Site(rotation_grace=10) as site:
        first = site.tokens()["RefreshToken"]
        second = exchange(site, first)["RefreshToken"]
        site.clock.advance(9)
        assert exchange(site, first)["RefreshToken"] not in {first, second}
        site.clock.advance(2)
        assert refusal(exchange, site, first)[0] == "RefreshTokenReuseException"
        exchange(site, second)


def test_rotated_tokens_run_out_when_the_first_would_have() -> None:
    with Site(rotation_grace=0, refresh_token_seconds=7_200) as site:
        token = site.tokens()["RefreshToken"]
        site.clock.advance(7_000)
        token = exchange(site, token)["RefreshToken"]
        site.clock.advance(201)
        assert refusal(exchange, site, token) == EXPIRED


def test_revocation_ends_the_sign_in_and_no_other(site: Site) -> None:
    ours, theirs = site.tokens(), site.tokens()
    revoke = site.idp.revoke_token
    for _ in range(2):
        revoke(ClientId=site.client.id, Token=ours["RefreshToken"])
    assert refusal(refresh, site, ours["RefreshToken"]) == REVOKED
    assert refusal(exchange, site, ours["RefreshToken"]) == REVOKED
    assert refusal(site.idp.get_user, AccessToken=ours["AccessToken"]) == (
        "NotAuthorizedException",
        "Access Token has been revoked",
    )
    refresh(site, theirs["RefreshToken"])
    assert refusal(revoke, ClientId=site.client.id, Token=ours["AccessToken"])[0] == (
        "UnsupportedTokenTypeException"
    )
    other = site.pool.create_client()
    assert refusal(revoke, ClientId=other.id, Token=theirs["RefreshToken"])[0] == (
        "UnauthorizedException"
    )


def test_revocation_ends_rotated_tokens_too() -> None:
    with Site(rotation_grace=60) as site:
        first = site.tokens()["RefreshToken"]
        second = exchange(site, first)["RefreshToken"]
        site.idp.revoke_token(ClientId=site.client.id, Token=first)
        assert refusal(exchange, site, second) == REVOKED


def test_revocation_with_a_client_secret() -> None:
    with Site(secret=True) as site:
        token = site.tokens()["RefreshToken"]
        who = {"ClientId": site.client.id, "Token": token}
        assert refusal(site.idp.revoke_token, **who)[0] == "NotAuthorizedException"
        site.idp.revoke_token(**who, ClientSecret=site.client.secret)


def test_global_sign_out(site: Site) -> None:
    first, second = site.tokens(), site.tokens()
    site.idp.global_sign_out(AccessToken=first["AccessToken"])
    assert refusal(refresh, site, second["RefreshToken"]) == REVOKED
    assert refusal(site.idp.global_sign_out, AccessToken=first["AccessToken"])[1] == (
        "Access Token has been revoked"
    )


def test_get_user(site: Site) -> None:
    result = site.tokens()
    shown = site.idp.get_user(AccessToken=result["AccessToken"])
    assert shown["Username"] == site.user.username
    attributes = {row["Name"]: row["Value"] for row in shown["UserAttributes"]}
    assert attributes == {"sub": site.user.sub, "email": NAME, "email_verified": "true"}
    for wrong in (result["IdToken"], "nonsense", result["AccessToken"][:-4] + "AAAA"):
        assert refusal(site.idp.get_user, AccessToken=wrong) == (
            "NotAuthorizedException",
            "Invalid Access Token",
        )
    site.clock.advance(3_601)
    assert refusal(site.idp.get_user, AccessToken=result["AccessToken"]) == (
        "NotAuthorizedException",
        "Access Token has expired",
    )


def test_disabled_users_are_not_refreshed(site: Site) -> None:
    token = site.tokens()["RefreshToken"]
    site.user.disabled = True
    assert refusal(refresh, site, token) == ("NotAuthorizedException", "User is disabled.")


@pytest.mark.parametrize("code", ["UnknownOperationException", "OperationNotEnabledException"])
def test_get_tokens_that_is_not_to_be_had(site: Site, code: str) -> None:
    token = site.tokens()["RefreshToken"]
    site.client.get_tokens_refusal = code
    assert refusal(exchange, site, token)[0] == code
    assert "IdToken" in refresh(site, token)
