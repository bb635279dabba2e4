"""Codes that come by SMS or e-mail, and the choice between second factors."""

import json
from typing import Any

import pytest

from cognito_credproc.flows.attempt import UnknownChallengeError
from cognito_credproc.flows.entry import Entry
from cognito_credproc.flows.flow import (
    CERTAIN,
    RAN_OUT,
    RAN_OUT_RESENT,
    RESEND,
    RESENT,
    WRONG_CODE,
    Answer,
    Ask,
    Call,
    Field,
    Flow,
    Item,
    Store,
)
from cognito_credproc.flows.signin import sign_in
from cognito_credproc.flows.tokens import Tokens
from cognito_credproc.values.app_client import AppClient
from cognito_credproc.values.errors import PersonNeededError, ServiceError, UnreachableError
from tests.fakes import FakeClock
from tests.script import CONSENT, TOKENS, Expected, challenged, idp, play, refusal

NAME, USER_ID = "istio@example.com", "1111-2222"
APP = AppClient("ap-northeast-1_AbCdEfGhI", "client", "a client secret of this app")
WRONG = refusal("RespondToAuthChallenge", "CodeMismatchException", "Invalid code or auth state")
EXPIRED = refusal("RespondToAuthChallenge", "ExpiredCodeException", "request a code again")
DEAD = refusal(
    "RespondToAuthChallenge",
    "NotAuthorizedException",
    "Invalid session for the user, session is expired.",
)
STORED = (Store(Item.REFRESH_TOKEN, "a-refresh-token"), None)
ASK_PASSWORD = (Ask(Field.PASSWORD), "Correct-horse-1")
ASK_SMS = Ask(Field.SENT_CODE, detail="by SMS to +*******5678")
FACTORS = ("SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP")


def flow() -> Flow[Tokens]:
    return sign_in(APP, NAME, Entry("USER_PASSWORD_AUTH"), FakeClock())


def initiate(reply: Answer) -> tuple[Expected, object]:
    sent = {"USERNAME": NAME, **APP.secret_hash(NAME), "PASSWORD": "Correct-horse-1"}
    called = idp(
        "InitiateAuth", ClientId="client", AuthFlow="USER_PASSWORD_AUTH", AuthParameters=sent
    )
    return called, reply


def response(challenge: str, session: str = "session", **responses: str) -> Call:
    """The hash is over the real user name, which the challenge told."""
    return idp(
        "RespondToAuthChallenge",
        ClientId="client",
        ChallengeName=challenge,
        ChallengeResponses={"USERNAME": USER_ID, **APP.secret_hash(USER_ID), **responses},
        Session=session,
    )


def sent(name: str = "SMS_MFA", medium: str = "SMS", session: str = "session") -> dict[str, Any]:
    destination = {"SMS": "+*******5678", "EMAIL": "i***@e***"}[medium]
    return challenged(
        name,
        session,
        CODE_DELIVERY_DELIVERY_MEDIUM=medium,
        CODE_DELIVERY_DESTINATION=destination,
        USER_ID_FOR_SRP=USER_ID,
    )


def again(because: str) -> Ask:
    return Ask(Field.SENT_CODE, because, "by SMS to +*******5678")


@pytest.mark.parametrize(
    ("name", "medium", "where"),
    [
        ("SMS_MFA", "SMS", "by SMS to +*******5678"),
        ("EMAIL_OTP", "EMAIL", "by e-mail to i***@e***"),
        ("EMAIL_MFA", "EMAIL", "by e-mail to i***@e***"),
    ],
)
def test_sent_code_is_asked_for_with_its_destination(name: str, medium: str, where: str) -> None:
    play(
        flow(),
        ASK_PASSWORD,
        (CONSENT, ""),
        initiate(sent(name, medium)),
        (Ask(Field.SENT_CODE, detail=where), "123456"),
        (response(name, **{f"{name}_CODE": "123456"}), TOKENS),
        STORED,
    )


def test_destination_that_the_service_does_not_tell() -> None:
    play(
        flow(),
        ASK_PASSWORD,
        initiate(challenged("SMS_MFA", USER_ID_FOR_SRP=USER_ID)),
        (Ask(Field.SENT_CODE, detail="to you"), "12345678"),
        (response("SMS_MFA", SMS_MFA_CODE="12345678"), TOKENS),
        STORED,
    )


def test_wrong_code_can_be_typed_again_in_the_same_session() -> None:
    play(
        flow(),
        ASK_PASSWORD,
        initiate(sent()),
        (ASK_SMS, "111111"),
        (response("SMS_MFA", SMS_MFA_CODE="111111"), WRONG),
        (again(WRONG_CODE), "222222"),
        (response("SMS_MFA", SMS_MFA_CODE="222222"), TOKENS),
        STORED,
    )


