"""Who is not confirmed, or has no password any more: put right in the middle of a sign-in."""

from pathlib import Path

import pytest

from cognito_credproc.flows.entry import Entry
from cognito_credproc.flows.flow import (
    FORGOTTEN,
    RESEND,
    RESENT,
    WRONG_CODE,
    Answer,
    Ask,
    Call,
    Field,
    Flow,
    Item,
)
from cognito_credproc.flows.recovery import REMEDIES, reset_password
from cognito_credproc.flows.signin import sign_in
from cognito_credproc.flows.tokens import Tokens
from cognito_credproc.values.app_client import AppClient
from cognito_credproc.values.errors import (
    CredprocError,
    PersonNeededError,
    ServiceError,
    UsageError,
)
from tests.fakes import FakeClock, ScriptedPerson, settings
from tests.machine import GET_ID_OK, NEW_KEYS, SIGN_IN, Machine, tokens
from tests.script import TOKENS, Expected, idp, play, refusal
from tests.test_signin import APP, NAME, PASSWORD, SECRET_APP, STORED, password_call

FORGOT, CONFIRM_FORGOT = "ForgotPassword", "ConfirmForgotPassword"
NEW = "Another-horse-2"
MAILED = {"CodeDeliveryDetails": {"Destination": "i***@e***", "DeliveryMedium": "EMAIL"}}
BY_SMS = {"CodeDeliveryDetails": {"Destination": "+*******5678", "DeliveryMedium": "SMS"}}
WHERE, TO_THE_PHONE = "by e-mail to i***@e***", "by SMS to +*******5678"
WRONG = refusal(CONFIRM_FORGOT, "CodeMismatchException", "Invalid verification code provided")
EXPIRED = refusal(CONFIRM_FORGOT, "ExpiredCodeException", "Invalid code provided")
WEAK = refusal(CONFIRM_FORGOT, "InvalidPasswordException", "Password not long enough")
OLD = refusal(CONFIRM_FORGOT, "PasswordHistoryPolicyViolationException", "It was used before")
RESET = refusal(SIGN_IN, "PasswordResetRequiredException", "Password reset required for the user")
UNCONFIRMED = refusal(SIGN_IN, "UserNotConfirmedException", "User is not confirmed.")
INCORRECT = refusal(SIGN_IN, "NotAuthorizedException", "Incorrect username or password.")
VOID = "the password of this user was reset; choose a new one"
NOT_CONFIRMED = "this user is not confirmed yet"
ASK_NEW = (Ask(Field.NEW_PASSWORD), NEW)
ENTERED = (password_call(NEW), TOKENS)
Script = list[tuple[Expected, object]]
MAY_BE_FORGOTTEN = (FORGOTTEN,)


def forgot(app: AppClient = APP) -> Call:
    return idp(FORGOT, **who(app))


def chosen(code: str = "123456", password: str = NEW, app: AppClient = APP) -> Call:
    return idp(CONFIRM_FORGOT, **who(app), ConfirmationCode=code, Password=password)


def who(app: AppClient) -> dict[str, str]:
    """The hash is over the name as it is sent, and called otherwise than in a sign-in."""
    hashed = {"SecretHash": app.secret_hash(NAME)["SECRET_HASH"]} if app.secret else {}
    return {"ClientId": "client", "Username": NAME, **hashed}


def ask_code(because: str | None = None, where: str = WHERE) -> Ask:
    return Ask(Field.CONFIRMATION_CODE, because, where)


def ask_password(because: str | None = None) -> Ask:
    return Ask(Field.PASSWORD, because, options=MAY_BE_FORGOTTEN)


def entering() -> Flow[Tokens]:
    return sign_in(APP, NAME, Entry("USER_PASSWORD_AUTH"), FakeClock(), remedies=REMEDIES)


@pytest.mark.parametrize("app", [APP, SECRET_APP], ids=["no secret", "secret"])
def test_new_password(app: AppClient) -> None:
    done = play(
        reset_password(app, NAME),
        (forgot(app), BY_SMS),
        (ask_code(where=TO_THE_PHONE), "123456"),
        ASK_NEW,
        (chosen(app=app), {}),
    )
    assert done == NEW


