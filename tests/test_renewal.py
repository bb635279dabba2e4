"""The renewal: which way to new credentials, in which order, and what is left when it fails."""

import os
import resource
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from keyring.errors import KeyringLocked

from cognito_credproc.answers import totp
from cognito_credproc.flows.challenges import ENROLMENT_CHALLENGES
from cognito_credproc.flows.flow import Answer, Item
from cognito_credproc.record import PAUSE
from cognito_credproc.storage.keychain import Keychain
from cognito_credproc.storage.lock import LockedError
from cognito_credproc.storage.session import Session
from cognito_credproc.storage.state import Account
from cognito_credproc.use_cases.performer import Performer
from cognito_credproc.use_cases.sign_out import HereAloneError
from cognito_credproc.use_cases.ways import FACTORS
from cognito_credproc.values.credentials import Credentials
from cognito_credproc.values.errors import (
    CredprocError,
    KeychainError,
    PersonNeededError,
    ServiceError,
    UnreachableError,
)
from tests.fakes import (
    NOW,
    PROFILE,
    SEED,
    FailingKeyring,
    FlakyKeyring,
    MemoryKeyring,
    ScriptedPerson,
    settings,
)
from tests.machine import (
    DIGEST,
    EXCHANGE,
    GET_ID,
    GET_ID_OK,
    NEW_KEYS,
    REFRESH,
    RESPOND,
    SIGN_IN,
    Machine,
    keys,
    tokens,
)
from tests.script import challenged, refusal
from tests.systems import open_descriptors

DEAD = refusal(REFRESH, "NotAuthorizedException", "Refresh Token has been revoked")
WRONG = refusal(SIGN_IN, "NotAuthorizedException", "Incorrect username or password.")
NO_NETWORK = UnreachableError("no connection")

Make = Callable[..., Machine]


@pytest.fixture
def machine(tmp_path: Path) -> Make:
    def make(*script: tuple[str, object]) -> Machine:
        return Machine(tmp_path, *script)

    return make


def ends(machine: Machine) -> None:
    assert not machine.script, f"these calls never came: {machine.script}"


# Stored credentials


def test_fresh_credentials_are_served_without_lock_or_call(machine: Make) -> None:
    here = machine()
    here.keep(left=901)
    other = here.renewal()
    with other.locked(timeout=0):
        assert "ASIAOLD" in here.renewal().document()


def test_fifteen_minutes_are_not_fresh(machine: Make) -> None:
    here = machine(GET_ID_OK, NEW_KEYS)
    here.script.insert(0, (REFRESH, tokens()))
    here.store(Item.REFRESH_TOKEN, "token")
    here.keep(left=900)
    assert "ASIANEW" in here.renewal().document()
    ends(here)


def test_good_ones_are_served_while_another_process_renews(machine: Make) -> None:
    here = machine()
    here.keep(left=60)
    began = time.monotonic()
    with here.renewal().locked(timeout=0):
        assert "ASIAOLD" in here.renewal().document()
    assert time.monotonic() - began < 1, "there is nothing to wait for"


