"""The enrolment as a use case: what is stored when, what is asked, what an interruption leaves."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from cognito_credproc.answers import totp
from cognito_credproc.flows.flow import Item
from cognito_credproc.people.qr import Canvas, Form
from cognito_credproc.people.terminal import Size, unbroken
from cognito_credproc.storage.keychain import Keychain
from cognito_credproc.storage.refused_factors import KIND
from cognito_credproc.use_cases.enrolment import Choices, Enrolment
from cognito_credproc.use_cases.keeping import ONE_FACTOR
from cognito_credproc.use_cases.phone import Phone
from cognito_credproc.use_cases.ways import FACTORS
from cognito_credproc.values.errors import (
    CredprocError,
    KeychainError,
    PersonNeededError,
    UnreachableError,
)
from tests.fakes import NOW, OTHER_SEED, SEED, FlakyKeyring, ScriptedPerson
from tests.machine import GET_ID_OK, NEW_KEYS, RESPOND, SIGN_IN, Machine, tokens
from tests.script import challenged, refusal

ASSOCIATE, VERIFY, PREFER = "AssociateSoftwareToken", "VerifySoftwareToken", "SetUserMFAPreference"
SIGN_UP, CONFIRM, RESEND = "SignUp", "ConfirmSignUp", "ResendConfirmationCode"
CODE = challenged("SOFTWARE_TOKEN_MFA")
SET_UP = challenged("MFA_SETUP", "first")
ASSOCIATED = {"SecretCode": SEED, "Session": "second"}
VERIFIED = {"Status": "SUCCESS", "Session": "third"}
DONE = tokens(RefreshToken="refresh")
ENROLLED = (
    (SIGN_IN, SET_UP),
    (ASSOCIATE, ASSOCIATED),
    (VERIFY, VERIFIED),
    (RESPOND, DONE),
    GET_ID_OK,
    NEW_KEYS,
)
Script = tuple[tuple[str, object], ...]
Enrol = Callable[..., Machine]


@pytest.fixture
def here(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def code(here: Machine, seed: str = SEED) -> Callable[[], str]:
    """What the app shows at the time of the question."""
    return lambda: totp.code(seed, totp.step_at(here.clock.now()))


def phone(here: Machine) -> Phone:
    """The app of whoever is there, who has a large terminal."""
    canvas = Canvas(Form.BLOCKS, lambda: Size(120, 50))
    return Phone("dev", here.settings.username or "", here.person, here.corrected, canvas)


def enrol(
    here: Machine, script: Script, *answers: str | Callable[[], str], **choices: Any
) -> ScriptedPerson:
    """One run of the command, with a person; all calls of the script come, all answers are used."""
    here.script, here.called = list(script), []
    here.person = ScriptedPerson(*answers)
    renewal = here.renewal()
    enrolment = Enrolment(
        here.settings,
        here.performer,
        renewal,
        here.person,
        Choices(**choices),
        phone(here),
    )
    enrolment.run()
    assert here.script == []
    assert here.person.answers == []
    return here.person


def unattended(here: Machine, script: Script, **choices: Any) -> None:
    here.script = list(script)
    renewal = here.renewal()
    made = Choices(**choices)
    here.person = None
    Enrolment(here.settings, here.performer, renewal, None, made, phone(here)).run()


def secrets(here: Machine) -> dict[str, str]:
    return {str(item): value for item in Item if (value := here.read(item))}


def test_first_enrolment_that_keeps_nothing(here: Machine) -> None:
    person = enrol(here, ENROLLED, "password", code(here), "n", "")
    assert secrets(here) == {"refresh-token": "refresh"}
    assert here.session().good(NOW), "the first credentials are there"
    told = "\n".join(person.told)
    assert "one factor, not two" in told
    assert "█" in told, "the QR code"
    command = unbroken("aws sts get-caller-identity --profile dev")
    assert person.told[-1] == f"[dev] done; next: {command}"


def test_first_enrolment_that_keeps_both(here: Machine) -> None:
    enrol(here, ENROLLED, "password", code(here), "x", "y", "YES")
    assert secrets(here) == {
        "refresh-token": "refresh",
        "password": "password",
        "totp-seed": SEED,
    }


@pytest.mark.parametrize(
    ("choices", "kept"),
    [
        ({"store_password": True, "store_totp": False}, {"password": "password"}),
        ({"store_password": False, "store_totp": True}, {"totp-seed": SEED}),
    ],
)
def test_choices_of_the_command_line_are_not_asked_again(
    here: Machine, choices: Mapping[str, bool], kept: Mapping[str, str]
) -> None:
    here.store(Item.TOTP_SEED, OTHER_SEED)  # of an earlier app
    person = enrol(here, ENROLLED, "password", code(here), **choices)
    assert secrets(here) == {"refresh-token": "refresh", **kept}
    assert not any("one factor" in told for told in person.told)


def test_seed_is_in_the_keyring_before_it_counts(here: Machine) -> None:
    def verify() -> Any:
        assert here.read(Item.PENDING_TOTP_SEED) == SEED
        return VERIFIED

    script: Script = (*ENROLLED[:2], (VERIFY, verify), *ENROLLED[3:])
    enrol(here, script, "password", code(here), "n", "n")
    assert here.read(Item.PENDING_TOTP_SEED) is None


def test_proof_is_ours_and_its_code_is_not_the_phones(here: Machine) -> None:
    """The session lives for three minutes; nobody looks for the phone in that time."""
    next_code = totp.code(SEED, totp.step_at(NOW) + 1)
    person = enrol(here, ENROLLED, "password", next_code, "n", "n")
    assert here.memory.totp_step == totp.step_at(NOW) + 1, "it may have been looked at"
    sent = here.called[2].parameters["UserCode"]
    assert sent == totp.code(SEED, totp.step_at(NOW))
    assert [prompt for prompt, _ in person.asked][1].startswith("[dev] the code that the app")


@pytest.mark.parametrize("last", [VERIFY, RESPOND, "GetId", "GetCredentialsForIdentity"])
def test_interrupted_anywhere_it_goes_on(here: Machine, last: str) -> None:
    """After the proof the pool asks for a code: the pending seed gives it, the QR code comes."""
    number = [operation for operation, _ in ENROLLED].index(last)
    broken = (*ENROLLED[:number], (last, UnreachableError("reset")))
    with pytest.raises(UnreachableError):
        enrol(here, broken, "password")
    assert here.read(Item.PENDING_TOTP_SEED) == SEED
    again: Script = ((SIGN_IN, CODE), (RESPOND, DONE), *ENROLLED[4:])
    if last == "GetCredentialsForIdentity":
        again = (*again[:2], NEW_KEYS)  # the identity was kept
    person = enrol(here, again, "password", code(here), "n", "y")
    assert any("█" in told for told in person.told)
    assert "[dev] if your app has this key already, just type its code" in person.told
    assert secrets(here) == {"refresh-token": "refresh", "totp-seed": SEED}


def test_phone_with_another_key_is_not_believed(here: Machine) -> None:
    person = enrol(here, ENROLLED, "password", code(here, OTHER_SEED), "s", code(here), "n", "n")
    assert any("that code is not from this key" in told for told in person.told)
    grouped = " ".join(SEED[start : start + 4] for start in range(0, 52, 4))
    assert f"  key      {grouped}" in person.told
    assert SEED in person.told


def test_without_a_terminal_the_seed_waits(here: Machine) -> None:
    with pytest.raises(PersonNeededError) as caught:
        unattended(here, ENROLLED, password="password")
    assert "cognito-credproc-enroll --profile dev" in str(caught.value.hint)
    assert here.read(Item.PENDING_TOTP_SEED) == SEED
    assert here.read(Item.PASSWORD) is None


def test_imported_seed_and_password_need_nobody(here: Machine) -> None:
    script: Script = ((SIGN_IN, CODE), (RESPOND, DONE), GET_ID_OK, NEW_KEYS)
    choices = {"password": "password", "seed": SEED, "store_password": True, "store_totp": True}
    unattended(here, script, **choices)
    assert secrets(here) == {
        "refresh-token": "refresh",
        "password": "password",
        "totp-seed": SEED,
    }


def test_imported_seed_that_the_pool_does_not_take_is_not_stored(here: Machine) -> None:
    wrong = refusal(RESPOND, "CodeMismatchException", "Invalid code received for user")
    script: Script = ((SIGN_IN, CODE), (RESPOND, wrong), (RESPOND, DONE), GET_ID_OK, NEW_KEYS)
    with pytest.raises(CredprocError, match="imported TOTP seed was not accepted"):
        enrol(here, script, "password", "123456", seed=SEED, store_totp=True)
    assert here.read(Item.TOTP_SEED) is None


def test_sign_up(here: Machine) -> None:
    script: Script = (
        (SIGN_UP, {"UserConfirmed": False, "CodeDeliveryDetails": {"Destination": "i***@e***"}}),
        (CONFIRM, {}),
        *ENROLLED,
    )
    person = enrol(
        here,
        script,
        *("Correct-horse-1", "Correct-horse-1", "123456", code(here), "n", "n"),
        sign_up=True,
        attributes={"name": "Istio"},
    )
    assert here.called[0].parameters["UserAttributes"] == [
        {"Name": "name", "Value": "Istio"},
        {"Name": "email", "Value": "istio@example.com"},
    ]
    assert here.called[2].parameters["AuthParameters"]["PASSWORD"] == "Correct-horse-1"
    assert len([prompt for prompt, _ in person.asked if "password" in prompt]) == 2


def test_sign_up_of_a_user_who_exists_signs_in(here: Machine) -> None:
    script: Script = ((SIGN_UP, refusal(SIGN_UP, "UsernameExistsException")), *ENROLLED)
    answers = ("Correct-horse-1", "Correct-horse-1", "password", code(here), "n", "n")
    person = enrol(here, script, *answers, sign_up=True)
    assert any("this user exists" in told for told in person.told)


def test_user_who_was_never_confirmed(here: Machine) -> None:
    """Interrupted between sign-up and code: the next run mails another and goes on."""
    unconfirmed = refusal(SIGN_IN, "UserNotConfirmedException", "User is not confirmed.")
    script: Script = (
        (SIGN_IN, unconfirmed),
        (RESEND, {"CodeDeliveryDetails": {"Destination": "i***@e***"}}),
        (CONFIRM, {}),
        *ENROLLED,
    )
    here.store(Item.PASSWORD, "password")
    enrol(here, script, "123456", code(here), "n", "n")
    assert here.memory.refused == {}


def test_user_who_was_never_confirmed_is_not_refused_later(here: Machine) -> None:
    """Also where nothing else of this run is remembered: no code, no new identity."""
    here.renewal()
    here.performer.memory.identities[here.settings.identity_pool_id] = "kept"
    here.performer.save()
    unconfirmed = refusal(SIGN_IN, "UserNotConfirmedException", "User is not confirmed.")
    none = refusal(ASSOCIATE, "SoftwareTokenMFANotFoundException", "not enabled by the userPool")
    script: Script = (
        (SIGN_IN, unconfirmed),
        (RESEND, {"CodeDeliveryDetails": {"Destination": "i***@e***"}}),
        (CONFIRM, {}),
        (SIGN_IN, DONE),
        (ASSOCIATE, none),
        NEW_KEYS,
    )
    here.store(Item.PASSWORD, "password")
    enrol(here, script, "123456", store_password=True)
    assert here.memory.refused == {}


def test_totp_where_it_is_optional(here: Machine) -> None:
    script: Script = (
        (SIGN_IN, DONE),
        (ASSOCIATE, {"SecretCode": SEED}),
        (VERIFY, {"Status": "SUCCESS"}),
        (PREFER, {}),
        GET_ID_OK,
        NEW_KEYS,
    )
    enrol(here, script, "password", code(here), "n", "y")
    assert here.called[1].parameters == {"AccessToken": "access"}
    assert secrets(here) == {"refresh-token": "refresh", "totp-seed": SEED}


def test_pool_without_authenticator_apps(here: Machine) -> None:
    none = refusal(ASSOCIATE, "SoftwareTokenMFANotFoundException", "not enabled by the userPool")
    script: Script = ((SIGN_IN, DONE), (ASSOCIATE, none), GET_ID_OK, NEW_KEYS)
    person = enrol(here, script, "password", "n")
    assert any("no authenticator app is needed" in told for told in person.told)


def test_breaker_is_closed_by_the_enrolment(here: Machine) -> None:
    here.renewal()
    here.store(Item.PASSWORD, "password")
    here.store(Item.TOTP_SEED, SEED)
    here.performer.factors(FACTORS)
    here.performer.memory.refused.update({"password": "incorrect", "totp-seed": "wrong"})
    here.performer.save()
    assert here.keychain.read(KIND, here.settings.user)
    script: Script = ((SIGN_IN, CODE), (RESPOND, DONE), GET_ID_OK, NEW_KEYS)
    enrol(here, script, store_password=True, store_totp=True)
    assert here.memory.refused == {}
    assert here.keychain.read(KIND, here.settings.user) is None


def test_an_answer_that_is_neither_is_told(here: Machine) -> None:
    person = enrol(here, ENROLLED, "password", code(here), "x", "n", "n")
    assert "[dev] y or n" in person.told


def test_the_seed_waits_nowhere_once_the_phone_is_proved(here: Machine) -> None:
    """It is in nobody's keyring while the question stands; a "y" brings it back."""

    def asked(answer: str) -> Callable[[], str]:
        def reply() -> str:
            assert secrets(here) == {"refresh-token": "refresh"}
            return answer

        return reply

    person = enrol(here, ENROLLED, "password", code(here), asked("n"), asked("y"))
    assert secrets(here) == {"refresh-token": "refresh", "totp-seed": SEED}
    assert person.told.count("[dev] the phone is set up") == 1


