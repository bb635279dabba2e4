"""The debug log: which step, which call, how long, what was decided; and no secret.

`--debug` sends it to standard error, for people. A tool that runs the line hides standard error, or
takes it for the answer, so there `COGNITO_CREDPROC_DEBUG` names a file. Without either nothing is
logged, and no secret is remembered.

What is logged here passes `redaction`, and so does what the libraries log, botocore's own debug log
among it. The state is the module's, since `logging` itself is one for the whole process.
"""

import contextlib
import logging
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from cognito_credproc import __version__
from cognito_credproc.values.errors import CredprocError

if TYPE_CHECKING:
    from cognito_credproc.process.redaction import Redactor

VARIABLE = "COGNITO_CREDPROC_DEBUG"
LONGEST = 4_000  # characters of one line
# botocore names every function that it calls, filelock what `lock` says better.
NOISE = ("botocore.hooks", "botocore.loaders", "filelock")

log = logging.getLogger("cognito_credproc")
_redactors: "list[Redactor]" = []  # those of the logs that are being written


def began(profile: str, command: str) -> None:
    """Log what runs here, for which profile."""
    if is_on():
        log.debug(
            "begin: %s, profile %s; cognito-credproc %s, Python %s, %s, process %d of %d",
            command, profile, __version__, sys.version.split()[0], sys.platform,
            os.getpid(), os.getppid(),
        )  # fmt: skip


def is_on() -> bool:
    """Whether a debug log is being written."""
    return bool(_redactors)


def conceal(value: object) -> None:
    """Hide a secret, or all those among the members of something, from the log from now on."""
    for redactor in _redactors:
        redactor.conceal(value)


@contextlib.contextmanager
def timed(what: str, *words: object) -> Iterator[None]:
    """Log how long something took, and what ended it if that was an error."""
    begun, ending = time.monotonic(), "done"
    try:
        yield
    except BaseException as error:
        ending = type(error).__name__
        raise
    finally:
        log.debug(f"{what}: %s after %.3f s", *words, ending, time.monotonic() - begun)


def write_to(write: Callable[[str], object]) -> None:
    """Log to somewhere from now on."""
    from cognito_credproc.process.redaction import Redactor  # only a debug log needs it

    redactor = Redactor()
    _redactors.append(redactor)
    root = logging.getLogger()
    root.setLevel(logging.DEBUG)
    root.addHandler(_Redacted(redactor, write))
    for name in NOISE:
        logging.getLogger(name).setLevel(logging.INFO)


def write_to_file(path: str) -> None:
    """Append to a file of the person's own from now on; it is made with mode 0600.

    Symbolic links are not followed, and another user's file is not written.

    Raises:
        CredprocError: the file cannot be used.
    """
    # A name like `1` would be a file in whatever folder the tool happens to be in.
    if not os.path.isabs(path):  # noqa: PTH117 - pathlib costs 9 ms, and a log may slow no one down
        raise _unusable(path, "that is no absolute path")
    extra = (getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_CLOEXEC", "O_NONBLOCK"))
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    for flag in extra:  # Windows has none of them
        flags |= flag
    try:
        file = os.open(path, flags, 0o600)
    except (OSError, ValueError) as error:
        raise _unusable(path, getattr(error, "strerror", None) or str(error)) from None
    found = os.fstat(file)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
        os.close(file)
        raise _unusable(path, "it is not an ordinary file")
    if hasattr(os, "geteuid"):
        if found.st_uid != os.geteuid():
            os.close(file)
            raise _unusable(path, "it belongs to another user")
        os.fchmod(file, 0o600)
    write_to(lambda line: os.write(file, line.encode(errors="replace")))


def _unusable(path: str, reason: str) -> CredprocError:
    return CredprocError(
        f"{VARIABLE} is {path}, which cannot be written: {reason}",
        f'name a file of your own: export {VARIABLE}="$HOME/cognito-credproc.log"',
    )


class _Redacted(logging.Handler):
    """Writes each record on one line, without secrets; never fails whoever logs."""

    def __init__(self, redactor: "Redactor", write: Callable[[str], object]) -> None:
        super().__init__(logging.DEBUG)
        self._redactor = redactor
        self._write = write

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        head = f"{moment}.{int(record.msecs):03}Z {record.process} {_shortened(record.name)}"
        with contextlib.suppress(OSError, ValueError):  # a full disk or a closed stream
            self._write(f"{head}: {self._words(record)[:LONGEST]}\n")

    def _words(self, record: logging.LogRecord) -> str:
        """The message; what it is made of is made safe first, piece by piece."""
        try:
            match record.args:
                case None | ():
                    text = str(record.msg)
                case tuple(args):
                    text = str(record.msg) % tuple(self._redactor.shown(arg) for arg in args)
                case members:
                    text = str(record.msg) % self._redactor.members(members)
            text = self._redactor.text(text)
        except Exception as error:  # a message that cannot be made safe is not written
            text = f"(a message that cannot be shown: {type(error).__name__})"
        if record.exc_info and record.exc_info[1] is not None:
            text += f" [{_trace(record.exc_info[1])}]"
        return "".join(char if char.isprintable() else " " for char in text)


def _shortened(name: str) -> str:
    return "credproc" if name == log.name else name


def _trace(error: BaseException) -> str:
    """Where an error came from: files, lines and names, without any value."""
    places, trace = [], error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{os.path.basename(code.co_filename)}:{trace.tb_lineno} {code.co_name}")  # noqa: PTH119
        trace = trace.tb_next
    cause = error.__cause__ or error.__context__
    because = f" because of {type(cause).__name__}" if cause else ""
    return f"{type(error).__name__} at {', '.join(places)}{because}"
