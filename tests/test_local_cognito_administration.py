"""Local Cognito: what an administrator does to a user, by calls that are signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.test_local_cognito_harness import NAME, Site, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

ROLE = "arn:aws:iam::111122223333:role/Administrators"


@pytest.fixture
def site() -> Iterator[Site]:
    with Site(pool={"mfa": "ON"}) as site:
        site.early_in_step()
        yield site


def administrator(site: Site, **other: str) -> Any:
    """A client of boto3 with credentials of a role."""
    issued = site.cognito.issue(ROLE)
    keys = {
        "aws_access_key_id": issued.access_key_id,
        "aws_secret_access_key": issued.secret_key,
        "aws_session_token": issued.session_token,
    }
    return site.aws("cognito-idp", **{**keys, **other})


def test_whose_app_was_taken_away_sets_up_another(site: Site) -> None:
    site.pool.enable_totp(site.user)
    administrator(site).admin_delete_software_token(UserPoolId=site.pool.id, Username=NAME)
    assert (site.user.token, site.user.mfa, site.user.preferred_mfa) == (None, set(), "")
    assert site.send_password()["ChallengeName"] == "MFA_SETUP"


def test_global_sign_out_ends_every_sign_in(site: Site) -> None:
    seed = site.pool.enable_totp(site.user)
    tokens = site.totp(site.send_password()["Session"], site.code(seed))["AuthenticationResult"]
    administrator(site).admin_user_global_sign_out(UserPoolId=site.pool.id, Username=NAME)
    refused = refusal(site.idp.get_user, AccessToken=tokens["AccessToken"])
    assert refused == ("NotAuthorizedException", "Access Token has been revoked")
    site.totp(site.send_password()["Session"], site.code(seed, 1))


def test_administrators_sign_and_name_somebody(site: Site) -> None:
    ann = {"UserPoolId": site.pool.id, "Username": NAME}
    admin = administrator(site)
    for act, given, code in (
        (site.idp, ann, "MissingAuthenticationTokenException"),
        (administrator(site, aws_access_key_id="ASIA2"), ann, "UnrecognizedClientException"),
        (administrator(site, aws_secret_access_key="x"), ann, "InvalidSignatureException"),
        (admin, {**ann, "Username": "eve"}, "UserNotFoundException"),
        (admin, {**ann, "UserPoolId": "eu-west-1_none"}, "ResourceNotFoundException"),
    ):
        assert refusal(act.admin_delete_software_token, **given)[0] == code
