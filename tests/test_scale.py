"""What the simulation says of the helper's own constants, at sizes that are quick to simulate."""

from dataclasses import replace
from pathlib import Path

import pytest

from cognito_credproc.values.breaker import GROWTH, Growth, Trouble
from tests.scale.__main__ import OUTAGE, breaking, forgetful, new_builds, outage, row, workday
from tests.scale.model import CREDENTIALS, GET_ID, QUOTAS, SIGN_IN, Plan, at_once, simulated

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")


def test_ten_thousand_people_are_never_throttled() -> None:
    """Neither at nine in the morning nor when an hour's outage ends."""
    usual = simulated(workday(10_000))
    assert usual.throttled() == 0
    after = simulated(outage(10_000))
    assert after.throttled(OUTAGE.stop) == 0
    nine, back = usual.peak(SIGN_IN), after.peak(SIGN_IN, OUTAGE.stop)
    assert f"ask for {nine:.1f} refreshes a second at nine in the morning" in README
    assert f"and for {back:.0f} when an hour's" in README
    assert after.peak(SIGN_IN, OUTAGE.stop) < QUOTAS[SIGN_IN] / 2
    longest = GROWTH[Trouble.OUTAGE].longest
    served = after.all_served(OUTAGE.stop)
    assert served is not None
    assert served <= longest + 2 * 60  # the pause, and the next use after it


def test_nobody_who_works_on_is_ever_without() -> None:
    """The renewal in the background comes before the credentials run out."""
    day = simulated(workday(1_000))
    assert len(day.waits) == 1_000  # each once, in the morning
    assert max(day.waits) == 0


@pytest.mark.slow
def test_the_sizes_at_which_the_quotas_break() -> None:
    sizes = dict(breaking())
    for name, found in sizes.items():
        cells = [name, *(f"{found[kind]:,}" if found[kind] else "no size" for kind in QUOTAS)]
        assert f"\n{row(cells)}\n" in README, name
    assert sizes["people at nine"][GET_ID] == 0
    assert 120_000 < sizes["people at nine"][SIGN_IN] < 250_000
    assert sizes["... without the kept identity"][GET_ID] < 50_000
    assert sizes["people after an outage"][SIGN_IN] > 20_000
    assert sizes["... without the pauses"][SIGN_IN] < 5_000
    assert sizes["build machines, an hour on"][SIGN_IN] > 30_000
    assert sizes["... without the spread"][SIGN_IN] < 2_500
    assert 200 < sizes["new build machines at once"][GET_ID] < 300


def test_the_kept_identity_is_what_lets_an_organisation_recover() -> None:
    """GetId has a fifth of the other quotas, and who waits for it has spent a refresh."""
    people = replace(outage(12_000), seconds=OUTAGE.stop + 1_200)
    kept, asked = simulated(people), simulated(forgetful(people))
    assert kept.throttled(OUTAGE.stop) == 0
    assert asked.throttled(OUTAGE.stop) > 1_000
    assert sum(asked.answered[SIGN_IN][OUTAGE.stop :]) > sum(
        asked.answered[CREDENTIALS][OUTAGE.stop :]
    )


def test_throttled_pauses_leave_little_of_a_quota_unused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand times a second's quota, at once: all could be served in a thousand seconds."""
    quotas = {SIGN_IN: 12, GET_ID: 2, CREDENTIALS: 20}

    def served(growth: Growth) -> int:
        growths = {**GROWTH, Trouble.THROTTLED: growth}
        monkeypatch.setattr("cognito_credproc.values.breaker.GROWTH", growths)
        outcome = simulated(Plan(at_once(12_000, 60), 1_000, quotas=quotas))
        return sum(outcome.answered[CREDENTIALS])

    assert served(GROWTH[Trouble.THROTTLED]) > 0.8 * 12_000
    assert served(Growth(30, 3, 900)) < 0.75 * 12_000  # most are asleep when there is room


def test_new_build_machines_within_a_quota_sign_in_at_once() -> None:
    fleet = simulated(new_builds(100))
    assert fleet.throttled() == 0
    assert max(fleet.waits) == 0