def test_without_good_ones_the_other_process_is_waited_for(
    machine: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cognito_credproc.use_cases.renewal.TURN_PATIENCE", 0.2)
    here = machine()
    began = time.monotonic()
    with here.renewal().locked(timeout=0), pytest.raises(LockedError):
        here.renewal().document()
    assert time.monotonic() - began >= 0.2


def test_two_processes_do_not_sign_in_at_once(machine: Make) -> None:
    here = machine()
    with (
        here.renewal().locked(timeout=0),
        pytest.raises(LockedError),
        here.renewal().locked(timeout=0),
    ):
        pytest.fail("two hold the lock")


def test_siblings_wait_for_tokens_and_not_for_credentials(machine: Make) -> None:
    """Refresh tokens may be good once; what comes after may be done for all profiles at once."""
    here = machine()
    here.store(Item.REFRESH_TOKEN, "stored")
    held: list[tuple[str, str]] = []

    def reply(operation: str, answer: object) -> Callable[[], object]:
        def look() -> object:
            other = Performer(here.settings, here.call, here.keychain, here.state, here.deadline())
            for name, lock in (("profile", other.turn), ("user", other.alone)):
                try:
                    with lock(0):
                        pass
                except LockedError:
                    held.append((operation, name))
            return answer

        return look

    answers = ((REFRESH, tokens()), GET_ID_OK, NEW_KEYS)
    here.script = [(operation, reply(operation, answer)) for operation, answer in answers]
    here.renewal().document()
    assert held == [
        (REFRESH, "profile"),
        (REFRESH, "user"),
        (GET_ID, "profile"),
        (EXCHANGE, "profile"),
    ]
    assert here.memory.identities  # noted all the same
    ends(here)


def test_what_takes_long_is_prepared_before_anybody_is_held_up(machine: Make) -> None:
    here = machine((REFRESH, tokens()), GET_ID_OK, NEW_KEYS)
    here.store(Item.REFRESH_TOKEN, "stored")
    renewal = here.renewal()
    prepared: list[int] = []

    def prepare() -> None:
        with here.performer.alone(0):
            prepared.append(len(here.called))

    here.performer.prepare = prepare
    renewal.document()
    renewal.document()
    assert prepared == [0]


def test_nothing_is_prepared_where_another_process_has_failed_meanwhile(machine: Make) -> None:
    here = machine((REFRESH, NO_NETWORK))
    here.store(Item.REFRESH_TOKEN, "stored")
    waiting, performer = here.renewal(), here.performer
    performer.prepare = lambda: pytest.fail("twenty processes in turn make ready for nothing")
    with pytest.raises(UnreachableError):
        here.renewal().document()
    with pytest.raises(CredprocError, match="the next try is in"):
        waiting.document()


@pytest.mark.parametrize("stored", [Item.REFRESH_TOKEN, Item.PASSWORD, None])
def test_nothing_is_prepared_where_nobody_will_be_called(
    machine: Make, stored: Item | None
) -> None:
    """A hundred processes that only say who is needed are to say it at once."""
    here = machine((REFRESH, tokens()), GET_ID_OK, NEW_KEYS)
    renewal = here.renewal()
    prepared: list[bool] = []
    here.performer.prepare = lambda: prepared.append(True)
    if stored is not None:
        here.store(stored, "stored")
        assert renewal.ways.lead_to_a_call()
    if stored == Item.PASSWORD:
        here.performer.memory.refused[Item.PASSWORD] = "wrong"
        here.performer.save()
    if stored == Item.REFRESH_TOKEN:
        renewal.document()
    else:
        with pytest.raises(PersonNeededError):
            renewal.document()
    assert prepared == [True] * (stored == Item.REFRESH_TOKEN)


def test_what_another_process_renewed_meanwhile_is_served(tmp_path: Path) -> None:
    """The second look, under the lock."""
    here = Machine(tmp_path)
    here.keep("ASIAOTHER", left=3_600)
    others = dict(here.keyring.entries)

    class Late(MemoryKeyring):
        """The item appears between the first look and the second."""

        def get_password(self, service: str, username: str) -> str | None:
            found = super().get_password(service, username)
            self.entries.update(others)
            return found

    here.keychain = Keychain(Late())
    assert "ASIAOTHER" in here.renewal().document()
    assert here.called == []


def test_credentials_of_other_settings_are_not_served(machine: Make) -> None:
    here = machine((REFRESH, tokens()), GET_ID_OK, NEW_KEYS)
    here.store(Item.REFRESH_TOKEN, "token")
    credentials = Credentials("ASIAOLD", "s", "t", int(NOW) + 3_600)
    Session(here.keychain, "dev", "file", "another digest").store(credentials)
    assert "ASIANEW" in here.renewal().document()


# The ways to new ones, in their order


def test_refresh_token_first_whatever_else_is_stored(machine: Make) -> None:
    here = machine((REFRESH, tokens()), GET_ID_OK, NEW_KEYS)
    for item, value in (
        (Item.REFRESH_TOKEN, "token"),
        (Item.PASSWORD, "password"),
        (Item.TOTP_SEED, SEED),
    ):
        here.store(item, value)
    document = here.renewal().document()
    ends(here)
    assert "ASIANEW" in document
    assert here.called[0].parameters["RefreshToken"] == "token"
    assert here.read(Item.REFRESH_TOKEN) == "token"
    assert here.memory.identities == {PROFILE["cognito_identity_pool_id"]: "identity"}

    here.script = [(REFRESH, tokens()), NEW_KEYS]  # the identity is known now
    here.clock.time += 3_000
    here.script[-1] = (EXCHANGE, keys(expires=here.clock.time + 3_600))
    here.renewal().document()
    ends(here)


def test_rotated_token_survives_whatever_comes_after(machine: Make) -> None:
    here = machine((REFRESH, tokens(RefreshToken="rotated")), (GET_ID, NO_NETWORK))
    here.store(Item.REFRESH_TOKEN, "token")
    with pytest.raises(UnreachableError):
        here.renewal().document()
    assert here.read(Item.REFRESH_TOKEN) == "rotated"


def test_the_time_of_the_sign_in_is_kept_and_rotation_does_not_move_it(machine: Make) -> None:
    """A rotated token lives no longer than the first one would have."""
    here = machine((SIGN_IN, tokens(RefreshToken="first")), GET_ID_OK, NEW_KEYS)
    here.store(Item.PASSWORD, "password")
    here.renewal().document()
    signed_in = {PROFILE["cognito_client_id"]: int(NOW)}
    assert here.memory.signed_in == signed_in
    here.clock.time += 3_000
    here.script = [
        (REFRESH, tokens(RefreshToken="rotated")),
        (EXCHANGE, keys(expires=here.clock.time + 3_600)),
    ]
    here.renewal().document()
    assert here.read(Item.REFRESH_TOKEN) == "rotated"
    assert here.memory.signed_in == signed_in


def test_rotated_token_that_cannot_be_stored_costs_this_run_nothing(machine: Make) -> None:
    here = machine((REFRESH, tokens(RefreshToken="rotated")), GET_ID_OK, NEW_KEYS)
    here.store(Item.REFRESH_TOKEN, "token")
    here.keyring.limit = 1
    assert "ASIANEW" in here.renewal().document()
    assert here.read(Item.REFRESH_TOKEN) == "token"


def test_person_is_told_of_a_sign_in_that_cannot_be_kept(machine: Make) -> None:
    here = machine((SIGN_IN, tokens(RefreshToken="new")), GET_ID_OK, NEW_KEYS)
    here.keyring.limit = 1
    here.person = ScriptedPerson("typed")
    assert "ASIANEW" in here.renewal().document()
    assert here.person.told == ["[dev] this sign-in cannot be kept: the keyring failed (OSError)"]


def test_login_that_cannot_be_kept_is_an_error(machine: Make) -> None:
    here = machine((SIGN_IN, tokens(RefreshToken="new")), GET_ID_OK, NEW_KEYS)
    here.keyring.limit = 1
    here.person = ScriptedPerson("typed")
    with pytest.raises(KeychainError, match="signed in, but it cannot be kept: the keyring failed"):
        here.renewal().login()


def test_ctrl_c_loses_no_rotated_token(machine: Make) -> None:
    """It comes after the service's answer and before the keyring has it."""

    def answer() -> object:
        os.kill(os.getpid(), signal.SIGINT)
        return tokens(RefreshToken="rotated")

    here = machine((REFRESH, answer))
    here.store(Item.REFRESH_TOKEN, "token")
    with pytest.raises(KeyboardInterrupt):
        here.renewal().document()
    assert here.read(Item.REFRESH_TOKEN) == "rotated"
    with here.renewal().locked(timeout=0):
        pass  # nothing is held


def test_keyring_that_takes_nothing_costs_no_rotated_token(machine: Make) -> None:
    """Where tokens rotate, it is tried before the old one is spent."""
    here = machine((REFRESH, tokens(RefreshToken="rotated")), GET_ID_OK, NEW_KEYS)
    here.store(Item.REFRESH_TOKEN, "token")
    here.renewal().document()
    assert here.memory.rotating == [PROFILE["cognito_client_id"]]
    here.clock.time += 3_601
    here.keyring.limit = 1
    here.called.clear()
    with pytest.raises(KeychainError):
        here.renewal().document()
    assert here.called == []
    assert here.read(Item.REFRESH_TOKEN) == "rotated"


REUSED = refusal(REFRESH, "RefreshTokenReuseException", "Refresh token has been reused")


def with_a_keyring_that_fails(here: Machine, failures: int) -> FlakyKeyring:
    """It holds a refresh token, and does not take the next at once."""
    here.keyring = keyring = FlakyKeyring("refresh-token", 0)
    here.keychain = Keychain(keyring)
    here.store(Item.REFRESH_TOKEN, "token")
    keyring.failures = failures
    return keyring


@pytest.mark.parametrize("failures", [1, 2, 3])
def test_keyring_that_fails_for_a_moment_costs_no_rotated_token(
    machine: Make, failures: int
) -> None:
    """It is tried again at once, then once more with the credentials in hand."""
    here = machine((REFRESH, tokens(RefreshToken="rotated")), GET_ID_OK, NEW_KEYS)
    with_a_keyring_that_fails(here, failures)
    assert "ASIANEW" in here.renewal().document()
    assert here.read(Item.REFRESH_TOKEN) == "rotated"
    assert here.memory.lost == []


def test_rotated_token_is_kept_whatever_becomes_of_the_exchange(machine: Make) -> None:
    here = machine((REFRESH, tokens(RefreshToken="rotated")), (GET_ID, NO_NETWORK))
    with_a_keyring_that_fails(here, 3)
    with pytest.raises(UnreachableError):
        here.renewal().document()
    assert here.read(Item.REFRESH_TOKEN) == "rotated"


def test_nobody_sends_a_spent_token_while_the_new_one_may_still_be_kept(machine: Make) -> None:
    def sibling() -> Answer:
        with pytest.raises(LockedError), other.alone(timeout=0):
            pass
        return keys()

    here = machine((REFRESH, tokens(RefreshToken="rotated")), GET_ID_OK, (EXCHANGE, sibling))
    with_a_keyring_that_fails(here, 3)
    here.renewal()
    other = here.performer
    here.renewal().document()
    ends(here)


def test_token_that_the_keyring_did_not_take_accuses_nobody(machine: Make) -> None:
    here = machine((REFRESH, tokens(RefreshToken="rotated")), GET_ID_OK, NEW_KEYS)
    keyring = with_a_keyring_that_fails(here, 99)
    assert "ASIANEW" in here.renewal().document(), "they are good all the same"
    keyring.failures = 0
    here.clock.time += 3_601
    here.script = [(REFRESH, REUSED)]
    with pytest.raises(PersonNeededError) as caught:
        here.renewal().document()
    assert caught.value.message == (
        "profile dev: the keyring did not take the last refresh token, so the sign-in is lost"
    )
    here.person = ScriptedPerson("secret")
    here.script = [(SIGN_IN, tokens(RefreshToken="new")), (EXCHANGE, keys(expires=NOW + 7_200))]
    here.renewal().login()
    here.clock.time += 3_601
    here.person = None
    here.script = [(REFRESH, REUSED)]
    with pytest.raises(PersonNeededError, match="by somebody else"):
        here.renewal().document()


def test_what_the_keyring_needs_is_there_before_a_token_is_spent(machine: Make) -> None:
    """With too few descriptors, the new token could be received and not be stored."""
    here = machine()
    here.store(Item.REFRESH_TOKEN, "token")
    free = os.open(os.devnull, os.O_RDONLY)
    os.close(free)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free + 8, limits[1]))  # two go to the locks
    try:
        with pytest.raises(CredprocError, match="may open too few files") as caught:
            here.renewal().document()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert here.called == []
    assert caught.value.hint == "raise the limit, then run the same command again: ulimit -n 1024"
    here.script = [(REFRESH, tokens(RefreshToken="rotated")), GET_ID_OK, NEW_KEYS]
    assert "ASIANEW" in here.renewal().document()


