"""A program that cannot do its work hands out what is good still, as long as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.machine import HELPER, failed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.machine import Machine

GET = [HELPER, "--profile", "dev"]
BROKEN = "raise ImportError('half of an upgrade')\n"


def stored(machine: Machine) -> str:
    """The document that the keyring holds, with ten minutes left."""
    machine.items.expire(left=600)
    return machine.items.get("session").partition("\n")[2]


@pytest.mark.parametrize("module", ["botocore", "filelock", "contextlib"])
def test_in_the_middle_of_an_upgrade(standing: Machine, tmp_path: Path, module: str) -> None:
    """Modules that only a renewal loads, and those that all but a hit needs."""
    (tmp_path / f"{module}.py").write_text(BROKEN)
    broken = {"PYTHONPATH": str(tmp_path)}
    expected = stored(standing)
    done = standing.helper(**broken)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", expected)
    standing.items.expire()
    error, _ = failed(standing.helper(**broken), 1)
    assert "ImportError" in error
    assert standing.calls() == []


@pytest.mark.parametrize("limit", ["-n 5", "-n 8"])
def test_where_the_system_gives_too_little(standing: Machine, limit: str) -> None:
    expected = stored(standing)
    done = standing.run(["bash", "-c", f'ulimit {limit}; exec "$@"', "limited", *GET])
    assert (done.returncode, done.stderr, done.stdout) == (0, "", expected)
    assert standing.calls() == []
