"""Other programs, real ones: those that work, and those that hang, flood, fail or leave a child."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

from cognito_credproc.process import command
from cognito_credproc.process.command import CommandError, output
from tests import programs
from tests.systems import has_ended, open_descriptors

SECRET = "s3cret"


def refused(words: list[str], seconds: float = 5) -> str:
    """Why a program's output is not taken; nothing of that is in the reason."""
    with pytest.raises(CommandError) as caught:
        output(words, seconds)
    assert SECRET not in caught.value.lines()
    return caught.value.message


def waited(until: Callable[[], bool]) -> bool:
    """Whether it comes true within a while."""
    deadline = time.monotonic() + 5
    while not until():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_words_reach_the_program_as_they_are(tmp_path: Path) -> None:
    prog = programs.shell(tmp_path, r"""printf '%s|' "$@" """)
    assert output([prog, "$HOME", "a b", ";", "`id`", "*"], 5) == b"$HOME|a b|;|`id`|*|"


def test_program_is_found_on_the_path() -> None:
    assert output(["printf", "%s", "there"], 5) == b"there"


def test_standard_input_ends_at_once() -> None:
    assert output(["cat"], 5) == b""


def test_program_has_no_terminal_and_a_session_of_its_own() -> None:
    who = "import os; print(os.getsid(0) == os.getpid()); os.open('/dev/tty', os.O_RDWR)"
    assert refused([sys.executable, "-c", who]).endswith("ended with status 1")
    only = "import os; print(os.getsid(0) == os.getpid())"
    assert output([sys.executable, "-c", only], 5) == b"True\n"


def test_failures_are_named_without_what_was_printed(tmp_path: Path) -> None:
    prog = programs.shell(tmp_path, f"echo {SECRET}; echo {SECRET} >&2; exit 3")
    assert refused([prog, SECRET]) == "prog ended with status 3"
    assert refused([programs.shell(tmp_path, "kill -9 $$")]) == "prog was ended by signal 9"
    assert refused([str(tmp_path / "none"), SECRET]) == "none was not found"
    assert refused(["true", f"{SECRET}\0"]) == "true cannot be run: its words cannot be passed on"
    (tmp_path / "plain").touch(mode=0o600)
    assert refused([str(tmp_path / "plain")]) == "plain cannot be run: Permission denied"


def test_program_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    prog = programs.shell(tmp_path, f'sleep 60 & echo $! $$ >"{pids}"; wait')
    before = time.monotonic()
    assert refused([prog], 0.5) == "prog took longer than 0 seconds"
    assert time.monotonic() - before < 3
    for process in map(int, pids.read_text().split()):
        assert waited(lambda: has_ended(process))  # noqa: B023 - called at once


def test_program_that_closes_its_output_and_hangs() -> None:
    assert "took longer" in refused(["sh", "-c", "exec >&-; exec sleep 60"], 0.3)


def test_flood_is_cut_off_at_once() -> None:
    before = time.monotonic()
    assert refused(["yes", SECRET], 30) == "yes printed more than 4096 bytes"
    assert time.monotonic() - before < 5
    assert refused(["head", "-c", "4097", "/dev/zero"]) == "head printed more than 4096 bytes"
    assert len(output(["head", "-c", "4096", "/dev/zero"], 5)) == 4_096


def test_child_that_is_left_behind_is_not_waited_for(tmp_path: Path) -> None:
    """An agent that a password manager starts holds the pipe as long as it lives."""
    pids = tmp_path / "pids"
    prog = programs.shell(tmp_path, f'sleep 60 & echo $! >"{pids}"; echo done')
    before = time.monotonic()
    assert output([prog], 30) == b"done\n"
    assert time.monotonic() - before < 5
    agent = int(pids.read_text())
    assert not has_ended(agent)
    os.kill(agent, 9)


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    before = open_descriptors()
    output(["true"], 5)
    refused([str(tmp_path / "none")])
    refused(["yes"])
    assert waited(lambda: open_descriptors() <= before)


ON_A_TERMINAL = """
import sys
from cognito_credproc.process.command import CommandError, output
from cognito_credproc.people.terminal import Terminal
with Terminal.open().lent() as terminal:
    try:
        print("got", output([sys.argv[1]], 1.4, terminal))
    except CommandError as error:
        print(error.message)
"""


def on_a_terminal(prog: str) -> "pexpect.spawn[str]":
    """Run a program as one that may use the terminal."""
    return pexpect.spawn(sys.executable, ["-c", ON_A_TERMINAL, prog], timeout=20, encoding="utf-8")


def test_program_may_use_the_terminal_that_it_is_lent(tmp_path: Path) -> None:
    ask = "stty -echo </dev/tty; echo 'PIN: ' >&2; read pin </dev/tty; stty echo </dev/tty"
    child = on_a_terminal(programs.shell(tmp_path, f"{ask}; echo $pin"))
    child.expect_exact("PIN: ")
    assert child.waitnoecho(5)
    child.sendline("1234")
    child.expect_exact("got b'1234\\n'")
    child.expect(pexpect.EOF)
    child.close()


def test_terminal_comes_back_with_its_echo(tmp_path: Path) -> None:
    child = on_a_terminal(programs.shell(tmp_path, "stty -echo </dev/tty; exec sleep 60"))
    assert child.waitnoecho(5)
    child.expect_exact("prog took longer than 1 seconds")
    assert child.getecho()
    child.expect(pexpect.EOF)
    child.close()


def test_what_it_started_goes_with_it_and_the_terminal_comes_back(tmp_path: Path) -> None:
    notes = tmp_path / "process"
    child = on_a_terminal(programs.shell(tmp_path, f"sleep 60 & echo $! >{notes}; wait"))
    child.expect_exact("prog took longer than 1 seconds")
    child.expect(pexpect.EOF)  # it could write, and was not stopped for it
    child.close()
    assert child.exitstatus == 0
    assert waited(lambda: has_ended(int(notes.read_text())))


def test_ctrl_z_stops_both_and_both_go_on(tmp_path: Path) -> None:
    prog = programs.shell(tmp_path, "echo 'PIN: ' >&2; read pin </dev/tty; echo $pin")
    script = tmp_path / "caller.py"
    script.write_text(ON_A_TERMINAL.replace("1.4", "30"))
    shell = pexpect.spawn("bash", ["--norc", "--noprofile", "-i"], timeout=20, encoding="utf-8")
    shell.sendline(f"'{sys.executable}' '{script}' '{prog}'")
    shell.expect_exact("PIN: ")
    shell.sendcontrol("z")
    shell.expect_exact("Stopped")
    shell.sendline("echo $((6 * 7))")
    shell.expect_exact("42")
    shell.sendline("fg")
    shell.expect_exact("caller.py")
    time.sleep(0.3)  # until the program has the terminal back
    shell.sendline("1234")
    shell.expect_exact("got b'1234\\n'")
    shell.sendline("exit")
    shell.expect(pexpect.EOF)
    shell.close()


def test_ctrl_c_is_meant_for_the_caller_as_well(tmp_path: Path) -> None:
    child = on_a_terminal(programs.shell(tmp_path, "echo READY >&2; exec sleep 60"))
    child.expect_exact("READY")
    child.sendintr()
    child.expect_exact("KeyboardInterrupt")
    child.expect(pexpect.EOF)
    child.close()


@pytest.mark.parametrize(
    ("words", "said"), [(["/usr/bin/op", "x"], "op"), (["op"], "op"), (["/"], "/")]
)
def test_name(words: list[str], said: str) -> None:
    assert command.name(words) == said
