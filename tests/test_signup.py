"""Sign-up, confirmation and optional TOTP, driven by hand."""

from typing import Any

import pytest

from cognito_credproc.flows.flow import RESEND, RESENT, WRONG_CODE, Ask, Call, Field, Item, Store
from cognito_credproc.flows.signup import confirm, set_up_totp, sign_up
from cognito_credproc.values.app_client import AppClient
from cognito_credproc.values.errors import ServiceError, UnreachableError
from tests.fakes import SEED
from tests.script import idp, play, refusal

APP = AppClient("ap-northeast-1_AbCdEfGhI", "client")
SECRET_APP = AppClient("ap-northeast-1_AbCdEfGhI", "client", "a client secret of this app")
NAME = "istio@example.com"
SENT = {
    "UserConfirmed": False,
    "UserSub": "1111-2222",
    "CodeDeliveryDetails": {"Destination": "i***@e***", "DeliveryMedium": "EMAIL"},
}
RESENT_TO = {"CodeDeliveryDetails": SENT["CodeDeliveryDetails"]}
WHERE = "by e-mail to i***@e***"
ASK_CODE = Ask(Field.CONFIRMATION_CODE, detail=WHERE)


def secret_hash(app: AppClient) -> dict[str, str]:
    return {"SecretHash": app.secret_hash(NAME)["SECRET_HASH"]} if app.secret else {}


def sign_up_call(password: str, app: AppClient = APP) -> Call:
    return idp(
        "SignUp",
        ClientId="client",
        **secret_hash(app),
        Username=NAME,
        Password=password,
        UserAttributes=[{"Name": "email", "Value": NAME}],
    )


def confirm_call(code: str, app: AppClient = APP) -> Call:
    return idp(
        "ConfirmSignUp",
        ClientId="client",
        **secret_hash(app),
        Username=NAME,
        ConfirmationCode=code,
    )


def resend_call(app: AppClient = APP) -> Call:
    return idp("ResendConfirmationCode", ClientId="client", **secret_hash(app), Username=NAME)


def because(reason: str) -> Ask:
    return Ask(Field.CONFIRMATION_CODE, reason, WHERE)


@pytest.mark.parametrize("app", [APP, SECRET_APP])
def test_sign_up_and_code(app: AppClient) -> None:
    """The secret hash is over the name as it was typed, in all three calls."""
    password = play(
        sign_up(app, NAME, {"email": NAME}),
        (Ask(Field.NEW_PASSWORD), "Correct-horse-1"),
        (sign_up_call("Correct-horse-1", app), SENT),
        (ASK_CODE, RESEND),
        (resend_call(app), RESENT_TO),
        (because(RESENT), "123456"),
        (confirm_call("123456", app), {}),
    )
    assert password == "Correct-horse-1"


def test_weak_password_is_asked_again_in_the_pools_words() -> None:
    weak = refusal("SignUp", "InvalidPasswordException", "Password must have numbers")
    play(
        sign_up(APP, NAME, {"email": NAME}),
        (Ask(Field.NEW_PASSWORD), "weak"),
        (sign_up_call("weak"), weak),
        (Ask(Field.NEW_PASSWORD, "Password must have numbers"), "Correct-horse-1"),
        (sign_up_call("Correct-horse-1"), {"UserConfirmed": True, "UserSub": "1"}),
    )


def test_user_who_exists_is_none_of_ours() -> None:
    exists = refusal("SignUp", "UsernameExistsException")
    password = play(
        sign_up(APP, NAME, {"email": NAME}),
        (Ask(Field.NEW_PASSWORD), "Correct-horse-1"),
        (sign_up_call("Correct-horse-1"), exists),
    )
    assert password is None


def test_other_refusals_end_it() -> None:
    closed = refusal("SignUp", "NotAuthorizedException", "SignUp is not permitted")
    with pytest.raises(ServiceError) as caught:
        play(
            sign_up(APP, NAME, {"email": NAME}),
            (Ask(Field.NEW_PASSWORD), "Correct-horse-1"),
            (sign_up_call("Correct-horse-1"), closed),
        )
    assert caught.value is closed


def test_wrong_code_and_expired_code() -> None:
    """A wrong code can be typed again; for an expired one another has to be mailed first."""
    wrong = refusal("ConfirmSignUp", "CodeMismatchException")
    expired = refusal("ConfirmSignUp", "ExpiredCodeException", "request a code again.")
    play(
        confirm(APP, NAME, WHERE),
        (ASK_CODE, "111111"),
        (confirm_call("111111"), wrong),
        (because(WRONG_CODE), "222222"),
        (confirm_call("222222"), expired),
        (resend_call(), RESENT_TO),
        (because(RESENT), "333333"),
        (confirm_call("333333"), {}),
    )


def test_code_is_mailed_first_where_nobody_knows_where_it_went() -> None:
    play(confirm(APP, NAME), (resend_call(), RESENT_TO), (ASK_CODE, "1"), (confirm_call("1"), {}))


def test_already_confirmed_is_good() -> None:
    confirmed = refusal(
        "ConfirmSignUp",
        "NotAuthorizedException",
        "User cannot be confirmed. Current status is CONFIRMED",
    )
    play(confirm(APP, NAME, WHERE), (ASK_CODE, "1"), (confirm_call("1"), confirmed))


@pytest.mark.parametrize(
    ("code", "detail"),
    [
        ("NotAuthorizedException", "User cannot be confirmed. Current status is DISABLED"),
        ("LimitExceededException", "Attempt limit exceeded, please try after some time."),
    ],
)
def test_other_refusals_of_a_code_end_it(code: str, detail: str) -> None:
    with pytest.raises(ServiceError):
        play(
            confirm(APP, NAME, WHERE),
            (ASK_CODE, "1"),
            (confirm_call("1"), refusal("ConfirmSignUp", code, detail)),
        )


@pytest.mark.parametrize("answer", [{}, {"ResponseMetadata": {"HTTPStatusCode": 200}}])
def test_captive_portal_instead_of_a_sign_up(answer: dict[str, Any]) -> None:
    with pytest.raises(UnreachableError):
        play(
            sign_up(APP, NAME, {"email": NAME}),
            (Ask(Field.NEW_PASSWORD), "Correct-horse-1"),
            (sign_up_call("Correct-horse-1"), answer),
        )


def test_second_factor_that_the_pool_did_not_ask_this_machine_for_stays() -> None:
    has = {"UserMFASettingList": ["SOFTWARE_TOKEN_MFA"]}
    play(set_up_totp("access", known_machine=True), (idp("GetUser", AccessToken="access"), has))


@pytest.mark.parametrize("known", [True, False])
def test_totp_where_it_is_optional_is_preferred_after_its_proof(known: bool) -> None:
    play(
        set_up_totp("access", known_machine=known),
        *([(idp("GetUser", AccessToken="access"), {})] if known else []),
        (idp("AssociateSoftwareToken", AccessToken="access"), {"SecretCode": SEED}),
        (Store(Item.PENDING_TOTP_SEED, SEED), None),
        (Ask(Field.TOTP_CODE), "123456"),
        (
            idp("VerifySoftwareToken", AccessToken="access", UserCode="123456"),
            {"Status": "SUCCESS"},
        ),
        (
            idp(
                "SetUserMFAPreference",
                AccessToken="access",
                SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True},
            ),
            {},
        ),
    )
