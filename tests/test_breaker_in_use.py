"""The breaker in renewals: who waits, who is served, who is asked, and what closes it."""

import functools
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cognito_credproc.flows.flow import Item
from cognito_credproc.record import PAUSE
from cognito_credproc.storage.state import Account
from cognito_credproc.values.breaker import GROWTH, Pause, Trouble
from cognito_credproc.values.errors import CredprocError, PersonNeededError, UnreachableError
from tests.fakes import NOW, PROFILE, SEED, ScriptedPerson
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
    signed_in,
    tokens,
)
from tests.script import challenged, refusal

AWAY = UnreachableError("GetTokensFromRefreshToken: no connection", sent=False, here=True)
DOWN = UnreachableError("GetTokensFromRefreshToken: HTTP status 500")
SLOWER = refusal(REFRESH, "TooManyRequestsException", "Rate exceeded")
DEAD = refusal(REFRESH, "NotAuthorizedException", "Refresh Token has been revoked")
LONG = Pause(Trouble.THROTTLED, 2, NOW + 60, "Rate exceeded")
POOL = PROFILE["cognito_identity_pool_id"]

Make = Callable[..., Machine]


@pytest.fixture
def machine(tmp_path: Path) -> Make:
    return functools.partial(signed_in, tmp_path)


def fails(here: Machine, error: CredprocError, left: float | None = None) -> None:
    """A renewal that fails; `left` is for how long there are stored credentials."""
    here.script = [(REFRESH, error)]
    if left is not None:
        here.keep(left=left)
        assert "ASIAOLD" in here.renewal().document()
    else:
        with pytest.raises(type(error)):
            here.renewal().document()
    assert here.script == []


def paused(here: Machine) -> CredprocError:
    """What a process says that comes during the pause; it calls nobody."""
    here.script = []
    with pytest.raises(CredprocError) as caught:
        here.renewal().document()
    return caught.value


@pytest.mark.parametrize("error", [AWAY, DOWN, SLOWER])
def test_during_a_pause_nobody_is_called(machine: Make, error: CredprocError) -> None:
    here = machine()
    fails(here, error)
    pause = here.memory.pauses["cognito-idp"]
    said = paused(here)
    assert said.exit_status == 1
    left = pause.until - NOW
    assert f"{error.message}; the next try is in {-int(-left // 1)} s" in said.message
    assert said.hint == "cognito-credproc login --profile dev"
    here.clock.time = pause.until + 0.1
    here.script = [(REFRESH, tokens()), GET_ID_OK, NEW_KEYS]
    assert "ASIANEW" in here.renewal().document()
    assert here.memory.pauses == {}


def test_good_credentials_are_served_until_they_really_run_out(machine: Make) -> None:
    here = machine()
    fails(here, SLOWER, left=20)
    here.script = []
    here.clock.time += 14  # of a pause that is 15 to 30 s long
    assert "ASIAOLD" in here.renewal().document()
    here.clock.time = NOW + 19
    here.state.save(here.settings.user, Account(pauses={"cognito-idp": LONG}))
    assert "ASIAOLD" in here.renewal().document()
    here.clock.time = NOW + 20
    assert "Rate exceeded" in paused(here).message


def test_failures_in_a_row_lengthen_it(machine: Make) -> None:
    here = machine()
    for failures in (1, 2, 3):
        fails(here, DOWN)
        pause = here.memory.pauses["cognito-idp"]
        whole = GROWTH[Trouble.OUTAGE].length(failures)
        assert pause.failures == failures
        assert whole / 2 <= pause.until - here.clock.time <= whole
        here.clock.time = pause.until


def test_a_person_who_signs_in_waits_for_nothing_and_closes_it(machine: Make) -> None:
    here = machine()
    fails(here, SLOWER)
    here.person = ScriptedPerson("typed")
    here.script = [(SIGN_IN, tokens(RefreshToken="new")), GET_ID_OK, NEW_KEYS]
    here.renewal().login()
    assert here.memory.pauses == {}


def test_an_identity_pool_that_is_down_closes_that_of_the_user_pool(machine: Make) -> None:
    here = machine()
    fails(here, DOWN)
    here.clock.time = here.memory.pauses["cognito-idp"].until
    here.script = [(REFRESH, tokens()), (GET_ID, DOWN)]
    with pytest.raises(UnreachableError):
        here.renewal().document()
    assert set(here.memory.pauses) == {POOL}
    assert "HTTP status 500" in paused(here).message


def test_another_identity_pool_of_the_same_user_is_not_held_up(machine: Make) -> None:
    here = machine((REFRESH, tokens()), (GET_ID, DOWN))
    with pytest.raises(UnreachableError):
        here.renewal().document()
    here.script = [(REFRESH, tokens()), GET_ID_OK, NEW_KEYS]
    other = replace(here.settings, identity_pool_id=POOL[:-1] + "6")
    assert "ASIANEW" in here.renewal(other).document()
    assert set(here.memory.pauses) == {POOL}, "that one has not answered yet"


