"""The refresh token: traded by either call, rotated, bound to a device, revoked."""

import pytest

from cognito_credproc.flows.device import Device
from cognito_credproc.flows.flow import Call, Item, Store
from cognito_credproc.flows.refreshing import (
    NO_SUCH_CALL,
    NO_SUCH_GRANT,
    refresh,
    refresh_at_the_domain,
    revoke,
)
from cognito_credproc.flows.refusals import is_dead_refresh_token
from cognito_credproc.flows.tokens import Tokens
from cognito_credproc.values.app_client import AppClient
from cognito_credproc.values.errors import CredprocError, ServiceError, UnreachableError
from tests.script import idp, play, refusal

POOL = "ap-northeast-1_AbCdEfGhI"
APP = AppClient(POOL, "client")
SECRET_APP = AppClient(POOL, "client", "a client secret of this app")
USER_ID = "1111-2222"
DEVICE = Device("ap-northeast-1_11111111-2222", "-group", "secret")
NEW = {"AuthenticationResult": {"IdToken": "i", "AccessToken": "a"}}
NO_FLOW = refusal(
    "InitiateAuth",
    "InvalidParameterException",
    "REFRESH_TOKEN_AUTH flow not enabled for this client",
)


def test_refresh() -> None:
    tokens = play(
        refresh(APP, "old", USER_ID),
        (
            idp("GetTokensFromRefreshToken", ClientId="client", RefreshToken="old"),
            {"AuthenticationResult": {"IdToken": "i", "AccessToken": "a"}},
        ),
    )
    assert tokens == Tokens("i", "a", None)


def test_refresh_sends_the_secret_itself_and_no_hash() -> None:
    with pytest.raises(CredprocError):
        play(
            refresh(SECRET_APP, "old", USER_ID),
            (
                idp(
                    "GetTokensFromRefreshToken",
                    ClientId="client",
                    RefreshToken="old",
                    ClientSecret="a client secret of this app",
                ),
                CredprocError("enough"),
            ),
        )


def test_rotated_token_is_stored_right_after_the_call() -> None:
    """Even where the rest of the answer is not usable: the old token is dying."""
    asked = idp("GetTokensFromRefreshToken", ClientId="client", RefreshToken="old")
    stored = (Store(Item.REFRESH_TOKEN, "new"), None)
    whole = {"AuthenticationResult": {"IdToken": "i", "AccessToken": "a", "RefreshToken": "new"}}
    assert play(refresh(APP, "old", USER_ID), (asked, whole), stored) == Tokens("i", "a", "new")
    with pytest.raises(UnreachableError):
        play(
            refresh(APP, "old", USER_ID),
            (asked, {"AuthenticationResult": {"RefreshToken": "new"}}),
            stored,
        )


def test_refresh_answered_by_a_captive_portal() -> None:
    asked = idp("GetTokensFromRefreshToken", ClientId="client", RefreshToken="old")
    with pytest.raises(UnreachableError):
        play(refresh(APP, "old", USER_ID), (asked, {}))


@pytest.mark.parametrize("app", [APP, SECRET_APP])
def test_revocation_sends_the_secret_itself(app: AppClient) -> None:
    secret = {"ClientSecret": app.secret} if app.secret else {}
    asked = idp("RevokeToken", ClientId="client", Token="old", **secret)
    assert play(revoke(app, "old"), (asked, {}))
    off = refusal("RevokeToken", "UnsupportedOperationException")
    assert not play(revoke(app, "old"), (asked, off))
    with pytest.raises(ServiceError):
        play(revoke(app, "old"), (asked, refusal("RevokeToken", "UnauthorizedException")))


def older_call(**parameters: str) -> Call:
    return idp(
        "InitiateAuth",
        ClientId="client",
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": "old", **parameters},
    )


PAGE_TOKENS = {"id_token": "i", "access_token": "a"}


def at_the_domain(app: AppClient = APP) -> Call:
    secret = {"ClientSecret": app.secret} if app.secret else {}
    return Call("managed-login", "Token", {"ClientId": "client", "RefreshToken": "old", **secret})


@pytest.mark.parametrize("app", [APP, SECRET_APP])
def test_tokens_of_a_page_are_refreshed_where_they_came_from(app: AppClient) -> None:
    tokens = play(refresh_at_the_domain(app, "old", USER_ID), (at_the_domain(app), PAGE_TOKENS))
    assert tokens == Tokens("i", "a", None)


