"""The sign-in and the refresh, driven by hand."""

import base64
from typing import Any

import pytest

from cognito_credproc.flows.attempt import EnrolmentNeededError, UnknownChallengeError
from cognito_credproc.flows.entry import Entry
from cognito_credproc.flows.flow import (
    RAN_OUT,
    USED_CODE,
    WRONG_CODE,
    Ask,
    Call,
    Field,
    Flow,
    Item,
    Store,
)
from cognito_credproc.flows.refusals import (
    is_dead_refresh_token,
    is_dead_session,
    is_wrong_password,
)
from cognito_credproc.flows.signin import sign_in
from cognito_credproc.flows.tokens import Tokens
from cognito_credproc.values.app_client import AppClient
from cognito_credproc.values.errors import PersonNeededError, ServiceError, UnreachableError
from tests.fakes import FakeClock
from tests.local_cognito import srp as service
from tests.script import TOKENS, challenged, idp, play, refusal

POOL = "ap-northeast-1_AbCdEfGhI"
APP = AppClient(POOL, "client")
SECRET_APP = AppClient(POOL, "client", "a client secret of this app")
NAME, USER_ID, PASSWORD = "istio@example.com", "1111-2222", "Correct-horse-1"
BLOCK = base64.b64encode(b"a block").decode()
STORED = (Store(Item.REFRESH_TOKEN, "a-refresh-token"), None)
WRONG_PASSWORD = refusal(
    "RespondToAuthChallenge", "NotAuthorizedException", "Incorrect username or password."
)
WRONG = refusal("RespondToAuthChallenge", "CodeMismatchException", "Invalid code received for user")
USED = refusal(
    "RespondToAuthChallenge",
    "ExpiredCodeException",
    "Your software token has already been used once.",
)
DEAD = refusal(
    "RespondToAuthChallenge",
    "NotAuthorizedException",
    "Invalid session for the user, session is expired.",
)
ASK_PASSWORD = (Ask(Field.PASSWORD), PASSWORD)


def flow(
    app: AppClient = APP, auth_flow: str = "USER_PASSWORD_AUTH", clock: FakeClock | None = None
) -> Flow[Tokens]:
    return sign_in(app, NAME, Entry(auth_flow), clock or FakeClock())


def password_call(password: str = PASSWORD, **more: str) -> Call:
    return idp(
        "InitiateAuth",
        ClientId="client",
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": NAME, **more, "PASSWORD": password},
    )


def response(challenge: str, session: str = "session", **responses: str) -> Call:
    return idp(
        "RespondToAuthChallenge",
        ClientId="client",
        ChallengeName=challenge,
        ChallengeResponses={"USERNAME": NAME, **responses},
        Session=session,
    )


def code_call(code: str, session: str = "session") -> Call:
    return response("SOFTWARE_TOKEN_MFA", session, SOFTWARE_TOKEN_MFA_CODE=code)


class SrpService:
    """The service's half of one SRP sign-in, as functions for a script."""

    def __init__(self, app: AppClient, password: str = PASSWORD) -> None:
        self.app = app
        self.verifier = service.verifier(app.pool_suffix + USER_ID, password, salt=0xABCDEF)
        self.asked: list[str] = []
        self.challenge = challenged("PASSWORD_VERIFIER", session=None)

    def initiate(self, step: Any) -> None:
        """Check InitiateAuth, and make the challenge that answers it."""
        assert isinstance(step, Call)
        sent = dict(step.parameters["AuthParameters"])
        a = sent.pop("SRP_A")
        assert step.operation == "InitiateAuth"
        assert step.parameters["AuthFlow"] == "USER_SRP_AUTH"
        assert sent == {"USERNAME": NAME, **self.app.secret_hash(NAME)}
        assert a not in self.asked, "a pair of SRP was used twice"
        self.asked.append(a)
        self.exchange = service.begin(self.verifier, int(a, 16))
        self.challenge["ChallengeParameters"].update(
            SALT="abcdef",
            SRP_B=f"{self.exchange.public:x}",
            SECRET_BLOCK=BLOCK,
            USERNAME=USER_ID,
            USER_ID_FOR_SRP=USER_ID,
        )

    def respond(self, step: Any) -> None:
        """Check the proof."""
        when = "Tue Nov 3 07:05:09 UTC 2026"
        proof = self.exchange.proof(b"a block", when)
        assert step == idp(
            "RespondToAuthChallenge",
            ClientId="client",
            ChallengeName="PASSWORD_VERIFIER",
            ChallengeResponses={
                "USERNAME": USER_ID,
                **self.app.secret_hash(USER_ID),
                "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(proof).decode(),
                "PASSWORD_CLAIM_SECRET_BLOCK": BLOCK,
                "TIMESTAMP": when,
            },
        )


