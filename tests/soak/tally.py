"""What a soak counts, what is drawn for each run, and when an error is no fault of the helper."""

from __future__ import annotations

import collections
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.local_cognito import Fault

if TYPE_CHECKING:
    import random

DAY = 86_400
# Those that end at once; a silent service costs each run six seconds.
FAULTS = (
    *(Fault.THROTTLE, Fault.THROTTLE_429, Fault.ERROR_500, Fault.ERROR_503_HTML),
    *(Fault.CAPTIVE_PORTAL, Fault.GARBAGE, Fault.TRUNCATED),
    *(Fault.RESET_BEFORE, Fault.RESET_AFTER),
)
OPERATIONS = (
    *("*", "GetTokensFromRefreshToken", "InitiateAuth", "RespondToAuthChallenge"),
    "GetCredentialsForIdentity",
)
# Errors that are right although nothing went wrong in this very run.
RIGHT = re.compile(
    r"the next try is in \d+ s"  # the breaker
    r"|the codes of this half minute are used"  # the ledger of codes
    r"|nothing is known of the last"  # a run was killed with the password under way
    r"|another process is (signing in|renewing)"  # it holds a lock
)


@dataclass
class Tally:
    """How often what was done, and what came of it; `broken` must stay empty."""

    seed: int
    runs: int = 0
    hits: int = 0
    errors: collections.Counter[str] = field(default_factory=collections.Counter)
    done: collections.Counter[str] = field(default_factory=collections.Counter)
    days: float = 0.0
    begun: float = field(default_factory=time.monotonic)

    def check(self, right: object, *what: object) -> None:
        """Hold an invariant.

        Raises:
            AssertionError: it is broken; says how to come here again.
        """
        if not right:
            words = " ".join(map(str, what))
            raise AssertionError(f"seed {self.seed}, run {self.runs}: {words}")

    def lines(self) -> str:
        """The figures, for people."""
        took = time.monotonic() - self.begun
        done = ", ".join(f"{count:,} {what}" for what, count in sorted(self.done.items()))
        errors = ", ".join(f"{count:,} {what}" for what, count in self.errors.most_common())
        return (
            f"soak: {self.runs:,} runs over {self.days:,.0f} simulated days in {took:,.0f} s, "
            f"seed {self.seed}\n"
            f"soak: {done}\n"
            f"soak: {self.hits:,} runs without a call; errors: {errors or 'none'}\n"
            "soak: 0 items lost, 0 accounts locked, 0 sessions or codes sent twice, "
            "0 processes or locks left, 0 bad outputs"
        )


def gap(chance: random.Random) -> float:
    """Seconds until the next run: a burst, work, a pause, a night."""
    kind = chance.random()
    if kind < 0.35:
        return chance.uniform(0.5, 5)
    if kind < 0.8:
        return chance.expovariate(1 / 400)
    if kind < 0.97:
        return chance.uniform(0.3, 1.5) * 3_600
    return chance.uniform(0.3, 0.8) * DAY


def jump(chance: random.Random, now: float) -> float:
    """By how much the machine's clock is wrong from now on: usually it is as it was."""
    kind = chance.random()
    if kind < 0.95:
        return now
    if kind < 0.98:
        return 0.0
    return chance.uniform(-600, 600)


def kind_of(error: str) -> str:
    """An error's words without what differs from run to run."""
    words = error.removeprefix("error: ").removeprefix("profile dev: ")
    words = re.sub(r"http://\S+", "…", words)
    if "the next try is in" in words:
        return "breaker open"
    return re.sub(r"\d+", "N", words.partition(";")[0])[:60]