def test_what_was_held_for_the_keyring_is_free_when_it_is_written(machine: Make) -> None:
    class Counting(MemoryKeyring):
        def set_password(self, service: str, username: str, password: str) -> None:
            if "/refresh-token/" in service:
                free.append(len(open_descriptors()))
            super().set_password(service, username, password)

    def call() -> Answer:
        held.append(len(open_descriptors()))
        return tokens(RefreshToken="rotated")

    free: list[int] = []
    held: list[int] = []
    here = machine((REFRESH, call), GET_ID_OK, NEW_KEYS)
    here.keychain = Keychain(Counting())
    here.store(Item.REFRESH_TOKEN, "token")
    here.renewal().document()
    assert held[0] - free[-1] >= 10


def test_token_that_was_used_before_is_said_to_be(machine: Make) -> None:
    """A run was killed between the answer and the keyring; or it was stolen."""
    here = machine((REFRESH, REUSED))
    here.store(Item.REFRESH_TOKEN, "token")
    with pytest.raises(PersonNeededError, match="used before: by a run that was stopped") as caught:
        here.renewal().document()
    assert caught.value.hint == "cognito-credproc login --profile dev"
    assert here.read(Item.REFRESH_TOKEN) is None


def test_dead_refresh_token_is_removed_and_the_stored_factors_sign_in(machine: Make) -> None:
    here = machine(
        (REFRESH, DEAD),
        (SIGN_IN, challenged("SOFTWARE_TOKEN_MFA")),
        (RESPOND, tokens(RefreshToken="new")),
        GET_ID_OK,
        NEW_KEYS,
    )
    here.store(Item.REFRESH_TOKEN, "dead")
    here.store(Item.PASSWORD, "password")
    here.store(Item.TOTP_SEED, SEED)
    here.renewal().document()
    ends(here)
    assert here.called[1].parameters["AuthParameters"]["PASSWORD"] == "password"
    code = here.called[2].parameters["ChallengeResponses"]["SOFTWARE_TOKEN_MFA_CODE"]
    assert code == totp.code(SEED, totp.step_at(NOW))
    assert here.memory.totp_step == totp.step_at(NOW)
    assert here.read(Item.REFRESH_TOKEN) == "new"


