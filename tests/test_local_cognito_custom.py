"""Local Cognito: CUSTOM_AUTH, where functions ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.local_cognito import CustomAuth, Question
from tests.test_local_cognito_choice import WRONG, fresh_srp, verify
from tests.test_local_cognito_harness import NAME, Reply, Site, refusal
from tests.test_local_cognito_totp import EXPIRED, INVALID, USED

if TYPE_CHECKING:
    from collections.abc import Iterator

FLOWS = ("ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")
COLOUR = Question({"question": "which colour?"}, "blue")
MAILED = Question({"email": "i***@e***"}, sent=True)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site(pool={"mfa": "OFF", "custom": CustomAuth((COLOUR,))}, flows=FLOWS) as site:
        yield site


def begin(site: Site, name: str = NAME, **more: str) -> Reply:
    reply: Reply = site.idp.initiate_auth(
        AuthFlow="CUSTOM_AUTH",
        ClientId=site.client.id,
        AuthParameters=site.with_hash(name, more),
    )
    return reply


def answer(site: Site, asked: Reply, text: str) -> Reply:
    assert asked["ChallengeName"] == "CUSTOM_CHALLENGE"
    name = asked["ChallengeParameters"]["USERNAME"]
    responses = site.with_hash(name, {"ANSWER": text})
    return site.respond("CUSTOM_CHALLENGE", responses, Session=asked["Session"])


def test_question_and_answer(site: Site) -> None:
    asked = begin(site)
    assert asked["ChallengeParameters"] == {
        "question": "which colour?",
        "USERNAME": site.user.username,
    }
    assert "AuthenticationResult" in answer(site, asked, "blue")
    assert refusal(answer, site, asked, "blue") == USED


def test_wrong_answer_has_the_question_asked_again_in_a_new_session(site: Site) -> None:
    asked = begin(site)
    again = answer(site, asked, "red")
    assert again["ChallengeParameters"] == asked["ChallengeParameters"]
    assert again["Session"] != asked["Session"]
    assert refusal(answer, site, asked, "blue") == USED
    again = answer(site, again, "green")
    assert refusal(answer, site, again, "grey") == WRONG
    assert refusal(answer, site, again, "blue") == USED
    assert "AuthenticationResult" in answer(site, answer(site, begin(site), "red"), "blue")


def test_questions_one_after_the_other_and_codes_that_are_sent(site: Site) -> None:
    site.pool.custom = CustomAuth((COLOUR, MAILED), tries=2)
    mailed = answer(site, begin(site), "blue")
    assert mailed["ChallengeParameters"]["email"] == "i***@e***"
    (message,) = site.pool.outbox
    again = answer(site, mailed, "000000x")
    assert len(site.pool.outbox) == 1
    assert "AuthenticationResult" in answer(site, again, message.code)


def test_password_before_the_question(site: Site) -> None:
    site.pool.custom = CustomAuth((COLOUR,), password_first=True)
    srp, a = fresh_srp(site)
    asked = begin(site, CHALLENGE_NAME="SRP_A", SRP_A=a)
    assert "AuthenticationResult" in answer(site, verify(site, srp, asked), "blue")
    srp, a = fresh_srp(site)
    asked = begin(site, CHALLENGE_NAME="SRP_A", SRP_A=a)
    assert refusal(verify, site, srp, asked, "wrong") == WRONG
    srp, a = fresh_srp(site)
    asked = begin(site, CHALLENGE_NAME="SRP_A", SRP_A=a)
    responses = site.answer(srp, asked["ChallengeParameters"])
    assert refusal(lambda: site.respond("PASSWORD_VERIFIER", responses)) == INVALID


def test_functions_fail_what_they_do_not_know(site: Site) -> None:
    _, a = fresh_srp(site)
    assert refusal(begin, site, CHALLENGE_NAME="SRP_A", SRP_A=a) == WRONG
    site.pool.custom = CustomAuth((COLOUR,), password_first=True)
    assert refusal(begin, site) == WRONG
    assert refusal(begin, site, CHALLENGE_NAME="SRP_A")[0] == "InvalidParameterException"


def test_unknown_user_is_asked_and_never_right(site: Site) -> None:
    asked = begin(site, "nobody@example.com")
    for _ in range(2):
        asked = answer(site, asked, "blue")
    assert refusal(answer, site, asked, "blue") == WRONG


def test_without_functions_or_with_the_flow_off(site: Site) -> None:
    site.pool.custom = None
    assert refusal(begin, site) == (
        "InvalidParameterException",
        "Custom auth lambda trigger is not configured for the user pool.",
    )
    site.client.flows = ("ALLOW_USER_SRP_AUTH",)
    assert refusal(begin, site)[1] == "CUSTOM_AUTH flow not enabled for this client"


def test_session_runs_out_and_answers_are_required(site: Site) -> None:
    asked = begin(site)
    responses = {"USERNAME": site.user.username}
    missing = refusal(lambda: site.respond("CUSTOM_CHALLENGE", responses, Session=asked["Session"]))
    assert missing[0] == "InvalidParameterException"
    site.clock.advance(181)
    assert refusal(answer, site, asked, "blue") == EXPIRED


def test_secret_hash_is_over_the_real_user_name() -> None:
    pool = {"mfa": "OFF", "custom": CustomAuth((COLOUR,))}
    with Site(pool=pool, flows=FLOWS, secret=True) as site:
        asked = begin(site)
        wrong = site.with_hash(NAME, {"ANSWER": "blue"})
        assert (
            refusal(lambda: site.respond("CUSTOM_CHALLENGE", wrong, Session=asked["Session"]))[0]
            == "NotAuthorizedException"
        )
        assert "AuthenticationResult" in answer(site, begin(site), "blue")
