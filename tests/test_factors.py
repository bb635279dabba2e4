"""The stored seed against a service that checks codes: whatever the clocks and the network do."""

import re
from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from cognito_credproc.answers.factors import Factors
from cognito_credproc.flows.flow import USED_CODE, WRONG_CODE, Item
from cognito_credproc.storage.state import Account
from cognito_credproc.values.clock import CorrectedClock
from cognito_credproc.values.errors import CredprocError
from tests.fakes import SEED, FakeClock
from tests.local_cognito.totp import Check, SoftwareToken

STEP = 59_789_650
BECAUSE = {Check.WRONG: WRONG_CODE, Check.USED: USED_CODE}
SLOWEST = 9  # seconds from the making of a code to its check: waits, repeats, the way there


class Processes:
    """Processes of one machine, one after the other, until one signs in.

    The service's clock is `off` from what the machine takes it for.
    """

    def __init__(self, second: float, off: float, error: float | None) -> None:
        self.clock = FakeClock(STEP * 30 + second)
        self.off = off
        self.error = error
        self.memory = Account()
        self.token = SoftwareToken(SEED)
        self.sent: list[str] = []
        self.refusals: list[Check] = []

    def factors(self) -> Factors:
        """A new process; an answer has told it the time, unless the service never does."""
        corrected = CorrectedClock(self.clock)
        if self.error is not None:
            took = (self.error - corrected.DOUBT) * 2
            corrected.learn(self.clock.time - took / 2, self.clock.now() - took, took)
        return Factors("dev", {Item.TOTP_SEED: SEED}, self.memory, lambda: None, corrected, None)

    def sign_in(self, delays: Iterator[float]) -> bool:
        """Send codes until one is good; where a process gives up, the next one comes in time.

        Tells whether one was; False where the seed is not used any more.
        """
        factors, because = self.factors(), None
        for delay in delays:
            try:
                code = factors.code(because)
            except CredprocError as error:
                self.clock.time += seconds(error)
                factors, because = self.factors(), None
                continue
            if code is None:
                return False
            self.sent.append(code)
            self.clock.time += delay
            verdict = self.token.check(code, self.clock.time + self.off)
            if verdict is Check.GOOD:
                return True
            self.refusals.append(verdict)
            because = BECAUSE[verdict]
        raise AssertionError(f"never signed in: {self.refusals}")


def seconds(error: CredprocError) -> int:
    """After how many the hint says to run again."""
    found = re.search(r"in (\d+) seconds", str(error.hint))
    assert found, error.hint
    return int(found[1])


@settings(max_examples=300)
@given(
    second=st.floats(0, 29.999),
    told=st.one_of(
        st.floats(2, 7).flatmap(lambda error: st.tuples(st.just(error), st.floats(-error, error))),
        st.tuples(st.none(), st.floats(-20, 20)),
    ),
    ours=st.integers(-2, 1),
    theirs=st.integers(-2, 1),
    delays=st.lists(st.floats(0, SLOWEST), min_size=16, max_size=16),
)
def test_a_right_seed_is_never_refused(
    second: float,
    told: tuple[float | None, float],
    ours: int,
    theirs: int,
    delays: list[float],
) -> None:
    """Right at a step's edge, after codes that this machine or another one has used."""
    error, off = told
    processes = Processes(second, off, error)
    processes.memory.totp_step = STEP + ours
    processes.token.last_step = STEP + max(ours, theirs)
    assert processes.sign_in(iter(delays))
    assert processes.memory.refused == {}
    assert len(set(processes.sent)) == len(processes.sent), "a code was sent twice"
    wrong = processes.refusals.count(Check.WRONG)
    assert wrong <= (0 if error is not None else 1), "five lock the account"


@settings(max_examples=100)
@given(second=st.floats(0, 29.999), ours=st.integers(-2, 1), known=st.booleans())
def test_a_wrong_seed_is_refused_after_two_codes_at_most(
    second: float, ours: int, known: bool
) -> None:
    """After one, where the service's clock is known."""
    processes = Processes(second, 0, 2 if known else None)
    processes.memory.totp_step = STEP + ours
    processes.token = SoftwareToken(SEED[::-1])
    assert not processes.sign_in(iter([0.1] * 16))
    assert Item.TOTP_SEED in processes.memory.refused
    assert len(processes.sent) <= (1 if known else 2)
