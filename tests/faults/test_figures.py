"""README's figures of the campaigns of faults are those of their tables."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.sdks import SDKS
from tests.e2e.surroundings import SURROUNDINGS
from tests.faults.harms import FAULTS
from tests.faults.journeys import JOURNEYS, MORE
from tests.faults.ways import WAYS

README = Path(__file__).parents[2].joinpath("README.md").read_text("utf-8")


def row(campaign: str) -> str:
    """The row of a campaign."""
    (found,) = [line for line in README.splitlines() if line.startswith(f"| {campaign} |")]
    return found


def test_network_and_service() -> None:
    calls = sum(len(journey.targets) for journey in JOURNEYS.values())
    more = sum(len(journey.targets) for journey in MORE.values())
    shown = row("network and service")
    assert f"{len(FAULTS)} faults of the service at each of {calls + more} calls" in shown
    assert f"{len(WAYS)} broken ways at each of {calls}, " in shown
    cases = len(FAULTS) * (calls + more) + len(WAYS) * calls
    assert f"| {cases} times " in shown


def test_callers() -> None:
    assert f"{len(SDKS)} SDKs" in row("callers")
    assert f"{len(SURROUNDINGS)} surroundings" in row("callers")
