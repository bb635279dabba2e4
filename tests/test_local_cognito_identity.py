"""Local Cognito: identity pools: login tokens, identities, roles, both credential flows."""

from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.local_cognito import Rule, jwt
from tests.test_local_cognito_harness import PASSWORD, Site, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.local_cognito import IdentityPool

DEVELOPERS = "arn:aws:iam::111122223333:role/Developers"
ADMINISTRATORS = "arn:aws:iam::999999999999:role/team/Administrators"


class Exchange(Site):
    """A site with an identity pool."""

    def __init__(self) -> None:
        super().__init__()
        self.identity_pool: IdentityPool = self.cognito.create_identity_pool(
            self.client, role_arn=DEVELOPERS
        )
        self.identity = self.aws("cognito-identity")

    def logins(self, token: str = "") -> dict[str, str]:
        """A Logins map with a fresh ID token, or with the token given."""
        return {self.pool.provider: token or self.tokens()["IdToken"]}

    def get_id(self, logins: dict[str, str] | None = None) -> str:
        """The identity of these logins."""
        logins = self.logins() if logins is None else logins
        reply = self.identity.get_id(IdentityPoolId=self.identity_pool.id, Logins=logins)
        found: str = reply["IdentityId"]
        return found

    def credentials(self, **more: str) -> dict[str, Any]:
        """Credentials by the enhanced flow."""
        logins = self.logins()
        reply = self.identity.get_credentials_for_identity(
            IdentityId=self.get_id(logins), Logins=logins, **more
        )
        found: dict[str, Any] = reply["Credentials"]
        return found

    def arn(self, **more: str) -> str:
        """The assumed role's ARN that STS names for the credentials."""
        keys = self.credentials(**more)
        arn: str = self.aws(
            "sts",
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretKey"],
            aws_session_token=keys["SessionToken"],
        ).get_caller_identity()["Arn"]
        return arn


@pytest.fixture
def site() -> Iterator[Exchange]:
    with Exchange() as site:
        yield site


def invalid(text: str) -> tuple[str, str]:
    return "NotAuthorizedException", f"Invalid login token. {text}"


def test_identity_never_changes_until_it_is_forgotten(site: Exchange) -> None:
    first = site.get_id()
    assert site.get_id() == first
    assert first.startswith("ap-northeast-1:")
    site.pool.create_user("other@example.com", password=PASSWORD)
    other = site.tokens(site.pool.user("other@example.com"))["IdToken"]
    assert site.get_id(site.logins(other)) != first
    logins = site.logins()
    site.identity_pool.forget_identities()
    assert refusal(site.identity.get_credentials_for_identity, IdentityId=first, Logins=logins) == (
        "ResourceNotFoundException",
        f"Identity '{first}' not found.",
    )
    assert site.get_id() != first


def test_unknown_identity_pool(site: Exchange) -> None:
    assert (
        refusal(site.identity.get_id, IdentityPoolId="ap-northeast-1:0-0", Logins=site.logins())[0]
        == "ResourceNotFoundException"
    )


def test_logins_are_needed(site: Exchange) -> None:
    unauthenticated = (
        "NotAuthorizedException",
        "Unauthenticated access is not supported for this identity pool.",
    )
    assert refusal(site.get_id, {}) == unauthenticated
    assert (
        refusal(site.identity.get_credentials_for_identity, IdentityId=site.get_id())
        == unauthenticated
    )


def test_login_of_another_provider(site: Exchange) -> None:
    token = site.tokens()["IdToken"]
    for provider in ("accounts.google.com", f"https://{site.pool.provider}"):
        assert refusal(site.get_id, {provider: token}) == (
            "NotAuthorizedException",
            "Token is not from a supported provider of this identity pool.",
        )


def test_login_of_another_issuer(site: Exchange) -> None:
    pool = site.cognito.create_user_pool(mfa="OFF")
    client = pool.create_client(flows=site.client.flows)
    pool.create_user("istio@example.com", password=PASSWORD)
    provider, site.client = site.pool.provider, client
    token = site.tokens()["IdToken"]
    assert refusal(site.get_id, {provider: token}) == invalid("Issuer doesn't match providerName")


