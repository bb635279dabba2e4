"""Callers that close, fill or take away what a program counts on."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.e2e.machine import (
    CREDENTIALS,
    ENROLL,
    HELPER,
    MFA,
    SRP,
    TOKENS,
    Machine,
    failed,
    good_document,
)

if TYPE_CHECKING:
    from pathlib import Path

RUN = f"{HELPER} --profile dev"


@pytest.mark.parametrize("hit", [True, False])
def test_credentials_never_go_into_a_socket(enrolled: Machine, hit: bool) -> None:
    """With 0 and 1 closed, the first socket that is opened would be standard output."""
    if not hit:
        enrolled.items.expire()
    before = len(b"".join(enrolled.cognito.wire))
    done = enrolled.run(["sh", "-c", f"exec {RUN} <&- >&-"])
    assert done.returncode == 1
    assert done.stderr.startswith("error: standard output is closed")
    assert len(b"".join(enrolled.cognito.wire)) == before
    everything = enrolled.run(["sh", "-c", f"exec {RUN} <&- >&- 2>&-"])
    assert everything.returncode == 1


def test_closed_input_and_error_streams_do_no_harm(enrolled: Machine) -> None:
    enrolled.items.expire()
    done = enrolled.run(["sh", "-c", f"exec {RUN} <&- 2>&-"])
    assert done.returncode == 0
    good_document(done.stdout)


@pytest.mark.parametrize("hit", [True, False])
def test_a_full_disk_is_named(enrolled: Machine, hit: bool) -> None:
    if not hit:
        enrolled.items.expire()
    done = enrolled.run(["sh", "-c", f"exec {RUN} > /dev/full"])
    assert done.returncode == 1
    assert "standard output" in done.stderr
    assert len(done.stderr.splitlines()) <= 2


def test_a_folder_that_was_deleted(enrolled: Machine, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    for expire in (False, True):
        if expire:
            enrolled.items.expire()
        script = f"mkdir -p {gone}; cd {gone}; rmdir {gone}; exec {RUN}"
        done = enrolled.run(["sh", "-c", script])
        assert (done.returncode, done.stderr) == (0, "")
        good_document(done.stdout)


def test_a_profile_with_letters_that_the_streams_cannot_encode(enrolled: Machine) -> None:
    text = enrolled.config.read_text("utf-8")
    more = text.replace("[profile dev]", '[profile "d\u00e9v \u00e9"]')
    enrolled.config.write_text(text + more, "utf-8")
    enrolled.half_a_minute_passes()
    login = [HELPER, "login", "--profile", "d\u00e9v \u00e9"]
    done = enrolled.run(login, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")


def test_two_app_clients_share_one_ledger_of_codes_and_one_breaker(enrolled: Machine) -> None:
    other = enrolled.pool.create_client()
    enrolled.identity_pool.clients.append(other)
    two = enrolled.config.read_text("utf-8").replace("[profile dev]", "[profile two]")
    enrolled.write_config(more=two.replace(enrolled.client.id, other.id))
    enrolled.items.remove("refresh-token", "session")
    enrolled.half_a_minute_passes()
    for profile in ("dev", "two"):
        good_document(enrolled.helper("--profile", profile).stdout)
    assert enrolled.calls() == [*SRP, MFA, "GetCredentialsForIdentity"] * 2
    assert not [call for call in enrolled.cognito.calls if call.error]
    enrolled.items.remove("refresh-token", "session")
    enrolled.items.set("password", "not the password any more")
    for profile in ("dev", "two", "dev"):
        message, _ = failed(enrolled.helper("--profile", profile), 3)
        assert "the stored password was refused" in message or "nobody can be asked" in message
    assert enrolled.user.wrong_passwords_ever == 1


def test_a_refresh_token_of_no_form_is_passed_over(enrolled: Machine) -> None:
    enrolled.items.set("refresh-token", "not a token \u00e9")
    enrolled.items.expire()
    enrolled.half_a_minute_passes()
    done = enrolled.helper()
    assert (done.returncode, done.stderr) == (0, "")
    assert enrolled.calls() == [TOKENS, *SRP, MFA, CREDENTIALS]


def test_an_enrolment_without_a_terminal_names_itself(machine: Machine) -> None:
    machine.create_user()
    _, hint = failed(machine.run([ENROLL, "--profile", "dev"]), 3)
    assert hint == "run it in a terminal: cognito-credproc-enroll --profile dev"


def test_a_wrong_value_is_named_where_it_stands(enrolled: Machine) -> None:
    enrolled.write_config(
        more="[profile admin]\ncognito_settings_from = dev\n", cognito_client_id="bad id!"
    )
    message, hint = failed(enrolled.helper("--profile", "admin"), 1)
    assert "profile dev: cognito_client_id = bad id! is malformed" in message
    assert hint == "aws configure set cognito_client_id VALUE --profile dev"


def test_a_full_state_folder_sends_no_stored_password(enrolled: Machine, tmp_path: Path) -> None:
    """A file where the folder would be: nothing can be written there."""
    enrolled.items.remove("refresh-token", "session")
    blocked = tmp_path / "blocked"
    blocked.touch()
    for _ in range(2):
        failed(enrolled.helper(COGNITO_CREDPROC_STATE_DIR=str(blocked)), 1)
    assert enrolled.calls() == []


def test_no_core_dump_can_hold_a_secret(enrolled: Machine) -> None:
    code = (
        "import resource; from cognito_credproc.face import guarded; "
        "guarded(lambda: print(resource.getrlimit(resource.RLIMIT_CORE)))"
    )
    limit = subprocess.run(
        [
            sys.executable,
            "-c",
            code,
        ],
        capture_output=True,
        text=True,
        env=enrolled.environment,
        check=True,
    )
    # A soft limit of 1 byte keeps it from a file and from a program alike, 0 only from a file.
    assert limit.stdout.startswith("(1, ") or limit.stdout == "(0, 0)\n"