def test_what_is_not_good_is_asked_again_and_the_rest_is_kept() -> None:
    done = play(
        reset_password(APP, NAME),
        (forgot(), MAILED),
        (ask_code(), "111111"),
        ASK_NEW,
        (chosen("111111"), WRONG),
        (ask_code(WRONG_CODE), "222222"),
        (chosen("222222"), WEAK),
        (Ask(Field.NEW_PASSWORD, WEAK.detail), "Last-horse-1"),
        (chosen("222222", "Last-horse-1"), OLD),
        (Ask(Field.NEW_PASSWORD, OLD.detail), "Third-horse-3"),
        (chosen("222222", "Third-horse-3"), EXPIRED),
        (forgot(), MAILED),
        (ask_code(RESENT), RESEND),
        (forgot(), BY_SMS),
        (ask_code(RESENT, TO_THE_PHONE), "333333"),
        (chosen("333333", "Third-horse-3"), {}),
    )
    assert done == "Third-horse-3"


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        (FORGOT, "LimitExceededException"),
        (FORGOT, "InvalidParameterException"),
        (CONFIRM_FORGOT, "TooManyFailedAttemptsException"),
    ],
)
def test_other_refusals_end_it(operation: str, code: str) -> None:
    refused = refusal(operation, code)
    script: Script = [(forgot(), MAILED), (ask_code(), "123456"), ASK_NEW, (chosen(), refused)]
    if operation == FORGOT:
        script = [(forgot(), refused)]
    with pytest.raises(ServiceError) as caught:
        play(reset_password(APP, NAME), *script)
    assert caught.value is refused


def test_sign_in_goes_on_with_the_new_password() -> None:
    done = play(
        entering(),
        (ask_password(), PASSWORD),
        (password_call(), INCORRECT),
        (ask_password("incorrect user name or password"), ""),
        (forgot(), MAILED),
        (ask_code(), "123456"),
        ASK_NEW,
        (chosen(), {}),
        ENTERED,
        STORED,
    )
    assert done.refresh_token


def test_password_that_was_just_chosen_is_not_forgotten_again() -> None:
    with pytest.raises(ServiceError) as caught:
        play(
            entering(),
            (ask_password(), ""),
            (forgot(), MAILED),
            (ask_code(), "123456"),
            ASK_NEW,
            (chosen(), {}),
            (password_call(NEW), INCORRECT),
            (Ask(Field.PASSWORD, "incorrect user name or password"), PASSWORD),
            (password_call(), refusal(SIGN_IN, "NotAuthorizedException", "User is disabled.")),
        )
    assert caught.value.detail == "User is disabled."


def test_reset_by_an_administrator_has_sent_a_code_already() -> None:
    play(
        entering(),
        (ask_password(), PASSWORD),
        (password_call(), RESET),
        (ask_code(VOID, "to you with the reset"), "123456"),
        ASK_NEW,
        (chosen(), {}),
        ENTERED,
        STORED,
    )


def test_code_of_a_reset_that_is_lost_or_old() -> None:
    for first, reply in ((RESEND, None), ("000000", EXPIRED)):
        tried: Script = [] if reply is None else [ASK_NEW, (chosen(first), reply)]
        then: Script = [ASK_NEW] if reply is None else []
        play(
            reset_password(APP, NAME, "to you with the reset", VOID),
            (ask_code(VOID, "to you with the reset"), first),
            *tried,
            (forgot(), MAILED),
            (ask_code(RESENT), "123456"),
            *then,
            (chosen(), {}),
        )


def test_user_who_is_not_confirmed_is_and_the_password_holds() -> None:
    named = {"ClientId": "client", "Username": NAME}
    play(
        entering(),
        (ask_password(), PASSWORD),
        (password_call(), UNCONFIRMED),
        (idp("ResendConfirmationCode", **named), MAILED),
        (ask_code(NOT_CONFIRMED), "123456"),
        (idp("ConfirmSignUp", **named, ConfirmationCode="123456"), {}),
        (password_call(), TOKENS),
        STORED,
    )


def test_user_who_is_confirmed_elsewhere_meanwhile() -> None:
    named = {"ClientId": "client", "Username": NAME}
    confirmed = refusal(
        "ResendConfirmationCode", "InvalidParameterException", "User is already confirmed."
    )
    play(
        entering(),
        (ask_password(), PASSWORD),
        (password_call(), UNCONFIRMED),
        (idp("ResendConfirmationCode", **named), confirmed),
        (password_call(), TOKENS),
        STORED,
    )


@pytest.mark.parametrize("refused", [RESET, UNCONFIRMED])
def test_service_that_says_the_same_again_is_believed(refused: ServiceError) -> None:
    """No remedy is tried twice, lest each round have a code sent."""
    first: Script = (
        [(ask_code(VOID, "to you with the reset"), "123456"), ASK_NEW, (chosen(), {})]
        if refused is RESET
        else [
            (idp("ResendConfirmationCode", **who(APP)), MAILED),
            (ask_code(NOT_CONFIRMED), "123456"),
            (idp("ConfirmSignUp", **who(APP), ConfirmationCode="123456"), {}),
        ]
    )
    with pytest.raises(ServiceError) as caught:
        play(
            entering(),
            (ask_password(), PASSWORD),
            (password_call(), refused),
            *first,
            (password_call(NEW if refused is RESET else PASSWORD), refused),
        )
    assert caught.value is refused