def test_login_of_another_audience(site: Exchange) -> None:
    site.client = site.pool.create_client(flows=site.client.flows)
    assert refusal(site.get_id) == invalid("Incorrect token audience.")
    site.identity_pool.clients.append(site.client)
    site.get_id()


def test_login_must_be_an_id_token(site: Exchange) -> None:
    for token in (site.tokens()["AccessToken"], "nonsense", "a.b.c", "e30.e30.AAAA"):
        assert refusal(site.get_id, site.logins(token)) == invalid(
            "Not a valid OpenId Connect identity token."
        )


def test_login_with_a_forged_claim_or_signature(site: Exchange) -> None:
    token = site.tokens()["IdToken"]
    head, _, signature = token.split(".")
    claims = jwt.unverified(token) | {"sub": "somebody-else"}
    forged = jwt.issue(claims, "id").split(".")[1]
    raw = bytearray(base64.urlsafe_b64decode(signature + "=="))
    raw[9] ^= 1
    other = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    for tampered in (f"{head}.{forged}.{signature}", token.replace(signature, other)):
        code, message = refusal(site.get_id, site.logins(tampered))
        assert (code, message) == invalid("Token signature invalid.")


def test_login_that_has_run_out(site: Exchange) -> None:
    logins = site.logins()
    known = site.get_id(logins)
    site.clock.advance(3_601)
    code, message = refusal(
        site.identity.get_credentials_for_identity, IdentityId=known, Logins=logins
    )
    assert code == "NotAuthorizedException"
    assert message.startswith("Invalid login token. Token expired: ")
    now, expiry = message.rpartition(": ")[2].split(" >= ")
    assert int(now) >= int(expiry)


def test_identity_of_somebody_else(site: Exchange) -> None:
    known = site.get_id()
    site.pool.create_user("other@example.com", password=PASSWORD)
    other = site.tokens(site.pool.user("other@example.com"))["IdToken"]
    code, message = refusal(
        site.identity.get_credentials_for_identity, IdentityId=known, Logins=site.logins(other)
    )
    assert code == "NotAuthorizedException"
    assert message.startswith("Logins don't match. ")


def test_credentials_look_like_the_services_own(site: Exchange) -> None:
    site.identity_pool.credentials_seconds = 1_200
    keys = site.credentials()
    key_id = keys["AccessKeyId"]
    assert key_id.startswith("ASIA")
    assert len(key_id) == 20
    number = int.from_bytes(base64.b32decode(key_id[4:])[:6], "big")
    assert (number & 0x7FFFFFFFFF80) >> 7 == 111122223333
    assert len(keys["SecretKey"]) == 40
    assert 2_000 <= len(keys["SessionToken"]) < 4_096
    assert 1_190 < keys["Expiration"].timestamp() - time.time() <= 1_200


def test_default_role_and_custom_role(site: Exchange) -> None:
    assert ":assumed-role/Developers/" in site.arn()
    code, _ = refusal(site.credentials, CustomRoleArn=ADMINISTRATORS)
    assert code == "NotAuthorizedException"
    site.user.roles = [ADMINISTRATORS]
    assert refusal(site.credentials, CustomRoleArn=ADMINISTRATORS) == (
        "InvalidIdentityPoolConfigurationException",
        "Invalid identity pool configuration. Check assigned IAM roles for this pool.",
    )
    site.cognito.create_role(ADMINISTRATORS)
    assert site.arn(CustomRoleArn=ADMINISTRATORS) == (
        "arn:aws:sts::999999999999:assumed-role/Administrators/CognitoIdentityCredentials"
    )
    assert ":assumed-role/Developers/" in site.arn()
    assert refusal(site.credentials, CustomRoleArn=DEVELOPERS)[0] == "NotAuthorizedException"


def test_role_from_the_token(site: Exchange) -> None:
    site.cognito.create_role(ADMINISTRATORS)
    site.identity_pool.role_type = "Token"
    site.user.roles = [ADMINISTRATORS, DEVELOPERS]
    assert refusal(site.credentials) == (
        "NotAuthorizedException",
        f"The ambiguous role mapping rules for: {site.pool.provider} denied this request.",
    )
    site.identity_pool.ambiguous = "AuthenticatedRole"
    assert ":assumed-role/Developers/" in site.arn()
    site.user.preferred_role = ADMINISTRATORS
    assert ":assumed-role/Administrators/" in site.arn()
    assert ":assumed-role/Developers/" in site.arn(CustomRoleArn=DEVELOPERS)


