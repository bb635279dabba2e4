"""A refusal lives as long as the factor that was refused: in the keyring, beside it."""

import json
from pathlib import Path

import pytest

from cognito_credproc.checks import breaker
from cognito_credproc.checks.finding import State as Bad
from cognito_credproc.flows.flow import WRONG_CODE, Item
from cognito_credproc.storage.keychain import Keychain
from cognito_credproc.storage.refused_factors import KIND, RefusedFactors
from cognito_credproc.storage.state import State
from cognito_credproc.use_cases.standing import Keyring, Standing, overview
from cognito_credproc.values.errors import CredprocError, PersonNeededError
from tests.fakes import SEED, MemoryKeyring, ScriptedPerson
from tests.machine import GET_ID_OK, NEW_KEYS, RESPOND, SIGN_IN, Machine, tokens
from tests.patient import Patient
from tests.script import challenged, refusal

WRONG = refusal(SIGN_IN, "NotAuthorizedException", "Incorrect username or password.")
REASON = "incorrect user name or password"
BAD_CODE = refusal(RESPOND, "CodeMismatchException", "Invalid code received for user")
SIGNED_IN = ((SIGN_IN, tokens(RefreshToken="new")), GET_ID_OK, NEW_KEYS)


class FullKeyring(MemoryKeyring):
    """It can be read."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Fail."""
        raise RuntimeError(service, username, len(password))


class Container(Machine):
    """A machine whose state folder is new at each start."""

    starts = 0

    def start(self, *script: tuple[str, object]) -> str | CredprocError:
        """What a start prints, or how it fails."""
        self.starts += 1
        self.state = State(self.state.folder.parent / str(self.starts))
        self.script = list(script)
        try:
            return self.renewal().document()
        except CredprocError as error:
            return error
        finally:
            assert self.script == []

    def mark(self) -> str | None:
        """What the keyring says of the factors."""
        return self.keychain.read(KIND, self.settings.user)


@pytest.fixture
def here(tmp_path: Path) -> Container:
    return Container(tmp_path)


def test_a_wrong_password_is_sent_once_whatever_becomes_of_the_state(here: Container) -> None:
    here.store(Item.PASSWORD, "wrong-password-1")
    first = here.start((SIGN_IN, WRONG))
    assert isinstance(first, PersonNeededError)
    for _ in range(7):
        said = here.start()  # calls nobody
        assert isinstance(said, PersonNeededError)
        assert said.message == f"profile dev: the stored password was refused ({REASON})"
        assert said.hint == "cognito-credproc login --profile dev"
    mark = here.mark() or ""
    assert "wrong-password-1" not in mark


def test_a_wrong_seed_is_sent_once_as_well(here: Container) -> None:
    here.store(Item.PASSWORD, "right")
    here.store(Item.TOTP_SEED, SEED)
    challenge = (SIGN_IN, challenged("SOFTWARE_TOKEN_MFA"))
    assert isinstance(here.start(challenge, (RESPOND, BAD_CODE)), CredprocError)
    said = here.start(challenge)
    assert isinstance(said, PersonNeededError)
    assert f"the stored TOTP seed was refused ({WRONG_CODE})" in said.message


def test_another_password_in_its_place_is_tried(here: Container) -> None:
    """By whatever program it got there; the item itself is a plain one."""
    here.store(Item.PASSWORD, "wrong")
    here.start((SIGN_IN, WRONG))
    here.store(Item.PASSWORD, "right")
    assert "ASIANEW" in str(here.start(*SIGNED_IN))


def test_a_person_who_proves_it_clears_it(here: Container) -> None:
    here.store(Item.PASSWORD, "right after all")
    here.start((SIGN_IN, WRONG))
    here.person = ScriptedPerson("right after all")
    here.script = list(SIGNED_IN)
    here.renewal().login()
    assert here.mark() is None
    here.person = None
    here.keychain.delete(Item.REFRESH_TOKEN, here.settings.account)
    here.session().delete()
    assert "ASIANEW" in str(here.start(*SIGNED_IN))


@pytest.mark.parametrize("forget", [True, False])
def test_logout_forgets_it_with_the_factors(here: Container, forget: bool) -> None:
    here.store(Item.PASSWORD, "wrong")
    here.start((SIGN_IN, WRONG))
    here.renewal().logout(forget=forget)
    assert (here.mark() is None) == forget


def test_it_is_worked_out_once_where_the_state_lasts(
    here: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred processes wait for one another, and each for its own."""
    here.store(Item.PASSWORD, "wrong")
    here.start((SIGN_IN, WRONG))
    here.start()  # the state is new
    monkeypatch.setattr("hashlib.scrypt", None)
    with pytest.raises(PersonNeededError, match="the stored password was refused"):
        here.renewal().document()
    assert here.memory.refused == {"password": REASON}


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"password": 5}', '{"password": {"salt": "x", "scrypt": "", "reason": ""}}'],
)
def test_an_item_that_says_nothing_refuses_nothing(text: str) -> None:
    keychain = Keychain(MemoryKeyring())
    keychain.store(KIND, "me", text)
    assert RefusedFactors(keychain, "me").among({Item.PASSWORD: "p"}) == {}


def test_a_keyring_that_takes_nothing_leaves_it_to_the_state_folder() -> None:
    keyring = FullKeyring()
    refused = RefusedFactors(Keychain(keyring), "me")
    refused.among({Item.PASSWORD: "p"})
    refused.keep({"password": "no"})
    assert keyring.items == {}


def test_nothing_is_written_of_factors_that_were_not_read() -> None:
    keyring = MemoryKeyring()
    refused = RefusedFactors(Keychain(keyring), "me")
    refused.keep({"password": "no"})
    refused.among({Item.TOTP_SEED: SEED})
    refused.keep({"password": "no", "question": "no"})
    assert keyring.items == {}


def test_status_and_doctor_show_it_and_a_seed_that_is_none(tmp_path: Path) -> None:
    patient = Patient(tmp_path)
    patient.store(Item.PASSWORD, Item.TOTP_SEED)  # no seed
    refused = RefusedFactors(Keychain(patient.keyring), patient.settings.user)
    refused.among({Item.PASSWORD: "s3cret"})
    refused.keep({"password": "Incorrect username or password."})
    keyring = Keyring(lambda: Keychain(patient.keyring))
    dev = overview("dev", patient.environment, keyring).profiles["dev"]
    assert isinstance(dev, Standing)
    assert set(dev.memory.refused) == {"password", "totp-seed"}
    findings = patient.found(breaker.CHECK)
    assert [finding.state for finding in findings] == [Bad.BROKEN] * 2
    assert "the stored password was refused and is not sent again" in findings[0].what
    assert findings[1].what.startswith("the stored TOTP seed makes no codes: it is neither")
    assert json.dumps(dev.memory.refused).count("it is neither a base32 key") == 1
