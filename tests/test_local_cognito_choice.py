"""Local Cognito: USER_AUTH, where the client chooses the first factor."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.test_local_cognito_codes import MISMATCH, PHONE, answer, choose
from tests.test_local_cognito_harness import NAME, PASSWORD, QuickSRP, Reply, Site, refusal
from tests.test_local_cognito_totp import EXPIRED, INVALID, USED

if TYPE_CHECKING:
    from collections.abc import Iterator

FLOWS = ("ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")
ALL = ("PASSWORD", "WEB_AUTHN", "EMAIL_OTP", "SMS_OTP")
WRONG = ("NotAuthorizedException", "Incorrect username or password.")


@pytest.fixture
def site() -> Iterator[Site]:
    with Site(pool={"mfa": "OFF", "first_factors": ALL}, flows=FLOWS) as site:
        site.user.phone = PHONE
        site.user.passkeys = 1
        yield site


def begin(site: Site, preferred: str = "", name: str = NAME, **more: str) -> Reply:
    wanted = {"PREFERRED_CHALLENGE": preferred} if preferred else {}
    reply: Reply = site.idp.initiate_auth(
        AuthFlow="USER_AUTH",
        ClientId=site.client.id,
        AuthParameters=site.with_hash(name, {**wanted, **more}),
    )
    return reply


def select(site: Site, asked: Reply, factor: str, name: str = NAME, **more: str) -> Reply:
    responses = site.with_hash(name, {"ANSWER": factor, **more})
    return site.respond("SELECT_CHALLENGE", responses, Session=asked["Session"])


def verify(site: Site, srp: QuickSRP, asked: Reply, password: str = PASSWORD) -> Reply:
    assert asked["ChallengeName"] == "PASSWORD_VERIFIER"
    responses = site.answer(srp, asked["ChallengeParameters"], password)
    return site.respond("PASSWORD_VERIFIER", responses, Session=asked["Session"])


def fresh_srp(site: Site) -> tuple[QuickSRP, str]:
    srp = QuickSRP(NAME, "", site.pool.id, site.client.id, client=site.idp)
    return srp, f"{srp.large_a_value:x}"


def test_list_of_what_there_is(site: Site) -> None:
    asked = begin(site)
    assert asked["ChallengeName"] == "SELECT_CHALLENGE"
    assert asked["ChallengeParameters"] == {}
    assert asked["AvailableChallenges"] == [
        "PASSWORD",
        "PASSWORD_SRP",
        "WEB_AUTHN",
        "EMAIL_OTP",
        "SMS_OTP",
    ]
    assert site.pool.outbox == []
    site.pool.first_factors = ("PASSWORD", "SMS_OTP")
    site.user.phone = None
    assert begin(site)["AvailableChallenges"] == ["PASSWORD", "PASSWORD_SRP"]


@pytest.mark.parametrize("mfa", ["ON", "OPTIONAL"])
def test_codes_are_no_first_factor_beside_a_second(site: Site, mfa: str) -> None:
    site.pool.enable_totp(site.user)
    site.pool.mfa = mfa
    assert begin(site)["AvailableChallenges"] == ["PASSWORD", "PASSWORD_SRP", "WEB_AUTHN"]
    asked = begin(site, "EMAIL_OTP")
    assert asked["ChallengeName"] == "SELECT_CHALLENGE"
    assert site.pool.outbox == []


@pytest.mark.parametrize("preferred", [True, False])
@pytest.mark.parametrize(
    ("factor", "shown", "sent_to"),
    [("EMAIL_OTP", "i***@e***", NAME), ("SMS_OTP", "+*******5678", PHONE)],
)
def test_code_as_the_first_factor(
    site: Site, preferred: bool, factor: str, shown: str, sent_to: str
) -> None:
    asked = begin(site, factor) if preferred else select(site, begin(site), factor)
    assert asked["ChallengeName"] == factor
    told = asked["ChallengeParameters"]
    assert told["CODE_DELIVERY_DESTINATION"] == shown
    assert "USER_ID_FOR_SRP" not in told
    (message,) = site.pool.outbox
    assert message.destination == sent_to
    assert len(message.code) == 8
    responses = {"USERNAME": NAME, f"{factor}_CODE": message.code}
    wrong = {**responses, f"{factor}_CODE": message.code[:6]}
    assert refusal(lambda: site.respond(factor, wrong, Session=asked["Session"])) == MISMATCH
    assert "AuthenticationResult" in site.respond(factor, responses, Session=asked["Session"])
    assert refusal(lambda: site.respond(factor, responses, Session=asked["Session"])) == USED


def test_preferred_password_at_once(site: Site) -> None:
    assert "AuthenticationResult" in begin(site, "PASSWORD", PASSWORD=PASSWORD)
    assert refusal(begin, site, "PASSWORD", PASSWORD="wrong") == WRONG
    assert refusal(begin, site, "PASSWORD")[0] == "InvalidParameterException"
    assert site.user.wrong_passwords_ever == 1


def test_preferred_srp_wants_its_session_back(site: Site) -> None:
    srp, a = fresh_srp(site)
    asked = begin(site, "PASSWORD_SRP", SRP_A=a)
    responses = site.answer(srp, asked["ChallengeParameters"])
    assert refusal(lambda: site.respond("PASSWORD_VERIFIER", responses)) == INVALID
    srp, a = fresh_srp(site)
    asked = begin(site, "PASSWORD_SRP", SRP_A=a)
    assert "AuthenticationResult" in verify(site, srp, asked)
    assert refusal(lambda: verify(site, srp, asked)) == USED
    assert refusal(begin, site, "PASSWORD_SRP")[0] == "InvalidParameterException"


def test_selected_password_comes_with_the_selection(site: Site) -> None:
    asked = begin(site)
    assert "AuthenticationResult" in select(site, asked, "PASSWORD", PASSWORD=PASSWORD)
    assert refusal(select, site, asked, "PASSWORD", PASSWORD=PASSWORD) == USED
    assert refusal(select, site, begin(site), "PASSWORD")[0] == "InvalidParameterException"
    srp, a = fresh_srp(site)
    assert "AuthenticationResult" in verify(
        site, srp, select(site, begin(site), "PASSWORD_SRP", SRP_A=a)
    )
    srp, a = fresh_srp(site)
    asked = select(site, begin(site), "PASSWORD_SRP", SRP_A=a)
    assert refusal(verify, site, srp, asked, "wrong") == WRONG


def test_factors_in_steps(site: Site) -> None:
    site.pool.factors_in_steps = True
    asked = begin(site, "PASSWORD", PASSWORD="not looked at")
    assert asked["ChallengeName"] == "PASSWORD"
    given = {"USERNAME": NAME, "PASSWORD": PASSWORD}
    assert "AuthenticationResult" in site.respond("PASSWORD", given, Session=asked["Session"])
    asked = begin(site, "PASSWORD_SRP", SRP_A="not looked at")
    assert asked["ChallengeName"] == "PASSWORD_SRP"
    srp, a = fresh_srp(site)
    given = {"USERNAME": NAME, "SRP_A": a}
    verifier = site.respond("PASSWORD_SRP", given, Session=asked["Session"])
    assert "AuthenticationResult" in verify(site, srp, verifier)
    assert refusal(lambda: site.respond("PASSWORD_SRP", given, Session=asked["Session"])) == USED


def test_second_factor_follows_the_password(site: Site) -> None:
    site.pool.enable_totp(site.user)
    site.pool.mfa = "ON"
    site.early_in_step()
    asked = begin(site, "PASSWORD", PASSWORD=PASSWORD)
    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    assert asked["ChallengeParameters"]["USER_ID_FOR_SRP"] == site.user.username
    seed = site.user.totp_secret or ""
    assert "AuthenticationResult" in site.totp(asked["Session"], site.code(seed))


def test_selection_that_is_not_offered(site: Site) -> None:
    site.pool.first_factors = ("PASSWORD",)
    asked = begin(site)
    assert refusal(select, site, asked, "EMAIL_OTP")[0] == "InvalidParameterException"
    assert refusal(select, site, asked, "PASSWORD", PASSWORD=PASSWORD) == USED
    asked = begin(site)
    site.clock.advance(181)
    assert refusal(select, site, asked, "PASSWORD", PASSWORD=PASSWORD) == EXPIRED


def test_passkey_is_asked_for_and_cannot_be_forged(site: Site) -> None:
    asked = begin(site, "WEB_AUTHN")
    assert asked["ChallengeName"] == "WEB_AUTHN"
    assert json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])["challenge"]
    given = {"USERNAME": NAME, "CREDENTIAL": "{}"}
    assert refusal(lambda: site.respond("WEB_AUTHN", given, Session=asked["Session"]))[0] == (
        "NotAuthorizedException"
    )


def test_unknown_user_looks_like_one_with_a_password(site: Site) -> None:
    asked = begin(site, name="nobody@example.com")
    assert asked["AvailableChallenges"] == ["PASSWORD", "PASSWORD_SRP"]
    given = {"USERNAME": "nobody@example.com", "ANSWER": "PASSWORD", "PASSWORD": PASSWORD}
    assert (
        refusal(lambda: site.respond("SELECT_CHALLENGE", given, Session=asked["Session"])) == WRONG
    )


def test_user_without_a_password(site: Site) -> None:
    site.user.verifier = None
    assert begin(site)["AvailableChallenges"] == ["WEB_AUTHN", "EMAIL_OTP", "SMS_OTP"]


def test_flow_has_to_be_switched_on(site: Site) -> None:
    site.client.flows = ("ALLOW_USER_SRP_AUTH",)
    assert refusal(begin, site) == (
        "InvalidParameterException",
        "USER_AUTH flow not enabled for this client",
    )


@pytest.mark.parametrize("told", [True, False])
def test_secret_hash_is_over_the_name_that_the_client_can_know(told: bool) -> None:
    pool = {"mfa": "OFF", "first_factors": ALL, "tells_user_name": told}
    with Site(pool=pool, flows=FLOWS, secret=True) as site:
        asked = begin(site)
        real = asked["ChallengeParameters"].get("USER_ID_FOR_SRP")
        assert real == (site.user.username if told else None)
        sent = select(site, asked, "EMAIL_OTP", name=real or NAME)
        code = {"EMAIL_OTP_CODE": site.pool.outbox[-1].code}
        if told:
            assert (
                refusal(
                    lambda: site.respond(
                        "EMAIL_OTP", site.with_hash(NAME, code), Session=sent["Session"]
                    )
                )[0]
                == "NotAuthorizedException"
            )
        given = site.with_hash(real or NAME, code)
        assert "AuthenticationResult" in site.respond("EMAIL_OTP", given, Session=sent["Session"])


def test_choice_of_a_second_factor_after_it(site: Site) -> None:
    site.pool.mfa, site.pool.mfa_kinds = "ON", ("SMS_MFA", "EMAIL_OTP")
    asked = begin(site, "PASSWORD", PASSWORD=PASSWORD)
    sent = choose(site, asked, "SMS_MFA")
    assert "AuthenticationResult" in answer(site, sent, site.pool.outbox[-1].code)
    assert len(site.pool.outbox[-1].code) == 6
