"""A service that fails: it is left alone for a while, by every process, and never by a person."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from cognito_credproc import record
from tests.e2e.machine import (
    CREDENTIALS,
    HELPER,
    MFA,
    SRP,
    TOKENS,
    Machine,
    failed,
    good_document,
)
from tests.local_cognito import Fault

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import NewMachine

SECRET_SERVICE = "keyring.backends.SecretService.Keyring"
LOGIN_HINT = "cognito-credproc login --profile dev"


def is_down(machine: Machine, fault: Fault = Fault.ERROR_500) -> None:
    """Every call fails from now on."""
    machine.cognito.faults.add("*", fault, times=None)


def is_due(machine: Machine) -> None:
    """The credentials are good for a hit, and old enough for a renewal in the background."""
    stored = record.parse(machine.items.get("session"))
    assert stored
    machine.items.expire(left=min(stored.early - 1, 15 * 60 + 30))


def pauses_end(machine: Machine) -> None:
    """So much time passes that nothing is paused any more."""
    for file in machine.state.glob("*.json"):
        memory = json.loads(file.read_text())
        for pause in memory["pauses"].values():
            pause["until"] = 0
        file.write_text(json.dumps(memory))


@pytest.mark.parametrize(
    ("fault", "tries", "words"),
    [
        (Fault.ERROR_500, 1, f"{TOKENS}: HTTP status 500 instead of an answer"),
        (Fault.THROTTLE, 3, f"{TOKENS} was refused: Rate exceeded (TooManyRequestsException)"),
    ],
)
def test_one_process_finds_out_and_the_others_are_told(
    enrolled: Machine, fault: Fault, tries: int, words: str
) -> None:
    enrolled.items.expire()
    is_down(enrolled, fault)
    error, _ = failed(enrolled.helper(), 1)
    assert error == f"error: {words}"
    assert enrolled.calls() == [TOKENS] * tries
    for _ in range(2):
        error, hint = failed(enrolled.helper(), 1)
        assert re.fullmatch(
            re.escape(f"error: profile dev: {words}") + r"; the next try is in \d+ s", error
        )
        assert hint == LOGIN_HINT
    assert enrolled.calls() == []
    pauses_end(enrolled)
    failed(enrolled.helper(), 1)
    assert enrolled.calls() == [TOKENS] * tries
    enrolled.cognito.faults.clear()
    failed(enrolled.helper(), 1)
    assert enrolled.calls() == [], "it is not known yet that all is well again"
    pauses_end(enrolled)
    good_document(enrolled.helper().stdout)
    assert enrolled.calls() == [TOKENS, CREDENTIALS]


def test_good_credentials_are_served_and_nobody_is_called(enrolled: Machine) -> None:
    stored = enrolled.helper().stdout
    is_down(enrolled)
    for calls in ([TOKENS], [], []):
        enrolled.items.expire(left=10 * 60)
        done = enrolled.helper()
        assert (done.returncode, done.stdout, done.stderr) == (0, stored, "")
        assert enrolled.calls() == calls


def test_a_person_waits_for_nothing_and_ends_the_pause(enrolled: Machine) -> None:
    enrolled.items.expire()
    is_down(enrolled)
    failed(enrolled.helper(), 1)
    enrolled.cognito.faults.clear()
    enrolled.half_a_minute_passes()
    enrolled.calls()
    with enrolled.sits(HELPER, "login", "--profile", "dev") as person:
        person.sees("[dev] signed in")
        assert person.ends() == 0
    assert enrolled.calls() == [*SRP, MFA, CREDENTIALS]
    enrolled.items.expire()
    good_document(enrolled.helper().stdout)
    assert enrolled.calls() == [TOKENS, CREDENTIALS]


def test_twenty_at_once_ask_once(new_machine: NewMachine) -> None:
    machine = new_machine().enrolled()
    machine.items.expire()
    is_down(machine)
    with ThreadPoolExecutor(20) as pool:
        ends = list(pool.map(lambda _: machine.helper(), range(20)))
    assert {done.returncode for done in ends} == {1}
    assert {done.stdout for done in ends} == {""}
    assert machine.calls() == [TOKENS]


@pytest.mark.parametrize("way", ["reader", "keyring"])
def test_hits_start_no_renewal_during_a_pause(enrolled: Machine, way: str) -> None:
    """With credentials that are good and in need of a renewal in the background."""
    backend = {} if way == "reader" else {"PYTHON_KEYRING_BACKEND": SECRET_SERVICE}
    stored = enrolled.helper().stdout
    is_due(enrolled)
    is_down(enrolled)
    assert enrolled.helper(**backend).stdout == stored
    marker = marked(enrolled)
    started = marker.stat().st_mtime
    for _ in range(5):
        done = enrolled.helper(**backend)
        assert (done.returncode, done.stdout, done.stderr) == (0, stored, "")
    assert marker.stat().st_mtime == started, "none has claimed it"
    assert enrolled.calls() == [TOKENS]


def marked(machine: Machine) -> Path:
    """The marker, once the renewal in the background has set its time."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        pauses = [
            pause
            for file in machine.state.glob("*.json")
            for pause in json.loads(file.read_text())["pauses"].values()
        ]
        for marker in machine.state.glob("*.renewal"):
            if pauses and abs(marker.stat().st_mtime - (pauses[0]["until"] - 60)) < 1:
                return marker
        time.sleep(0.05)
    raise AssertionError("the renewal in the background did not end")


@pytest.mark.parametrize("way", ["reader", "keyring"])
def test_a_link_in_the_markers_place_is_not_followed(
    enrolled: Machine, way: str, tmp_path: Path
) -> None:
    """Neither asked for its time nor written to: the marker takes its place."""
    backend = {} if way == "reader" else {"PYTHON_KEYRING_BACKEND": SECRET_SERVICE}
    stored = enrolled.helper().stdout
    is_due(enrolled)
    digest = enrolled.items.get("session").partition("\n")[0].split(" ")[-1]
    victim, marker = tmp_path / "victim", enrolled.state / f"{digest}.renewal"
    victim.write_text("precious")
    marker.symlink_to(victim)
    os.utime(marker, (1, 1), follow_symlinks=False)
    is_down(enrolled)
    assert enrolled.helper(**backend).stdout == stored
    assert marked(enrolled) == marker
    assert not marker.is_symlink()
    assert victim.read_text() == "precious"
    assert abs(victim.stat().st_mtime - time.time()) < 60


def test_a_renewal_in_the_background_outlives_its_caller(new_machine: NewMachine) -> None:
    """An SDK that has no patience kills the helper's process group; no rotated token is lost."""
    machine = new_machine(client={"rotation_grace": 0}).enrolled(keep=False)
    stored = machine.items.get("refresh-token")
    is_due(machine)
    machine.cognito.faults.add(TOKENS, Fault.DRIP, seconds=1)
    with subprocess.Popen(
        [HELPER, "--profile", "dev"],
        env=machine.environment,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as caller:
        caller.communicate()
        deadline = time.monotonic() + 20
        while not machine.calls():
            assert time.monotonic() < deadline, "no renewal came"
            time.sleep(0.02)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(caller.pid, signal.SIGKILL)
    while machine.items.get("refresh-token") == stored:
        assert time.monotonic() < deadline, "the new token was not stored"
        time.sleep(0.05)
    machine.items.expire()
    good_document(machine.helper().stdout)
    assert [call.error for call in machine.cognito.calls if call.error] == []
