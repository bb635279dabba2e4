"""The challenges that need more than a code: new password, TOTP set-up."""

import json

import botocore.session
import pytest

from cognito_credproc.flows.attempt import Challenge, SignIn, UnknownChallengeError
from cognito_credproc.flows.challenges import CHALLENGES, ENROLMENT_CHALLENGES
from cognito_credproc.flows.code_challenges import software_token_mfa
from cognito_credproc.flows.entry import AUTH_FLOWS, Entry
from cognito_credproc.flows.flow import WRONG_CODE, Ask, Call, Field, Item, Store
from cognito_credproc.flows.password_challenges import new_password_required
from cognito_credproc.flows.setup_challenges import mfa_setup, prove_seed
from cognito_credproc.flows.signin import sign_in
from cognito_credproc.values.app_client import AppClient
from cognito_credproc.values.errors import CredprocError, ServiceError, UnreachableError
from tests.fakes import SEED, FakeClock
from tests.script import TOKENS, challenged, idp, play, refusal

APP = AppClient("ap-northeast-1_AbCdEfGhI", "client", "a client secret of this app")
USER_ID = "1111-2222"


def attempt() -> SignIn:
    """One that has come to a challenge."""
    return SignIn(
        APP, "istio@example.com", FakeClock(), password="Correct-horse-1", user_id=USER_ID
    )


ATTEMPT = attempt()
STORED = (Store(Item.PENDING_TOTP_SEED, SEED), None)
WRONG = refusal("VerifySoftwareToken", "EnableSoftwareTokenMFAException", "Code mismatch")


def response(challenge: str, session: str, **responses: str) -> Call:
    return idp(
        "RespondToAuthChallenge",
        ClientId="client",
        ChallengeName=challenge,
        ChallengeResponses={"USERNAME": USER_ID, **APP.secret_hash(USER_ID), **responses},
        Session=session,
    )


def verify(code: str, **authorization: str) -> Call:
    return idp("VerifySoftwareToken", **authorization, UserCode=code)


def test_the_table_names_every_challenge_and_the_flows_are_all_there_are() -> None:
    """By the service's own model: all but what takes an administrator's keys."""
    model = botocore.session.get_session().get_service_model("cognito-idp")
    named = {name for name in model.shape_for("ChallengeNameType").enum if "ADMIN" not in name}
    assert set(CHALLENGES) == named | {"EMAIL_MFA"}
    flows = {name for name in model.shape_for("AuthFlowType").enum if "ADMIN" not in name}
    assert set(AUTH_FLOWS) == flows - {"REFRESH_TOKEN", "REFRESH_TOKEN_AUTH"}


def test_the_enrolment_answers_one_challenge_in_its_own_way() -> None:
    assert set(CHALLENGES) == set(ENROLMENT_CHALLENGES)
    assert ENROLMENT_CHALLENGES["MFA_SETUP"] is mfa_setup
    changed = [name for name in CHALLENGES if CHALLENGES[name] != ENROLMENT_CHALLENGES[name]]
    assert changed == ["MFA_SETUP"]


def test_new_password_with_the_attributes_that_the_pool_demands() -> None:
    challenge = Challenge.of(
        challenged(
            "NEW_PASSWORD_REQUIRED",
            userAttributes=json.dumps({"email": "istio@example.com"}),
            requiredAttributes=json.dumps(["userAttributes.name", "zoneinfo"]),
        )
    )
    weak = refusal("RespondToAuthChallenge", "InvalidPasswordException", "Password too short")
    old = refusal(
        "RespondToAuthChallenge", "PasswordHistoryPolicyViolationException", "Password was used"
    )
    attributes = {"userAttributes.name": "Istio", "userAttributes.zoneinfo": "Asia/Tokyo"}
    call = "NEW_PASSWORD_REQUIRED", "session"
    answer = play(
        new_password_required(attempt(), challenge),
        (Ask(Field.ATTRIBUTE, detail="name"), "Istio"),
        (Ask(Field.ATTRIBUTE, detail="zoneinfo"), "Asia/Tokyo"),
        (Ask(Field.NEW_PASSWORD), "a"),
        (response(*call, NEW_PASSWORD="a", **attributes), weak),
        (Ask(Field.NEW_PASSWORD, "Password too short"), "b"),
        (response(*call, NEW_PASSWORD="b", **attributes), old),
        (Ask(Field.NEW_PASSWORD, "Password was used"), "New-horse-1"),
        (response(*call, NEW_PASSWORD="New-horse-1", **attributes), TOKENS),
    )
    assert answer == TOKENS


