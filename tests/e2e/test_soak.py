"""The soak with whole processes, for a while; the longer form is by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.soak.processes import Life

if TYPE_CHECKING:
    from tests.e2e.conftest import NewMachine

RUNS, SEED = 60, 20_261_124


@pytest.mark.slow
def test_days_of_whole_processes(new_machine: NewMachine) -> None:
    machine = new_machine(client={"rotation_grace": 0}).enrolled()
    life = Life(machine, SEED)
    tally = life.run(RUNS)
    print(tally.lines())
    assert tally.done["killed"] >= 3
    assert tally.done["faults"] >= 5
    assert tally.runs > tally.hits > 0
