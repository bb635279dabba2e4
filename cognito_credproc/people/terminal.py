"""The controlling terminal: the one place where a person is asked and told.

An SDK that runs the helper owns its standard streams: stdin may be a pipe that never ends, stdout
is the protocol, stderr may be hidden until it is too late. So the conversation opens the terminal
itself, or there is none.
"""

import contextlib
import os
import sys
import textwrap
from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

from cognito_credproc.people.console import ENABLE_ECHO_INPUT, console_restored
from cognito_credproc.process.signals import stopped_tidily
from cognito_credproc.values.errors import CredprocError

ANSWER = 8  # columns that a prompt leaves for what is typed
NO_BREAK = "\N{NO-BREAK SPACE}"


class Size(NamedTuple):
    """Of a terminal, or of something that is shown there, in characters."""

    columns: int
    rows: int

    def holds(self, other: "Size") -> bool:
        """Whether there is room for another."""
        return self.columns >= other.columns and self.rows >= other.rows


class Person(Protocol):
    """Somebody who can be told things and asked."""

    def say(self, text: str) -> None:
        """Show a line."""

    def ask(self, prompt: str, *, hidden: bool = False) -> str:
        """Show a prompt and return what is typed, without its line end."""


class CancelledError(CredprocError):
    """The person ended the conversation."""


class Terminal:
    """A terminal that is open for reading and writing."""

    def __init__(self, source: int, target: int) -> None:
        self._source = source
        self._target = target

    @classmethod
    def open(cls) -> "Terminal | None":
        """The controlling terminal; None where there is none, or where it belongs to others.

        A background job has a terminal but must not read from it: the system would stop it.
        """
        if sys.platform == "win32":
            return _open_console()
        try:
            terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError:
            return None
        opened = cls(terminal, terminal)
        if not opened.is_ours:
            opened.close()
            return None
        return opened

    @property
    def is_ours(self) -> bool:
        """Whether this process is in the foreground; who is not may be stopped for writing."""
        if sys.platform == "win32":
            return True
        try:
            return os.tcgetpgrp(self._source) == os.getpgrp()
        except OSError:
            return False

    @property
    def size(self) -> Size:
        """How much it shows."""
        try:
            columns, rows = os.get_terminal_size(self._target)
        except OSError:
            columns = rows = 0
        return Size(columns or 80, rows or 24)

    def show(self, text: str) -> None:
        """Show a text as it is."""
        self._write(text)

    def say(self, text: str) -> None:
        """Show a line, or several; those that are too long are broken between words."""
        self._write(wrapped(text, self.size.columns) + "\n")

    def ask(self, prompt: str, *, hidden: bool = False) -> str:
        """Show a prompt and return what is typed, without its line end.

        Raises:
            CancelledError: end of file (Ctrl-D) instead of a line.
        """
        shown = wrapped(prompt, self.size.columns - (0 if hidden else ANSWER))
        ended = False
        with _echo_off(self._source) if hidden else contextlib.nullcontext() as mode:

            def stopping() -> None:
                self._write("\n")
                if mode:
                    mode.show()

            def resumed() -> None:
                if self.is_ours:  # by `fg`; the mode of a terminal that a shell uses is its own
                    if mode:
                        mode.hide()
                    self._write(shown)

            with stopped_tidily(stopping, resumed):
                try:
                    self._write(shown)  # after the echo went off: that throws away what was typed
                    line = self._line()
                    ended = True
                finally:
                    if hidden or not ended:  # Ctrl-C and Ctrl-D leave the line unended
                        self._write("\n")
        return line

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Let somebody else use it who may be cut short; its mode is mended if need be.

        What was typed ahead stays typed.
        """
        if sys.platform == "win32":
            with console_restored(self._source):
                yield
            return
        import termios

        before = termios.tcgetattr(self._source)
        try:
            yield
        finally:
            if termios.tcgetattr(self._source) != before:
                termios.tcsetattr(self._source, termios.TCSANOW, before)

    def close(self) -> None:
        """Let go of it."""
        for descriptor in {self._source, self._target}:
            os.close(descriptor)

    @contextlib.contextmanager
    def lent(self) -> Iterator[int]:
        """Let another program use it meanwhile; yields the descriptor that it may write to.

        It is given back as it was, whatever became of that program.
        """
        with _restored(self._source):
            yield self._target

    def _line(self) -> str:
        typed = bytearray()
        while not typed.endswith(b"\n"):
            piece = os.read(self._source, 4096)
            if not piece:
                raise CancelledError(
                    "the input ended before an answer was given", "run the same command again"
                )
            typed += piece
        try:
            return typed.decode().rstrip("\r\n")
        except UnicodeDecodeError:
            hint = "let the terminal use UTF-8, then run the same command again"
            raise CredprocError("what was typed is not UTF-8", hint) from None

    def _write(self, text: str) -> None:
        rest = text.encode(errors="replace")
        while rest:
            rest = rest[os.write(self._target, rest) :]


def unbroken(command: str) -> str:
    """A command that is to be copied, as a word that is not broken into lines."""
    return command.replace(" ", NO_BREAK)


def wrapped(text: str, columns: int) -> str:
    """The text in lines of so many columns.

    A line that begins with a space or a colour is left as it is, and so is a word that is too long:
    where the terminal itself breaks it, it can still be copied whole.
    """
    lines = []
    for line in text.split("\n"):
        end = len(line.rstrip(" "))
        if len(line) > columns and not line.startswith((" ", "\x1b")):
            filled = textwrap.fill(
                line[:end], columns, break_long_words=False, break_on_hyphens=False
            )
            lines.append(filled + line[end:])
        else:
            lines.append(line)
    return "\n".join(lines).replace(NO_BREAK, " ")


class _Mode(NamedTuple):
    """How a secret is hidden, and shown again where the process stops for a while."""

    hide: Callable[[], None]
    show: Callable[[], None]


@contextlib.contextmanager
def _echo_off(terminal: int) -> Iterator[_Mode | None]:
    """No echo while a secret is typed; what was typed before the prompt is thrown away."""
    if sys.platform == "win32":
        with console_restored(terminal, ENABLE_ECHO_INPUT):
            yield None
        return
    import termios

    with _restored(terminal):
        before, quiet = termios.tcgetattr(terminal), termios.tcgetattr(terminal)
        quiet[3] &= ~termios.ECHO
        mode = _Mode(
            lambda: termios.tcsetattr(terminal, termios.TCSAFLUSH, quiet),
            lambda: termios.tcsetattr(terminal, termios.TCSAFLUSH, before),
        )
        mode.hide()
        yield mode


@contextlib.contextmanager
def _restored(terminal: int) -> Iterator[None]:
    """Afterwards, the terminal's mode is what it was, and what nobody has read is thrown away."""
    if sys.platform == "win32":
        with console_restored(terminal):
            yield
        return
    import termios

    before = termios.tcgetattr(terminal)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSAFLUSH, before)


def _open_console() -> "Terminal | None":
    try:
        return Terminal(os.open("CONIN$", os.O_RDWR), os.open("CONOUT$", os.O_RDWR))
    except OSError:
        return None