def test_rotated_token_of_a_page_is_stored_right_after_the_call() -> None:
    stored = (Store(Item.REFRESH_TOKEN, "new"), None)
    answer = {**PAGE_TOKENS, "refresh_token": "new"}
    flow = refresh_at_the_domain(APP, "old", USER_ID)
    assert play(flow, (at_the_domain(), answer), stored) == Tokens("i", "a", "new")
    flow = refresh_at_the_domain(APP, "old", USER_ID)
    with pytest.raises(UnreachableError):
        play(flow, (at_the_domain(), {"refresh_token": "new"}), stored)


@pytest.mark.parametrize("code", sorted(NO_SUCH_GRANT))
def test_calls_of_the_api_where_the_domain_refreshes_nothing(code: str) -> None:
    asked = idp("GetTokensFromRefreshToken", ClientId="client", RefreshToken="old")
    flow = refresh_at_the_domain(APP, "old", USER_ID)
    tokens = play(flow, (at_the_domain(), refusal("Token", code)), (asked, NEW))
    assert tokens == Tokens("i", "a", None)


def test_without_an_id_token_the_api_is_asked_with_the_new_refresh_token() -> None:
    asked = idp("GetTokensFromRefreshToken", ClientId="client", RefreshToken="new")
    play(
        refresh_at_the_domain(APP, "old", USER_ID),
        (at_the_domain(), {"access_token": "a", "refresh_token": "new"}),
        (Store(Item.REFRESH_TOKEN, "new"), None),
        (asked, NEW),
    )


@pytest.mark.parametrize(
    "error", [refusal("Token", "invalid_grant"), UnreachableError("no answer")], ids=str
)
def test_token_of_a_page_that_may_be_spent_is_sent_nowhere_else(error: CredprocError) -> None:
    with pytest.raises(CredprocError) as caught:
        play(refresh_at_the_domain(APP, "old", USER_ID), (at_the_domain(), error))
    assert caught.value is error
    assert not isinstance(error, ServiceError) or is_dead_refresh_token(error)


def test_device_goes_along() -> None:
    asked = idp(
        "GetTokensFromRefreshToken", ClientId="client", RefreshToken="old", DeviceKey=DEVICE.key
    )
    assert play(refresh(APP, "old", USER_ID, DEVICE), (asked, NEW)) == Tokens("i", "a", None)


@pytest.mark.parametrize("code", sorted(NO_SUCH_CALL))
def test_older_call_where_there_is_no_other(code: str) -> None:
    asked = idp("GetTokensFromRefreshToken", ClientId="client", RefreshToken="old")
    missing = refusal("GetTokensFromRefreshToken", code)
    tokens = play(refresh(APP, "old", USER_ID), (asked, missing), (older_call(), NEW))
    assert tokens == Tokens("i", "a", None)


def test_older_call_wants_the_hash_over_the_real_user_name_and_the_device() -> None:
    missing = refusal("GetTokensFromRefreshToken", "UnknownOperationException")
    hashed = SECRET_APP.secret_hash(USER_ID)
    play(
        refresh(SECRET_APP, "old", USER_ID, DEVICE),
        (lambda step: step.parameters["ClientSecret"], missing),
        (older_call(**hashed, DEVICE_KEY=DEVICE.key), NEW),
    )


def test_where_neither_is_allowed_the_last_word_is_that_of_the_flow() -> None:
    asked = idp("GetTokensFromRefreshToken", ClientId="client", RefreshToken="old")
    missing = refusal("GetTokensFromRefreshToken", "InvalidParameterException")
    with pytest.raises(ServiceError) as caught:
        play(refresh(APP, "old", USER_ID), (asked, missing), (older_call(), NO_FLOW))
    assert caught.value is NO_FLOW


@pytest.mark.parametrize(
    "error",
    [
        refusal("GetTokensFromRefreshToken", "NotAuthorizedException", "Refresh Token has expired"),
        refusal("GetTokensFromRefreshToken", "RefreshTokenReuseException"),
        refusal("GetTokensFromRefreshToken", "TooManyRequestsException"),
        UnreachableError("no answer"),
    ],
)
def test_token_is_sent_once_where_the_call_is_there(error: CredprocError) -> None:
    """After a lost answer, the token may have been rotated."""
    asked = idp("GetTokensFromRefreshToken", ClientId="client", RefreshToken="old")
    with pytest.raises(CredprocError) as caught:
        play(refresh(APP, "old", USER_ID), (asked, error))
    assert caught.value is error
