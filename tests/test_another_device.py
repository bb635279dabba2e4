"""The stored key is shown only to somebody who has a code of the first device."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cognito_credproc.answers import totp
from cognito_credproc.flows.flow import Item
from cognito_credproc.people.qr import Canvas, Form
from cognito_credproc.people.terminal import Size
from cognito_credproc.use_cases.another_device import AnotherDevice
from cognito_credproc.use_cases.phone import Phone
from cognito_credproc.values.errors import CredprocError, PersonNeededError
from tests.fakes import OTHER_SEED, SEED, KilledError, ScriptedPerson
from tests.machine import Machine

USED = "that code was used already"
ENROLL = "cognito-credproc-enroll --profile dev"


@pytest.fixture
def here(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    machine.store(Item.TOTP_SEED, SEED)
    return machine


def code(here: Machine, steps: int = 0, seed: str = SEED) -> Callable[[], str]:
    """What the first device shows at the time of the question, or so many steps later."""
    return lambda: totp.code(seed, totp.step_at(here.clock.now()) + steps)


def wrong(here: Machine) -> Callable[[], str]:
    return code(here, seed=OTHER_SEED)


def add(here: Machine, *answers: str | Callable[[], str]) -> ScriptedPerson:
    """One run of the command."""
    person = here.person = ScriptedPerson(*answers)
    here.renewal()
    canvas = Canvas(Form.BLOCKS, lambda: Size(120, 50))
    phone = Phone("dev", "istio@example.com", person, here.corrected, canvas)
    AnotherDevice(here.settings, here.performer, here.corrected, phone).add()
    assert not person.answers
    return person


def told(here: Machine) -> str:
    assert here.person
    return "\n".join(here.person.told)


def test_a_code_of_the_first_device_shows_the_key(here: Machine) -> None:
    add(here, wrong(here), code(here), code(here, 1))
    assert told(here).index("not from this key") < told(here).index("█")
    assert here.memory.guesses == 0
    assert here.memory.totp_step == totp.step_at(here.clock.now()) + 1, "both are used"
    assert here.called == [], "nobody is called"


def test_a_used_code_is_not_taken(here: Machine) -> None:
    used = code(here)()
    add(here, code(here), code(here))
    with pytest.raises(AssertionError, match="nobody expected"):
        add(here, used)
    assert USED in told(here)
    assert "█" not in told(here)
    assert here.memory.guesses == 0, "it tells nothing about other codes"


def test_a_used_code_is_not_taken_after_the_clock_was_set_back(here: Machine) -> None:
    used = code(here)()
    add(here, code(here), code(here))
    here.clock.time += 86_400
    add(here, code(here), code(here))
    here.clock.set = -86_400
    with pytest.raises(CredprocError, match="a code of a later time was used") as failed:
        add(here, used)
    assert (
        failed.value.hint == "check the clock (date -u), then: cognito-credproc login --profile dev"
    )
    assert "█" not in told(here)


def test_the_clock_of_cognito_counts(here: Machine) -> None:
    here.renewal()
    here.performer.memory.skew = 600
    here.performer.save()
    add(here, code(here, 20), code(here, 20))


def test_all_runs_together_have_few_tries(here: Machine) -> None:
    with pytest.raises(CredprocError, match=r"3 wrong codes .* may be in 5 min") as failed:
        add(here, wrong(here), wrong(here), wrong(here))
    assert failed.value.hint == f"wait, then: {ENROLL} --show-qr"
    with pytest.raises(CredprocError, match="3 wrong codes"):
        add(here)  # nobody is even asked
    here.clock.time += 301
    with pytest.raises(CredprocError, match=r"4 wrong codes .* may be in 10 min"):
        add(here, wrong(here))
    here.clock.time += 30 * 86_400
    with pytest.raises(CredprocError, match=r"5 wrong codes .* may be in 20 min"):
        add(here, wrong(here))
    here.clock.time += 1_201
    add(here, code(here), code(here))
    assert here.memory.guesses == 0


def test_a_person_who_signs_in_does_not_forgive_guesses(here: Machine) -> None:
    with pytest.raises(CredprocError):
        add(here, wrong(here), wrong(here), wrong(here))
    here.renewal()
    here.performer.memory.forget_refusals()
    here.performer.save()
    with pytest.raises(CredprocError, match="3 wrong codes"):
        add(here)


def test_a_try_counts_before_it_is_judged(here: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise KilledError

    monkeypatch.setattr(totp, "matching_step", killed)
    with pytest.raises(KilledError):
        add(here, code(here))
    assert here.memory.guesses == 1


def test_a_try_that_cannot_be_written_down_is_none(here: Machine) -> None:
    lock = here.state.lock_file(here.settings.user)
    lock.with_suffix(".json").mkdir()  # nothing can take its place
    with pytest.raises(CredprocError, match="cannot be written"):
        add(here, code(here))
    assert "█" not in told(here)


def test_where_no_key_is_stored_the_way_to_a_new_one_is_named(here: Machine) -> None:
    here.keyring.entries.clear()
    with pytest.raises(CredprocError, match="Cognito shows a seed only once") as failed:
        add(here)
    assert failed.value.hint == f"set up a new one, for all devices: {ENROLL} --new-totp"
    here.store(Item.PENDING_TOTP_SEED, SEED)
    with pytest.raises(CredprocError, match="not finished") as failed:
        add(here)
    assert failed.value.hint == ENROLL


def test_a_key_that_cognito_refused_is_not_handed_on(here: Machine) -> None:
    here.renewal()
    here.performer.memory.refused[Item.TOTP_SEED] = "Code mismatch."
    here.performer.save()
    with pytest.raises(CredprocError, match="refused \\(Code mismatch\\)"):
        add(here)


def test_nobody_there(here: Machine) -> None:
    here.renewal()
    canvas = Canvas(Form.BLOCKS, lambda: Size(120, 50))
    phone = Phone("dev", "istio@example.com", None, here.corrected, canvas)
    with pytest.raises(PersonNeededError, match="only on a terminal") as failed:
        AnotherDevice(here.settings, here.performer, here.corrected, phone).add()
    assert failed.value.hint == f"run it in a terminal: {ENROLL} --show-qr"