def test_profiles_of_one_user_share_it(machine: Make) -> None:
    here = machine()
    fails(here, DOWN)
    other = replace(here.settings, profile="role", role_arn="arn:aws:iam::111122223333:role/Dev")
    with pytest.raises(CredprocError, match=r"profile role: .*the next try is in"):
        here.renewal(other).document()


def test_another_user_does_not(machine: Make) -> None:
    here = machine()
    fails(here, DOWN)
    with pytest.raises(PersonNeededError):
        here.renewal(replace(here.settings, username="other@example.com")).document()


@pytest.mark.parametrize(
    ("script", "names"),
    [
        ([(REFRESH, DEAD)], set[str]()),
        (
            [(REFRESH, tokens()), (GET_ID, refusal(GET_ID, "NotAuthorizedException", "no"))],
            {"settings"},
        ),
        ([(REFRESH, {})], {"cognito-idp"}),  # a sign-in page's answer
        ([(REFRESH, tokens()), (GET_ID, {})], {POOL}),
    ],
)
def test_what_opens_it(machine: Make, script: list[tuple[str, object]], names: set[str]) -> None:
    here = machine(*script)
    with pytest.raises(CredprocError):
        here.renewal().document()
    named = {here.settings.digest: "settings"}
    assert {named.get(name, name) for name in here.memory.pauses} == names


def test_a_clock_that_was_set_back_does_not_keep_it_open(machine: Make) -> None:
    here = machine()
    fails(here, SLOWER)
    here.clock.time -= 3_600
    here.script = [(REFRESH, tokens()), GET_ID_OK, (EXCHANGE, keys(expires=NOW))]
    assert "ASIANEW" in here.renewal().document()


def test_a_background_renewal_opens_it_and_the_hits_know(machine: Make, tmp_path: Path) -> None:
    here = machine((REFRESH, DOWN))
    here.keep(left=901)
    marker = tmp_path / "state" / f"{DIGEST}.renewal"
    with pytest.raises(UnreachableError):
        here.renewal().in_background()
    until = here.memory.pauses["cognito-idp"].until
    assert marker.stat().st_mtime == pytest.approx(until - PAUSE, abs=0.01)
    marker.unlink()
    with pytest.raises(CredprocError, match="the next try is in"):
        here.renewal().in_background()  # of another profile, perhaps
    assert marker.stat().st_mtime == pytest.approx(until - PAUSE, abs=0.01)
    assert not here.state.claim_background(DIGEST, until - 1)
    assert here.state.claim_background(DIGEST, until + 1)