@pytest.mark.parametrize("stale", [DEAD, EXPIRED])
def test_stale_code_starts_the_sign_in_over_once(stale: ServiceError) -> None:
    """Another code is sent for it, so that consent is asked for again, and the person told."""
    beginning = (
        ASK_PASSWORD,
        initiate(sent()),
        (ASK_SMS, "111111"),
        (response("SMS_MFA", SMS_MFA_CODE="111111"), stale),
        (CONSENT, ""),
        initiate(sent(session="second")),
        (again(RAN_OUT_RESENT), "222222"),
    )
    call = response("SMS_MFA", "second", SMS_MFA_CODE="222222")
    play(flow(), *beginning, (call, TOKENS), STORED)
    with pytest.raises(ServiceError) as caught:
        play(flow(), *beginning, (call, stale))
    assert caught.value is stale


def test_stale_session_of_an_authenticator_app_is_said_and_its_code_is_good_still() -> None:
    challenge = "SOFTWARE_TOKEN_MFA"
    asked = challenged(challenge, USER_ID_FOR_SRP=USER_ID)
    play(
        flow(),
        ASK_PASSWORD,
        initiate(asked),
        (Ask(Field.TOTP_CODE), "111111"),
        (response(challenge, SOFTWARE_TOKEN_MFA_CODE="111111"), DEAD),
        initiate(asked),
        (Ask(Field.TOTP_CODE, RAN_OUT), "111111"),
        (response(challenge, SOFTWARE_TOKEN_MFA_CODE="111111"), TOKENS),
        STORED,
    )


def test_another_code_comes_by_another_sign_in_as_often_as_wanted() -> None:
    play(
        flow(),
        ASK_PASSWORD,
        initiate(sent(session="1")),
        (ASK_SMS, RESEND),
        initiate(sent(session="2")),
        (again(RESENT), RESEND),
        initiate(sent(session="3")),
        (again(RESENT), "111111"),
        (response("SMS_MFA", "3", SMS_MFA_CODE="111111"), WRONG),
        (again(WRONG_CODE), "222222"),
        (response("SMS_MFA", "3", SMS_MFA_CODE="222222"), TOKENS),
        STORED,
    )


def test_where_a_code_may_not_be_sent_nothing_is_called() -> None:
    with pytest.raises(PersonNeededError):
        play(flow(), ASK_PASSWORD, (CONSENT, PersonNeededError("nobody")))


def chosen_from(*factors: str) -> dict[str, Any]:
    offered = json.dumps(factors)
    return challenged("SELECT_MFA_TYPE", MFAS_CAN_CHOOSE=offered, USER_ID_FOR_SRP=USER_ID)


def test_choice_of_a_factor_that_sends_a_code_asks_for_consent_first() -> None:
    play(
        flow(),
        ASK_PASSWORD,
        initiate(chosen_from(*FACTORS)),
        (Ask(Field.MFA_TYPE, options=FACTORS), "SMS_MFA"),
        (Ask(Field.CONSENT, detail=CERTAIN), ""),
        (response("SELECT_MFA_TYPE", ANSWER="SMS_MFA"), sent(session="second")),
        (ASK_SMS, "111111"),
        (response("SMS_MFA", "second", SMS_MFA_CODE="111111"), TOKENS),
        STORED,
    )


def test_choice_of_the_app_sends_nothing() -> None:
    play(
        flow(),
        ASK_PASSWORD,
        initiate(chosen_from("SOFTWARE_TOKEN_MFA", "CARRIER_PIGEON", "SMS_MFA")),
        (Ask(Field.MFA_TYPE, options=("SOFTWARE_TOKEN_MFA", "SMS_MFA")), "SOFTWARE_TOKEN_MFA"),
        (
            response("SELECT_MFA_TYPE", ANSWER="SOFTWARE_TOKEN_MFA"),
            challenged("SOFTWARE_TOKEN_MFA", "second"),
        ),
        (Ask(Field.TOTP_CODE), "111111"),
        (response("SOFTWARE_TOKEN_MFA", "second", SOFTWARE_TOKEN_MFA_CODE="111111"), TOKENS),
        STORED,
    )


def test_choice_between_factors_that_nobody_knows() -> None:
    with pytest.raises(UnknownChallengeError, match="cannot answer: CARRIER_PIGEON, TELEPATHY"):
        play(flow(), ASK_PASSWORD, initiate(chosen_from("CARRIER_PIGEON", "TELEPATHY")))


@pytest.mark.parametrize("offered", ["SMS_MFA", '"SMS_MFA"', "{}"])
def test_choice_that_cannot_be_read(offered: str) -> None:
    with pytest.raises(UnreachableError, match="MFAS_CAN_CHOOSE"):
        play(
            flow(),
            ASK_PASSWORD,
            initiate(challenged("SELECT_MFA_TYPE", MFAS_CAN_CHOOSE=offered)),
        )


def test_other_refusals_of_a_sent_code_end_it() -> None:
    error = refusal("RespondToAuthChallenge", "TooManyRequestsException", "")
    with pytest.raises(ServiceError) as caught:
        play(
            flow(),
            ASK_PASSWORD,
            initiate(sent()),
            (ASK_SMS, "111111"),
            (response("SMS_MFA", SMS_MFA_CODE="111111"), error),
        )
    assert caught.value is error