def test_without_remedies_nothing_is_offered() -> None:
    with pytest.raises(ServiceError):
        play(
            sign_in(APP, NAME, Entry("USER_PASSWORD_AUTH"), FakeClock()),
            (Ask(Field.PASSWORD), PASSWORD),
            (password_call(), RESET),
        )


LOST = (SIGN_IN, INCORRECT)
CHOSEN: tuple[tuple[str, Answer], ...] = ((FORGOT, MAILED), (CONFIRM_FORGOT, {}))
IN = ((SIGN_IN, tokens()), GET_ID_OK, NEW_KEYS)


@pytest.fixture
def here(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_new_password_takes_the_place_of_the_stored_one(here: Machine) -> None:
    here.store(Item.PASSWORD, "forgotten")
    here.script = [LOST, *CHOSEN, *IN]
    here.person = ScriptedPerson("", "y", "123456", NEW, NEW)
    here.renewal().login()
    assert not here.script
    assert here.read(Item.PASSWORD) == NEW
    assert here.memory.refused == {}
    assert here.called[-3].parameters["AuthParameters"]["PASSWORD"] == NEW
    assert "[dev] incorrect user name or password; Enter alone if you have forgotten it" in (
        here.person.told
    )


def test_password_that_is_not_kept_is_not_kept_now(here: Machine) -> None:
    here.script = [*CHOSEN, *IN]
    here.person = ScriptedPerson("123456", NEW, NEW)
    here.renewal().login(forgotten=True)
    assert not here.script
    assert here.read(Item.PASSWORD) is None


def test_forgotten_from_the_start_asks_for_no_password_and_sends_no_stored_one(
    here: Machine,
) -> None:
    here.store(Item.PASSWORD, "forgotten")
    here.script = [*CHOSEN, *IN]
    here.person = ScriptedPerson("123456", NEW, NEW)
    here.renewal().login(forgotten=True)
    assert not here.script
    assert here.read(Item.PASSWORD) == NEW


def test_empty_password_is_none_unless_the_person_says_forgotten(here: Machine) -> None:
    here.script = [*IN]
    here.person = ScriptedPerson("", "n", "", "", "password")
    here.renewal().login()
    assert not here.script


def test_nobody_has_a_code_sent_without_a_terminal(here: Machine) -> None:
    here.store(Item.PASSWORD, "password")
    with pytest.raises(PersonNeededError, match="only on a terminal"):
        here.renewal().login(forgotten=True)
    assert here.called == []


@pytest.mark.parametrize("refused", [RESET, UNCONFIRMED])
@pytest.mark.parametrize("attended", [False, True], ids=["nobody", "somebody"])
def test_sdk_has_no_code_sent_and_says_who_does(
    here: Machine, refused: ServiceError, *, attended: bool
) -> None:
    """Also where it runs on a terminal: nobody who has a tool run expects such questions."""
    here.store(Item.PASSWORD, "password")
    here.person = ScriptedPerson() if attended else None
    here.script = [(SIGN_IN, refused)]
    with pytest.raises(PersonNeededError) as caught:
        here.renewal().document()
    assert caught.value.hint == "cognito-credproc login --profile dev"
    assert here.memory.refused == {"password": refused.detail}
    here.person = None
    with pytest.raises(PersonNeededError):
        here.renewal().document()
    assert len(here.called) == 1


def test_unanswered_reset_is_not_held_against_a_password(here: Machine) -> None:
    """Ctrl-C at the code: the next run begins where this one did."""
    here.store(Item.PASSWORD, "password")
    here.script = [(SIGN_IN, RESET)]

    def interrupted() -> str:
        raise KeyboardInterrupt

    here.person = ScriptedPerson(interrupted)
    with pytest.raises(KeyboardInterrupt):
        here.renewal().login()
    assert here.memory.pauses == {}
    assert here.memory.refused == {}


def test_password_that_is_wrong_three_times(here: Machine) -> None:
    here.script = [LOST] * 3
    here.person = ScriptedPerson("a", "b", "c")
    with pytest.raises(CredprocError, match="3 times the password was not accepted") as caught:
        here.renewal().login()
    assert caught.value.hint == (
        "if you have forgotten it: cognito-credproc login --profile dev --forgot-password"
    )


def test_sign_in_page_has_that_itself(here: Machine) -> None:
    here.person = ScriptedPerson()
    of = settings(auth_flow="BROWSER", domain="https://auth.example.com")
    with pytest.raises(UsageError, match="the sign-in page"):
        here.renewal(of).login(forgotten=True)
