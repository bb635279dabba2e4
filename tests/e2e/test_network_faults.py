"""A sample of each fault of network and service, as whole processes with their real bounds."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest

from tests.e2e.machine import CREDENTIALS, SRP, TOKENS, failed, good_document
from tests.faults.harms import FAULTS, Harm
from tests.faults.replays import replays
from tests.faults.ways import PROXY_PASSWORD, WAYS, Expected
from tests.local_cognito import Fault

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.machine import Machine

BOUND = 20  # seconds that nobody waits unasked
LONG = 40  # seconds of a fault that outlasts every bound
# What the quick client of the matrix, with its short limits, says in other words.
REAL = {Fault.DRIP: "no answer within 10 seconds"}


def within_the_bound(machine: Machine, **environment: str) -> tuple[str, str]:
    """The right two lines, in time, without a secret."""
    began = time.monotonic()
    error, hint = failed(machine.helper(**environment), 1)
    assert time.monotonic() - began < BOUND
    assert PROXY_PASSWORD not in error + hint
    return error, hint


@pytest.mark.slow
@pytest.mark.parametrize("harm", FAULTS.values(), ids=FAULTS)
def test_the_service_fails(standing: Machine, tmp_path: Path, harm: Harm) -> None:
    """It is retried, or fails with the right words; what is good still is served."""
    standing.calls()
    first = len(standing.cognito.calls)
    for left in (-1, 600):
        standing.items.expire(left)
        stored = standing.items.get("session").partition("\n")[2]
        times = None if harm.lasting else 1
        standing.cognito.faults.add(TOKENS, harm.fault, times, seconds=LONG)
        state = {"COGNITO_CREDPROC_STATE_DIR": str(tmp_path / f"state{left}")}
        try:
            if left < 0 and not harm.repeated:
                error, hint = within_the_bound(standing, **state)
                assert re.match(f"error: .*{REAL.get(harm.fault, harm.error)}", error)
                assert hint.startswith(harm.hint)
            else:
                began = time.monotonic()
                done = standing.helper(**state)
                assert time.monotonic() - began < BOUND
                assert (done.returncode, done.stderr) == (0, "")
                assert good_document(done.stdout)
                assert (done.stdout == stored) == (not harm.repeated)
        finally:
            standing.cognito.faults.clear()
    done = standing.helper()
    assert (done.returncode, done.stderr) == (0, "")
    assert replays(standing.cognito.calls[first:], standing.cognito.wire[first:]) == []


@pytest.mark.slow
@pytest.mark.parametrize("expected", WAYS.values(), ids=WAYS)
def test_the_way_is_broken(standing: Machine, tmp_path: Path, expected: Expected) -> None:
    standing.items.expire()
    standing.calls()
    with expected.way(tmp_path, standing.cognito.endpoint) as environment:
        state = str(tmp_path / "state")
        error, hint = within_the_bound(standing, COGNITO_CREDPROC_STATE_DIR=state, **environment)
    assert re.sub(r"(?<=127\.0\.0\.1:)\d+", "PORT", error) == f"error: {TOKENS}: {expected.error}"
    assert hint.startswith(expected.hint)
    assert standing.calls() == []


@pytest.mark.slow
def test_every_call_takes_its_time(enrolled: Machine) -> None:
    """Each answer comes within its own bound, and all together would not come within ours."""
    enrolled.items.remove("session", "refresh-token")
    enrolled.half_a_minute_passes()
    # The half minutes do not really pass: the code of the enrolment may be the present one yet.
    seen = len(enrolled.cognito.calls)
    enrolled.cognito.faults.add("*", Fault.DRIP, times=None, seconds=7)
    error, _ = within_the_bound(enrolled)
    assert "there was no time left for it" in error
    calls = enrolled.calls()
    assert calls
    assert calls == SRP[: len(calls)]
    enrolled.cognito.faults.clear()
    enrolled.half_a_minute_passes()
    done = enrolled.helper()
    assert (done.returncode, done.stderr) == (0, "")
    assert enrolled.calls()[-1] == CREDENTIALS
    assert replays(enrolled.cognito.calls[seen:], enrolled.cognito.wire[seen:]) == []