def test_role_by_rules(site: Exchange) -> None:
    """In their order; whoever fits none gets what the pool says of ambiguous roles."""
    site.cognito.create_role(ADMINISTRATORS)
    site.identity_pool.role_type = "Rules"
    site.user.attributes["custom:team"] = "cloud platform"
    site.user.preferred_role = ADMINISTRATORS  # which only "Token" looks at
    denied = (
        "NotAuthorizedException",
        f"The ambiguous role mapping rules for: {site.pool.provider} denied this request.",
    )
    assert refusal(site.credentials) == denied
    fitting = [
        ("Equals", "cloud platform"),
        ("NotEqual", "sales"),
        ("StartsWith", "cloud"),
        ("Contains", "plat"),
    ]
    for match, value in fitting:
        site.identity_pool.rules = (
            Rule("custom:none", "NotEqual", "x", DEVELOPERS),
            Rule("cognito:groups", "NotEqual", "x", DEVELOPERS),
            Rule("custom:team", match, value, ADMINISTRATORS),
            Rule("custom:team", match, value, DEVELOPERS),
        )
        assert ":assumed-role/Administrators/" in site.arn()
    unfitting = [("Equals", "cloud"), ("NotEqual", "cloud platform"), ("StartsWith", "platform")]
    for match, value in [*unfitting, ("Contains", "Cloud")]:
        site.identity_pool.rules = (Rule("custom:team", match, value, ADMINISTRATORS),)
        assert refusal(site.credentials) == denied
    site.identity_pool.ambiguous = "AuthenticatedRole"
    assert ":assumed-role/Developers/" in site.arn()


def test_a_role_trusts_its_identity_pool(site: Exchange) -> None:
    other = site.cognito.create_identity_pool(site.client, role_arn=DEVELOPERS)
    not_trusted = (
        "InvalidIdentityPoolConfigurationException",
        "Invalid identity pool configuration. Check assigned IAM roles for this pool.",
    )
    site.arn()
    site.identity_pool = other
    assert refusal(site.credentials) == not_trusted
    site.cognito.create_role(DEVELOPERS, trusts=[other.id])
    site.arn()


def test_roles_are_of_the_pools_partition(site: Exchange) -> None:
    chinese = "arn:aws-cn:iam::111122223333:role/Developers"
    site.identity_pool = site.cognito.create_identity_pool(
        site.client, role_arn=chinese, region="cn-north-1"
    )
    assert site.arn().startswith("arn:aws-cn:sts::")
    site.identity_pool.role_arn = DEVELOPERS
    site.cognito.create_role(DEVELOPERS)
    assert refusal(site.credentials)[0] == "InvalidIdentityPoolConfigurationException"


@pytest.mark.parametrize(
    ("region", "issuer"),
    [
        ("eu-west-3", "cognito-idp.eu-west-3.amazonaws.com"),
        ("us-gov-west-1", "cognito-idp.us-gov-west-1.amazonaws.com"),
        ("cn-northwest-1", "cognito-idp.cn-northwest-1.amazonaws.com.cn"),
        ("eusc-de-east-1", "cognito-idp.eusc-de-east-1.amazonaws.eu"),
    ],
)
def test_issuer_is_the_partitions(site: Exchange, region: str, issuer: str) -> None:
    pool = site.cognito.create_user_pool(region)
    assert pool.provider == f"{issuer}/{pool.id}"
    updated = site.cognito.create_user_pool(
        region, issuer="https://issuer-cognito-idp.{region}.amazonaws.com/{id}"
    )
    assert updated.provider == f"issuer-cognito-idp.{region}.amazonaws.com/{updated.id}"


def test_user_who_was_made_anew_is_somebody_else(site: Exchange) -> None:
    known = site.get_id()
    del site.pool.users[site.user.username]
    site.user = site.pool.create_user("istio@example.com", password=PASSWORD)
    code, message = refusal(
        site.identity.get_credentials_for_identity, IdentityId=known, Logins=site.logins()
    )
    assert (code, message[:19]) == ("NotAuthorizedException", "Logins don't match.")
    assert site.get_id() != known
