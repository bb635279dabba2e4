"""What the two commands share: the one place where errors become words and an exit status."""

import codecs
import contextlib
import errno
import io
import logging
import os
import select
import shlex
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NoReturn

from cognito_credproc.process import debug
from cognito_credproc.settings.named import OtherProfileError
from cognito_credproc.values.errors import INTERRUPTED, CredprocError, UsageError, printable

if TYPE_CHECKING:
    from cognito_credproc.people.terminal import Terminal

UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
UNREAD = "see that whoever reads it still runs, or that the disk has room: df -h"
OPEN = "start it without >&-, so that it can be read"
GIVE_IT = "give it by a pipe or from a file: ... < FILE"
SECOND = 1.0
NO_THREAD = "can't start new thread"  # CPython's words, of a RuntimeError
STARVED = CredprocError(
    "the system gives this process no more memory, or no thread", "see its limits: ulimit -a"
)


def guarded(run: Callable[[], int | None], again: Sequence[str] = ()) -> int:
    """Run a command; print what went wrong on standard error; return the exit status.

    That is the command's own, where it has one to return. `again` is the command that goes on
    after Ctrl-C, where there is something to go on with.
    """
    _quiet()
    status = 0
    try:
        if file := os.environ.get(debug.VARIABLE):
            debug.write_to_file(file)
        status = run() or 0
    except CredprocError as error:
        _last_words(error.lines())
        status = error.exit_status
    except KeyboardInterrupt:
        hint = f"to go on: {printable(shlex.join(again))}" if again else None
        _last_words(CredprocError("interrupted", hint).lines())
        status = INTERRUPTED
    except Exception as error:
        where = innermost(error)
        debug.log.debug("a bug", exc_info=True)
        if isinstance(error, MemoryError) or str(error) == NO_THREAD:
            _last_words(STARVED.lines())
        else:
            _last_words(f"error: unexpected {type(error).__name__} at {where}; this is a bug\n")
        status = 1
    debug.log.debug("end: exit status %d", status)
    return status


@contextlib.contextmanager
def naming_in_hint(command: str) -> Iterator[None]:
    """Where another profile is meant: let the hint be the command that was typed, with that."""
    try:
        yield
    except OtherProfileError as error:
        error.name_in_hint(command)
        raise


def debug_to_standard_error() -> None:
    """Log to standard error from now on, which a person asked for."""
    debug.write_to(_last_words)


class ReaderGoneError(CredprocError):
    """Whoever read standard output has ended, as `head` does; that needs no words."""

    exit_status = 141  # 128 + SIGPIPE, as shells have it

    def lines(self) -> str:
        """None."""
        return ""


def write(text: str, *, document: bool = False) -> None:
    """Write all of a text to standard output.

    Raises:
        ReaderGoneError: nobody reads it; a `document` that is not read is an error with words.
        CredprocError: the disk is full, or it is closed.
    """
    rest = text.encode(errors="replace")
    try:
        while rest:
            rest = rest[os.write(1, rest) :]
    except OSError as error:
        if error.errno == errno.EBADF:
            raise CredprocError("standard output is closed", OPEN) from None
        gone = isinstance(error, BrokenPipeError) and not document
        kind = ReaderGoneError if gone else CredprocError
        raise kind(f"standard output cannot be written: {error.strerror}", UNREAD) from None


def warn(message: str, hint: str) -> None:
    """Say on standard error what is not as it should be, and how to mend it."""
    _last_words(f"warning: {printable(message)}\nhint: {printable(hint)}\n")


def stdin_line(what: str) -> str:
    """A line of standard input, which holds `what`; from a person it is taken hidden.

    Raises:
        UsageError: there is none.
    """
    with _typist(what) as terminal:
        if terminal is not None:
            line = terminal.ask(f"{what} (nothing is shown as you type): ", hidden=True)
        else:
            line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise UsageError(f"standard input holds no {what}", GIVE_IT)
    return line


