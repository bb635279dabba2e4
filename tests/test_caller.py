"""The name of the calling program."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cognito_credproc.process import caller
from cognito_credproc.process.caller import Process, calling_program, described, named
from tests import programs

TELL = "from cognito_credproc.process.caller import calling_program; print(calling_program())"


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["/usr/bin/aws", "s3", "ls"], "aws"),
        (["/venv/bin/python3.11", "/venv/bin/aws", "s3"], "aws"),
        (["python", "-u", "-W", "tool.py"], "tool.py"),
        (["python", "-m", "awscli.customizations", "x"], "awscli.customizations"),
        (["/Library/Frameworks/Python.app/Contents/MacOS/Python", "/venv/bin/aws"], "aws"),
        (["python", "-c", "secret words"], "python"),
        (["java", "-Xmx1g", "-jar", "/opt/tool.jar", "x"], "tool.jar"),
        (["node"], "node"),
        (["-bash"], "-bash"),
        ([r"C:\Program Files\Amazon\aws.exe"], "aws.exe"),
        (["/"], ""),
    ],
)
def test_names(words: list[str], name: str) -> None:
    assert named(words) == name


@pytest.mark.parametrize("proc", sorted({False, Path("/proc/self").exists()}))
def test_callers_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proc: bool
) -> None:
    """A script, which runs a shell with a command, which runs this; with /proc and without."""
    if not proc:
        monkeypatch.setattr(caller, "Path", lambda _name: Path("/nowhere"))
    tool = programs.python(tmp_path, "print('there', flush=True); input()", "a tool")
    commands = ([tool, "s3cret"], ["/bin/sh", "-c", "echo there; read x; true"])
    children = [
        subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for words in commands
    ]
    try:
        for child in children:
            assert child.stdout
            child.stdout.readline()
        script, shell = children
        # ps says where words end by spaces alone.
        assert calling_program(script.pid) == ("a tool" if proc else "a")
        assert calling_program(shell.pid) == calling_program(os.getpid())
    finally:
        for child in children:
            child.communicate(b"\n")


def test_caller_through_a_shell(tmp_path: Path) -> None:
    line = f"{sys.executable} -c '{TELL}'; true"  # the last word keeps the shell there
    tool = programs.python(tmp_path, f"import os; os.system({line!r})", "mytool")
    done = subprocess.run([tool, "s3cret"], capture_output=True, text=True, check=True)
    assert done.stdout == "mytool\n"


@pytest.mark.parametrize("process", [0, 1, 2**22 + 5])
def test_nobody_to_name(process: int) -> None:
    assert calling_program(process) is None


def test_names_are_short_and_printable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caller, "_seen", lambda _: caller.Process(1, ["\x1b[31m" + "x" * 99]))
    assert calling_program(7) == "[31m" + "x" * 36


def test_circle_of_shells_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caller, "_seen", lambda _: caller.Process(7, ["sh", "-c", "x"]))
    assert calling_program(7) is None


@pytest.mark.parametrize(
    ("words", "tool", "described_as"),
    [
        (
            ["/usr/bin/python3", "/venv/bin/cognito-credproc", "login", "--profile", "two words"],
            "bash",
            "cognito-credproc login, profile two words",
        ),
        (
            ["python3", "-I", "-S", "/x/run.py", "--profile=a", "--profile=dev"],
            "terraform",
            "cognito-credproc, profile dev, for terraform",
        ),
        (["python3", "/x/cognito-credproc", "--profile"], "-zsh", "cognito-credproc"),
        (["python3", "/x/cognito-credproc-enroll"], "bash", "cognito-credproc enrolment"),
    ],
)
def test_what_a_process_of_ours_does(
    monkeypatch: pytest.MonkeyPatch, words: list[str], tool: str, described_as: str
) -> None:
    seen = {7: Process(6, words), 6: Process(1, [f"/bin/{tool}"])}
    monkeypatch.setattr(caller, "_seen", seen.get)
    assert described(7) == f"process 7 ({described_as})"
    assert described(8) == "process 8"
