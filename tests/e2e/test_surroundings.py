"""Callers that close, fill or take away what a program counts on: hit, renewal, failure each."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.e2e.machine import CREDENTIALS, HELPER, TOKENS, failed, good_document
from tests.e2e.surroundings import SURROUNDINGS, Comes, Surroundings, command, need_mounts
from tests.local_cognito import Fault

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.machine import Machine

ROWS = pytest.mark.parametrize("what", SURROUNDINGS.values(), ids=SURROUNDINGS)
RENEWAL = [TOKENS, CREDENTIALS]
BOUND = 20  # seconds that nobody waits unasked
CLOSED = "error: standard output is closed"
FULL = {
    "error: the credentials could not be written to standard output",
    "error: standard output cannot be written: No space left on device",
}


def run(machine: Machine, what: Surroundings, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the helper in these surroundings, with a state folder of its own."""
    if what.mounts:
        need_mounts()
    began = time.monotonic()
    done = machine.run(
        command(what, HELPER, "--profile", "dev"),
        FOLDER=str(folder),
        COGNITO_CREDPROC_STATE_DIR=str(folder / "state"),
    )
    assert time.monotonic() - began < BOUND
    return done


def nothing(done: subprocess.CompletedProcess[str], what: Surroundings) -> None:
    """Nothing could be handed over, and that is said where it can be."""
    assert (done.returncode, done.stdout) == (1, "")
    lines = done.stderr.splitlines()
    if what.comes is Comes.NOTHING_FULL:
        assert lines[0] in FULL
    elif what.errors_shown:
        assert lines[0].startswith(CLOSED)
    assert len(lines) <= 2


def works(done: subprocess.CompletedProcess[str]) -> str:
    """The key that came, with no word beside it."""
    assert (done.returncode, done.stderr) == (0, "")
    return str(good_document(done.stdout)["AccessKeyId"])


@ROWS
def test_a_hit(standing: Machine, tmp_path: Path, what: Surroundings) -> None:
    standing.items.expire(left=3_600)
    expected = works(standing.helper())
    standing.calls()
    done = run(standing, what, tmp_path)
    if what.comes in {Comes.NOTHING_CLOSED, Comes.NOTHING_FULL}:
        nothing(done, what)
    else:
        assert works(done) == expected
    assert standing.calls() == []


@pytest.mark.parametrize("verb", ["status", "export"])
def test_a_closed_output_is_named_by_the_commands_for_people(standing: Machine, verb: str) -> None:
    done = standing.run(command(SURROUNDINGS["no output"], HELPER, verb, "--profile", "dev"))
    nothing(done, SURROUNDINGS["no output"])


@ROWS
def test_a_renewal(standing: Machine, tmp_path: Path, what: Surroundings) -> None:
    lasting = standing.items.lasting()
    standing.items.expire(left=3_600)
    before = works(standing.helper())
    standing.items.expire()
    standing.calls()
    done = run(standing, what, tmp_path)
    calls = [call for call in standing.calls() if call != "GetId"]  # the state folder is new
    if what.comes is Comes.ALL:
        assert works(done) != before
        assert calls == RENEWAL
    elif what.comes is Comes.NO_RENEWAL:
        message, hint = failed(done, 1)
        assert str(tmp_path / "state") in message
        assert hint.endswith("export COGNITO_CREDPROC_STATE_DIR=FOLDER")
        assert calls == []
        standing.items.expire(left=600)
        assert works(run(standing, what, tmp_path)) == before, "what is good still is served"
    else:
        nothing(done, what)
        assert calls == ([] if what.comes is Comes.NOTHING_CLOSED else RENEWAL)
    assert standing.items.lasting() == lasting


@ROWS
def test_a_failure(standing: Machine, tmp_path: Path, what: Surroundings) -> None:
    lasting = standing.items.lasting()
    standing.items.expire()
    standing.cognito.faults.add(TOKENS, Fault.CAPTIVE_PORTAL, times=None)
    try:
        done = run(standing, what, tmp_path)
    finally:
        standing.cognito.faults.clear()
    assert (done.returncode, done.stdout) == (1, "")
    if what.errors_shown:
        error, *_ = done.stderr.splitlines()
        expected = {
            Comes.NOTHING_CLOSED: CLOSED,
            Comes.NO_RENEWAL: "error: the ",
        }.get(what.comes, f"error: {TOKENS}: a web page came instead of an answer")
        assert error.startswith(expected)
    assert len(done.stderr.splitlines()) <= 2
    assert standing.items.lasting() == lasting


def test_a_stored_password_is_not_sent_where_its_refusal_could_not_be_noted(
    enrolled: Machine, tmp_path: Path
) -> None:
    enrolled.items.remove("refresh-token", "session")
    for name in ("no file may grow", "a full disk", "no room for a name"):
        failed(run(enrolled, SURROUNDINGS[name], tmp_path), 1)
    assert enrolled.calls() == []


def test_error_lines_that_nobody_makes_room_for_are_not_waited_for(standing: Machine) -> None:
    """A caller that never drains its pipe, and has filled it itself."""
    theirs, ours = os.pipe()
    os.set_blocking(ours, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(ours, b"x" * 65_536)
    os.set_blocking(ours, True)
    began = time.monotonic()
    done = subprocess.run(
        [HELPER, "--profile", "nobody"],
        env=standing.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=ours,
        timeout=BOUND,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, b"")
    assert time.monotonic() - began < 10
    os.close(theirs)
    os.close(ours)