def test_dead_refresh_token_and_nobody_there(machine: Make) -> None:
    here = machine((REFRESH, DEAD))
    here.store(Item.REFRESH_TOKEN, "dead")
    with pytest.raises(PersonNeededError) as caught:
        here.renewal().document()
    assert caught.value.exit_status == 3
    assert caught.value.hint == "cognito-credproc login --profile dev"
    assert here.read(Item.REFRESH_TOKEN) is None


@pytest.mark.parametrize(
    "error",
    [
        NO_NETWORK,
        refusal(REFRESH, "TooManyRequestsException", "Rate exceeded"),
        refusal(REFRESH, "NotAuthorizedException", "Unable to verify secret for client x"),
        refusal(REFRESH, "ResourceNotFoundException", "User pool client x does not exist."),
    ],
)
def test_other_errors_keep_the_refresh_token_and_try_nothing_else(
    machine: Make, error: CredprocError
) -> None:
    here = machine((REFRESH, error))
    here.store(Item.REFRESH_TOKEN, "token")
    here.store(Item.PASSWORD, "password")
    with pytest.raises(CredprocError) as caught:
        here.renewal().document()
    assert caught.value is error
    assert here.read(Item.REFRESH_TOKEN) == "token"
    assert here.memory.refused == {}


def test_person_last(machine: Make) -> None:
    here = machine((SIGN_IN, tokens(RefreshToken="new")), GET_ID_OK, NEW_KEYS)
    here.person = ScriptedPerson("typed")
    assert "ASIANEW" in here.renewal().document()
    assert here.called[0].parameters["AuthParameters"]["PASSWORD"] == "typed"
    assert here.read(Item.PASSWORD) is None, "nobody said that it may be kept"


