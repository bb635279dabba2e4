"""The performer: each step goes where it belongs, each secret to its owner."""

from pathlib import Path

import pytest

from cognito_credproc.answers.answers import Answers
from cognito_credproc.flows.flow import (
    Ask,
    Call,
    Field,
    Flow,
    Item,
    RememberIdentity,
    Store,
    ask,
    call,
)
from cognito_credproc.settings.settings import Settings
from cognito_credproc.storage.keychain import Keychain
from cognito_credproc.storage.lock import LockedError
from cognito_credproc.storage.state import State
from cognito_credproc.use_cases.performer import Performer
from cognito_credproc.use_cases.safekeeping import item_owner
from cognito_credproc.values.clock import CorrectedClock, Deadline
from cognito_credproc.values.errors import CredprocError, NoTimeError, UnreachableError
from tests.fakes import FakeClock, MemoryKeyring, ScriptedPerson, settings

CALL = Call("cognito-identity", "GetId", {"IdentityPoolId": "pool"})


class Setting:
    """A performer and what is around it."""

    def __init__(self, folder: Path, of: Settings | None = None) -> None:
        self.settings = of or settings()
        self.clock = FakeClock()
        self.deadline = Deadline(self.clock, 10)
        self.keyring = MemoryKeyring()
        self.state = State(folder)
        self.called: list[Call] = []
        self.performer = Performer(
            self.settings, self.reply, Keychain(self.keyring), self.state, self.deadline
        )

    def reply(self, step: Call) -> dict[str, str]:
        """Answer a call."""
        self.called.append(step)
        if step != CALL:
            raise UnreachableError("no")
        return {"IdentityId": "identity"}

    def answers(self, person: ScriptedPerson | None) -> Answers:
        """Who answers."""
        memory = self.performer.memory
        return Answers(
            "dev", "istio", {}, memory, self.performer.save, CorrectedClock(self.clock), person
        )


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    return Setting(tmp_path)


def test_calls_are_answered_and_their_errors_go_into_the_flow(setting: Setting) -> None:
    def flow() -> Flow[str]:
        answer = yield from call(CALL.service, CALL.operation, CALL.parameters)
        try:
            yield Call("cognito-idp", "InitiateAuth", {})
        except UnreachableError as error:
            return f"{answer['IdentityId']} {error.message}"
        return "never"

    assert setting.performer.run(flow()) == "identity no"
    assert [step.operation for step in setting.called] == ["GetId", "InitiateAuth"]


def test_a_person_may_take_their_time(setting: Setting) -> None:
    def think() -> str:
        setting.clock.time += 3_600
        return "secret"

    answers = setting.answers(ScriptedPerson(think))
    assert setting.performer.run(ask(Field.PASSWORD), answers) == "secret"
    assert not setting.deadline.passed


def test_flow_that_was_not_expected_to_ask(setting: Setting) -> None:
    with pytest.raises(AssertionError):
        setting.performer.run(ask(Field.PASSWORD))