def test_what_the_command_line_keeps_is_stored_before_the_pending_seed_goes(here: Machine) -> None:
    """Killed in between, or the keyring gone: the next run goes on with the same key."""
    here.keyring = FlakyKeyring("totp-seed", failures=1)
    here.keychain = Keychain(here.keyring)
    choices = {"store_password": False, "store_totp": True}
    with pytest.raises(KeychainError):
        enrol(here, ENROLLED, "password", code(here), **choices)
    assert here.read(Item.PENDING_TOTP_SEED) == SEED
    again: Script = ((SIGN_IN, CODE), (RESPOND, DONE), NEW_KEYS)
    enrol(here, again, "password", code(here), **choices)
    assert secrets(here) == {"refresh-token": "refresh", "totp-seed": SEED}


def test_enter_keeps_what_is_kept_and_takes_what_is_good_now(here: Machine) -> None:
    """The new key is in the place of the old one before the question, and so is the password."""
    here.store(Item.PASSWORD, "an older one")
    here.store(Item.TOTP_SEED, OTHER_SEED)

    def left() -> str:
        assert here.read(Item.TOTP_SEED) == SEED
        raise KeyboardInterrupt

    script: Script = (
        *((SIGN_IN, CODE), (RESPOND, DONE), (ASSOCIATE, {"SecretCode": SEED})),
        *((VERIFY, {"Status": "SUCCESS"}), (PREFER, {}), GET_ID_OK, NEW_KEYS),
    )
    typed = ("password", code(here, OTHER_SEED), code(here), "", left)
    person = enrol(here, script, *typed, new_totp=True)
    assert [prompt for prompt, _ in person.asked][-2:] == [
        "[dev] keep the password on this machine? [Y/n] ",
        "[dev] keep the key of the app on this machine? [Y/n] ",
    ]
    kept = {"password": "password", "totp-seed": SEED}
    assert secrets(here) == {"refresh-token": "refresh", **kept}