def test_nobody_there_nothing_called(machine: Make) -> None:
    here = machine()
    with pytest.raises(PersonNeededError, match="nobody has signed in yet"):
        here.renewal().document()
    memory = Account(signed_in={here.settings.client_id: int(NOW)})
    here.state.save(here.settings.user, memory)
    with pytest.raises(PersonNeededError, match="the sign-in has run out"):
        here.renewal().document()


def test_client_secret_of_the_keyring_goes_with_every_call(machine: Make) -> None:
    here = machine((REFRESH, DEAD), (SIGN_IN, tokens()), GET_ID_OK, NEW_KEYS)
    here.store(Item.REFRESH_TOKEN, "dead")
    here.store(Item.PASSWORD, "password")
    here.store(Item.CLIENT_SECRET, "a client secret")
    here.renewal().document()
    assert here.called[0].parameters["ClientSecret"] == "a client secret"
    assert "SECRET_HASH" in here.called[1].parameters["AuthParameters"]


def test_roles_of_one_sign_in_share_its_refresh_token(machine: Make) -> None:
    role = "arn:aws:iam::444455556666:role/Dev"
    here = machine((REFRESH, tokens()), GET_ID_OK, NEW_KEYS)
    here.store(Item.REFRESH_TOKEN, "token")
    here.renewal(settings(profile="role", role_arn=role)).document()
    assert here.called[-1].parameters["CustomRoleArn"] == role


# What is refused is not sent again


def test_wrong_stored_password_is_sent_once(machine: Make) -> None:
    here = machine((SIGN_IN, WRONG))
    here.store(Item.PASSWORD, "wrong")
    for _ in range(3):  # the second and third call nobody
        with pytest.raises(PersonNeededError):
            here.renewal().document()
    assert len(here.called) == 1
    assert "password" in here.memory.refused


@pytest.mark.parametrize("seed", [None, SEED])
def test_password_is_not_proven_again_and_again_for_a_code_that_nobody_has(
    machine: Make, seed: str | None
) -> None:
    """An IDE may ask all night. The seed that is stored is wrong, or there is none."""
    mismatch = refusal(RESPOND, "CodeMismatchException", "Invalid code received for user")
    here = machine((SIGN_IN, challenged("SOFTWARE_TOKEN_MFA")))
    here.store(Item.PASSWORD, "password")
    if seed:
        here.store(Item.TOTP_SEED, seed)
        here.script.append((RESPOND, mismatch))
    for _ in range(3):  # the second and third call nobody
        with pytest.raises(PersonNeededError, match="that code is wrong" if seed else "is needed"):
            here.renewal().document()
    ends(here)
    here.person = ScriptedPerson("123456")
    here.script = [(SIGN_IN, challenged("SOFTWARE_TOKEN_MFA")), (RESPOND, tokens()), GET_ID_OK]
    here.script.append(NEW_KEYS)
    here.renewal().login()
    assert here.memory.asks_code


def test_pool_that_asks_for_no_code_any_more_is_believed(machine: Make) -> None:
    here = machine((SIGN_IN, tokens()), GET_ID_OK, NEW_KEYS)
    here.store(Item.PASSWORD, "password")
    here.state.save(here.settings.user, Account(asks_code=[here.settings.wishes.way]))
    with pytest.raises(PersonNeededError, match="a code is needed"):
        here.renewal().document()
    here.person = ScriptedPerson()
    here.renewal().login()
    assert not here.memory.asks_code


