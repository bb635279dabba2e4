"""Other programs, run without a shell: what a profile's `…_command` settings name.

Whatever such a program does, it has a time limit, a limit to what is read of it, nothing on its
standard input, none of the caller's pipes, and no terminal unless it is lent one.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import IO, Self, cast

from cognito_credproc.process.bounded import bounded
from cognito_credproc.process.foreground import foreground, stopped_together
from cognito_credproc.process.signals import held_back
from cognito_credproc.values.errors import CredprocError

LIMIT = 4_096  # bytes that are read of a program's output
POLL = 0.05  # seconds between two looks at a program that runs
AT_ONCE = 1.5  # seconds; what runs longer has found what it looked for
REST = 0.5  # seconds for what it printed last; the pipe does not end while a child holds it


class CommandError(CredprocError):
    """A program could not be run, took too long, failed, or printed too much.

    The message names the program, and holds nothing of what that printed.
    """


def output(words: Sequence[str], seconds: float, terminal: int | None = None) -> bytes:
    """Run a program to its end; returns what it printed on standard output.

    With `terminal`, a file descriptor, it is in the terminal's foreground meanwhile, may ask there,
    and its standard error is seen there. Without, it has no terminal, and its standard error is
    lost. Whatever it started goes with it where it has to be ended.

    Raises:
        CommandError: it cannot be run, failed, took longer than `seconds` or printed too much.
    """
    source, target = os.pipe()
    printed = bytearray()
    # What a program leaves behind may hold the pipe open for ever: its reader has its own thread.
    reader = threading.Thread(target=_read, args=(source, printed), daemon=True)
    deadline = time.monotonic() + seconds
    with contextlib.ExitStack() as outside:
        try:
            with held_back():  # from its first moment on, Ctrl-C ends it too
                process = _started(words, target, terminal)
                outside.enter_context(_ended(process, own_group=True))
                reader.start()
        except CommandError:
            os.close(source)
            raise
        finally:
            os.close(target)
        outside.enter_context(foreground(process.pid, terminal))
        while reader.is_alive() and process.poll() is None and time.monotonic() < deadline:
            reader.join(POLL)
            stopped_together(process.pid, terminal)
        if len(printed) <= LIMIT:
            try:
                process.wait(max(deadline - time.monotonic(), 0))
            except subprocess.TimeoutExpired:
                raise CommandError(
                    f"{name(words)} took longer than {seconds:.0f} seconds"
                ) from None
        reader.join(REST)
        if len(printed) > LIMIT:
            raise CommandError(f"{name(words)} printed more than {LIMIT} bytes")
    status = process.returncode
    if terminal is not None and status == -signal.SIGINT and sys.platform != "win32":
        os.killpg(os.getpgrp(), signal.SIGINT)  # Ctrl-C was meant for all of us
    if status < 0:
        raise CommandError(f"{name(words)} was ended by signal {-status}")
    if status > 0:
        raise CommandError(f"{name(words)} ended with status {status}")
    return bytes(printed)


def name(words: Sequence[str]) -> str:
    """What a person calls the program; its arguments may be nobody else's business."""
    return PurePath(words[0]).name or words[0]


def _started(words: Sequence[str], target: int, terminal: int | None) -> "subprocess.Popen[bytes]":
    with _translated(words):
        return subprocess.Popen(  # noqa: S603 - the person's own command, and no shell
            _found(words),
            stdin=subprocess.DEVNULL,
            stdout=target,
            stderr=subprocess.DEVNULL if terminal is None else terminal,
            start_new_session=terminal is None,  # where no terminal is; Windows ignores both
            process_group=None if terminal is None or sys.platform == "win32" else 0,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0) if terminal is None else 0,
        )


def _found(words: Sequence[str]) -> list[str]:
    """The words, on Windows with the program's file: op.cmd for op, as its own prompt finds it."""
    program, *arguments = words
    if sys.platform == "win32":
        program = shutil.which(program) or program
    return [program, *arguments]


@contextlib.contextmanager
def _translated(words: Sequence[str]) -> Iterator[None]:
    """Why a program cannot be run, in our words."""
    try:
        yield
    except FileNotFoundError:
        raise CommandError(f"{name(words)} was not found") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its words cannot be passed on"
        raise CommandError(f"{name(words)} cannot be run: {reason}") from None


def _read(source: int, printed: bytearray) -> None:
    """Read until the end, or until it is more than anybody wants."""
    with contextlib.closing(open(source, "rb", buffering=0)) as pipe:
        while len(printed) <= LIMIT and (piece := pipe.read(LIMIT)):
            printed += piece


@contextlib.contextmanager
def _ended(process: "subprocess.Popen[bytes]", *, own_group: bool) -> Iterator[None]:
    """Leave no program behind that had to be given up."""
    try:
        yield
    except BaseException:
        _end(process, own_group=own_group)
        raise


def _end(process: "subprocess.Popen[bytes]", *, own_group: bool) -> None:
    """End it by force, and what it started in its own group, unless it has ended."""
    if process.poll() is None:
        if own_group and sys.platform != "win32":
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.wait()


def launched(words: Sequence[str]) -> bool:
    """Start a program that may outlive this one; tells whether it failed at once.

    It holds none of our streams and no terminal.

    Raises:
        CommandError: it cannot be run.
    """
    with _translated(words):
        process = subprocess.Popen(  # noqa: S603 - as in `output`
            _found(words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        return process.wait(AT_ONCE) == 0
    except subprocess.TimeoutExpired:
        threading.Thread(target=process.wait, daemon=True).start()  # it leaves no zombie
        return True


class Conversation:
    """A program that is spoken with, line by line; leave it as a context manager.

    It has no terminal unless it `may_use_terminal`; its standard error is lost.
    """

    def __init__(self, words: Sequence[str], *, may_use_terminal: bool = False) -> None:
        self._words = words
        self._own_group = not may_use_terminal
        with _translated(words):
            self._process = subprocess.Popen(  # noqa: S603 - as in `output`
                _found(words),
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=self._own_group,
            )
        self._to = cast("IO[bytes]", self._process.stdin)
        self._from = cast("IO[bytes]", self._process.stdout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """End the program, if it has not ended by itself."""
        if error[0] is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(REST)
        _end(self._process, own_group=self._own_group)
        for pipe in (self._to, self._from):
            with contextlib.suppress(OSError):
                pipe.close()

    def say(self, line: bytes) -> None:
        """Send a line.

        Raises:
            CommandError: it does not listen any more.
        """
        try:
            self._to.write(line + b"\n")
        except OSError:
            raise CommandError(f"{name(self._words)} ended too early") from None

    def hear(self, seconds: float) -> bytes:
        """The next line that it prints, without its end.

        Raises:
            CommandError: none came within the time, or one that has no end.
        """
        try:
            line = bounded(lambda: self._from.readline(LIMIT), seconds)
        except TimeoutError:
            raise CommandError(
                f"{name(self._words)} said nothing for {seconds:.0f} seconds"
            ) from None
        if not line.endswith(b"\n"):
            reason = "printed too long a line" if line else "ended too early"
            raise CommandError(f"{name(self._words)} {reason}")
        return line.removesuffix(b"\n").removesuffix(b"\r")
