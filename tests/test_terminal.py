"""The terminal, on real pseudo-terminals."""

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator

import pexpect
import pytest

from cognito_credproc.people.terminal import Terminal, unbroken, wrapped
from cognito_credproc.values.errors import CredprocError


class Screen:
    """The other side of a terminal: sees what is shown, types when a prompt has come."""

    def __init__(self) -> None:
        self.master, self.slave = pty.openpty()
        self.terminal = Terminal(self.slave, self.slave)
        self.shown = b""
        self.echoed: bool | None = None
        self._typist: threading.Thread | None = None

    @property
    def echo(self) -> bool:
        """Whether what is typed is shown."""
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)

    def see(self, seconds: float = 0.05) -> bool:
        """Read a piece of what is shown; false if nothing comes for so long."""
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        self.shown += os.read(self.master, 4096)
        return True

    def will_type(self, text: bytes, prompt: str, *, hidden: bool = False) -> None:
        """Type once the prompt is there, and the echo is as it should be."""

        def type_it() -> None:
            deadline = time.monotonic() + 5
            while not (self.shown.endswith(prompt.encode()) and self.echo != hidden):
                self.see()
                if time.monotonic() > deadline:
                    break  # the answer comes all the same, so that the test ends
            self.echoed = self.echo
            os.write(self.master, text)

        self._typist = threading.Thread(target=type_it)
        self._typist.start()

    def finish(self) -> str:
        """Everything that was shown in the end."""
        if self._typist:
            self._typist.join()
        while self.see():
            pass
        return self.shown.decode(errors="replace")


@pytest.fixture
def screen() -> Iterator[Screen]:
    screen = Screen()
    yield screen
    screen.finish()
    os.close(screen.master)
    os.close(screen.slave)


def test_question_and_answer(screen: Screen) -> None:
    screen.will_type("日本語\n".encode(), "name: ")
    assert screen.terminal.ask("name: ") == "日本語"
    assert screen.finish() == "name: 日本語\r\n"


def test_hidden_answer_is_not_shown(screen: Screen) -> None:
    screen.will_type("s3crét\n".encode(), "password: ", hidden=True)
    assert screen.terminal.ask("password: ", hidden=True) == "s3crét"
    assert screen.echoed is False
    assert screen.echo
    assert screen.finish() == "password: \r\n"


def test_what_was_typed_before_a_hidden_prompt_is_thrown_away(screen: Screen) -> None:
    os.write(screen.master, b"typed too early\n")
    assert screen.see()
    screen.will_type(b"s3cret\n", "password: ", hidden=True)
    assert screen.terminal.ask("password: ", hidden=True) == "s3cret"


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize(
    ("typed", "why"), [(b"\x04", "the input ended"), (b"\xff\xfe\n", "not UTF-8")]
)
def test_no_answer_leaves_the_terminal_as_it_was(
    screen: Screen, typed: bytes, why: str, hidden: bool
) -> None:
    before = termios.tcgetattr(screen.slave)
    screen.will_type(typed, "? ", hidden=hidden)
    with pytest.raises(CredprocError, match=why):
        screen.terminal.ask("? ", hidden=hidden)
    assert termios.tcgetattr(screen.slave) == before


def test_long_text_is_written_whole(screen: Screen) -> None:
    text = "x" * 20_000
    writer = threading.Thread(target=screen.terminal.say, args=(text,))
    writer.start()
    while len(screen.shown) < len(text) + 2 and screen.see(5):
        pass
    writer.join()
    assert screen.shown.decode() == text + "\r\n"


def test_lines_are_broken_between_words_and_commands_are_not() -> None:
    command = unbroken("aws sts get-caller-identity --profile dev")
    text = f"[dev] done with it; next: {command}\n  as it is, " + "x" * 40
    assert wrapped(text, 40) == (
        "[dev] done with it; next:\naws sts get-caller-identity --profile dev\n"
        "  as it is, " + "x" * 40
    )
    assert wrapped("[dev] what is it that you want? [y/N] ", 20) == (
        "[dev] what is it\nthat you want? [y/N] "
    )


def test_width(screen: Screen) -> None:
    termios.tcsetwinsize(screen.slave, (24, 132))
    assert screen.terminal.size.columns == 132
    termios.tcsetwinsize(screen.slave, (0, 0))
    assert screen.terminal.size == (80, 24)
    read, write = os.pipe()
    assert Terminal(read, write).size == (80, 24)
    os.close(read)
    os.close(write)


WHO = """
import os, sys
from cognito_credproc.people.terminal import Terminal
def found():
    terminal = Terminal.open()
    return "no terminal" if terminal is None else "a terminal"
print(found(), flush=True)
if "background" in sys.argv:
    if os.fork() == 0:
        os.setpgid(0, 0)
        print("in the background", found(), flush=True)
        os._exit(0)
    os.wait()
"""


