"""A state folder that cannot be used: what is good is served, else the error says which folder."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.e2e.machine import CREDENTIALS, HELPER, TOKENS, Machine, failed, good_document

if TYPE_CHECKING:
    from subprocess import CompletedProcess

# What a full disk does to files, and to nothing else of the machine: none may get any longer.
FULL = ["/bin/sh", "-c", 'ulimit -f 0 && exec "$0" "$@"', HELPER, "--profile", "dev"]
NOWHERE = {"COGNITO_CREDPROC_STATE_DIR": "/dev/null/state"}  # not even root can make that


def on_a_full_disk(machine: Machine) -> CompletedProcess[str]:
    return machine.run(FULL)


def test_good_credentials_are_served_where_no_folder_can_be(enrolled: Machine) -> None:
    stored = enrolled.helper().stdout
    enrolled.items.expire(left=10 * 60)
    done = enrolled.helper(**NOWHERE)
    assert (done.returncode, done.stdout, done.stderr) == (0, stored, "")
    assert enrolled.calls() == []


def test_where_no_folder_can_be_the_error_names_it(enrolled: Machine) -> None:
    enrolled.items.expire()
    error, hint = failed(enrolled.helper(**NOWHERE), 1)
    assert error == ("error: the state folder /dev/null/state cannot be written: Not a directory")
    assert hint == "name another folder: export COGNITO_CREDPROC_STATE_DIR=FOLDER"
    assert enrolled.calls() == []


@pytest.mark.parametrize("left", [10 * 60, -1])
def test_a_full_disk_costs_no_renewal(enrolled: Machine, left: int) -> None:
    """The tokens and the credentials are the keyring's; the state only saves work here."""
    stored = enrolled.helper().stdout
    enrolled.items.expire(left=left)
    done = on_a_full_disk(enrolled)
    assert (done.returncode, done.stderr) == (0, "")
    assert good_document(done.stdout) != good_document(stored)
    assert enrolled.calls() == [TOKENS, CREDENTIALS]


def test_on_a_full_disk_no_stored_factor_is_sent(enrolled: Machine) -> None:
    """Its refusal could not be written down, and a hundred tools may ask."""
    enrolled.items.remove("refresh-token", "session")
    error, hint = failed(on_a_full_disk(enrolled), 1)
    assert error == f"error: the state folder {enrolled.state} cannot be written: File too large"
    assert hint == "name another folder: export COGNITO_CREDPROC_STATE_DIR=FOLDER"
    assert enrolled.calls() == []
    assert [file for file in enrolled.state.iterdir() if file.name.startswith(".new-")] == []
    good_document(enrolled.helper().stdout)


def test_a_folder_that_all_can_read_is_closed(enrolled: Machine) -> None:
    enrolled.state.chmod(0o755)
    enrolled.items.expire()
    good_document(enrolled.helper().stdout)
    assert enrolled.state.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in enrolled.state.iterdir()} == {0o600}


def test_a_folder_that_is_deleted_is_made_again(enrolled: Machine) -> None:
    shutil.rmtree(enrolled.state)
    enrolled.items.expire()
    good_document(enrolled.helper().stdout)
    assert enrolled.state.stat().st_mode & 0o777 == 0o700
