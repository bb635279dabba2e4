"""Stored factors that are wrong, and many processes at once."""

from __future__ import annotations

import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.e2e.machine import (
    CREDENTIALS,
    HELPER,
    MFA,
    NAME,
    PASSWORD,
    SRP,
    TOKENS,
    Machine,
    failed,
    good_document,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.conftest import NewMachine

Done = subprocess.CompletedProcess[str]
LOGIN = (HELPER, "login", "--profile", "dev")


def test_a_wrong_stored_password_is_tried_once(enrolled: Machine) -> None:
    enrolled.items.remove("refresh-token", "session")
    enrolled.items.set("password", "not the password any more")
    for _ in range(5):
        _, hint = failed(enrolled.helper(), 3)
        assert hint == "cognito-credproc login --profile dev"
    assert enrolled.user.wrong_passwords_ever == 1
    assert enrolled.calls() == SRP
    with enrolled.sits(*LOGIN) as person:
        person.answers(f"[dev] password for {NAME}: ", PASSWORD)
        person.sees("[dev] signed in")
        assert person.ends() == 0
    assert enrolled.items.get("password") == PASSWORD
    enrolled.items.remove("refresh-token", "session")
    enrolled.half_a_minute_passes()
    good_document(enrolled.helper().stdout)
    assert enrolled.user.wrong_passwords_ever == 1


def test_a_stored_seed_that_is_none_is_mended_by_the_command_of_its_hint(
    enrolled: Machine,
) -> None:
    enrolled.items.remove("refresh-token", "session")
    enrolled.items.set("totp-seed", "not a seed")
    error, hint = failed(enrolled.helper(), 3)
    assert "the stored TOTP seed makes no codes: it is neither" in error
    assert hint == "cognito-credproc-enroll --profile dev --import-totp"
    assert enrolled.calls() == [], "nothing was spent on it"
    for command in ("doctor", "status"):
        assert hint in enrolled.run([HELPER, command, "--profile", "dev"]).stdout
    enrolled.half_a_minute_passes()
    with enrolled.sits(*shlex.split(hint)) as person:
        person.answers("otpauth:// link: ", str(enrolled.user.totp_secret))
        person.answers("keep the password on this machine? [Y/n] ", "")
        person.answers("keep the key of the app on this machine? [Y/n] ", "")
        assert person.ends() == 0, person.shown
    enrolled.items.remove("refresh-token", "session")
    enrolled.half_a_minute_passes()
    good_document(enrolled.helper().stdout)


def test_it_is_tried_once_where_every_start_has_a_new_state_folder(
    enrolled: Machine, tmp_path: Path
) -> None:
    """As in a container that is given its keyring alone."""
    enrolled.items.remove("refresh-token", "session")
    enrolled.items.set("password", "not the password any more")
    for start in range(3):
        state = str(tmp_path / str(start))
        error, hint = failed(enrolled.helper(COGNITO_CREDPROC_STATE_DIR=state), 3)
        assert "the stored password was refused" in error
        assert hint == "cognito-credproc login --profile dev"
    assert enrolled.user.wrong_passwords_ever == 1
    assert enrolled.calls() == SRP
    status = enrolled.helper("status", "--profile", "dev", COGNITO_CREDPROC_STATE_DIR=state + "x")
    assert "the stored password was refused and is not sent again" in status.stdout
    enrolled.items.set("password", PASSWORD)  # by another program
    enrolled.half_a_minute_passes()
    good_document(enrolled.helper(COGNITO_CREDPROC_STATE_DIR=state + "y").stdout)


def test_a_wrong_stored_seed_is_tried_once(enrolled: Machine) -> None:
    enrolled.items.remove("refresh-token", "session")
    enrolled.pool.enable_totp(enrolled.user)  # the user has another app now
    for _ in range(3):
        _, hint = failed(enrolled.helper(), 3)
        assert hint == "cognito-credproc login --profile dev"
    refused = [c for c in enrolled.cognito.calls if c.error == "CodeMismatchException"]
    assert len(refused) == 1
    assert enrolled.user.wrong_passwords_ever == 0
    with enrolled.sits(*LOGIN) as person:
        person.answers("[dev] code from your authenticator app: ", enrolled.code())
        person.sees("[dev] signed in")
        assert person.ends() == 0


def at_once(processes: int, prepared: Callable[[], Machine]) -> tuple[Machine, list[Done]]:
    """Start the helper many times at once.

    Once more where gnome-keyring did not live through it: it may take a client's first call before
    it has taken note of the client, and dies if that call needs one (GNOME/gnome-keyring issue
    196). Our reader greets it first, and so do we for `keyring`; the tests' own clients do not.
    """
    for _ in range(5):
        machine = prepared()
        with ThreadPoolExecutor(processes) as pool:
            all_done = list(pool.map(lambda _: machine.helper(), range(processes)))  # noqa: B023
        if machine.items.alive:
            return machine, all_done
    pytest.fail("gnome-keyring died five times")


@pytest.mark.parametrize("processes", [2, 8, 50])
@pytest.mark.parametrize("rotation", [None, 0])
def test_processes_at_once_refresh_once(
    new_machine: NewMachine, processes: int, rotation: int | None
) -> None:
    def prepared() -> Machine:
        machine = new_machine(client={"rotation_grace": rotation}).enrolled()
        machine.items.expire()
        return machine

    machine, all_done = at_once(processes, prepared)
    assert [(done.returncode, done.stderr) for done in all_done] == [(0, "")] * processes
    (only,) = {done.stdout for done in all_done}
    good_document(only)
    assert machine.calls() == [TOKENS, CREDENTIALS]


def test_processes_at_once_try_a_wrong_password_once(new_machine: NewMachine) -> None:
    def prepared() -> Machine:
        machine = new_machine().enrolled()
        machine.items.remove("refresh-token", "session")
        machine.items.set("password", "not the password any more")
        return machine

    machine, all_done = at_once(4, prepared)
    assert {done.returncode for done in all_done} == {3}
    assert machine.user.wrong_passwords_ever == 1


@pytest.mark.parametrize("processes", [8, 50])
def test_processes_at_once_are_told_once_what_only_a_person_can_mend(
    new_machine: NewMachine, processes: int
) -> None:
    """The password is right, so nothing is marked as refused; but a new one has to be chosen."""

    def prepared() -> Machine:
        machine = new_machine().enrolled()
        machine.items.remove("refresh-token", "session")
        machine.user.status = "FORCE_CHANGE_PASSWORD"
        machine.half_a_minute_passes()
        return machine

    machine, all_done = at_once(processes, prepared)
    said = {(done.returncode, *done.stderr.splitlines()[1:]) for done in all_done}
    assert said == {(3, "hint: cognito-credproc login --profile dev")}
    assert all("a new password is needed" in done.stderr for done in all_done)
    assert machine.calls() == SRP
    status = machine.helper("status", "--profile", "dev").stdout
    assert "a new password is needed, and nobody can be asked here; the next try is in" in status


def starts(machine: Machine, number: int) -> set[tuple[int, str]]:
    """Start the helper so often, eight at a time; the exit statuses and hints."""
    with ThreadPoolExecutor(8) as pool:
        all_done = list(pool.map(lambda _: machine.helper(), range(number)))
    return {(done.returncode, done.stderr.splitlines()[-1]) for done in all_done}


@pytest.mark.slow
@pytest.mark.parametrize("wrong", ["password", "seed"])
def test_a_hundred_starts_send_a_wrong_factor_once(new_machine: NewMachine, wrong: str) -> None:
    def prepared() -> Machine:
        machine = new_machine().enrolled()
        machine.items.remove("refresh-token", "session")
        if wrong == "password":
            machine.items.set("password", "not the password any more")
        else:
            machine.half_a_minute_passes()
            machine.pool.enable_totp(machine.user)  # the user has another app now
        return machine

    for _ in range(5):
        machine = prepared()
        ends = starts(machine, 100)
        if machine.items.alive:
            break
    assert ends == {(3, "hint: cognito-credproc login --profile dev")}
    refused = [call.error for call in machine.cognito.calls if call.error]
    if wrong == "password":
        assert (machine.user.wrong_passwords_ever, len(refused)) == (1, 1)
        assert machine.calls() == SRP
    else:
        assert (machine.user.wrong_passwords_ever, refused) == (0, ["CodeMismatchException"])
        assert machine.calls() == [*SRP, MFA]
