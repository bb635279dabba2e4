"""Prints how many people and build machines Cognito's default quotas bear with this helper.

    python -m tests.scale [PEOPLE ...]

Without sizes: 100, 10,000 and 1,000,000 people, which takes half an hour for the last.
"""

import sys
from collections.abc import Callable, Iterable
from dataclasses import replace

from tests.scale.model import (
    FULL_SIGN_IN,
    LIFE,
    QUOTAS,
    REFRESH_WITHOUT_IDENTITY,
    Outcome,
    Plan,
    at_once,
    boundless,
    breaking_size,
    morning,
    simulated,
)

SIZES = (100, 10_000, 1_000_000)
SAMPLE = 20_000  # helpers: enough for a smooth curve
OUTAGE = range(4_500, 8_100)  # an hour, in which everybody's credentials run out
HEADER = ["calls a second, at most", *QUOTAS, "throttled", "all served after"]


def workday(people: int) -> Plan:
    """Nine in the morning, and the hours after it."""
    return Plan(morning(people), 3 * 3_600)


def outage(people: int) -> Plan:
    """The same, and the service is away for an hour."""
    return Plan(morning(people), OUTAGE.stop + 3_600, down=OUTAGE)


def new_builds(machines: int) -> Plan:
    """New machines that a timer starts within ten seconds, each with a user of its own."""
    return Plan(at_once(machines, 10), LIFE, FULL_SIGN_IN, interval=10)


def kept_builds(machines: int) -> Plan:
    """Machines that stay, in use all the time: what one start at once comes to later."""
    return Plan(at_once(machines, 10), 2 * LIFE, interval=10)


def forgetful(plan: Plan) -> Plan:
    """The same, where the identity is asked for each time."""
    return replace(plan, calls=REFRESH_WITHOUT_IDENTITY, kept=False)


def minutes(seconds: int | None) -> str:
    """A length of time for people."""
    if seconds is None:
        return "not in this time"
    return f"{seconds} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def row(cells: Iterable[object]) -> str:
    """One row of a table."""
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def described(name: str, outcome: Outcome, since: int = 0) -> str:
    """What one plan came to."""
    peaks = [f"{outcome.peak(kind, since):,.1f}" for kind in QUOTAS]
    served = minutes(outcome.all_served(since))
    return row([name, *peaks, f"{outcome.throttled(since):,}", served])


def of_size(people: int) -> None:
    """The rows of one size."""
    usual, bad, back = workday(people), outage(people), OUTAGE.stop
    print(described(f"{people:,} people at nine", simulated(usual)))
    print(described("... without the kept identity", simulated(forgetful(usual))))
    print(described("... after an hour's outage", simulated(bad), back))
    print(described("... and without the kept identity", simulated(forgetful(bad)), back))
    if people <= 10_000:  # a million that never pause are a billion calls
        print(described("... and without the pauses", simulated(replace(bad, breaker=False)), back))


def breaking(sample: int = SAMPLE) -> list[tuple[str, dict[str, int]]]:
    """For each situation, the size at which each quota is first exceeded."""
    situations: list[tuple[str, Callable[[int], Plan], int]] = [
        ("people at nine", workday, 0),
        ("... without the kept identity", lambda n: forgetful(workday(n)), 0),
        ("people after an outage", outage, OUTAGE.stop),
        ("... without the pauses", lambda n: replace(outage(n), breaker=False), OUTAGE.stop),
        ("new build machines at once", new_builds, 0),
        ("build machines, an hour on", kept_builds, 600),
        ("... without the spread", lambda n: replace(kept_builds(n), spread=False), 600),
    ]
    found = []
    for name, plan, since in situations:
        outcome = simulated(replace(plan(sample), quotas=boundless()))
        found.append((name, breaking_size(outcome, sample, since)))
    return found


def main(arguments: list[str]) -> None:
    """Print the tables."""
    print(row(HEADER))
    print(row(["---"] * len(HEADER)))
    for people in [int(text) for text in arguments] or SIZES:
        of_size(people)
    for machines in (100, 1_000):
        print(described(f"{machines:,} new build machines", simulated(new_builds(machines))))
    print()
    print(row(["the first call is throttled at", *QUOTAS]))
    print(row(["---"] * (1 + len(QUOTAS))))
    for name, sizes in breaking():
        print(row([name, *(f"{sizes[kind]:,}" if sizes[kind] else "no size" for kind in QUOTAS)]))


if __name__ == "__main__":
    main(sys.argv[1:])