def test_what_another_process_found_refused_is_known_under_the_lock(machine: Make) -> None:
    here = machine()
    here.store(Item.PASSWORD, "wrong")
    renewal = here.renewal()
    here.state.save(here.settings.user, Account(refused={"password": "incorrect"}))
    with pytest.raises(PersonNeededError):
        renewal.document()
    assert here.called == []


def test_login_proves_a_new_password_and_closes_the_breaker(machine: Make) -> None:
    here = machine((SIGN_IN, WRONG), (SIGN_IN, tokens()), GET_ID_OK, NEW_KEYS)
    here.store(Item.PASSWORD, "wrong")
    here.person = ScriptedPerson("typed")
    here.renewal().login()
    ends(here)
    assert here.read(Item.PASSWORD) == "typed"
    assert here.memory.refused == {}


@pytest.mark.parametrize(
    ("code", "detail", "status"),
    [
        ("NotAuthorizedException", "User is disabled.", 1),
        ("PasswordResetRequiredException", "Password reset required for the user", 3),
        ("UserNotConfirmedException", "User is not confirmed.", 3),
    ],
)
def test_refusals_that_a_repetition_makes_worse(
    machine: Make, code: str, detail: str, status: int
) -> None:
    here = machine((SIGN_IN, refusal(SIGN_IN, code, detail)))
    here.store(Item.PASSWORD, "password")
    with pytest.raises(CredprocError) as caught:
        here.renewal().document()
    assert caught.value.exit_status == status
    assert detail.rstrip(".") in caught.value.message
    assert caught.value.hint
    assert here.memory.refused == {"password": detail}


@pytest.mark.parametrize(
    "detail",
    [
        "Client X is configured with secret but SECRET_HASH was not received",
        "SecretHash does not match for the client: X",
    ],
)
def test_a_client_secret_that_is_missing_says_nothing_of_the_password(
    machine: Make, detail: str
) -> None:
    here = machine((SIGN_IN, refusal(SIGN_IN, "NotAuthorizedException", detail)))
    here.store(Item.PASSWORD, "password")
    with pytest.raises(CredprocError) as caught:
        here.renewal().document()
    assert "cognito-credproc-enroll" in str(caught.value.hint)
    assert here.memory.refused == {}


def test_unreachable_service_refuses_nothing(machine: Make) -> None:
    here = machine((SIGN_IN, NO_NETWORK))
    here.store(Item.PASSWORD, "password")
    with pytest.raises(UnreachableError):
        here.renewal().document()
    assert here.memory.refused == {}


def test_no_factor_yet_names_the_enrolment(machine: Make) -> None:
    here = machine((SIGN_IN, challenged("MFA_SETUP")))
    here.store(Item.PASSWORD, "password")
    with pytest.raises(PersonNeededError) as caught:
        here.renewal().document()
    assert caught.value.hint == "cognito-credproc-enroll --profile dev"


def test_only_the_enrolment_uses_the_pending_seed(machine: Make) -> None:
    here = machine(
        (SIGN_IN, challenged("SOFTWARE_TOKEN_MFA")),
        (SIGN_IN, challenged("SOFTWARE_TOKEN_MFA")),
        (RESPOND, tokens()),
    )
    here.store(Item.PASSWORD, "password")
    here.store(Item.PENDING_TOTP_SEED, SEED)
    with pytest.raises(PersonNeededError, match="a code is needed"):
        here.renewal().document()
    renewal = here.renewal()
    answers = renewal.ways.answers(None, (*FACTORS, Item.PENDING_TOTP_SEED))
    assert renewal.ways.signed_in(answers, ENROLMENT_CHALLENGES).access_token == "access"
    assert answers.pending_used


# When it fails


@pytest.mark.parametrize(
    "error", [NO_NETWORK, DEAD, refusal(REFRESH, "TooManyRequestsException", "Rate exceeded")]
)
def test_good_credentials_outlive_a_failed_renewal(machine: Make, error: CredprocError) -> None:
    here = machine((REFRESH, error))
    here.store(Item.REFRESH_TOKEN, "token")
    here.keep(left=60)
    assert "ASIAOLD" in here.renewal().document()


def test_nobody_is_asked_while_credentials_are_good(machine: Make) -> None:
    here = machine()
    here.person = ScriptedPerson()
    here.keep(left=60)
    assert "ASIAOLD" in here.renewal().document()
    assert here.asked_for_person == 0