def test_stored_seed_answers_the_next_question(setting: Setting) -> None:
    def flow() -> Flow[str]:
        yield Store(Item.PENDING_TOTP_SEED, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
        code: str = yield Ask(Field.TOTP_CODE)
        return code

    assert len(setting.performer.run(flow(), setting.answers(None))) == 6
    assert setting.performer.read(Item.PENDING_TOTP_SEED) == "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def remember(setting: Setting, identity: str | None) -> None:
    """Perform the step, and what comes at the end of every flow."""

    def flow() -> Flow[None]:
        yield RememberIdentity(identity)

    setting.performer.run(flow())
    setting.performer.settle(None, CorrectedClock(setting.clock))


def test_identity_is_kept_for_every_profile_of_the_pool(setting: Setting, tmp_path: Path) -> None:
    remember(setting, "identity")
    assert setting.performer.identity == "identity"
    role = Setting(tmp_path, settings(profile="role", role_arn="arn:aws:iam::1:role/R"))
    assert role.performer.identity == "identity"
    assert Setting(tmp_path, settings(identity_pool_id="other")).performer.identity is None
    assert Setting(tmp_path, settings(username="other")).performer.identity is None

    remember(setting, None)
    assert setting.performer.identity is None
    remember(setting, None)  # once more is no error
    with role.performer.alone(0):
        assert role.performer.identity is None


def test_what_others_wrote_meanwhile_stays(setting: Setting, tmp_path: Path) -> None:
    """The exchange goes without the user's lock; a step of TOTP may be used up beside it."""
    other = Setting(tmp_path)
    with other.performer.alone(0):
        other.performer.memory.totp_step = 7
        other.performer.save()
    remember(setting, "identity")
    memory = setting.state.load(setting.settings.user)
    assert (memory.totp_step, memory.identities) == (
        7,
        {setting.settings.identity_pool_id: "identity"},
    )


def test_under_the_lock_the_memory_stays_the_same_object(setting: Setting) -> None:
    """Whoever answers questions holds it, and goes on with it."""
    with setting.performer.alone(0):
        held = setting.performer.memory
        remember(setting, "identity")
        held.totp_step = 7
        setting.performer.save()
    memory = setting.state.load(setting.settings.user)
    assert (memory.totp_step, len(memory.identities)) == (7, 1)


def test_where_nothing_can_be_noted_nothing_is_lost(setting: Setting, tmp_path: Path) -> None:
    other = Setting(tmp_path)
    with other.performer.alone(0):
        remember(setting, "identity")
        assert setting.performer.identity == "identity"
    assert setting.state.load(setting.settings.user).identities == {}


def test_a_call_that_was_not_made_says_nothing_of_the_service(setting: Setting) -> None:
    """Neither that it answers nor that it does not."""
    clock = CorrectedClock(setting.clock)
    setting.performer.calls.append(Call("cognito-idp", "InitiateAuth", {}))
    setting.performer.settle(UnreachableError("no answer"), clock)
    pauses = dict(setting.performer.memory.pauses)
    assert set(pauses) == {"cognito-idp"}
    setting.performer.calls += [CALL, Call("cognito-idp", "InitiateAuth", {})]
    setting.performer.settle(NoTimeError("InitiateAuth"), clock)
    assert setting.performer.memory.pauses == pauses


def test_two_locks(setting: Setting, tmp_path: Path) -> None:
    """One for the profile, one for the user, whose profiles may be many."""
    same, role = Setting(tmp_path), Setting(tmp_path, settings(profile="role"))
    with setting.performer.turn(0):
        with pytest.raises(LockedError), same.performer.turn(0):
            pass
        with role.performer.turn(0), setting.performer.alone(0):
            with pytest.raises(LockedError), role.performer.alone(0):
                pass
            with Setting(tmp_path, settings(username="other")).performer.alone(0):
                pass


@pytest.mark.parametrize(
    ("item", "shared_by"),
    [
        (Item.REFRESH_TOKEN, {"role"}),
        (Item.PASSWORD, {"role", "client"}),
        (Item.TOTP_SEED, {"role", "client"}),
        (Item.PENDING_TOTP_SEED, {"role", "client"}),
        (Item.CLIENT_SECRET, {"role", "user"}),
    ],
)
def test_secrets_belong_to_what_they_open(item: Item, shared_by: set[str]) -> None:
    others = {
        "role": settings(profile="role", role_arn="arn:aws:iam::1:role/R"),
        "client": settings(client_id="other"),
        "user": settings(username="other"),
        "pool": settings(user_pool_id="us-east-1_Other", client_id="other"),
    }
    own = item_owner(item, settings())
    assert {name for name, other in others.items() if item_owner(item, other) == own} == shared_by


def test_secret_round_trip(setting: Setting) -> None:
    setting.performer.store(Item.REFRESH_TOKEN, "token")
    assert setting.performer.read(Item.REFRESH_TOKEN) == "token"
    assert list(setting.keyring.items) == [
        f"cognito-credproc/refresh-token/{setting.settings.account}"
    ]
    setting.performer.delete(Item.REFRESH_TOKEN)
    assert setting.performer.read(Item.REFRESH_TOKEN) is None


def test_secret_that_cannot_be_stored_ends_the_flow_there(setting: Setting) -> None:
    def flow() -> Flow[None]:
        yield Store(Item.PENDING_TOTP_SEED, "seed")
        pytest.fail("it went on")

    class Full(MemoryKeyring):
        def set_password(self, service: str, username: str, password: str) -> None:  # noqa: ARG002
            raise OSError("no room")

    performer = Performer(
        setting.settings, setting.reply, Keychain(Full()), setting.state, setting.deadline
    )
    with pytest.raises(CredprocError, match="keyring failed"):
        performer.run(flow())
