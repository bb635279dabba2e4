"""USER_AUTH: the first factor by preference or from a list, each driven by hand."""

import base64
from typing import Any

import pytest

from cognito_credproc.flows.attempt import BrowserNeededError, UnknownChallengeError
from cognito_credproc.flows.entry import Entry
from cognito_credproc.flows.flow import CERTAIN, Ask, Call, Field, Flow, Item, Store
from cognito_credproc.flows.signin import sign_in
from cognito_credproc.flows.tokens import Tokens
from cognito_credproc.values.app_client import AppClient
from cognito_credproc.values.errors import PersonNeededError, ServiceError
from tests.fakes import FakeClock
from tests.local_cognito import srp as service
from tests.script import CONSENT, TOKENS, Expected, challenged, idp, play, refusal

NAME, USER_ID, PASSWORD = "istio@example.com", "1111-2222", "Correct-horse-1"
APP = AppClient("ap-northeast-1_AbCdEfGhI", "client", "a client secret of this app")
BLOCK = base64.b64encode(b"a block").decode()
STORED = (Store(Item.REFRESH_TOKEN, "a-refresh-token"), None)
ASK_PASSWORD = (Ask(Field.PASSWORD), PASSWORD)
SURE = (Ask(Field.CONSENT, detail=CERTAIN), "")
WRONG = refusal(
    "RespondToAuthChallenge", "NotAuthorizedException", "Incorrect username or password."
)


def flow(preferred: str | None = None) -> Flow[Tokens]:
    return sign_in(APP, NAME, Entry("USER_AUTH", preferred), FakeClock())


def initiate(**parameters: str) -> Call:
    sent = {"USERNAME": NAME, **APP.secret_hash(NAME), **parameters}
    return idp("InitiateAuth", ClientId="client", AuthFlow="USER_AUTH", AuthParameters=sent)


def response(challenge: str, session: str = "session", name: str = NAME, **responses: str) -> Call:
    """Until a challenge has told the real user name, the one that was typed has to do."""
    return idp(
        "RespondToAuthChallenge",
        ClientId="client",
        ChallengeName=challenge,
        ChallengeResponses={"USERNAME": name, **APP.secret_hash(name), **responses},
        Session=session,
    )


def offering(*challenges: str, **told: str) -> dict[str, Any]:
    asked = challenged("SELECT_CHALLENGE", **told)
    return {**asked, "AvailableChallenges": list(challenges)}


class SrpService:
    """The service's half of SRP: checks what comes, and makes the challenge."""

    def __init__(self, expected: Call) -> None:
        self.expected = expected
        self.verifier = service.verifier(APP.pool_suffix + USER_ID, PASSWORD, salt=0xABCDEF)
        self.challenge = challenged("PASSWORD_VERIFIER", "verifying")

    def begins(self, step: Any) -> None:
        """SRP_A comes in either call."""
        where = "AuthParameters" if step.operation == "InitiateAuth" else "ChallengeResponses"
        sent = dict(step.parameters[where])
        self.exchange = service.begin(self.verifier, int(sent.pop("SRP_A"), 16))
        assert step.operation == self.expected.operation
        assert {**step.parameters, where: sent} == self.expected.parameters
        self.challenge["ChallengeParameters"].update(
            SALT="abcdef",
            SRP_B=f"{self.exchange.public:x}",
            SECRET_BLOCK=BLOCK,
            USERNAME=USER_ID,
            USER_ID_FOR_SRP=USER_ID,
        )

    def proves(self, step: Any) -> None:
        """The proof goes back in the session of this flow."""
        when = "Tue Nov 3 07:05:09 UTC 2026"
        proof = base64.b64encode(self.exchange.proof(b"a block", when)).decode()
        assert step == response(
            "PASSWORD_VERIFIER",
            "verifying",
            USER_ID,
            PASSWORD_CLAIM_SIGNATURE=proof,
            PASSWORD_CLAIM_SECRET_BLOCK=BLOCK,
            TIMESTAMP=when,
        )


def by_srp(expected: Call, *between: tuple[Expected, object]) -> list[tuple[Expected, object]]:
    srp = SrpService(expected)
    return [*between, (srp.begins, srp.challenge), (srp.proves, TOKENS), STORED]


# By preference


def test_preferred_srp_goes_with_the_first_call() -> None:
    expected = initiate(PREFERRED_CHALLENGE="PASSWORD_SRP")
    play(flow("PASSWORD_SRP"), ASK_PASSWORD, (CONSENT, ""), *by_srp(expected))


def test_preferred_password_goes_with_the_first_call() -> None:
    call = initiate(PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD)
    play(flow("PASSWORD"), ASK_PASSWORD, (CONSENT, ""), (call, TOKENS), STORED)


@pytest.mark.parametrize("factor", ["EMAIL_OTP", "SMS_OTP"])
def test_preferred_code_needs_no_password_and_a_person_who_is_there(factor: str) -> None:
    sent = challenged(factor, CODE_DELIVERY_DESTINATION="i***@e***")
    play(
        flow(factor),
        SURE,
        (initiate(PREFERRED_CHALLENGE=factor), sent),
        (Ask(Field.SENT_CODE, detail="to i***@e***"), "12345678"),
        (response(factor, **{f"{factor}_CODE": "12345678"}), TOKENS),
        STORED,
    )
    with pytest.raises(PersonNeededError):
        play(flow(factor), (SURE[0], PersonNeededError("nobody")))


def test_password_that_was_not_looked_at_is_sent_again() -> None:
    play(
        flow("PASSWORD"),
        ASK_PASSWORD,
        (initiate(PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD), challenged("PASSWORD")),
        (response("PASSWORD", PASSWORD=PASSWORD), TOKENS),
        STORED,
    )


