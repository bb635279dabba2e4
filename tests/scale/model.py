"""The simulation: helpers, each with its credentials and its breaker, before services with quotas.

Time goes in seconds. What the helpers do is the program's own: when a renewal in the background
begins (`record`), how often a call is tried and how long is waited between (`breaker.backoff`), how
long nobody calls after a failure (`breaker.lengthened`). The services answer as many calls in a
second as their quota says and throttle the rest; those do not count against the quota.
"""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cognito_credproc.aws.cognito import ATTEMPTS
from cognito_credproc.record import FRESH, Record
from cognito_credproc.values.breaker import Pause, Trouble, backoff, lengthened

LIFE = 3_600  # seconds: what the enhanced flow gives
# Default quotas, in calls a second (Amazon Cognito developer guide, "Quotas in Amazon Cognito").
SIGN_IN, GET_ID, CREDENTIALS = "sign-ins and refreshes", "GetId", "GetCredentialsForIdentity"
QUOTAS: Mapping[str, int] = {SIGN_IN: 120, GET_ID: 25, CREDENTIALS: 200}
REFRESH = (SIGN_IN, CREDENTIALS)
REFRESH_WITHOUT_IDENTITY = (SIGN_IN, GET_ID, CREDENTIALS)
# SRP's two calls and that of the code, then all that a machine which knows nothing needs.
FULL_SIGN_IN = (SIGN_IN, SIGN_IN, SIGN_IN, GET_ID, CREDENTIALS)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is simulated: who, when, against what; `seconds` in all.

    `arrivals` gives the second of each helper's first use. A helper is asked every `interval`
    seconds from then on. `down` is when the service answers nobody. Without `spread`, everybody
    renews with the same time left; without `breaker`, whoever failed calls again at the next use.
    """

    arrivals: Sequence[int]
    seconds: int
    calls: tuple[str, ...] = REFRESH
    interval: int = 60
    quotas: Mapping[str, int] = field(default_factory=lambda: QUOTAS)
    down: range = range(0)
    spread: bool = True
    breaker: bool = True
    kept: bool = True  # whether later renewals are refreshes with a known identity
    seed: int = 1


@dataclass(slots=True)
class Outcome:
    """What came of it: calls wanted and answered for each second, and who was without."""

    wanted: dict[str, list[int]]
    answered: dict[str, list[int]]
    without: list[int]  # in each second: helpers in use that have no good credentials
    waits: list[int] = field(default_factory=list)  # seconds from a need to its end, each

    def peak(self, what: str, since: int = 0, window: int = 10) -> float:
        """The most calls a second that were wanted, over any ten seconds."""
        calls = self.wanted[what]
        sums = (sum(calls[at : at + window]) for at in range(since, len(calls) - window, window))
        return max(sums) / window

    def throttled(self, since: int = 0) -> int:
        """How many calls were turned away, from a second on in which the service answers."""
        wanted = sum(sum(calls[since:]) for calls in self.wanted.values())
        return wanted - sum(sum(calls[since:]) for calls in self.answered.values())

    def all_served(self, since: int) -> int | None:
        """How long after a second the last helper in use had credentials; None: it had none yet."""
        for at in range(len(self.without) - 1, since - 1, -1):
            if self.without[at]:
                return at + 1 - since if at + 1 < len(self.without) else None
        return 0


class Helper:
    """One machine's helper: its credentials, and how far its renewal is."""

    __slots__ = ("attempt", "calls", "early", "expiry", "pause", "step", "wanting")

    def __init__(self, calls: tuple[str, ...], early: int) -> None:
        self.calls = calls
        self.early = early
        self.expiry = 0
        self.step = 0
        self.attempt = 1
        self.pause: Pause | None = None
        self.wanting: int | None = None  # since when it is in use without credentials