@pytest.mark.parametrize("seconds", [60, 61])
def test_credentials_that_ran_out_during_the_renewal_are_not_served(
    machine: Make, seconds: float
) -> None:
    here = machine()

    def slow() -> Any:
        here.clock.time += seconds
        raise NO_NETWORK

    here.script = [(REFRESH, slow)]
    here.store(Item.REFRESH_TOKEN, "token")
    here.keep(left=60)
    with pytest.raises(UnreachableError):
        here.renewal().document()


@pytest.mark.parametrize("expires", [NOW, NOW - 1])
def test_credentials_that_are_expired_by_our_clock_are_refused(
    machine: Make, expires: float
) -> None:
    expired = (EXCHANGE, keys(expires=expires))
    here = machine((REFRESH, tokens()), GET_ID_OK, expired)
    here.store(Item.REFRESH_TOKEN, "token")
    with pytest.raises(CredprocError, match="expired already, by this machine's clock") as caught:
        here.renewal().document()
    assert str(caught.value.hint).startswith("set the clock: ")
    assert here.session().good(0) is None, "nothing is stored"


@pytest.mark.parametrize("behind", [600, -600])
def test_a_record_is_never_served_too_long(machine: Make, behind: float) -> None:
    """By the machine's wrong clock, nor by the same clock once it is right."""
    here = machine()

    def told() -> Any:
        here.corrected.learn(here.clock.time, here.clock.now(), 0)
        return tokens()

    here.script = [(REFRESH, told), GET_ID_OK, NEW_KEYS]
    here.clock.set = -behind
    here.store(Item.REFRESH_TOKEN, "token")
    document = here.renewal().document()
    assert "2026-11-03T08:05:09Z" in document, "the document says the truth"
    assert here.memory.skew == pytest.approx(behind, abs=1)
    for wrong in (-behind, 0):
        here.clock.set = wrong
        here.clock.time = NOW + 3_600 - 605
        assert here.session().good(here.clock.now())
        here.clock.time = NOW + 3_600
        assert here.session().good(here.clock.now()) is None


def test_a_clock_that_was_set_back_by_a_day_serves_nothing_old(machine: Make) -> None:
    here = machine()
    here.keep(left=3_600)
    here.clock.set = -86_400
    with pytest.raises(PersonNeededError):
        here.renewal().document()


def test_a_clock_hours_ahead_is_named(machine: Make) -> None:
    """Every tool here would take the new credentials for old ones."""
    here = machine((REFRESH, tokens()), GET_ID_OK, NEW_KEYS)
    here.clock.set = 7_200
    here.store(Item.REFRESH_TOKEN, "token")
    with pytest.raises(CredprocError, match="expired already, by this machine's clock"):
        here.renewal().document()


def test_refusal_leaves_with_advice(machine: Make) -> None:
    error = refusal(GET_ID, "ResourceNotFoundException", "IdentityPool not found.")
    here = machine((REFRESH, tokens()), (GET_ID, error))
    here.store(Item.REFRESH_TOKEN, "token")
    with pytest.raises(ServiceError) as caught:
        here.renewal().document()
    assert "--identity-pool-id" in str(caught.value.hint)


def test_locked_keyring_signs_nobody_in(machine: Make) -> None:
    here = machine()
    here.keychain = Keychain(FailingKeyring(KeyringLocked()))
    with pytest.raises(KeychainError, match="locked"):
        here.renewal().document()
    assert here.called == []


# Login, logout, background


def test_tokens_by_hand_take_no_question_where_none_is_needed(machine: Make) -> None:
    here = machine((REFRESH, tokens()))
    here.store(Item.REFRESH_TOKEN, "a-refresh-token")
    assert here.renewal().tokens().id_token == tokens()["AuthenticationResult"]["IdToken"]
    assert here.asked_for_person == 1
    here = machine((REFRESH, DEAD), (SIGN_IN, tokens(RefreshToken="new")))
    here.store(Item.REFRESH_TOKEN, "a-refresh-token")
    here.person = ScriptedPerson("secret")
    assert here.renewal().tokens().refresh_token == "new"
    assert here.read(Item.REFRESH_TOKEN) == "new"


def test_login_signs_in_whatever_is_stored(machine: Make) -> None:
    here = machine((SIGN_IN, tokens(RefreshToken="new")), GET_ID_OK, NEW_KEYS)
    here.store(Item.REFRESH_TOKEN, "token")
    here.keep(left=3_600)
    here.person = ScriptedPerson("typed")
    assert "ASIANEW" in here.renewal().login().document
    assert here.read(Item.REFRESH_TOKEN) == "new"


