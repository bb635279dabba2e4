"""What would only fail again is not tried for every tool that asks; that is for each profile."""

import functools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cognito_credproc.flows.flow import Item
from cognito_credproc.values.breaker import GROWTH, Trouble
from cognito_credproc.values.errors import CredprocError, PersonNeededError
from tests.fakes import ScriptedPerson
from tests.machine import (
    EXCHANGE,
    GET_ID,
    GET_ID_OK,
    NEW_KEYS,
    REFRESH,
    SIGN_IN,
    Machine,
    keys,
    signed_in,
    tokens,
)
from tests.script import challenged, refusal

Make = Callable[..., Machine]
NO_POOL = (GET_ID, refusal(GET_ID, "ResourceNotFoundException", "IdentityPool not found."))


@pytest.fixture
def machine(tmp_path: Path) -> Make:
    return functools.partial(signed_in, tmp_path)


def fails(here: Machine, *script: tuple[str, object]) -> CredprocError:
    """How a renewal fails that makes these calls."""
    here.script = list(script)
    with pytest.raises(CredprocError) as caught:
        here.renewal().document()
    assert here.script == []
    return caught.value


def test_the_next_run_says_the_same_and_calls_nobody(machine: Make) -> None:
    here = machine()
    first = fails(here, (REFRESH, tokens()), NO_POOL)
    again = fails(here)
    assert again.message.startswith(f"profile dev: {first.message}; the next try is in ")
    assert (again.hint, again.exit_status) == (first.hint, 1)


def test_what_only_a_person_can_answer_stays_that(tmp_path: Path) -> None:
    here = Machine(tmp_path)
    here.store(Item.PASSWORD, "temporary")
    first = fails(here, (SIGN_IN, challenged("NEW_PASSWORD_REQUIRED")))
    again = fails(here)
    assert isinstance(first, PersonNeededError)
    assert isinstance(again, PersonNeededError)
    assert again.message.count("profile dev: ") == 1
    assert again.message.startswith(f"{first.message}; the next try is in ")
    assert again.hint == first.hint
    assert here.memory.refused == {}, "the password is right"


def test_it_grows_and_good_credentials_close_it(machine: Make) -> None:
    here = machine()
    for failures in (1, 2, 3):
        fails(here, (REFRESH, tokens()), NO_POOL)
        pause = here.memory.pauses[here.settings.digest]
        assert pause.failures == failures
        assert pause.until - here.clock.time <= GROWTH[Trouble.REJECTED].length(failures)
        here.clock.time = pause.until
    here.script = [(REFRESH, tokens()), GET_ID_OK, NEW_KEYS]
    assert "ASIANEW" in here.renewal().document()
    assert here.memory.pauses == {}


def test_other_settings_are_tried_at_once(machine: Make) -> None:
    here = machine()
    fails(here, (REFRESH, tokens()), NO_POOL)
    here.script = [(REFRESH, tokens()), GET_ID_OK, NEW_KEYS]
    mended = replace(here.settings, identity_pool_id="eu-west-1:other")
    assert "ASIANEW" in here.renewal(mended).document()


def test_a_person_who_signs_in_waits_for_nothing(machine: Make) -> None:
    here = machine()
    fails(here, (REFRESH, tokens()), NO_POOL)
    here.person = ScriptedPerson("typed")
    here.script = [(SIGN_IN, tokens(RefreshToken="new")), GET_ID_OK, NEW_KEYS]
    here.renewal().login()
    assert here.memory.pauses == {}


def test_a_person_who_comes_along_is_asked_at_once(tmp_path: Path) -> None:
    here = Machine(tmp_path)
    here.store(Item.PASSWORD, "temporary")
    asked = (SIGN_IN, challenged("NEW_PASSWORD_REQUIRED"))
    fails(here, asked)
    here.person = ScriptedPerson("new", "new")
    here.script = [asked, ("RespondToAuthChallenge", tokens()), GET_ID_OK, NEW_KEYS]
    assert "ASIANEW" in here.renewal().document()
    assert here.memory.pauses == {}


def test_a_person_who_was_asked_may_try_again_at_once(tmp_path: Path) -> None:
    here = Machine(tmp_path)
    here.store(Item.PASSWORD, "temporary")
    here.person = ScriptedPerson("new", "new")
    asked = (SIGN_IN, challenged("NEW_PASSWORD_REQUIRED"))
    here.script = [asked, ("RespondToAuthChallenge", refusal("x", "InternalErrorException", "no"))]
    with pytest.raises(CredprocError):
        here.renewal().document()
    assert here.settings.digest not in here.memory.pauses


def test_stored_credentials_are_served_meanwhile(machine: Make) -> None:
    here = machine()
    here.keep(left=100)
    here.script = [(REFRESH, tokens()), NO_POOL]
    assert "ASIAOLD" in here.renewal().document()
    assert here.script == []
    assert "ASIAOLD" in here.renewal().document()


def test_what_is_known_as_refused_needs_no_pause(tmp_path: Path) -> None:
    here = Machine(tmp_path)
    here.store(Item.PASSWORD, "wrong")
    wrong = refusal(SIGN_IN, "NotAuthorizedException", "Incorrect username or password.")
    fails(here, (SIGN_IN, wrong))
    assert here.memory.pauses == {}
    assert isinstance(fails(here), PersonNeededError)


def test_credentials_that_are_expired_already_are_not_got_again_and_again(machine: Make) -> None:
    here = machine()
    first = fails(here, (REFRESH, tokens()), GET_ID_OK, (EXCHANGE, keys(expires=1)))
    assert first.message.startswith("the new credentials are expired already")
    assert fails(here).hint == first.hint