def test_a_keyring_that_fails_at_a_yes_is_asked_again(here: Machine) -> None:
    """The key is nowhere else on this machine by then, and Cognito shows it once."""
    here.keyring = FlakyKeyring("totp-seed", failures=1)
    here.keychain = Keychain(here.keyring)
    person = enrol(here, ENROLLED, "password", code(here), "n", "y", "y")
    assert secrets(here) == {"refresh-token": "refresh", "totp-seed": SEED}
    assert "[dev] the keyring failed (OSError)" in person.told


def test_what_is_to_be_kept_and_is_not_known_is_no_success(here: Machine) -> None:
    """Whoever types a code has the key in a phone alone."""
    script: Script = ((SIGN_IN, CODE), (RESPOND, DONE), GET_ID_OK, NEW_KEYS)
    with pytest.raises(CredprocError, match="the key of the app is not known here") as caught:
        enrol(here, script, "password", "123456", store_password=True, store_totp=True)
    assert "cognito-credproc-enroll --profile dev --import-totp" in str(caught.value.hint)
    assert secrets(here) == {"refresh-token": "refresh", "password": "password"}


def test_the_key_of_an_app_that_nobody_needs_is_not_missed(here: Machine) -> None:
    none = refusal(ASSOCIATE, "SoftwareTokenMFANotFoundException", "not enabled by the userPool")
    script: Script = ((SIGN_IN, DONE), (ASSOCIATE, none), GET_ID_OK, NEW_KEYS)
    enrol(here, script, "password", "n", store_totp=True)


