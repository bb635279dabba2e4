"""The debug log as a person sees it, and as it stays away from everybody else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.e2e.machine import ENROLL, HELPER, Machine, failed, good_document
from tests.local_cognito import Fault

if TYPE_CHECKING:
    from pathlib import Path


def test_a_renewal_says_which_step_which_call_and_how_long(enrolled: Machine) -> None:
    enrolled.items.expire()
    enrolled.items.remove("refresh-token")
    done = enrolled.helper("--profile", "dev", "--debug")
    assert done.returncode == 0
    good_document(done.stdout)
    endpoint = re.escape(enrolled.cognito.endpoint)
    for line in (
        r"begin: print the credentials, profile dev; cognito-credproc \S+, Python 3",
        r"keyring: SecretService",
        r"cache: -\d+ s left, of these settings",
        r"lock [0-9a-f]{8}, waiting up to \d+\.\d s: done after \d+\.\d{3} s",
        r"keyring: read refresh-token: done after \d+\.\d{3} s",
        r"renewal by a sign-in; what it asks for is stored, nobody can be asked",
        r"question: password: done after",
        rf"call InitiateAuth: to {endpoint}",
        rf'{endpoint} "POST / HTTP/1\.1" 200 \d+',
        r"x-amzn-RequestId: [0-9a-f-]{36}",
        r"ChallengeName: SOFTWARE_TOKEN_MFA",
        r"call GetCredentialsForIdentity: done after \d+\.\d{3} s",
        r"keyring: write session: done after",
        r"lock [0-9a-f]{8} released",
        r"end: exit status 0",
    ):
        assert re.search(line, done.stderr), line


def test_a_failure_says_more_than_two_lines(enrolled: Machine) -> None:
    enrolled.items.expire()
    enrolled.cognito.faults.add("GetTokensFromRefreshToken", Fault.ERROR_500, times=None)
    done = enrolled.run([HELPER, "--debug", "--profile", "dev"])
    assert (done.returncode, done.stdout) == (1, "")
    assert '"POST / HTTP/1.1" 500' in done.stderr
    assert "renewal by the refresh token" in done.stderr
    assert "\nerror: GetTokensFromRefreshToken: " in done.stderr
    assert done.stderr.endswith("end: exit status 1\n")


def test_the_file_takes_what_a_tool_would_hide(enrolled: Machine, tmp_path: Path) -> None:
    """A hit as well: with this variable the whole program answers, and says why it may."""
    log = tmp_path / "debug.log"
    hit = enrolled.helper(COGNITO_CREDPROC_DEBUG=str(log))
    assert (hit.returncode, hit.stderr) == (0, "")
    assert hit.stdout == enrolled.helper().stdout
    first = log.read_text()
    assert "s left, the config file as it was" in first
    assert "lock" not in first
    enrolled.items.expire()
    good_document(enrolled.helper(COGNITO_CREDPROC_DEBUG=str(log)).stdout)
    assert log.read_text().startswith(first)
    assert "call GetTokensFromRefreshToken: done" in log.read_text()
    assert enrolled.calls() == ["GetTokensFromRefreshToken", "GetCredentialsForIdentity"]


@pytest.mark.parametrize("command", [HELPER, ENROLL])
def test_a_file_that_is_no_good_is_said(machine: Machine, command: str) -> None:
    error, hint = failed(machine.run([command, "--profile=dev"], COGNITO_CREDPROC_DEBUG="1"), 1)
    assert error.startswith("error: COGNITO_CREDPROC_DEBUG is 1, which cannot be written: ")
    assert hint.endswith('export COGNITO_CREDPROC_DEBUG="$HOME/cognito-credproc.log"')


def test_after_the_verb_it_means_the_same(enrolled: Machine) -> None:
    for words, said in (
        (["--debug", "logout"], "signed out"),
        (["logout", "--debug"], "was not signed in"),
    ):
        done = enrolled.run([HELPER, "--profile", "dev", *words])
        assert (done.returncode, done.stdout.splitlines()[0]) == (0, f"[dev] {said}")
        assert "begin: logout, profile dev; " in done.stderr
