"""Local Cognito: passwords, secret hash, allowed flows, lock-out, who may sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ParamValidationError

from tests.local_cognito.users import lock_seconds
from tests.test_local_cognito_harness import NAME, PASSWORD, Site, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

WRONG = ("NotAuthorizedException", "Incorrect username or password.")


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


@pytest.fixture
def secret_site() -> Iterator[Site]:
    with Site(secret=True) as site:
        yield site


def test_unknown_user_gets_a_stable_challenge_and_then_the_usual_words(site: Site) -> None:
    first, second = (site.challenge("nobody@example.com")[1] for _ in range(2))
    assert first["SALT"] == second["SALT"]
    assert first["USER_ID_FOR_SRP"] == second["USER_ID_FOR_SRP"]
    assert first["SRP_B"] != second["SRP_B"]
    assert site.challenge("other@example.com")[1]["SALT"] != first["SALT"]
    assert refusal(lambda: site.srp(name="nobody@example.com")) == WRONG
    assert refusal(lambda: site.send_password(name="nobody@example.com")) == WRONG


def test_unknown_user_is_named_where_the_pool_says_so() -> None:
    with Site(pool={"prevent_user_existence_errors": False}) as site:
        unknown = ("UserNotFoundException", "User does not exist.")
        assert refusal(lambda: site.challenge("nobody@example.com")) == unknown
        assert refusal(lambda: site.send_password(name="nobody@example.com")) == unknown


@pytest.mark.parametrize(
    "flow",
    [
        "USER_SRP_AUTH",
        "USER_PASSWORD_AUTH",
        "REFRESH_TOKEN_AUTH",
        "USER_AUTH",
        "CUSTOM_AUTH",
    ],
)
def test_flows_that_are_not_switched_on_are_refused(flow: str) -> None:
    with Site(flows=()) as site:
        code, message = refusal(
            lambda: site.idp.initiate_auth(
                AuthFlow=flow,
                ClientId=site.client.id,
                AuthParameters={"USERNAME": NAME, "PASSWORD": PASSWORD, "SRP_A": "2"},
            )
        )
        assert (code, message) == (
            "InvalidParameterException",
            f"{flow} flow not enabled for this client",
        )


def test_unknown_client() -> None:
    with Site() as site:
        code, _ = refusal(
            lambda: site.idp.initiate_auth(
                AuthFlow="USER_PASSWORD_AUTH", ClientId="nobody", AuthParameters={}
            )
        )
        assert code == "ResourceNotFoundException"


def test_secret_hash_is_over_the_name_as_sent_at_first(secret_site: Site) -> None:
    site = secret_site
    start = {"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": site.client.id}
    missing = {"USERNAME": NAME, "PASSWORD": PASSWORD}
    assert refusal(lambda: site.idp.initiate_auth(**start, AuthParameters=missing)) == (
        "NotAuthorizedException",
        f"Client {site.client.id} is configured with secret but SECRET_HASH was not received",
    )
    wrong = missing | {"SECRET_HASH": site.client.secret_hash(site.user.username)}
    assert refusal(lambda: site.idp.initiate_auth(**start, AuthParameters=wrong)) == (
        "NotAuthorizedException",
        f"SecretHash does not match for the client: {site.client.id}",
    )
    right = missing | {"SECRET_HASH": site.client.secret_hash(NAME)}
    assert "AuthenticationResult" in site.idp.initiate_auth(**start, AuthParameters=right)


def test_secret_hash_is_over_the_real_name_at_challenges(secret_site: Site) -> None:
    site = secret_site
    responses = site.answer(*site.challenge())
    for name in (NAME, site.user.username):
        over_alias = responses | {"USERNAME": name, "SECRET_HASH": site.client.secret_hash(NAME)}
        code, message = refusal(site.respond, "PASSWORD_VERIFIER", over_alias)
        assert (code, message) == (
            "NotAuthorizedException",
            f"SecretHash does not match for the client: {site.client.id}",
        )
    missing = {name: text for name, text in responses.items() if name != "SECRET_HASH"}
    assert "was not received" in refusal(lambda: site.respond("PASSWORD_VERIFIER", missing))[1]
    site.respond("PASSWORD_VERIFIER", responses)


def test_secret_hash_for_a_client_without_secret_is_refused(site: Site) -> None:
    code, _ = refusal(
        lambda: site.idp.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=site.client.id,
            AuthParameters={"USERNAME": NAME, "PASSWORD": PASSWORD, "SECRET_HASH": "AAAA"},
        )
    )
    assert code == "NotAuthorizedException"


def test_lock_seconds() -> None:
    assert [lock_seconds(n) for n in (0, 4, 5, 6, 9, 14, 15, 60)] == [0, 0, 1, 2, 16, 512, 900, 900]


def test_lock_out(site: Site) -> None:
    locked = ("NotAuthorizedException", "Password attempts exceeded")
    for _ in range(5):
        assert refusal(lambda: site.send_password("no")) == WRONG
    assert refusal(site.send_password) == locked
    assert refusal(site.srp) == locked
    assert site.user.wrong_passwords == 5
    site.clock.advance(1.5)
    assert refusal(lambda: site.send_password("no")) == WRONG
    site.clock.advance(1.5)
    assert refusal(site.send_password) == locked
    site.clock.advance(1)
    site.send_password()
    assert site.user.wrong_passwords == 0


def test_accounts_that_may_not_sign_in(site: Site) -> None:
    site.user.disabled = True
    for sign_in in (site.srp, site.send_password):
        assert refusal(sign_in) == ("NotAuthorizedException", "User is disabled.")
        assert refusal(sign_in, "no") == WRONG
    site.user.disabled, site.user.status = False, "UNCONFIRMED"
    assert refusal(site.srp) == ("UserNotConfirmedException", "User is not confirmed.")
    site.user.status, site.user.reset_required = "CONFIRMED", True
    assert refusal(site.srp)[0] == "PasswordResetRequiredException"


def test_user_names_that_are_not_e_mails() -> None:
    with Site(pool={"email_as_username": False}) as site:
        user = site.pool.create_user("istio", password=PASSWORD, email="i@example.com")
        assert user.username == "istio" != user.sub
        assert site.pool.user("i@example.com") is user
        _, shown = site.challenge("i@example.com")
        assert shown["USER_ID_FOR_SRP"] == "istio"
        assert "AuthenticationResult" in site.srp(name="i@example.com")
        assert "AuthenticationResult" in site.srp(name="istio")


def test_maps_hold_strings_only(site: Site) -> None:
    with pytest.raises(ParamValidationError):
        site.respond("PASSWORD_VERIFIER", {"USERNAME": 1})  # type: ignore[dict-item]
    with pytest.raises(ParamValidationError):
        site.respond("MFA_SETUP", {"USERNAME": NAME}, Session="short")
    code, _ = refusal(lambda: site.respond("MFA_SETUP", {"USERNAME": NAME}, Session="x" * 2_049))
    assert code == "InvalidParameterException"
