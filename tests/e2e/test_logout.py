"""`logout`: every profile, each sign-in once, what each came to, and what Cognito did not hear."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.e2e.machine import HELPER, ROLE, failed, good_document
from tests.local_cognito import Fault

if TYPE_CHECKING:
    from tests.e2e.machine import Machine

OUT = (HELPER, "logout", "--profile", "dev")
ALL = (HELPER, "logout", "--all")
HERE_ALONE = (
    "error: signed out on this machine, but not at Cognito, where the refresh token stays valid"
    " until it expires or an administrator ends it: RevokeToken: "
)
BY_ADMIN = "an administrator ends it: aws cognito-idp admin-user-global-sign-out --user-pool-id "
LATE = """\
from cognito_credproc.use_cases import program
program.CALL_PATIENCE = 0  # as after two locks and a slow keyring
from cognito_credproc.cli import main
raise SystemExit(main(["logout", "--profile", "dev"]))
"""
TEAM = f"""\
[profile admin]
cognito_settings_from = dev
cognito_role_arn = {ROLE}

[profile broken]
cognito_settings_from = dev
cognito_user_pool_id = nonsense

[profile plain]
region = ap-northeast-1
"""


@pytest.fixture
def team(enrolled: Machine) -> Machine:
    """Two profiles of one sign-in, one whose settings are wrong, one that is not ours."""
    enrolled.user.roles = [ROLE]
    enrolled.write_config(TEAM)
    for profile in ("dev", "admin"):
        good_document(enrolled.helper("--profile", profile).stdout)
    enrolled.calls()
    return enrolled


def test_each_sign_in_is_revoked_once_and_a_failure_stops_nothing(team: Machine) -> None:
    done = team.run(ALL)
    assert done.returncode == 1
    *lines, hint = done.stdout.splitlines()
    out, broken = lines[:4], lines[4:]
    assert out == [
        "[dev] signed out",
        "[admin] signed out with it, by the same sign-in",
        "[dev] still in the keyring: password, TOTP seed",
        "  to remove it: cognito-credproc logout --profile dev --forget",
    ]
    said = " ".join(" ".join(broken).split())
    assert said.startswith(f"[broken] failed: {team.config}: profile broken: cognito_user_pool_id")
    assert said.endswith("it looks like ap-northeast-1_AbCdEfGhI")
    assert hint.startswith("  hint: cognito-credproc configure --profile broken")
    assert done.stderr == (
        "error: 1 of 3 profiles could not be signed out: broken\n"
        "hint: mend each as said above, then: cognito-credproc logout --all\n"
    )
    assert team.calls() == ["RevokeToken"]
    assert team.items.kinds() == {"password", "totp-seed"}
    team.write_config(TEAM.partition("[profile broken]")[0])
    done = team.run([*ALL, "--forget"])
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "[dev] was not signed in\n[dev] forgotten: password, TOTP seed\n"
    assert team.items.kinds() == set()
    assert team.calls() == []


def test_one_profile_takes_those_of_its_sign_in_along(team: Machine) -> None:
    done = team.helper("logout", "--profile", "admin", "--forget")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "[admin] signed out\n[dev] signed out with it, by the same sign-in\n"
        "[admin] forgotten: password, TOTP seed\n"
    )
    assert team.items.kinds() == set()
    assert team.helper("--profile", "dev").returncode == 3
    done = team.helper("logout", "--profile", "dev", "--forget")
    assert done.stdout == "[dev] was not signed in\n"


def test_app_client_that_cannot_revoke(enrolled: Machine) -> None:
    enrolled.client.revocation = False
    done = enrolled.helper("logout", "--profile", "dev")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "[dev] signed out here; this app client cannot revoke: the sign-in at Cognito\n  ends by"
        " itself\n  hint: ask the administrator to enable token revocation on the app client\n"
        "[dev] still in the keyring: password, TOTP seed\n"
        "  to remove it: cognito-credproc logout --profile dev --forget\n"
    )
    assert enrolled.items.kinds() == {"password", "totp-seed"}


def test_where_cognito_cannot_be_told_the_items_go_and_the_status_says_so(team: Machine) -> None:
    team.cognito.faults.add("RevokeToken", Fault.ERROR_500, times=3)
    done = team.run(ALL)
    assert done.returncode == 1
    assert " ".join(done.stdout.split()).startswith(
        "[admin] signed out with it, by the same sign-in"
        " [dev] still in the keyring: password, TOTP seed"
        " to remove it: cognito-credproc logout --profile dev --forget"
        " [dev] signed out on this machine, but not"
        " at Cognito, where the refresh token stays valid until it expires or an administrator ends"
        " it: RevokeToken: HTTP status 500 instead of an answer"
    )
    assert f"admin-user-global-sign-out --user-pool-id {team.client.pool.id} " in done.stdout
    assert done.stderr == (
        "error: 1 of 3 profiles could not be signed out: broken; signed out on this machine, but"
        " not at Cognito: dev\n"
        "hint: an administrator ends that, by the command above; mend each as said above, then:"
        " cognito-credproc logout --all\n"
    )
    assert team.items.kinds() == {"password", "totp-seed"}


def test_nothing_to_do_and_wrong_usage(enrolled: Machine) -> None:
    error, _ = failed(enrolled.run([*ALL, "--profile", "dev"]), 2)
    assert error == "error: --all and --profile exclude each other"
    enrolled.config.write_text("[profile plain]\nregion = ap-northeast-1\n")
    done = enrolled.run(ALL)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"no profile in {enrolled.config} has cognito settings\n"
    assert "refresh-token" in enrolled.items.kinds()


def test_whoever_waited_for_locks_and_keyring_is_signed_out_at_cognito(enrolled: Machine) -> None:
    done = enrolled.run([sys.executable, "-c", LATE])
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("[dev] signed out\n")
    assert enrolled.calls() == ["RevokeToken"]


@pytest.mark.parametrize(
    ("command", "signal_sent", "status"),
    [(OUT, signal.SIGINT, 130), (OUT, signal.SIGTERM, 143), (ALL, signal.SIGINT, 130)],
)
def test_an_interrupted_logout_says_that_cognito_was_not_told(
    enrolled: Machine, command: tuple[str, ...], signal_sent: signal.Signals, status: int
) -> None:
    second = "[profile second]\ncognito_settings_from = dev\ncognito_username = somebody-else\n"
    enrolled.write_config(second)
    enrolled.cognito.faults.add("RevokeToken", Fault.SILENCE)
    with enrolled.sits(*command, pipes=True) as person:
        while "RevokeToken" not in enrolled.calls():
            time.sleep(0.05)
        os.killpg(person.process.pid, signal_sent)
        out, err = person.output()
        assert person.process.wait() == status
    error, hint = err.splitlines()
    assert error == f"{HERE_ALONE}interrupted"
    assert hint.startswith(f"hint: {BY_ADMIN}{enrolled.pool.id} ")
    assert "second" not in out
    assert out.startswith("[dev] still in the keyring: password, TOTP seed\n")
    assert enrolled.items.kinds() == {"password", "totp-seed"}


def test_an_endpoint_that_is_no_url_leaves_the_items_no_more_than_another_failure(
    enrolled: Machine,
) -> None:
    done = enrolled.run(OUT, AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER="garbage")
    error, hint = done.stderr.splitlines()
    assert done.returncode == 1
    assert error == f"{HERE_ALONE}Invalid endpoint: garbage"
    assert hint.startswith(f"hint: {BY_ADMIN}{enrolled.pool.id} ")
    assert enrolled.items.kinds() == {"password", "totp-seed"}


def test_what_is_forgotten_is_said_and_nobody_is_paused_where_cognito_was_not_told(
    enrolled: Machine,
) -> None:
    enrolled.cognito.faults.add("RevokeToken", Fault.ERROR_500, times=None)
    done = enrolled.run([*OUT, "--forget"])
    assert done.returncode == 1
    assert done.stderr.startswith(f"{HERE_ALONE}HTTP status 500")
    assert done.stdout == "[dev] forgotten: password, TOTP seed\n"
    assert enrolled.items.kinds() == set()
    error, _ = failed(enrolled.helper(), 3)
    assert error == "error: profile dev: nobody is signed in"