def test_without_a_controlling_terminal_there_is_nobody() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WHO],
        capture_output=True,
        text=True,
        check=True,
        start_new_session=True,
    )
    assert done.stdout == "no terminal\n"


def test_a_background_job_has_no_right_to_the_terminal() -> None:
    child = pexpect.spawn(sys.executable, ["-c", WHO, "background"], timeout=20, encoding="utf-8")
    child.expect_exact("a terminal\r\nin the background no terminal\r\n")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


ASK = """
import sys
from cognito_credproc.words.face import guarded
from cognito_credproc.people.terminal import Terminal
sys.exit(guarded(lambda: print(len(Terminal.open().ask("password: ", hidden=True)))))
"""


# Who leads the session outlives the program: at the leader's end the kernel throws away what the
# terminal has not shown yet.
LEADER = """
import signal, subprocess, sys
signal.signal(signal.SIGINT, lambda *_: None)
program = subprocess.Popen([sys.executable, "-c", *sys.argv[1:]])
print("process", program.pid, flush=True)
print("status", program.wait(), flush=True)
sys.stdin.readline()
"""


def asked(
    *code: str, prompt: str = "password: ", hidden: bool = True
) -> tuple["pexpect.spawn[str]", int]:
    """A terminal in which a secret is asked for, or something else, and the process that asks."""
    words = ["-c", LEADER, *(code or (ASK,))]
    child = pexpect.spawn(sys.executable, words, timeout=20, encoding="utf-8")
    child.expect(r"process (\d+)")
    process = int(child.match.group(1))
    child.expect_exact(prompt)
    assert not hidden or child.waitnoecho(5)
    return child, process


def ends(child: "pexpect.spawn[str]", status: int) -> None:
    """The program ends so, and the terminal is as it was."""
    child.expect_exact(f"status {status}\r\n")
    assert child.getecho()
    child.sendline()
    child.expect(pexpect.EOF)
    child.close()


def test_sigterm_gives_the_terminal_its_echo_back() -> None:
    child, process = asked()
    os.kill(process, signal.SIGTERM)
    child.expect_exact("\r\n")
    ends(child, 128 + 15)


def test_interrupt_gives_the_terminal_its_echo_back() -> None:
    child, _ = asked()
    child.sendintr()
    child.expect_exact("\r\nerror: interrupted")
    ends(child, 130)


def test_an_interrupted_question_ends_its_line() -> None:
    child, _ = asked(ASK.replace(", hidden=True", ""), hidden=False)
    child.sendintr()
    child.expect_exact("^C\r\nerror: interrupted")
    ends(child, 130)


def test_ctrl_z_and_fg_at_a_hidden_prompt_show_nothing_of_the_secret() -> None:
    shell = pexpect.spawn(
        "/bin/bash", ["--norc", "--noprofile", "-i"], timeout=20, encoding="utf-8",
        env={**os.environ, "PS1": "shell> ", "PYTHON": sys.executable, "ASK": ASK},
    )  # fmt: skip
    shell.expect_exact("shell> ")
    shell.sendline('"$PYTHON" -c "$ASK"')
    for _ in range(2):
        shell.expect_exact("password: ")
        assert shell.waitnoecho(5)
        shell.send("s3c")
        shell.sendcontrol("z")
        shell.expect_exact("shell> ")
        shell.sendline("stty -a; fg")  # `-a` says "echo"; bash itself would read without
        shell.expect_exact(" echo ")
    shell.expect_exact("password: ")
    assert shell.waitnoecho(5)
    shell.sendline("s3cret")
    shell.expect_exact("\r\n6\r\n")
    assert "s3c" not in str(shell.before)
    shell.sendline("exit")
    shell.expect(pexpect.EOF)
    shell.close()


LINE = """
import sys
from cognito_credproc.words.face import guarded, stdin_line, stdin_text
read = (lambda: stdin_text("the outputs", 99)) if "text" in sys.argv else (
    lambda: stdin_line("client secret"))
sys.exit(guarded(lambda: print("read", len(read()))))
"""


def test_a_secret_for_standard_input_is_asked_for_where_that_is_a_terminal() -> None:
    child, _ = asked(LINE, prompt="client secret (nothing is shown as you type): ")
    child.sendline("s3cret")
    child.expect_exact("\r\nread 6\r\n")
    ends(child, 0)


def test_a_text_for_standard_input_is_asked_for_as_well() -> None:
    prompt = "paste the outputs here, then Ctrl-D on a line of its own:\r\n"
    child, _ = asked(LINE, "text", prompt=prompt, hidden=False)
    child.sendline("{}")
    child.sendeof()
    child.expect_exact("read 3")
    ends(child, 0)


def test_a_terminal_of_others_is_no_standard_input() -> None:
    _, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-c", LINE], stdin=theirs, capture_output=True, text=True,
        start_new_session=True, check=False,
    )  # fmt: skip
    os.close(theirs)
    assert done.returncode == 2
    assert "nobody can be asked for the client secret\nhint: give it by a pipe" in done.stderr