def stdin_text(what: str, most: int) -> str:
    """All of standard input, which holds `what`, and no more than one character over `most`.

    Raises:
        UsageError: it is no text.
    """
    with _typist(what) as terminal:
        if terminal is not None:
            end = "Ctrl-Z and Enter" if sys.platform == "win32" else "Ctrl-D"
            terminal.say(f"paste {what} here, then {end} on a line of its own:")
        try:
            return sys.stdin.read(most + 1)
        except (OSError, UnicodeDecodeError):
            raise UsageError("standard input holds no text", GIVE_IT) from None


@contextlib.contextmanager
def _typist(what: str) -> "Iterator[Terminal | None]":
    """The terminal, if standard input is one: then a person has to be told what is waited for.

    Raises:
        UsageError: it is one that is not ours to ask on.
    """
    if not sys.stdin.isatty():
        yield None
        return
    from cognito_credproc.people.terminal import Terminal  # which --help can do without

    terminal = Terminal.open()
    if terminal is None:
        raise UsageError(
            f"standard input is a terminal where nobody can be asked for the {what}",
            GIVE_IT,
        )
    with contextlib.closing(terminal):
        yield terminal


def text_file(name: str, most: int) -> str:
    """A file that the command line names, and no more than one character over `most`.

    Raises:
        UsageError: it cannot be read, or is no text.
    """
    try:
        with open(name, "rb") as file:  # noqa: PTH123 - a name of any kind
            wide = file.peek(2)[:2] in UTF_16  # as PowerShell's `>` writes it
            return io.TextIOWrapper(file, "utf-16" if wide else "utf-8-sig").read(most + 1)
    except FileNotFoundError:
        hint = "name a file that is there; - is standard input"
        raise UsageError(f"there is no file {name}", hint) from None
    except IsADirectoryError:
        raise UsageError(f"{name} is a folder", "name the file in it") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        hint = f"see whose it is, and what is in it: ls -l {shlex.quote(name)}"
        raise UsageError(f"{name} cannot be read: {reason}", hint) from None


def _last_words(text: str) -> None:
    """Standard error, if there is one; a debug log has the last words as well."""
    if sys.stderr is not None and _takes_more():
        with contextlib.suppress(OSError):  # the disk is full: the exit status has to do
            sys.stderr.write(text)


def _takes_more() -> bool:
    """Whether standard error takes what is written to it; a full pipe that nobody reads does not.

    The exit status says enough then, and is not kept waiting.
    """
    try:
        return bool(select.select([], [2], [], SECOND)[1])
    except (OSError, ValueError):
        return True  # on Windows only sockets can be asked


def _quiet() -> None:
    """Let nothing but us write to standard error, end tidily when told to, dump no memory."""
    if sys.stderr is not None:
        sys.stderr.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    if sys.stdout is not None:  # --help, where the locale lacks a character
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    warnings.simplefilter("ignore")
    logging.lastResort = None
    signal.signal(signal.SIGTERM, _terminated)
    if sys.platform != "win32":
        _dump_no_core()  # memory holds secrets; Windows writes no core dumps


def _dump_no_core() -> None:
    """Let no crash write this process's memory anywhere.

    A limit of 0 keeps Linux from writing a file, and lets it hand the memory to a program that
    `core_pattern` names, as most desktops do; one of 1 keeps it from both (fs/coredump.c).
    """
    import resource  # not on Windows

    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0 if most == 0 else 1, most))


def _terminated(_signal: int, _frame: object) -> NoReturn:
    """Leave by the ordinary way, so that a terminal gets its echo back."""
    raise SystemExit(128 + signal.SIGTERM)


def innermost(error: BaseException) -> str:
    """File and line of the fault, in our own code, without any value."""
    trace, place = error.__traceback__, "?"
    while trace is not None:
        file = os.path.basename(trace.tb_frame.f_code.co_filename)  # noqa: PTH119
        place = f"{file}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