def test_srp_that_was_not_looked_at_begins_again_with_a_new_pair() -> None:
    first: list[str] = []

    def initiated(step: Any) -> None:
        first.append(step.parameters["AuthParameters"]["SRP_A"])

    srp = SrpService(response("PASSWORD_SRP"))

    def begins(step: Any) -> None:
        srp.begins(step)
        assert step.parameters["ChallengeResponses"]["SRP_A"] not in first

    play(
        flow("PASSWORD_SRP"),
        ASK_PASSWORD,
        (initiated, challenged("PASSWORD_SRP")),
        (begins, srp.challenge),
        (srp.proves, TOKENS),
        STORED,
    )


def test_wrong_preferred_password_is_asked_for_again() -> None:
    def call(password: str) -> Call:
        return initiate(PREFERRED_CHALLENGE="PASSWORD", PASSWORD=password)

    wrong = refusal("InitiateAuth", "NotAuthorizedException", "Incorrect username or password.")
    play(
        flow("PASSWORD"),
        (Ask(Field.PASSWORD), "wrong"),
        (call("wrong"), wrong),
        (Ask(Field.PASSWORD, "incorrect user name or password"), PASSWORD),
        (call(PASSWORD), TOKENS),
        STORED,
    )


def test_refusal_before_any_password_was_needed_is_no_wrong_password() -> None:
    wrong = refusal("InitiateAuth", "NotAuthorizedException", "Incorrect username or password.")
    with pytest.raises(ServiceError) as caught:
        play(flow("EMAIL_OTP"), SURE, (initiate(PREFERRED_CHALLENGE="EMAIL_OTP"), wrong))
    assert caught.value is wrong


# From the list

ALL = ("WEB_AUTHN", "SMS_OTP", "EMAIL_OTP", "PASSWORD", "PASSWORD_SRP")
OFFERED = Ask(Field.FIRST_FACTOR, options=("PASSWORD_SRP", "PASSWORD", "EMAIL_OTP", "SMS_OTP"))


def test_no_preference_no_password_and_no_code_before_the_choice() -> None:
    expected = response("SELECT_CHALLENGE", ANSWER="PASSWORD_SRP")
    between = (
        (CONSENT, ""),
        (initiate(), offering(*ALL)),
        (OFFERED, "PASSWORD_SRP"),
        ASK_PASSWORD,
    )
    play(flow(), *by_srp(expected, *between))


def test_chosen_password_goes_with_the_choice() -> None:
    play(
        flow(),
        (initiate(), offering(*ALL)),
        (OFFERED, "PASSWORD"),
        ASK_PASSWORD,
        (response("SELECT_CHALLENGE", ANSWER="PASSWORD", PASSWORD=PASSWORD), TOKENS),
        STORED,
    )


def test_wrong_chosen_password_is_asked_for_again_after_the_same_choice() -> None:
    def call(password: str) -> Call:
        return response("SELECT_CHALLENGE", ANSWER="PASSWORD", PASSWORD=password)

    play(
        flow(),
        (initiate(), offering("PASSWORD")),
        (Ask(Field.FIRST_FACTOR, options=("PASSWORD",)), "PASSWORD"),
        (Ask(Field.PASSWORD), "wrong"),
        (call("wrong"), WRONG),
        (initiate(), offering("PASSWORD")),
        (Ask(Field.FIRST_FACTOR, options=("PASSWORD",)), "PASSWORD"),
        (Ask(Field.PASSWORD, "incorrect user name or password"), PASSWORD),
        (call(PASSWORD), TOKENS),
        STORED,
    )


@pytest.mark.parametrize("told", [{}, {"USER_ID_FOR_SRP": USER_ID}])
def test_chosen_code_is_sent_only_with_consent(told: dict[str, str]) -> None:
    name = told.get("USER_ID_FOR_SRP", NAME)
    play(
        flow(),
        (initiate(), offering(*ALL, **told)),
        (OFFERED, "SMS_OTP"),
        SURE,
        (response("SELECT_CHALLENGE", name=name, ANSWER="SMS_OTP"), challenged("SMS_OTP", "2")),
        (Ask(Field.SENT_CODE, detail="to you"), "12345678"),
        (response("SMS_OTP", "2", name, SMS_OTP_CODE="12345678"), TOKENS),
        STORED,
    )


def test_preference_that_is_not_to_be_had_becomes_a_choice() -> None:
    play(
        flow("EMAIL_OTP"),
        SURE,
        (initiate(PREFERRED_CHALLENGE="EMAIL_OTP"), offering("PASSWORD")),
        (Ask(Field.FIRST_FACTOR, options=("PASSWORD",)), "PASSWORD"),
        ASK_PASSWORD,
        (response("SELECT_CHALLENGE", ANSWER="PASSWORD", PASSWORD=PASSWORD), TOKENS),
        STORED,
    )


@pytest.mark.parametrize(
    "reply", [offering("WEB_AUTHN"), offering("WEB_AUTHN", "TELEPATHY"), challenged("WEB_AUTHN")]
)
def test_passkey_needs_a_browser(reply: dict[str, Any]) -> None:
    with pytest.raises(BrowserNeededError, match="only a browser can use") as caught:
        play(flow(), (initiate(), reply))
    assert caught.value.exit_status == 3


def test_choice_between_ways_that_nobody_knows() -> None:
    with pytest.raises(UnknownChallengeError, match="does not know: TELEPATHY") as caught:
        play(flow(), (initiate(), offering("TELEPATHY")))
    assert "pip install --upgrade" in str(caught.value.hint)
