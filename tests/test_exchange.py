"""The exchange at the identity pool, driven by hand."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cognito_credproc.credentials import Credentials
from cognito_credproc.errors import ServiceError, UnreachableError
from cognito_credproc.exchange import IdentityPool, exchange
from cognito_credproc.flow import Call, RememberIdentity
from tests.script import id_token, identity, play, refusal

POOL_ID = "ap-northeast-1:11111111-2222-3333-4444-555555555555"
POOL = IdentityPool(POOL_ID)
ISSUER = "cognito-idp.ap-northeast-1.amazonaws.com/ap-northeast-1_AbCdEfGhI"
TOKEN = id_token(iss=f"https://{ISSUER}")
ROLE = "arn:aws:iam::444455556666:role/Dev"
EXPIRES = datetime(2026, 11, 3, 8, 5, 9, tzinfo=UTC)
ANSWER: dict[str, Any] = {
    "IdentityId": "kept",
    "Credentials": {
        "AccessKeyId": "ASIAQNZGKIQY56JQ7WML",
        "SecretKey": "secret",
        "SessionToken": "token",
        "Expiration": EXPIRES,
    },
}
UNKNOWN = refusal("GetCredentialsForIdentity", "ResourceNotFoundException", "not found")


def get_id(key: str = ISSUER, token: str = TOKEN) -> Call:
    return identity("GetId", IdentityPoolId=POOL_ID, Logins={key: token})


def get_credentials(
    identity_id: str, key: str = ISSUER, token: str = TOKEN, **more: object
) -> Call:
    return identity(
        "GetCredentialsForIdentity", IdentityId=identity_id, Logins={key: token}, **more
    )


def test_new_identity_is_remembered_before_it_is_used() -> None:
    found = play(
        exchange(POOL, TOKEN, None),
        (get_id(), {"IdentityId": "new"}),
        (RememberIdentity("new"), None),
        (get_credentials("new"), ANSWER),
    )
    assert found == Credentials(
        "ASIAQNZGKIQY56JQ7WML", "secret", "token", int(EXPIRES.timestamp()), "029608264753"
    )


def test_kept_identity_saves_a_call() -> None:
    play(exchange(POOL, TOKEN, "kept"), (get_credentials("kept"), ANSWER))


def test_forgotten_identity_is_asked_for_again() -> None:
    play(
        exchange(POOL, TOKEN, "kept"),
        (get_credentials("kept"), UNKNOWN),
        (RememberIdentity(None), None),
        (get_id(), {"IdentityId": "new"}),
        (RememberIdentity("new"), None),
        (get_credentials("new"), ANSWER),
    )


def test_forgotten_identity_is_asked_for_again_once_only() -> None:
    with pytest.raises(ServiceError) as caught:
        play(
            exchange(POOL, TOKEN, "kept"),
            (get_credentials("kept"), UNKNOWN),
            (RememberIdentity(None), None),
            (get_id(), {"IdentityId": "new"}),
            (RememberIdentity("new"), None),
            (get_credentials("new"), UNKNOWN),
        )
    assert caught.value is UNKNOWN


def test_other_refusals_keep_the_identity() -> None:
    denied = refusal("GetCredentialsForIdentity", "NotAuthorizedException", "Token expired")
    with pytest.raises(ServiceError):
        play(exchange(POOL, TOKEN, "kept"), (get_credentials("kept"), denied))


def test_role_of_the_profile() -> None:
    """The account is the role's; the key's own belongs to nobody's profile."""
    found = play(
        exchange(IdentityPool(POOL_ID, role_arn=ROLE), TOKEN, "kept"),
        (get_credentials("kept", CustomRoleArn=ROLE), ANSWER),
    )
    assert found.account_id == "444455556666"


@pytest.mark.parametrize(
    "issuer",
    [
        "cognito-idp.us-gov-west-1.amazonaws.com/us-gov-west-1_AbCdEfGhI",
        "cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_AbCdEfGhI",
        "cognito-idp.eusc-de-east-1.amazonaws.eu/eusc-de-east-1_AbCdEfGhI",
        "issuer-cognito-idp.ap-northeast-1.amazonaws.com/ap-northeast-1_AbCdEfGhI",
    ],
)
def test_login_is_named_by_the_tokens_issuer(issuer: str) -> None:
    token = id_token(iss=f"https://{issuer}")
    play(
        exchange(POOL, token, None),
        (get_id(issuer, token), {"IdentityId": "new"}),
        (RememberIdentity("new"), None),
        (get_credentials("new", issuer, token), ANSWER),
    )


def test_login_is_named_by_the_setting_where_there_is_one() -> None:
    pool = IdentityPool(POOL_ID, logins_key="other.example.com/pool")
    asked = get_credentials("kept", "other.example.com/pool", "no token at all")
    play(exchange(pool, "no token at all", "kept"), (asked, ANSWER))


@pytest.mark.parametrize("missing", ["AccessKeyId", "SecretKey", "SessionToken", "Expiration"])
def test_answer_without_a_member(missing: str) -> None:
    keys = {name: value for name, value in ANSWER["Credentials"].items() if name != missing}
    with pytest.raises(UnreachableError, match=missing):
        play(exchange(POOL, TOKEN, "kept"), (get_credentials("kept"), {"Credentials": keys}))


@pytest.mark.parametrize("answer", [{}, {"ResponseMetadata": {}}])
def test_captive_portal_is_not_remembered(answer: dict[str, Any]) -> None:
    with pytest.raises(UnreachableError, match="Credentials"):
        play(exchange(POOL, TOKEN, "kept"), (get_credentials("kept"), answer))
    with pytest.raises(UnreachableError, match="IdentityId"):
        play(exchange(POOL, TOKEN, None), (get_id(), answer))
