"""Cognito's clock beside the machine's: what an answer's date says, and what it cannot say."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito_credproc.values.clock import CorrectedClock, Deadline, SystemClock
from tests.fakes import NOW, FakeClock


def answered(behind: float, took: float, written: float = 0.5) -> CorrectedClock:
    """The clock of a machine that is `behind` the service, after one answer.

    The answer took so long, and was written after that share of the time.
    """
    machine = FakeClock()
    machine.set = -behind
    clock = CorrectedClock(machine)
    began = machine.now()
    date = machine.time + took * written
    machine.time += took
    clock.learn(math.floor(date), began, took)
    return clock


@pytest.mark.parametrize("minutes", [10, -10, 5, -5, 1, -1])
@pytest.mark.parametrize("took", [0.05, 1.0, 6.0])
def test_a_clock_that_is_wrong_by_minutes_is_corrected(minutes: int, took: float) -> None:
    clock = answered(minutes * 60, took)
    assert clock.known
    assert clock.skew == pytest.approx(minutes * 60, abs=0.6 + took / 2)
    assert clock.now() == pytest.approx(clock.machine.now() + clock.skew)


@given(
    behind=st.floats(-86_400, 86_400),
    took=st.floats(0, 10),
    written=st.floats(0, 1),
)
def test_whatever_the_network_does_the_error_is_bounded(
    behind: float, took: float, written: float
) -> None:
    clock = answered(behind, took, written)
    assert abs(clock.now() - (clock.machine.now() + behind)) <= clock.error + 0.6 + took / 2
    assert abs(clock.skew - behind) <= clock.error or clock.skew == 0


@given(behind=st.floats(-1, 1), took=st.floats(0, 10), written=st.floats(0, 1))
def test_a_good_clock_is_left_alone(behind: float, took: float, written: float) -> None:
    """What rounding and the way there and back explain is no skew."""
    assert answered(behind, took, written).skew == 0


def test_nothing_is_known_before_the_first_answer() -> None:
    clock = CorrectedClock(FakeClock())
    assert not clock.known
    assert (clock.skew, clock.error) == (0, math.inf)
    assert clock.now() == NOW


def test_a_clock_that_is_set_during_the_call_says_nothing() -> None:
    machine = FakeClock()
    clock = CorrectedClock(machine)
    began = machine.now()
    machine.time += 1
    machine.set = 600
    clock.learn(began, began, 1)
    assert not clock.known


def test_the_last_answer_counts() -> None:
    clock = answered(600, 0.1)
    clock.learn(clock.machine.now(), clock.machine.now(), 0)
    assert clock.skew == 0


def test_a_deadline_does_not_move_with_the_machines_clock() -> None:
    machine = FakeClock()
    deadline = Deadline(CorrectedClock(machine), 9)
    machine.set = 86_400
    assert not deadline.passed
    machine.time += 9.1
    assert deadline.passed


def test_the_systems_clock() -> None:
    clock = SystemClock()
    before, ran = clock.now(), clock.elapsed()
    clock.sleep(0.01)
    assert 0.01 <= clock.elapsed() - ran < 5
    assert clock.now() >= before