def test_attribute_in_another_form_than_the_service_wants_is_asked_for_again() -> None:
    """The others are kept, and so is the password; where none is named, all are asked for."""
    demanded = json.dumps(["name", "phone_number"])
    challenge = Challenge.of(challenged("NEW_PASSWORD_REQUIRED", requiredAttributes=demanded))
    invalid = "RespondToAuthChallenge", "InvalidParameterException"

    def call(name: str, phone: str) -> Call:
        given = {"userAttributes.name": name, "userAttributes.phone_number": phone}
        return response("NEW_PASSWORD_REQUIRED", "session", NEW_PASSWORD="New-horse-1", **given)

    answer = play(
        new_password_required(attempt(), challenge),
        (Ask(Field.ATTRIBUTE, detail="name"), "Istio"),
        (Ask(Field.ATTRIBUTE, detail="phone_number"), "090"),
        (Ask(Field.NEW_PASSWORD), "New-horse-1"),
        (call("Istio", "090"), refusal(*invalid, "Invalid phone number format.")),
        (Ask(Field.ATTRIBUTE, "Invalid phone number format.", "phone_number"), "+8190"),
        (call("Istio", "+8190"), refusal(*invalid, "Something else")),
        (Ask(Field.ATTRIBUTE, "Something else", "name"), "Nova"),
        (Ask(Field.ATTRIBUTE, "Something else", "phone_number"), "+8191"),
        (call("Nova", "+8191"), TOKENS),
    )
    assert answer == TOKENS


def test_new_password_where_nothing_else_is_demanded() -> None:
    limit = refusal("RespondToAuthChallenge", "LimitExceededException", "")
    with pytest.raises(ServiceError) as caught:
        play(
            new_password_required(attempt(), Challenge.of(challenged("NEW_PASSWORD_REQUIRED"))),
            (Ask(Field.NEW_PASSWORD), "New-horse-1"),
            (response("NEW_PASSWORD_REQUIRED", "session", NEW_PASSWORD="New-horse-1"), limit),
        )
    assert caught.value is limit


def test_other_refusals_of_a_code_end_it() -> None:
    error = refusal("RespondToAuthChallenge", "TooManyRequestsException", "")
    with pytest.raises(ServiceError) as caught:
        play(
            software_token_mfa(ATTEMPT, Challenge.of(challenged("SOFTWARE_TOKEN_MFA"))),
            (Ask(Field.TOTP_CODE), "123456"),
            (response("SOFTWARE_TOKEN_MFA", "session", SOFTWARE_TOKEN_MFA_CODE="123456"), error),
        )
    assert caught.value is error


def test_set_up_uses_each_session_for_one_step_and_stores_the_seed_first() -> None:
    setup = challenged("MFA_SETUP", "first", MFAS_CAN_SETUP='["SMS_MFA", "SOFTWARE_TOKEN_MFA"]')
    play(
        mfa_setup(ATTEMPT, Challenge.of(setup)),
        (
            idp("AssociateSoftwareToken", Session="first"),
            {"SecretCode": SEED, "Session": "associated"},
        ),
        STORED,
        (Ask(Field.TOTP_CODE), "123456"),
        (
            verify("123456", Session="associated"),
            {"Status": "SUCCESS", "Session": "verified"},
        ),
        (response("MFA_SETUP", "verified"), TOKENS),
    )


def test_set_up_where_totp_is_not_allowed_changes_nothing() -> None:
    setup = challenged("MFA_SETUP", MFAS_CAN_SETUP='["SMS_MFA"]')
    with pytest.raises(UnknownChallengeError, match="SMS_MFA only"):
        play(mfa_setup(ATTEMPT, Challenge.of(setup)))


def test_set_up_of_an_e_mail_address_where_totp_is_not_allowed() -> None:
    setup = challenged("MFA_SETUP", MFAS_CAN_SETUP='["SMS_MFA", "EMAIL_OTP"]')
    play(
        mfa_setup(ATTEMPT, Challenge.of(setup)),
        (Ask(Field.ATTRIBUTE, detail="e-mail address for codes"), "istio@example.com"),
        (response("MFA_SETUP", "session", EMAIL="istio@example.com"), TOKENS),
    )


@pytest.mark.parametrize("kind", ["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"])
def test_set_up_of_what_is_chosen(kind: str) -> None:
    can_set_up = '["SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA"]'
    setup = Challenge.of(challenged("MFA_SETUP", "first", MFAS_CAN_SETUP=can_set_up))
    choice = Ask(Field.MFA_TYPE, options=("SOFTWARE_TOKEN_MFA", "EMAIL_OTP"))
    refused = refusal("AssociateSoftwareToken", "InvalidParameterException")
    if kind == "EMAIL_OTP":
        play(
            mfa_setup(ATTEMPT, setup),
            (choice, kind),
            (Ask(Field.ATTRIBUTE, detail="e-mail address for codes"), "istio@example.com"),
            (response("MFA_SETUP", "first", EMAIL="istio@example.com"), TOKENS),
        )
    else:
        with pytest.raises(ServiceError):
            play(
                mfa_setup(ATTEMPT, setup),
                (choice, kind),
                (idp("AssociateSoftwareToken", Session="first"), refused),
            )