@pytest.mark.parametrize("app", [APP, SECRET_APP])
def test_srp_then_code(app: AppClient) -> None:
    """The secret hash is over the name as typed first, and over the real user name after."""
    srp = SrpService(app)
    tokens = play(
        flow(app, "USER_SRP_AUTH"),
        ASK_PASSWORD,
        (srp.initiate, srp.challenge),
        (srp.respond, challenged("SOFTWARE_TOKEN_MFA", "second")),
        (Ask(Field.TOTP_CODE), "123456"),
        (
            idp(
                "RespondToAuthChallenge",
                ClientId="client",
                ChallengeName="SOFTWARE_TOKEN_MFA",
                ChallengeResponses={
                    "USERNAME": USER_ID,
                    **app.secret_hash(USER_ID),
                    "SOFTWARE_TOKEN_MFA_CODE": "123456",
                },
                Session="second",
            ),
            TOKENS,
        ),
        STORED,
    )
    assert tokens == Tokens("an-id-token", "an-access-token", "a-refresh-token")


def test_srp_with_a_wrong_password_begins_again_with_a_new_pair() -> None:
    srp = SrpService(APP)
    play(
        flow(auth_flow="USER_SRP_AUTH"),
        (Ask(Field.PASSWORD), "Wrong-horse-1"),
        (srp.initiate, srp.challenge),
        (lambda _step: None, WRONG_PASSWORD),
        (Ask(Field.PASSWORD, "incorrect user name or password"), PASSWORD),
        (srp.initiate, srp.challenge),
        (srp.respond, TOKENS),
        STORED,
    )


def test_password_flow() -> None:
    tokens = play(flow(), ASK_PASSWORD, (password_call(), TOKENS), STORED)
    assert tokens.refresh_token == "a-refresh-token"


def test_password_flow_with_a_client_secret() -> None:
    hashed = SECRET_APP.secret_hash(NAME)
    play(flow(SECRET_APP), ASK_PASSWORD, (password_call(**hashed), TOKENS), STORED)


def test_wrong_passwords_are_asked_again_for_as_long_as_somebody_answers() -> None:
    again = Ask(Field.PASSWORD, "incorrect user name or password")
    with pytest.raises(PersonNeededError):
        play(
            flow(),
            (Ask(Field.PASSWORD), "first"),
            (password_call("first"), WRONG_PASSWORD),
            (again, "second"),
            (password_call("second"), WRONG_PASSWORD),
            (again, PersonNeededError("nobody")),
        )


@pytest.mark.parametrize(
    "detail", ["User is disabled.", "Password attempts exceeded", "SecretHash does not match"]
)
def test_other_refusals_of_the_password_end_it(detail: str) -> None:
    error = refusal("InitiateAuth", "NotAuthorizedException", detail)
    with pytest.raises(ServiceError) as caught:
        play(flow(), ASK_PASSWORD, (password_call(), error))
    assert caught.value is error


def test_no_refresh_token_no_store() -> None:
    answer = {"AuthenticationResult": {"IdToken": "i", "AccessToken": "a"}}
    assert play(flow(), ASK_PASSWORD, (password_call(), answer)) == Tokens("i", "a", None)


def test_wrong_and_used_codes_are_asked_again_in_the_same_session() -> None:
    play(
        flow(),
        ASK_PASSWORD,
        (password_call(), challenged("SOFTWARE_TOKEN_MFA")),
        (Ask(Field.TOTP_CODE), "111111"),
        (code_call("111111"), WRONG),
        (Ask(Field.TOTP_CODE, WRONG_CODE), "222222"),
        (code_call("222222"), USED),
        (Ask(Field.TOTP_CODE, USED_CODE), "333333"),
        (code_call("333333"), TOKENS),
        STORED,
    )


def test_dead_session_is_started_over_without_another_password() -> None:
    play(
        flow(),
        ASK_PASSWORD,
        (password_call(), challenged("SOFTWARE_TOKEN_MFA")),
        (Ask(Field.TOTP_CODE), "111111"),
        (code_call("111111"), DEAD),
        (password_call(), challenged("SOFTWARE_TOKEN_MFA", "other")),
        (Ask(Field.TOTP_CODE, RAN_OUT), "222222"),
        (code_call("222222", "other"), TOKENS),
        STORED,
    )


