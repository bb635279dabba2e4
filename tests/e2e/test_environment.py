"""The caller's environment: whatever AWS_PROFILE says, the helper runs once and works."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.machine import (
    ARN,
    CREDENTIALS,
    HELPER,
    SCRIPTS,
    TOKENS,
    Machine,
    good_document,
)

if TYPE_CHECKING:
    from pathlib import Path

CLI = [str(SCRIPTS / "aws"), "sts", "get-caller-identity", "--query=Arn", "--output=text"]


@pytest.fixture
def counted(enrolled: Machine, tmp_path: Path) -> tuple[Machine, Path]:
    """A machine whose credentials have run out, and the file that counts the helper's runs."""
    runs, script = tmp_path / "runs", tmp_path / "helper"
    script.write_text(f'#!/bin/sh\necho run >>"{runs}"\nexec "{HELPER}" "$@"\n')
    script.chmod(0o700)
    enrolled.write_config(credential_process=f'"{script}" --profile dev')
    enrolled.items.expire()
    return enrolled, runs


@pytest.mark.parametrize(
    ("arguments", "variable", "value"),
    [
        ([], "AWS_PROFILE", "dev"),
        (["--profile=dev"], "AWS_PROFILE", "dev"),
        (["--profile=dev"], "AWS_PROFILE", "no-such-profile"),
        (["--profile=dev"], "AWS_DEFAULT_PROFILE", "no-such-profile"),
        (["--profile=dev"], "AWS_PROFILE", ""),
    ],
)
def test_the_helper_runs_once(
    counted: tuple[Machine, Path], arguments: list[str], variable: str, value: str
) -> None:
    machine, runs = counted
    done = machine.run([*CLI, *arguments], **{variable: value})
    assert (done.stderr, done.stdout, done.returncode) == ("", f"{ARN}\n", 0)
    assert runs.read_text() == "run\n"
    assert machine.calls() == [TOKENS, CREDENTIALS, "GetCallerIdentity"]


def test_the_profile_of_the_environment_is_the_one_meant(enrolled: Machine) -> None:
    done = enrolled.run([HELPER], AWS_PROFILE="dev")
    assert (done.stderr, done.returncode) == ("", 0)
    good_document(done.stdout)


def test_the_profile_named_default(enrolled: Machine) -> None:
    text = enrolled.config.read_text()
    enrolled.config.write_text(text.replace("[profile dev]", "[default]"))
    done = enrolled.run([HELPER])
    assert (done.stderr, done.returncode) == ("", 0)
    good_document(done.stdout)


def test_keys_in_the_environment_do_not_disturb_the_helper(enrolled: Machine) -> None:
    enrolled.items.expire()
    keys = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "x" * 40}
    good_document(enrolled.helper(**keys).stdout)
    assert enrolled.calls() == [TOKENS, CREDENTIALS]
