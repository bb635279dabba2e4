"""Local Cognito: second factors by SMS and e-mail, the choice between factors, preferences."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.test_local_cognito_harness import NAME, PASSWORD, Reply, Site, refusal
from tests.test_local_cognito_totp import EXPIRED, INVALID, USED

if TYPE_CHECKING:
    from collections.abc import Iterator

PHONE = "+819012345678"
ALL = ("SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP")
MISMATCH = ("CodeMismatchException", "Invalid code or auth state for the user.")


@pytest.fixture
def site() -> Iterator[Site]:
    with Site(pool={"mfa": "ON", "mfa_kinds": ALL}) as site:
        site.user.phone = PHONE
        yield site


def only(site: Site, kind: str) -> None:
    site.pool.mfa_kinds = (kind,)


def answer(site: Site, asked: Reply, code: str) -> Reply:
    """Answer a challenge with a code."""
    name = asked["ChallengeName"]
    responses = site.with_hash(site.user.username, {f"{name}_CODE": code})
    return site.respond(name, responses, Session=asked["Session"])


def choose(site: Site, asked: Reply, factor: str) -> Reply:
    responses = site.with_hash(site.user.username, {"ANSWER": factor})
    return site.respond(asked["ChallengeName"], responses, Session=asked["Session"])


@pytest.mark.parametrize(
    ("kind", "medium", "shown", "sent_to"),
    [("SMS_MFA", "SMS", "+*******5678", PHONE), ("EMAIL_OTP", "EMAIL", "i***@e***", NAME)],
)
@pytest.mark.parametrize("digits", [6, 8])
def test_code_is_sent_and_good_once(
    site: Site, kind: str, medium: str, shown: str, sent_to: str, digits: int
) -> None:
    only(site, kind)
    site.pool.mfa_digits = digits
    asked = site.srp()
    assert asked["ChallengeName"] == kind
    assert asked["ChallengeParameters"] == {
        "CODE_DELIVERY_DELIVERY_MEDIUM": medium,
        "CODE_DELIVERY_DESTINATION": shown,
        "USER_ID_FOR_SRP": site.user.username,
    }
    (message,) = site.pool.outbox
    assert (message.destination, message.kind) == (sent_to, kind)
    assert len(message.code) == digits
    assert message.code.isdecimal()
    for wrong in (f"{(int(message.code) + 1) % 10**digits:0{digits}d}", "12345", "x"):
        assert refusal(answer, site, asked, wrong) == MISMATCH
    assert "AuthenticationResult" in answer(site, asked, message.code)
    assert refusal(answer, site, asked, message.code) == USED
    assert len(site.pool.outbox) == 1


def test_code_is_for_its_own_session(site: Site) -> None:
    only(site, "SMS_MFA")
    first, second = site.send_password(), site.send_password()
    codes = [message.code for message in site.pool.outbox]
    assert refusal(answer, site, first, codes[1]) == MISMATCH
    assert "AuthenticationResult" in answer(site, second, codes[1])
    site.clock.advance(181)
    assert refusal(answer, site, first, codes[0]) == EXPIRED


def test_choice_between_factors_sends_nothing_before_it_is_made(site: Site) -> None:
    site.pool.enable_totp(site.user)
    site.user.preferred_mfa = ""
    asked = site.send_password()
    assert asked["ChallengeName"] == "SELECT_MFA_TYPE"
    assert json.loads(asked["ChallengeParameters"]["MFAS_CAN_CHOOSE"]) == list(ALL)
    assert site.pool.outbox == []
    by_mail = choose(site, asked, "EMAIL_OTP")
    assert by_mail["ChallengeName"] == "EMAIL_OTP"
    assert "AuthenticationResult" in answer(site, by_mail, site.pool.outbox[-1].code)
    assert refusal(choose, site, asked, "SMS_MFA") == USED
    assert choose(site, site.send_password(), "SOFTWARE_TOKEN_MFA")["ChallengeName"] == (
        "SOFTWARE_TOKEN_MFA"
    )
    asked = site.send_password()
    assert refusal(choose, site, asked, "CARRIER_PIGEON")[0] == "InvalidParameterException"
    assert refusal(choose, site, asked, "SMS_MFA") == USED


def test_preference_decides(site: Site) -> None:
    site.user.prefer("EMAIL_OTP", enabled=True, preferred=True)
    assert site.send_password()["ChallengeName"] == "EMAIL_OTP"
    site.pool.mfa_kinds = ("SMS_MFA",)
    assert site.send_password()["ChallengeName"] == "SMS_MFA"


def test_where_it_is_optional_only_what_the_user_wants() -> None:
    with Site(pool={"mfa": "OPTIONAL", "mfa_kinds": ALL}) as site:
        site.user.phone = PHONE
        access = site.tokens()["AccessToken"]
        settings = {"Enabled": True, "PreferredMfa": True}
        site.idp.set_user_mfa_preference(AccessToken=access, SMSMfaSettings=settings)
        told = site.idp.get_user(AccessToken=access)
        assert told["UserMFASettingList"] == ["SMS_MFA"]
        assert told["PreferredMfaSetting"] == "SMS_MFA"
        assert site.send_password()["ChallengeName"] == "SMS_MFA"
        site.idp.set_user_mfa_preference(AccessToken=access, SMSMfaSettings={"Enabled": False})
        assert "AuthenticationResult" in site.send_password()


@pytest.mark.parametrize("kind", ["SMSMfaSettings", "EmailMfaSettings"])
def test_preference_for_what_the_pool_or_the_user_does_not_have(kind: str) -> None:
    with Site(pool={"mfa": "OPTIONAL", "mfa_kinds": ("SMS_MFA",)}) as site:
        access = site.tokens()["AccessToken"]
        code, _ = refusal(
            site.idp.set_user_mfa_preference, AccessToken=access, **{kind: {"Enabled": True}}
        )
        assert code == "InvalidParameterException"


def test_set_up_by_e_mail_address(site: Site) -> None:
    site.pool.email_as_username = False
    user = site.pool.create_user("istio", password=PASSWORD)
    only(site, "EMAIL_OTP")
    asked = site.send_password(name="istio")
    assert asked["ChallengeName"] == "MFA_SETUP"
    assert json.loads(asked["ChallengeParameters"]["MFAS_CAN_SETUP"]) == ["EMAIL_OTP"]
    named = {"USERNAME": "istio", "EMAIL": "new@example.com"}
    sent = site.respond("MFA_SETUP", named, Session=asked["Session"])
    assert sent["ChallengeName"] == "EMAIL_OTP"
    assert refusal(lambda: site.respond("MFA_SETUP", named, Session=asked["Session"])) == USED
    code = {"USERNAME": "istio", "EMAIL_OTP_CODE": site.pool.outbox[-1].code}
    assert "AuthenticationResult" in site.respond("EMAIL_OTP", code, Session=sent["Session"])
    assert user.email == "new@example.com"


def test_no_set_up_by_e_mail_where_it_is_switched_off(site: Site) -> None:
    only(site, "SOFTWARE_TOKEN_MFA")
    asked = site.send_password()
    named = {"USERNAME": site.user.username, "EMAIL": "new@example.com"}
    code, _ = refusal(lambda: site.respond("MFA_SETUP", named, Session=asked["Session"]))
    assert code == "InvalidParameterException"


def test_software_token_where_it_is_switched_off(site: Site) -> None:
    only(site, "SMS_MFA")
    site.user.phone = None
    session = site.send_password()["Session"]
    code, _ = refusal(site.idp.associate_software_token, Session=session)
    assert code == "SoftwareTokenMFANotFoundException"


def test_code_of_another_challenge_is_not_taken(site: Site) -> None:
    only(site, "SMS_MFA")
    asked = site.send_password()
    responses = {"USERNAME": site.user.username, "EMAIL_OTP_CODE": site.pool.outbox[-1].code}
    assert refusal(lambda: site.respond("EMAIL_OTP", responses, Session=asked["Session"])) == (
        INVALID
    )


def test_secret_hash_with_a_sent_code() -> None:
    with Site(pool={"mfa": "ON", "mfa_kinds": ("EMAIL_OTP",)}, secret=True) as site:
        asked = site.send_password()
        code = site.pool.outbox[-1].code
        wrong = site.with_hash(NAME, {"EMAIL_OTP_CODE": code})
        assert refusal(lambda: site.respond("EMAIL_OTP", wrong, Session=asked["Session"]))[0] == (
            "NotAuthorizedException"
        )
        assert "AuthenticationResult" in answer(site, asked, code)