def test_a_new_password_is_the_password_when_the_session_dies_after_it() -> None:
    new_password = idp(
        "RespondToAuthChallenge",
        ClientId="client",
        ChallengeName="NEW_PASSWORD_REQUIRED",
        ChallengeResponses={"USERNAME": NAME, "NEW_PASSWORD": "another-Horse-2"},
        Session="session",
    )
    play(
        flow(),
        ASK_PASSWORD,
        (password_call(), challenged("NEW_PASSWORD_REQUIRED")),
        (Ask(Field.NEW_PASSWORD), "another-Horse-2"),
        (new_password, challenged("SOFTWARE_TOKEN_MFA", "other")),
        (Ask(Field.TOTP_CODE), "111111"),
        (code_call("111111", "other"), DEAD),
        (password_call("another-Horse-2"), TOKENS),
        STORED,
    )


def test_dead_session_is_started_over_once_only() -> None:
    again = refusal(
        "RespondToAuthChallenge",
        "NotAuthorizedException",
        "Invalid session for the user, session can only be used once.",
    )
    with pytest.raises(ServiceError) as caught:
        play(
            flow(),
            ASK_PASSWORD,
            (password_call(), challenged("SOFTWARE_TOKEN_MFA")),
            (Ask(Field.TOTP_CODE), "111111"),
            (code_call("111111"), DEAD),
            (password_call(), challenged("SOFTWARE_TOKEN_MFA", "other")),
            (Ask(Field.TOTP_CODE, RAN_OUT), "222222"),
            (code_call("222222", "other"), again),
        )
    assert caught.value is again


def test_unknown_challenge_is_named() -> None:
    with pytest.raises(UnknownChallengeError, match="CARRIER_PIGEON") as caught:
        play(flow(), ASK_PASSWORD, (password_call(), challenged("CARRIER_PIGEON")))
    assert "pip install --upgrade" in str(caught.value.hint)


def test_no_factor_yet_needs_the_enrolment_and_sets_nothing_up() -> None:
    with pytest.raises(EnrolmentNeededError) as caught:
        play(flow(), ASK_PASSWORD, (password_call(), challenged("MFA_SETUP")))
    assert caught.value.exit_status == 3


@pytest.mark.parametrize(
    "answer", [{}, {"ResponseMetadata": {}}, {"AuthenticationResult": {"IdToken": "i"}}]
)
def test_captive_portal_instead_of_an_answer(answer: dict[str, Any]) -> None:
    with pytest.raises(UnreachableError):
        play(flow(), ASK_PASSWORD, (password_call(), answer))


@pytest.mark.parametrize("missing", ["SALT", "SRP_B", "SECRET_BLOCK", "USER_ID_FOR_SRP"])
def test_srp_challenge_without_a_number(missing: str) -> None:
    srp = SrpService(APP)

    def initiate(step: Any) -> None:
        srp.initiate(step)
        del srp.challenge["ChallengeParameters"][missing]

    with pytest.raises(UnreachableError, match=missing):
        play(flow(auth_flow="USER_SRP_AUTH"), ASK_PASSWORD, (initiate, srp.challenge))


@pytest.mark.parametrize(
    ("operation", "code", "detail", "kinds"),
    [
        ("InitiateAuth", "NotAuthorizedException", "Incorrect username or password.", "wrong"),
        ("GetId", "NotAuthorizedException", "Incorrect username or password.", ""),
        ("InitiateAuth", "NotAuthorizedException", "User is disabled.", ""),
        (
            "RespondToAuthChallenge",
            "NotAuthorizedException",
            "Invalid session for the user.",
            "dead",
        ),
        ("RespondToAuthChallenge", "CodeMismatchException", "Invalid session", ""),
        ("GetTokensFromRefreshToken", "RefreshTokenReuseException", "", "token"),
        (
            "GetTokensFromRefreshToken",
            "NotAuthorizedException",
            "Refresh Token has expired",
            "token",
        ),
        (
            "GetTokensFromRefreshToken",
            "NotAuthorizedException",
            "Refresh Token has been revoked",
            "token",
        ),
        ("GetTokensFromRefreshToken", "NotAuthorizedException", "Invalid Refresh Token.", "token"),
        (
            "GetTokensFromRefreshToken",
            "NotAuthorizedException",
            "Unable to verify secret for client",
            "",
        ),
        ("GetTokensFromRefreshToken", "TooManyRequestsException", "Refresh Token", ""),
    ],
)
def test_kinds_of_refusal(operation: str, code: str, detail: str, kinds: str) -> None:
    error = refusal(operation, code, detail)
    found = {
        "wrong": is_wrong_password(error),
        "dead": is_dead_session(error),
        "token": is_dead_refresh_token(error),
    }
    assert [kind for kind, fits in found.items() if fits] == kinds.split()
