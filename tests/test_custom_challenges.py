"""CUSTOM_AUTH: questions of the pool's own, with or without the password before them."""

from typing import Any

import pytest

from cognito_credproc.flows.attempt import AnswerRefusedError
from cognito_credproc.flows.entry import Entry
from cognito_credproc.flows.flow import CERTAIN, ONCE_MORE, Ask, Call, Field, Flow, Item, Store
from cognito_credproc.flows.signin import sign_in
from cognito_credproc.flows.tokens import Tokens
from cognito_credproc.values.app_client import AppClient
from cognito_credproc.values.errors import PersonNeededError, ServiceError
from tests.fakes import FakeClock
from tests.script import TOKENS, challenged, idp, play, refusal

NAME, USER_ID = "istio@example.com", "1111-2222"
APP = AppClient("ap-northeast-1_AbCdEfGhI", "client", "a client secret of this app")
STORED = (Store(Item.REFRESH_TOKEN, "a-refresh-token"), None)
SURE = (Ask(Field.CONSENT, detail=CERTAIN), "")
GAVE_UP = refusal(
    "RespondToAuthChallenge", "NotAuthorizedException", "Incorrect username or password."
)
SHOWN = ("question: which colour?", "hint: like the sea")
QUESTION = Ask(Field.CHALLENGE_ANSWER, options=SHOWN)
AGAIN = Ask(Field.CHALLENGE_ANSWER, ONCE_MORE, options=SHOWN)


def flow(preferred: str | None = None) -> Flow[Tokens]:
    return sign_in(APP, NAME, Entry("CUSTOM_AUTH", preferred), FakeClock())


def initiate(**parameters: str) -> Call:
    sent = {"USERNAME": NAME, **APP.secret_hash(NAME), **parameters}
    return idp("InitiateAuth", ClientId="client", AuthFlow="CUSTOM_AUTH", AuthParameters=sent)


def asks(session: str = "session", **shown: str) -> dict[str, Any]:
    shown = shown or {"question": "which colour?", "hint": "like the sea"}
    return challenged("CUSTOM_CHALLENGE", session, **shown, USERNAME=USER_ID)


def answers(text: str, session: str = "session") -> Call:
    """The real user name came as USERNAME."""
    return idp(
        "RespondToAuthChallenge",
        ClientId="client",
        ChallengeName="CUSTOM_CHALLENGE",
        ChallengeResponses={"USERNAME": USER_ID, **APP.secret_hash(USER_ID), "ANSWER": text},
        Session=session,
    )


def test_question_is_shown_and_answered() -> None:
    play(flow(), SURE, (initiate(), asks()), (QUESTION, "blue"), (answers("blue"), TOKENS), STORED)


def test_nothing_begins_without_a_person() -> None:
    with pytest.raises(PersonNeededError):
        play(flow(), (SURE[0], PersonNeededError("nobody")))


def test_same_question_again_looks_like_a_wrong_answer_another_one_does_not() -> None:
    play(
        flow(),
        SURE,
        (initiate(), asks("1")),
        (QUESTION, "red"),
        (answers("red", "1"), asks("2")),
        (AGAIN, "blue"),
        (answers("blue", "2"), asks("3", email="i***@e***")),
        (Ask(Field.CHALLENGE_ANSWER, options=("email: i***@e***",)), "123456"),
        (answers("123456", "3"), TOKENS),
        STORED,
    )


def test_question_without_words_is_asked_each_time_without_a_reproach() -> None:
    silent = {**asks("1"), "ChallengeParameters": {"USERNAME": USER_ID}}
    ask = Ask(Field.CHALLENGE_ANSWER)
    play(
        flow(),
        SURE,
        (initiate(), silent),
        (ask, "a"),
        (answers("a", "1"), {**silent, "Session": "2"}),
        (ask, "b"),
        (answers("b", "2"), TOKENS),
        STORED,
    )


def test_end_of_the_tries_is_no_wrong_password() -> None:
    with pytest.raises(AnswerRefusedError, match="did not accept the answer"):
        play(flow(), SURE, (initiate(), asks()), (QUESTION, "red"), (answers("red"), GAVE_UP))


def test_other_refusals_end_it() -> None:
    error = refusal("RespondToAuthChallenge", "UserLambdaValidationException", "no")
    with pytest.raises(ServiceError) as caught:
        play(flow(), SURE, (initiate(), asks()), (QUESTION, "red"), (answers("red"), error))
    assert caught.value is error


def test_password_before_the_question() -> None:
    sent: dict[str, str] = {}

    def initiated(step: Any) -> None:
        sent.update(step.parameters["AuthParameters"])
        assert len(sent.pop("SRP_A")) > 700
        assert step.parameters["AuthFlow"] == "CUSTOM_AUTH"
        assert sent == {"USERNAME": NAME, **APP.secret_hash(NAME), "CHALLENGE_NAME": "SRP_A"}

    def verified(step: Any) -> None:
        assert step.parameters["ChallengeName"] == "PASSWORD_VERIFIER"
        assert step.parameters["Session"] == "verifying"

    verifier = challenged(
        "PASSWORD_VERIFIER",
        "verifying",
        SALT="ab",
        SRP_B="abcdef",
        SECRET_BLOCK="YQ==",
        USERNAME=USER_ID,
        USER_ID_FOR_SRP=USER_ID,
    )
    play(
        flow("PASSWORD_SRP"),
        (Ask(Field.PASSWORD), "wrong"),
        SURE,
        (initiated, verifier),
        (verified, GAVE_UP),
        (Ask(Field.PASSWORD, "incorrect user name or password"), "Correct-horse-1"),
        SURE,
        (initiated, verifier),
        (verified, asks()),
        (QUESTION, "blue"),
        (answers("blue"), TOKENS),
        STORED,
    )
