"""The exchange at the identity pool, driven by hand."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cognito_credproc.flows.exchange import Basic, IdentityPool, NoRoleError, exchange, session_name
from cognito_credproc.flows.flow import Call, RememberIdentity
from cognito_credproc.values.credentials import Credentials
from cognito_credproc.values.errors import ServiceError, UnreachableError
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
BASIC = IdentityPool(POOL_ID, ROLE, basic=Basic("istio@example.com", 43_200))
ASSUMED: dict[str, Any] = {
    "Credentials": {
        "AccessKeyId": "ASIAQNZGKIQY56JQ7WML",
        "SecretAccessKey": "secret",
        "SessionToken": "token",
        "Expiration": EXPIRES,
    }
}
DENIED = "The ambiguous role mapping rules for: cognito-idp.example.com denied this request."
UNKNOWN = refusal("GetCredentialsForIdentity", "ResourceNotFoundException", "not found")


def get_id(key: str = ISSUER, token: str = TOKEN) -> Call:
    return identity("GetId", IdentityPoolId=POOL_ID, Logins={key: token})


def get_credentials(
    identity_id: str, key: str = ISSUER, token: str = TOKEN, **more: object
) -> Call:
    return identity(
        "GetCredentialsForIdentity", IdentityId=identity_id, Logins={key: token}, **more
    )


def get_open_id_token(identity_id: str) -> Call:
    return identity("GetOpenIdToken", IdentityId=identity_id, Logins={ISSUER: TOKEN})


def assume_role(name: str = "istio@example.com") -> Call:
    return Call(
        "sts",
        "AssumeRoleWithWebIdentity",
        {
            "RoleArn": ROLE,
            "RoleSessionName": name,
            "WebIdentityToken": "open-id-token",
            "DurationSeconds": 43_200,
        },
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


MADE_ANEW = refusal(
    "GetCredentialsForIdentity",
    "NotAuthorizedException",
    "Logins don't match. Please include at least one valid login for this identity",
)


@pytest.mark.parametrize("forgotten", [UNKNOWN, MADE_ANEW])
def test_forgotten_identity_is_asked_for_again(forgotten: ServiceError) -> None:
    """The pool was made anew, or the user was."""
    play(
        exchange(POOL, TOKEN, "kept"),
        (get_credentials("kept"), forgotten),
        (RememberIdentity(None), None),
        (get_id(), {"IdentityId": "new"}),
        (RememberIdentity("new"), None),
        (get_credentials("new"), ANSWER),
    )


@pytest.mark.parametrize("forgotten", [UNKNOWN, MADE_ANEW])
def test_forgotten_identity_is_asked_for_again_once_only(forgotten: ServiceError) -> None:
    with pytest.raises(ServiceError) as caught:
        play(
            exchange(POOL, TOKEN, "kept"),
            (get_credentials("kept"), forgotten),
            (RememberIdentity(None), None),
            (get_id(), {"IdentityId": "new"}),
            (RememberIdentity("new"), None),
            (get_credentials("new"), forgotten),
        )
    assert caught.value is forgotten


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


def test_basic_flow_names_role_user_and_duration() -> None:
    found = play(
        exchange(BASIC, TOKEN, None),
        (get_id(), {"IdentityId": "new"}),
        (RememberIdentity("new"), None),
        (get_open_id_token("new"), {"IdentityId": "new", "Token": "open-id-token"}),
        (assume_role(), ASSUMED),
    )
    assert found == Credentials(
        "ASIAQNZGKIQY56JQ7WML", "secret", "token", int(EXPIRES.timestamp()), "444455556666"
    )


def test_basic_flow_asks_again_for_a_forgotten_identity() -> None:
    forgotten = refusal("GetOpenIdToken", "ResourceNotFoundException")
    play(
        exchange(BASIC, TOKEN, "kept"),
        (get_open_id_token("kept"), forgotten),
        (RememberIdentity(None), None),
        (get_id(), {"IdentityId": "new"}),
        (RememberIdentity("new"), None),
        (get_open_id_token("new"), {"Token": "open-id-token"}),
        (assume_role(), ASSUMED),
    )


def test_refusals_of_sts_keep_the_identity() -> None:
    denied = refusal("AssumeRoleWithWebIdentity", "AccessDenied")
    with pytest.raises(ServiceError) as caught:
        play(
            exchange(BASIC, TOKEN, "kept"),
            (get_open_id_token("kept"), {"Token": "open-id-token"}),
            (assume_role(), denied),
        )
    assert caught.value is denied


@pytest.mark.parametrize("missing", ["AccessKeyId", "SecretAccessKey", "SessionToken", None])
def test_basic_flow_without_a_member(missing: str | None) -> None:
    keys = {name: value for name, value in ASSUMED["Credentials"].items() if name != missing}
    token = {} if missing is None else {"Token": "open-id-token"}
    answers = [(assume_role(), {"Credentials": keys})] if missing else []
    with pytest.raises(UnreachableError, match=missing or "Token"):
        play(exchange(BASIC, TOKEN, "kept"), (get_open_id_token("kept"), token), *answers)


@pytest.mark.parametrize(
    ("username", "name"),
    [
        ("istio", "istio"),
        ("istio+1=2,3.4@example.com_-", "istio+1=2,3.4@example.com_-"),
        ("Corp\\ist/io", "Corp-ist-io"),
        ("\u00e9t\u00e9", "-t-"),
        ("x", "x-"),
        ("a" * 128, "a" * 64),
    ],
)
def test_session_name_is_the_users(username: str, name: str) -> None:
    assert session_name(username, "no token") == name


def test_session_name_of_a_user_whom_the_profile_does_not_name() -> None:
    both = {"cognito:username": "google_1", "email": "istio@example.com"}
    assert session_name("", id_token(**both)) == "istio@example.com"
    assert session_name("", id_token(**{"cognito:username": "google_1"})) == "google_1"
    assert session_name("", id_token()) == "--"


def no_role(detail: str, roles: list[str], role_arn: str | None = None) -> ServiceError:
    """What a refusal of GetCredentialsForIdentity comes to."""
    token = id_token(iss=f"https://{ISSUER}", **({"cognito:roles": roles} if roles else {}))
    refused = refusal("GetCredentialsForIdentity", "NotAuthorizedException", detail)
    wanted = {"CustomRoleArn": role_arn} if role_arn else {}
    with pytest.raises(ServiceError) as caught:
        play(
            exchange(IdentityPool(POOL_ID, role_arn), token, "kept"),
            (get_credentials("kept", token=token, **wanted), refused),
        )
    return caught.value


def test_ambiguous_roles_are_listed() -> None:
    found = no_role(DENIED, [ROLE, f"{ROLE}2"])
    assert found.message == (f"the identity pool does not choose among your roles: {ROLE}, {ROLE}2")
    assert isinstance(found, NoRoleError)
    assert found.roles == [ROLE, f"{ROLE}2"]
    none = no_role(DENIED, [])
    assert none.message == "the identity pool has no role for you, and your sign-in names none"


def test_a_role_that_the_token_does_not_allow() -> None:
    found = no_role("no such role for you", [f"{ROLE}2"], ROLE)
    assert found.message == f"{ROLE} is not among the roles of your sign-in; yours: {ROLE}2"
    none = no_role("no such role for you", [], ROLE)
    assert none.message == f"{ROLE} is not among the roles of your sign-in, which names none"
    assert isinstance(none, NoRoleError)


@pytest.mark.parametrize(
    ("detail", "role_arn"),
    [
        ("Invalid login token. Token expired: 2 >= 1", ROLE),
        ("Token is not from a supported provider of this identity pool.", ROLE),
        ("something else", f"{ROLE}2"),
        ("something else", None),
    ],
)
def test_other_refusals_have_nothing_to_do_with_roles(detail: str, role_arn: str | None) -> None:
    found = no_role(detail, [f"{ROLE}2"], role_arn)
    assert not isinstance(found, NoRoleError)
    assert detail.rstrip(".") in found.message


def test_many_roles_fit_into_one_message() -> None:
    many = [f"{ROLE}-{number}" for number in range(99)]
    found = no_role(DENIED, many)
    listed, more = found.message.rsplit(" and ", 1)
    shown = listed.partition(": ")[2].split(", ")
    assert shown == many[: len(shown)]
    assert more == f"{99 - len(shown)} more"
    assert 5 < len(shown) < 20
    assert len(found.message) < 600  # what is printed of a message
