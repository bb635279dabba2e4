"""A plan before Cognito: what a person corrects, insists on, or writes without an answer."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cognito_credproc.flows.flow import Item
from cognito_credproc.profiles.pool_check import SECRET, Doubt
from cognito_credproc.profiles.profile_plan import Plan
from cognito_credproc.profiles.verifying import ClientSecret, verify
from cognito_credproc.settings.settings import Settings
from cognito_credproc.storage.keychain import Keychain
from cognito_credproc.values.errors import KeychainError, SettingsError, UnreachableError
from tests.fakes import PROFILE, FailingKeyring, MemoryKeyring, ScriptedPerson

FILE = Path("/home/istio/.aws/config")
UNKNOWN = Doubt("cognito_client_id", "no app client in ap-northeast-1 is x")
MAYBE = Doubt("cognito_identity_pool_id", "does not seem to know this", "ask whoever runs it")
HAS_ONE = Doubt(SECRET, "the app client has a secret", "the set-up asks for it")
ASKING = "[dev] asking Cognito whether these are right"
ASK_SECRET = ("[dev] client secret (Enter: later): ", True)
Secret = Callable[[], str | None]


class Cognito:
    """Answers from a list; keeps what it was asked about."""

    def __init__(self, *answers: list[Doubt] | Exception) -> None:
        self.answers = list(answers)
        self.clients: list[str] = []
        self.secrets: list[str | None] = []

    def __call__(self, settings: Settings, secret: Secret) -> list[Doubt]:
        """Answer."""
        self.clients.append(settings.client_id)
        self.secrets.append(secret())
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def plan() -> Plan:
    found = Plan("dev", {}, FILE)
    for key, value in PROFILE.items():
        found.change(key, value)
    return found


@pytest.fixture
def keyring() -> MemoryKeyring:
    return MemoryKeyring()


@pytest.fixture
def secret(keyring: MemoryKeyring) -> ClientSecret:
    return ClientSecret(lambda: Keychain(keyring), None)


def test_all_is_well(plan: Plan, secret: ClientSecret) -> None:
    person = ScriptedPerson()
    assert verify(plan, person, secret, Cognito([])) == []
    assert person.told == [ASKING]
    assert verify(plan, None, secret, Cognito([])) == []


def test_a_person_corrects(plan: Plan, secret: ClientSecret) -> None:
    cognito = Cognito([UNKNOWN, MAYBE], [MAYBE])
    person = ScriptedPerson("right")
    assert verify(plan, person, secret, cognito) == [MAYBE]
    assert person.told == [ASKING, "[dev] no app client in ap-northeast-1 is x", ASKING]
    assert person.asked == [("[dev] client id [1example23456789]: ", False)]
    assert cognito.clients == [PROFILE["cognito_client_id"], "right"]
    assert plan.keys["cognito_client_id"] == "right"


def test_a_person_insists(plan: Plan, secret: ClientSecret) -> None:
    cognito = Cognito([UNKNOWN, MAYBE])
    assert verify(plan, ScriptedPerson(""), secret, cognito) == [UNKNOWN, MAYBE]
    assert plan.keys["cognito_client_id"] == PROFILE["cognito_client_id"]


def test_a_person_insists_on_one_and_corrects_the_other(plan: Plan, secret: ClientSecret) -> None:
    flow = Doubt("cognito_auth_flow", "the app client does not allow USER_SRP_AUTH")
    cognito = Cognito([UNKNOWN, flow], [UNKNOWN])
    person = ScriptedPerson("", "USER_PASSWORD_AUTH")
    assert verify(plan, person, secret, cognito) == [UNKNOWN]
    assert person.asked[1] == ("[dev] auth flow [USER_SRP_AUTH]: ", False)
    assert plan.keys["cognito_auth_flow"] == "USER_PASSWORD_AUTH"


def test_nobody_corrects(plan: Plan, secret: ClientSecret) -> None:
    with pytest.raises(SettingsError) as caught:
        verify(plan, None, secret, Cognito([MAYBE, UNKNOWN]))
    assert caught.value.message == "profile dev: no app client in ap-northeast-1 is x"
    assert caught.value.hint == (
        "give the right one, such as --client-id 1example23456789; "
        "or write it unasked: add --offline"
    )
    assert verify(plan, None, secret, Cognito([MAYBE, HAS_ONE])) == [MAYBE, HAS_ONE]


def test_a_client_secret_is_typed_and_tried(
    plan: Plan, secret: ClientSecret, keyring: MemoryKeyring
) -> None:
    wrong = Doubt(SECRET, "the app client has another secret than this")
    cognito = Cognito([HAS_ONE], [wrong], [])
    person = ScriptedPerson(" first ", "second")
    assert verify(plan, person, secret, cognito) == []
    assert person.asked == [ASK_SECRET, ASK_SECRET]
    assert cognito.secrets == [None, "first", "second"]
    assert keyring.entries == {}, "nothing is kept before all is known"
    secret.store("client")
    assert keyring.items == {"cognito-credproc/client-secret/client": "second"}


def test_a_client_secret_for_later(
    plan: Plan, secret: ClientSecret, keyring: MemoryKeyring
) -> None:
    assert verify(plan, ScriptedPerson(""), secret, Cognito([HAS_ONE])) == [HAS_ONE]
    secret.store("client")
    assert keyring.entries == {}


def test_the_stored_secret_is_used(
    plan: Plan, secret: ClientSecret, keyring: MemoryKeyring
) -> None:
    Keychain(keyring).store(Item.CLIENT_SECRET, PROFILE["cognito_client_id"], "stored")
    cognito = Cognito([])
    verify(plan, None, secret, cognito)
    assert cognito.secrets == ["stored"]
    given = ClientSecret(lambda: Keychain(keyring), "given")
    assert given.of("any") == "given"


def test_a_keyring_that_fails_knows_no_secret(plan: Plan) -> None:
    failing = ClientSecret(lambda: Keychain(FailingKeyring(RuntimeError())), None)
    assert verify(plan, None, failing, Cognito([HAS_ONE])) == [HAS_ONE]
    failing.new = "x"
    with pytest.raises(KeychainError):
        failing.store("client")


@pytest.mark.parametrize(("answer", "goes_on"), [("y", True), ("", False), ("n", False)])
def test_no_answer_and_a_person(
    plan: Plan, secret: ClientSecret, answer: str, goes_on: bool
) -> None:
    error = UnreachableError("no connection to https://x", "check the network")
    person = ScriptedPerson(answer)
    if goes_on:
        assert verify(plan, person, secret, Cognito(error)) == []
    else:
        with pytest.raises(UnreachableError):
            verify(plan, person, secret, Cognito(error))
    assert person.told == [ASKING, "[dev] no connection to https://x"]
    assert person.asked == [("[dev] write it without asking Cognito? [y/N] ", False)]


def test_no_answer_and_nobody(plan: Plan, secret: ClientSecret) -> None:
    error = UnreachableError("no connection", "check the network")
    with pytest.raises(UnreachableError) as caught:
        verify(plan, None, secret, Cognito(error))
    assert caught.value.hint == "check the network; or write it unasked: add --offline"