def test_set_up_within_a_first_sign_in() -> None:
    """New password, set-up, tokens: each step takes the session that the step before brought."""
    plain = AppClient(APP.user_pool_id, "client")
    name = "istio@example.com"

    def answer(challenge: str, session: str, **responses: str) -> Call:
        return idp(
            "RespondToAuthChallenge",
            ClientId="client",
            ChallengeName=challenge,
            ChallengeResponses={"USERNAME": name, **responses},
            Session=session,
        )

    play(
        sign_in(plain, name, Entry("USER_PASSWORD_AUTH"), FakeClock(), ENROLMENT_CHALLENGES),
        (Ask(Field.PASSWORD), "Temporary-1"),
        (
            idp(
                "InitiateAuth",
                ClientId="client",
                AuthFlow="USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": name, "PASSWORD": "Temporary-1"},
            ),
            challenged("NEW_PASSWORD_REQUIRED", "1"),
        ),
        (Ask(Field.NEW_PASSWORD), "New-horse-1"),
        (
            answer("NEW_PASSWORD_REQUIRED", "1", NEW_PASSWORD="New-horse-1"),
            challenged("MFA_SETUP", "2"),
        ),
        (idp("AssociateSoftwareToken", Session="2"), {"SecretCode": SEED, "Session": "3"}),
        STORED,
        (Ask(Field.TOTP_CODE), "123456"),
        (verify("123456", Session="3"), {"Status": "SUCCESS", "Session": "4"}),
        (answer("MFA_SETUP", "4"), TOKENS),
        (Store(Item.REFRESH_TOKEN, "a-refresh-token"), None),
    )


def test_seed_by_access_token_has_no_session() -> None:
    session = play(
        prove_seed({"AccessToken": "access"}),
        (idp("AssociateSoftwareToken", AccessToken="access"), {"SecretCode": SEED}),
        STORED,
        (Ask(Field.TOTP_CODE), "123456"),
        (verify("123456", AccessToken="access"), {"Status": "SUCCESS"}),
    )
    assert session is None


def test_a_wrong_proof_is_tried_once_more_and_not_for_ever() -> None:
    asked = (idp("AssociateSoftwareToken", AccessToken="access"), {"SecretCode": SEED})
    first = (Ask(Field.TOTP_CODE), "111111")
    second = (Ask(Field.TOTP_CODE, WRONG_CODE), "222222")
    calls = [verify(code, AccessToken="access") for code in ("111111", "222222")]
    good = {"Status": "SUCCESS"}
    flow = prove_seed({"AccessToken": "access"})
    play(flow, asked, STORED, first, (calls[0], WRONG), second, (calls[1], good))
    flow = prove_seed({"AccessToken": "access"})
    with pytest.raises(ServiceError) as caught:
        play(flow, asked, STORED, first, (calls[0], WRONG), second, (calls[1], WRONG))
    assert caught.value is WRONG


def test_seed_that_cannot_be_stored_is_not_verified() -> None:
    with pytest.raises(CredprocError, match="the keyring is locked"):
        play(
            prove_seed({"Session": "first"}),
            (idp("AssociateSoftwareToken", Session="first"), {"SecretCode": SEED, "Session": "2"}),
            (STORED[0], CredprocError("the keyring is locked")),
        )


def test_captive_portal_in_the_set_up() -> None:
    asked = idp("AssociateSoftwareToken", Session="first")
    with pytest.raises(UnreachableError, match="SecretCode"):
        play(prove_seed({"Session": "first"}), (asked, {"ResponseMetadata": {}}))
    with pytest.raises(UnreachableError, match="Status"):
        play(
            prove_seed({"Session": "first"}),
            (asked, {"SecretCode": SEED, "Session": "second"}),
            STORED,
            (Ask(Field.TOTP_CODE), "123456"),
            (verify("123456", Session="second"), {"ResponseMetadata": {}}),
        )


def test_secrets_have_no_repr() -> None:
    challenge = Challenge.of(challenged("X", "the-session", SECRET_BLOCK="the-block"))
    shown = f"{ATTEMPT} {challenge}"
    for secret in ("Correct-horse-1", "client secret", "the-session", "the-block"):
        assert secret not in shown