def test_a_state_that_cannot_be_written_costs_no_credentials(
    machine: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = machine((REFRESH, tokens()), GET_ID_OK, NEW_KEYS)
    renewal = here.renewal()

    def full(*_: object) -> None:
        raise CredprocError("the state folder cannot be written: No space left on device")

    monkeypatch.setattr(here.state, "save", full)
    assert "ASIANEW" in renewal.document()


# Stored factors whose verdict never came


def unanswered(here: Machine) -> None:
    """A sign-in with the stored password whose answer is lost, after the pause of the outage."""
    here.script = [(SIGN_IN, UnreachableError("InitiateAuth: no answer"))]
    here.clock.time += GROWTH[Trouble.OUTAGE].longest
    with pytest.raises(UnreachableError):
        here.renewal().document()


def with_factors(here: Machine) -> Machine:
    """Both factors are stored, and no refresh token."""
    here.keyring.entries.clear()
    here.store(Item.PASSWORD, "stored")
    here.store(Item.TOTP_SEED, SEED)
    return here


def test_a_password_without_an_answer_is_not_sent_for_ever(machine: Make) -> None:
    here = with_factors(machine())
    for failures in (1, 2, 3):
        unanswered(here)
        assert here.memory.pauses["password"].failures == failures
    memory = here.memory
    del memory.pauses["cognito-idp"]  # the pause of the outage is another matter
    here.state.save(here.settings.user, memory)
    said = paused(here)
    assert "the stored password was sent, and no answer came; the next try is in" in said.message
    assert (said.exit_status, said.hint) == (1, "cognito-credproc login --profile dev")
    here.clock.time += GROWTH[Trouble.UNANSWERED].length(3)
    here.script = [(SIGN_IN, tokens(RefreshToken="new")), GET_ID_OK, (EXCHANGE, keys())]
    here.script[-1] = (EXCHANGE, keys(expires=here.clock.time + 3_600))
    assert "ASIANEW" in here.renewal().document()
    assert here.memory.pauses == {}


def test_a_person_is_asked_instead_of_a_password_without_an_answer(machine: Make) -> None:
    here = with_factors(machine())
    for _ in range(3):
        unanswered(here)
    here.person = ScriptedPerson("typed")
    here.script = [(SIGN_IN, tokens(RefreshToken="new")), GET_ID_OK]
    here.script.append((EXCHANGE, keys(expires=here.clock.time + 3_600)))
    here.renewal().login()
    assert here.called[-3].parameters["AuthParameters"]["PASSWORD"] == "typed"
    assert here.memory.pauses == {}
    assert here.read(Item.PASSWORD) == "typed", "the stored one was another, and wrong"


@pytest.mark.parametrize(
    "error",
    [
        UnreachableError("InitiateAuth: no connection", sent=False, here=True),
        refusal(SIGN_IN, "TooManyRequestsException", "Rate exceeded"),
        refusal(SIGN_IN, "InvalidParameterException", "flow not enabled for this client"),
    ],
)
def test_a_password_that_was_not_sent_or_not_looked_at_counts_nothing(
    machine: Make, error: CredprocError
) -> None:
    here = with_factors(machine())
    here.script = [(SIGN_IN, error)]
    with pytest.raises(CredprocError):
        here.renewal().document()
    assert "password" not in here.memory.pauses


def test_the_first_call_of_srp_proves_nothing(machine: Make) -> None:
    here = with_factors(machine())
    here.script = [(SIGN_IN, UnreachableError("InitiateAuth: no answer"))]
    with pytest.raises(UnreachableError):
        here.renewal(replace(here.settings, auth_flow="USER_SRP_AUTH")).document()
    assert set(here.memory.pauses) == {"cognito-idp"}


def test_a_code_without_an_answer_counts_for_the_seed_alone(machine: Make) -> None:
    here = with_factors(machine())
    here.script = [
        (SIGN_IN, challenged("SOFTWARE_TOKEN_MFA")),
        (RESPOND, UnreachableError("RespondToAuthChallenge: no answer")),
    ]
    with pytest.raises(UnreachableError):
        here.renewal().document()
    assert set(here.memory.pauses) == {"cognito-idp", "totp-seed"}


# A user whom somebody else has locked

LOCKED = refusal(SIGN_IN, "NotAuthorizedException", "Password attempts exceeded")


def test_a_password_is_not_blamed_for_a_user_whom_others_locked(machine: Make) -> None:
    here = with_factors(machine())
    here.script = [(SIGN_IN, LOCKED)]
    with pytest.raises(CredprocError) as caught:
        here.renewal().document()
    assert "Password attempts exceeded (NotAuth" in caught.value.message
    assert caught.value.message.endswith("; the next try is in 900 s")
    assert "wait up to 15 minutes" in str(caught.value.hint)
    assert here.memory.refused == {}
    here.clock.time += 899
    said = paused(here)
    assert said.message == "profile dev: Password attempts exceeded; the next try is in 1 s"
    here.clock.time += 1
    here.script = [(SIGN_IN, tokens(RefreshToken="new")), GET_ID_OK]
    here.script.append((EXCHANGE, keys(expires=here.clock.time + 3_600)))
    assert "ASIANEW" in here.renewal().document()
    assert here.memory.pauses == {}


def test_a_person_who_is_locked_out_opens_no_pause(machine: Make) -> None:
    here = machine()
    here.keyring.entries.clear()
    here.person = ScriptedPerson("typed")
    here.script = [(SIGN_IN, LOCKED)]
    with pytest.raises(CredprocError, match=r"exceeded \(NotAuthorizedException\)$"):
        here.renewal().login()
    assert here.memory.pauses == {}


# Codes that are used up


def test_no_sign_in_begins_for_a_code_that_comes_too_late(machine: Make) -> None:
    """Where the pool asks for one, each start would prove the password for nothing."""
    here = with_factors(machine())
    here.script = [(SIGN_IN, challenged("SOFTWARE_TOKEN_MFA")), (RESPOND, tokens()), GET_ID_OK]
    here.script.append(NEW_KEYS)
    here.renewal().document()
    memory = here.memory
    memory.totp_step += 1  # two more sign-ins of other app clients
    here.state.save(here.settings.user, memory)
    here.session().delete()
    calls = len(here.called)
    error = paused(here)
    assert error.message == "profile dev: the codes of this half minute are used"
    found = re.fullmatch(r"run the same command again in (\d+) seconds", str(error.hint))
    assert found
    assert len(here.called) == calls
    here.clock.time += int(found[1])
    here.script = [(SIGN_IN, challenged("SOFTWARE_TOKEN_MFA")), (RESPOND, tokens()), NEW_KEYS]
    assert "ASIANEW" in here.renewal().document()
