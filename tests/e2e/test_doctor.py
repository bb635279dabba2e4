"""`doctor` on a real machine: all is well, then broken in each way that a check knows."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from cognito_credproc.line import isolated_line
from tests import golden
from tests.e2e.machine import HELPER, Machine
from tests.e2e.person import Person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.conftest import Keyrings

DOCTOR = (HELPER, "doctor")


@pytest.fixture
def home(keyrings: Keyrings) -> Iterator[Machine]:
    """An enrolled machine with the line that `configure` writes, in a folder for golden screens."""
    folder = golden.home()
    try:
        with Machine(folder, keyrings.environment(), pool={}, client={}, identity_pool={}) as home:
            home.enrolled().write_config(credential_process=isolated_line("dev"))
            home.helper()
            home.calls()
            yield home
    finally:
        shutil.rmtree(folder)


def screen(machine: Machine, *command: str, status: int = 0, **environment: str) -> str:
    """What a command shows on a terminal of 80 columns."""
    with Person(command, {**machine.environment, **environment}, columns=80) as person:
        assert person.ends() == status, person.shown
        return person.shown


def test_all_is_well(home: Machine) -> None:
    golden.check("doctor", screen(home, *DOCTOR), home.config.parent)


def test_json(home: Machine) -> None:
    done = home.helper("doctor", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert found["profile"] == "dev"
    assert found["ok"] is True
    assert {check["state"] for check in found["checks"]} <= {"good", "note", "skipped"}


def test_much_is_broken_and_mended(home: Machine) -> None:
    moved = isolated_line("dev", "/opt/python3.10/bin/python")
    home.write_config(credential_process=moved)
    home.state.chmod(0o755)
    (home.state / "other.lock").symlink_to("/etc/passwd")
    golden.check("doctor-broken", screen(home, *DOCTOR, status=1), home.config.parent)
    golden.check("doctor-fix", screen(home, *DOCTOR, "--fix"), home.config.parent)
    golden.check("doctor", screen(home, *DOCTOR), home.config.parent)


def test_ctrl_c(home: Machine) -> None:
    with Person(DOCTOR, home.environment, columns=80) as person:
        person.sees("python")
        person.interrupts()
        assert person.ends() == 130
        assert person.shown.endswith("error: interrupted\n")


def test_no_colours_where_they_are_unwanted(home: Machine) -> None:
    shown = screen(home, *DOCTOR, NO_COLOR="1")
    assert "\x1b[3" not in shown
    assert "\x1b" not in home.helper("doctor").stdout