class Simulation:
    """Runs one plan."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._random = random.Random(plan.seed)  # noqa: S311 - reproducible
        self._due: dict[int, list[Helper]] = defaultdict(list)
        self._left: dict[str, int] = {}
        kinds = dict.fromkeys(plan.quotas)
        self.outcome = Outcome(
            {kind: [0] * plan.seconds for kind in kinds},
            {kind: [0] * plan.seconds for kind in kinds},
            [0] * plan.seconds,
        )
        self._without = 0
        self._expiring: dict[int, list[Helper]] = defaultdict(list)

    def run(self) -> Outcome:
        """From the first second to the last."""
        for at in self._plan.arrivals:
            digest = f"{self._random.getrandbits(64):016x}"
            early = Record(0, "", digest, "").early if self._plan.spread else FRESH
            self._due[at].append(Helper(self._plan.calls, early))
        for now in range(self._plan.seconds):
            self._left = dict(self._plan.quotas)
            for helper in self._expiring.pop(now, ()):
                self._lacks(helper, now)
            for helper in self._due.pop(now, ()):
                self._lacks(helper, now)
                self._goes_on(helper, now)
            self.outcome.without[now] = self._without
        return self.outcome

    def _lacks(self, helper: Helper, now: int) -> None:
        if helper.expiry <= now and helper.wanting is None:
            helper.wanting = now
            self._without += 1

    def _goes_on(self, helper: Helper, now: int) -> None:
        """Make the calls of a renewal, one after the other, until one fails."""
        while helper.step < len(helper.calls):
            trouble = self._call(helper.calls[helper.step], now)
            if trouble is None:
                helper.step += 1
                helper.attempt = 1
            elif trouble is Trouble.THROTTLED and helper.attempt < ATTEMPTS:
                wait = backoff(helper.attempt, self._random.random())
                helper.attempt += 1
                self._later(helper, now, now + wait)
                return
            else:
                self._fails(helper, now, trouble)
                return
        self._is_renewed(helper, now)

    def _call(self, kind: str, now: int) -> Trouble | None:
        self.outcome.wanted[kind][now] += 1
        if now in self._plan.down:
            return Trouble.OUTAGE
        if self._left[kind] <= 0:
            return Trouble.THROTTLED
        self._left[kind] -= 1
        self.outcome.answered[kind][now] += 1
        return None

    def _fails(self, helper: Helper, now: int, trouble: Trouble) -> None:
        """The next use after the pause begins from the start."""
        helper.step, helper.attempt = 0, 1
        if self._plan.breaker:
            jitter = self._random.random()
            helper.pause = lengthened(helper.pause, trouble, "", now, jitter)
            self._later(helper, now, helper.pause.until + self._until_use())
        else:
            self._later(helper, now, now + self._until_use())

    def _is_renewed(self, helper: Helper, now: int) -> None:
        if helper.wanting is not None:
            self.outcome.waits.append(now - helper.wanting)
            self._without -= 1
            helper.wanting = None
        helper.expiry = now + LIFE
        helper.pause = None
        helper.step, helper.attempt = 0, 1
        if self._plan.kept:
            helper.calls = REFRESH
        self._expiring[helper.expiry].append(helper)
        self._later(helper, now, helper.expiry - helper.early + self._until_use())

    def _until_use(self) -> float:
        """A hit starts the renewal: so long until the next one."""
        return self._random.random() * self._plan.interval

    def _later(self, helper: Helper, now: int, at: float) -> None:
        second = max(int(at), now + 1)
        if second < self._plan.seconds:
            self._due[second].append(helper)


def simulated(plan: Plan) -> Outcome:
    """Run a plan."""
    return Simulation(plan).run()


def morning(people: int, seed: int = 1) -> list[int]:
    """When people begin to work: within an hour, most of them in its middle (second 1,800)."""
    chance = random.Random(seed)  # noqa: S311 - reproducible
    return [int(chance.triangular(0, 3_600, 1_800)) for _ in range(people)]


def at_once(machines: int, within: int, seed: int = 1) -> list[int]:
    """When machines begin that a timer starts."""
    chance = random.Random(seed)  # noqa: S311 - reproducible
    return [int(chance.random() * within) for _ in range(machines)]


def breaking_size(outcome: Outcome, size: int, since: int = 0) -> dict[str, int]:
    """For each quota, the size at which it is first exceeded; 0 where no size does.

    What is wanted in the worst ten seconds grows with the size, as long as nobody is throttled: so
    it is taken from the outcome for one size, against services without quotas.
    """
    peaks = {kind: outcome.peak(kind, since) for kind in QUOTAS}
    return {kind: round(size * QUOTAS[kind] / peak) if peak else 0 for kind, peak in peaks.items()}


def boundless() -> dict[str, int]:
    """Services that answer everybody."""
    return dict.fromkeys(QUOTAS, 1 << 60)
