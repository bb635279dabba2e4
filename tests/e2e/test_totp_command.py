"""Codes from another program: without a person, with one, and when they are wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import programs
from tests.e2e.machine import CREDENTIALS, HELPER, MFA, SRP, Machine, failed, good_document

if TYPE_CHECKING:
    from pathlib import Path

LOGIN = (HELPER, "login", "--profile", "dev")
PRINT = """
import pyotp
print(pyotp.TOTP({seed!r}).now())
"""
ASK = """
import getpass
with open({runs!r}, "a") as runs:
    print("run", file=runs)
tty = open("/dev/tty", "r+b", buffering=0)  # as getpass does, which falls back to standard input
assert getpass.getpass("PIN of the key: ") == "1234"
"""


@pytest.fixture
def seedless(enrolled: Machine) -> Machine:
    """A stored password, no stored seed, and a sign-in that has run out."""
    enrolled.items.remove("refresh-token", "session", "totp-seed")
    enrolled.half_a_minute_passes()
    return enrolled


def seed(machine: Machine) -> str:
    """The seed that the service knows."""
    assert machine.user.totp_secret
    return machine.user.totp_secret


def test_command_makes_a_sign_in_that_needs_nobody(seedless: Machine, tmp_path: Path) -> None:
    prog = programs.python(tmp_path, PRINT.format(seed=seed(seedless)), "my codes")
    seedless.write_config(cognito_totp_command=f'"{prog}" --for dev')
    done = seedless.helper()
    assert (done.stderr, done.returncode) == ("", 0)
    good_document(done.stdout)
    assert seedless.calls() == [*SRP, MFA, CREDENTIALS]


def test_command_may_ask_on_the_terminal_and_nowhere_else(
    seedless: Machine, tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    text = ASK.format(runs=str(runs)) + PRINT.format(seed=seed(seedless))
    seedless.write_config(cognito_totp_command=programs.python(tmp_path, text))
    error, hint = failed(seedless.helper(), 3)
    assert error == (
        "error: profile dev: cognito_totp_command gave no code: prog ended with status 1"
    )
    assert hint == "cognito-credproc login --profile dev"
    with seedless.sits(HELPER, "--profile", "dev", pipes=True) as person:
        person.answers("PIN of the key: ", "1234")
        assert person.ends() == 0
        out, err = person.output()
    good_document(out)
    assert err == ""
    assert "1234" not in person.shown
    assert runs.read_text() == "run\n" * 2


def test_wrong_code_is_sent_once_and_a_person_goes_on(seedless: Machine, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    prog = programs.shell(tmp_path, f'echo run >>"{runs}"; echo 000000')
    seedless.write_config(cognito_totp_command=prog)
    for _ in range(3):
        error, hint = failed(seedless.helper(), 3)
        assert "the code of cognito_totp_command was refused (that code is wrong)" in error
        assert hint == "cognito-credproc login --profile dev"
    assert runs.read_text() == "run\n"
    refused = [c for c in seedless.cognito.calls if c.error == "CodeMismatchException"]
    assert len(refused) == 1
    seedless.half_a_minute_passes()
    with seedless.sits(*LOGIN) as person:
        person.sees("[dev] the code comes from cognito_totp_command")
        person.sees("[dev] that code is wrong")
        person.answers("[dev] code from your authenticator app: ", seedless.code())
        person.sees("[dev] signed in")
        assert person.ends() == 0
