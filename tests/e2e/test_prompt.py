"""Questions in a window: a scripted pinentry where no terminal is, Debian's on a real one."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests import programs
from tests.e2e.machine import (
    CREDENTIALS,
    HELPER,
    MFA,
    NAME,
    PASSWORD,
    SCRIPTS,
    SRP,
    Machine,
    failed,
    good_document,
)
from tests.scripted_pinentry import scripted

if TYPE_CHECKING:
    from pathlib import Path

    from tests.scripted_pinentry import Scripted

GET = (HELPER, "--profile", "dev")
LOGIN = (HELPER, "login", "--profile", "dev")
CANCEL = ["ERR 83886179 Operation cancelled <Pinentry>"]


@pytest.fixture
def bare(machine: Machine) -> Machine:
    """A user who keeps nothing, and whose sign-in has run out."""
    machine.enrolled(keep=False)
    machine.items.remove("refresh-token", "session")
    machine.environment["DISPLAY"] = ":99"
    return machine


def window(machine: Machine, folder: Path, replies: dict[str, object]) -> Scripted:
    """The profile asks by this pinentry."""
    program = scripted(folder, replies)
    machine.write_config(cognito_prompt=program.path)
    return program


def sign_in_in_the_window(machine: Machine) -> dict[str, object]:
    """What a person types there, by the question; the program shows one at a time."""
    password = "".join(map(chr, PASSWORD.encode()))  # a reply is written byte by byte
    return {
        "GETPIN 1": [f"D {password.replace('%', '%25')}", "OK"],
        "GETPIN 2": [f"D {machine.code()}", "OK"],
    }


def test_tool_without_a_terminal_gets_its_answers_from_the_window(
    bare: Machine, tmp_path: Path
) -> None:
    program = window(bare, tmp_path, sign_in_in_the_window(bare))
    tool = programs.python(tmp_path, f"import os; os.execv({HELPER!r}, {list(GET)!r})", "mytool")
    done = bare.run(["/bin/sh", "-c", f"'{tool}'; exit $?"])
    assert (done.stderr, done.returncode) == ("", 0)
    good_document(done.stdout)
    assert bare.calls() == [*SRP, MFA, CREDENTIALS]
    assert f"SETPROMPT password for {NAME}:" in program.requests
    assert "SETPROMPT code from your authenticator app:" in program.requests
    assert any(
        line.startswith("SETDESC AWS profile dev%0Aasked for by ") for line in program.requests
    )


def test_closed_window_does_not_come_again_until_a_person_signs_in(
    bare: Machine, tmp_path: Path
) -> None:
    program = window(bare, tmp_path, {"GETPIN": CANCEL})
    error, hint = failed(bare.helper(), 3)
    assert error == "error: profile dev: no answer from cognito_prompt: cancelled"
    assert hint == "cognito-credproc login --profile dev"
    for _ in range(2):
        error, hint = failed(bare.helper(), 3)
        assert error.endswith("run out; a question on the desktop was not answered")
        assert hint == "cognito-credproc login --profile dev"
    assert program.requests.count("GETPIN") == 1
    assert bare.calls() == []
    with bare.sits(*LOGIN) as person:  # which asks at the terminal, where it was typed
        person.answers(f"[dev] password for {NAME}: ", PASSWORD)
        person.answers("[dev] code from your authenticator app: ", bare.code())
        person.sees("[dev] signed in")
        assert person.ends() == 0
    bare.items.remove("refresh-token", "session")
    failed(bare.helper(), 3)
    assert program.requests.count("GETPIN") == 2


def test_without_a_desktop_it_is_as_if_nobody_were_there(bare: Machine, tmp_path: Path) -> None:
    program = window(bare, tmp_path, {})
    del bare.environment["DISPLAY"]
    error, hint = failed(bare.helper(), 3)
    assert error == (
        "error: profile dev: the sign-in has run out; pinentry, which cognito_prompt names,"
        " finds no desktop here"
    )
    assert hint == "cognito-credproc login --profile dev"
    bare.write_config(cognito_prompt="~/no-such-window --title AWS")
    error, _ = failed(bare.helper(), 3)
    home = bare.environment["HOME"]
    assert error.endswith(f"; {home}/no-such-window, which cognito_prompt names, was not found")
    with pytest.raises(FileNotFoundError):
        assert program.requests


def test_command_is_asked_and_sees_no_secret(bare: Machine, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    answers = f"""
import sys
with open({str(notes)!r}, "a") as notes:
    print(ascii(sys.argv[1:]), file=notes)
print({PASSWORD!r} if "password" in sys.argv[-1] else {bare.code()!r})
"""
    prog = programs.python(tmp_path, answers, "ask me")
    bare.write_config(cognito_prompt=f'"{prog}" --title x')
    good_document(bare.helper().stdout)
    seen = notes.read_text()
    assert seen.count("['--title', 'x', 'cognito-credproc, AWS profile dev") == 2
    assert PASSWORD not in seen


def test_real_pinentry_on_the_terminal_of_an_aws_cli(bare: Machine) -> None:
    if shutil.which("pinentry-tty") is None:
        pytest.skip("not installed: pinentry-tty")
    del bare.environment["DISPLAY"]
    bare.write_config(cognito_prompt="pinentry-tty")
    who = ["sts", "get-caller-identity", "--query=Arn", "--output=text", "--profile=dev"]
    with bare.sits(str(SCRIPTS / "aws"), *who) as person:
        person.sees("AWS profile dev")
        person.sees("asked for by aws")
        person.answers(f"password for {NAME}:", PASSWORD)
        person.answers("code from your authenticator app:", bare.code())
        person.sees("assumed-role/Developers")
        assert person.ends() == 0
        assert person.echo
    assert PASSWORD not in person.shown