@pytest.mark.parametrize("reply", [{}, NO_NETWORK, DEAD])
@pytest.mark.parametrize("forget", [False, True])
def test_logout_removes_what_it_says_even_where_cognito_cannot_be_told(
    machine: Make, reply: object, forget: bool
) -> None:
    here = machine(("RevokeToken", reply))
    for item in Item:
        here.store(item, SEED)
    here.keep(left=3_600)
    renewal = here.renewal()
    if isinstance(reply, CredprocError):
        with pytest.raises(CredprocError):
            renewal.logout(forget=forget)
    else:
        renewal.logout(forget=forget)
    assert here.called[0].parameters["Token"] == SEED
    assert here.session().good(NOW) is None
    left = {item for item in Item if here.read(item)}
    assert left == (set() if forget else set(Item) - {Item.REFRESH_TOKEN, Item.ID_TOKEN})


def test_logout_without_a_sign_in_calls_nobody(machine: Make) -> None:
    done = machine().renewal().logout(forget=True)
    assert done == (False, True, (), ())


def test_logout_says_what_was_there(machine: Make) -> None:
    here = machine()
    here.keep(left=3_600)
    here.store(Item.PASSWORD, "stored")
    assert here.renewal().logout(forget=False) == (True, True, (), (Item.PASSWORD,))
    assert here.renewal().logout(forget=True) == (False, True, (Item.PASSWORD,), ())


def test_after_a_logout_no_sign_in_has_run_out(machine: Make) -> None:
    here = machine(("RevokeToken", {}), (SIGN_IN, tokens(RefreshToken="new")), GET_ID_OK, NEW_KEYS)
    here.store(Item.REFRESH_TOKEN, "token")
    here.renewal().logout(forget=False)
    with pytest.raises(PersonNeededError, match=r"profile dev: nobody is signed in$") as caught:
        here.renewal().document()
    assert caught.value.hint == "cognito-credproc login --profile dev"
    here.person = ScriptedPerson("typed")
    here.renewal().login()
    here.person = None
    here.keychain.delete(Item.REFRESH_TOKEN, here.settings.account)
    here.clock.time += 7_200
    with pytest.raises(PersonNeededError, match="the sign-in has run out"):
        here.renewal().document()


@pytest.mark.parametrize("reply", [NO_NETWORK, DEAD])
def test_where_cognito_cannot_be_told_an_administrator_can(
    machine: Make, reply: CredprocError
) -> None:
    here = machine(("RevokeToken", reply))
    here.store(Item.REFRESH_TOKEN, "token")
    with pytest.raises(HereAloneError) as caught:
        here.renewal().logout(forget=False)
    error, hint = caught.value.lines().splitlines()
    assert error.startswith("error: signed out on this machine, but not at Cognito, where ")
    assert error.endswith(reply.message)
    assert hint == (
        "hint: an administrator ends it: aws cognito-idp admin-user-global-sign-out"
        f" --user-pool-id {here.settings.user_pool_id} --username istio@example.com"
        " --region ap-northeast-1"
    )


def test_ctrl_c_while_the_keyring_is_asked_for_the_token_leaves_it(
    machine: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = machine(("RevokeToken", {}))
    here.store(Item.REFRESH_TOKEN, "token")
    read = Performer.read

    def interrupted(performer: Performer, item: Item) -> str | None:
        if item == Item.REFRESH_TOKEN:
            raise KeyboardInterrupt
        return read(performer, item)

    with monkeypatch.context() as patch:
        patch.setattr(Performer, "read", interrupted)
        with pytest.raises(KeyboardInterrupt):
            here.renewal().logout(forget=False)
    assert here.renewal().logout(forget=False).revoked
    ends(here)


def test_credentials_of_a_sign_in_that_is_over_are_dropped(machine: Make) -> None:
    here = machine()
    here.keep(left=3_600)
    assert here.renewal().drop()
    assert here.session().good(NOW) is None
    assert not here.renewal().drop()


def test_background_renews_before_anybody_waits(machine: Make) -> None:
    here = machine((REFRESH, tokens()), GET_ID_OK, NEW_KEYS)
    here.store(Item.REFRESH_TOKEN, "token")
    here.keep(left=901)
    here.renewal().in_background()
    ends(here)
    assert "ASIANEW" in here.renewal().document()


@pytest.mark.parametrize("left", [None, 3_600])
def test_background_has_nothing_to_do(machine: Make, left: float | None) -> None:
    here = machine()
    if left:
        here.keep(left=left)
    here.renewal().in_background()
    assert here.called == []


def test_background_that_needs_a_person_is_not_tried_again(machine: Make, tmp_path: Path) -> None:
    here = machine()
    here.person = ScriptedPerson()
    here.keep(left=901)
    with pytest.raises(PersonNeededError):
        here.renewal().in_background()
    assert here.asked_for_person == 0
    marker = tmp_path / "state" / f"{DIGEST}.renewal"
    assert marker.stat().st_mtime == int(NOW + 901) - PAUSE