def test_a_wrong_import_leaves_the_key_that_a_phone_was_proved_to_have(here: Machine) -> None:
    """It takes the place of the one that was stored, which is good no more."""
    here.store(Item.TOTP_SEED, OTHER_SEED)
    here.store(Item.PENDING_TOTP_SEED, SEED)
    script: Script = ((SIGN_IN, CODE), (RESPOND, DONE), GET_ID_OK, NEW_KEYS)
    with pytest.raises(CredprocError, match="imported TOTP seed was not accepted"):
        enrol(here, script, "password", code(here), seed=OTHER_SEED)
    assert here.read(Item.TOTP_SEED) == SEED


def test_what_is_removed_is_told(here: Machine) -> None:
    here.store(Item.PASSWORD, "password")
    here.store(Item.TOTP_SEED, SEED)
    script: Script = ((SIGN_IN, CODE), (RESPOND, DONE), GET_ID_OK, NEW_KEYS)
    person = enrol(here, script, "n", store_password=False)
    assert person.told[-3:-1] == [
        ONE_FACTOR,
        "[dev] the key of the app is no longer kept on this machine",
    ]
    assert "[dev] the password is no longer kept on this machine" in person.told
    assert secrets(here) == {"refresh-token": "refresh"}


def test_choices_have_no_repr_of_secrets() -> None:
    shown = repr(Choices(password="s3cret", seed=SEED))
    assert "s3cret" not in shown
    assert SEED not in shown


def test_other_refusals_of_the_sign_in_end_it(here: Machine) -> None:
    disabled = refusal(SIGN_IN, "NotAuthorizedException", "User is disabled.")
    with pytest.raises(CredprocError, match="User is disabled"):
        enrol(here, ((SIGN_IN, disabled),), "password")
    assert [call.operation for call in here.called] == [SIGN_IN]


def test_other_refusals_of_the_set_up_end_it(here: Machine) -> None:
    forbidden = refusal(ASSOCIATE, "ForbiddenException", "Request not allowed")
    with pytest.raises(CredprocError, match="Request not allowed"):
        enrol(here, ((SIGN_IN, DONE), (ASSOCIATE, forbidden)), "password")
    assert here.session().good(NOW) is None


@pytest.mark.parametrize("chosen", ["store_password", "store_totp"])
def test_warning_comes_with_every_question(here: Machine, chosen: str) -> None:
    person = enrol(here, ENROLLED, "password", code(here), "n", **{chosen: True})
    assert sum("one factor" in told for told in person.told) == 1
    assert any("is in the keyring" in told for told in person.told)
