"""What the two commands share: the one place where errors become words and an exit status."""

import logging
import os
import signal
import sys
import warnings
from collections.abc import Callable
from typing import NoReturn

from cognito_credproc.errors import CredprocError

INTERRUPTED = 130  # 128 + SIGINT, as shells have it


def guarded(run: Callable[[], None]) -> int:
    """Run a command; print what went wrong on standard error; return the exit status."""
    _quiet()
    try:
        run()
    except CredprocError as error:
        _last_words(error.lines())
        return error.exit_status
    except KeyboardInterrupt:
        _last_words("error: interrupted\n")
        return INTERRUPTED
    except Exception as error:
        where = _innermost(error)
        _last_words(f"error: unexpected {type(error).__name__} at {where}; this is a bug\n")
        return 1
    return 0


def write(text: str) -> None:
    """Write all of a text to standard output.

    Raises:
        CredprocError: nobody reads it, or the disk is full.
    """
    rest = text.encode(errors="replace")
    try:
        while rest:
            rest = rest[os.write(1, rest) :]
    except OSError as error:
        raise CredprocError(f"standard output cannot be written: {error.strerror}") from None


def _last_words(text: str) -> None:
    """Standard error, if there is one."""
    if sys.stderr is not None:
        sys.stderr.write(text)


def _quiet() -> None:
    """Let nothing but us write to standard error, end tidily when told to, dump no memory."""
    if sys.stderr is not None:
        sys.stderr.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    warnings.simplefilter("ignore")
    logging.lastResort = None
    signal.signal(signal.SIGTERM, _terminated)
    if sys.platform != "win32":
        import resource  # Windows writes no core dumps

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # memory holds secrets


def _terminated(_signal: int, _frame: object) -> NoReturn:
    """Leave by the ordinary way, so that a terminal gets its echo back."""
    raise SystemExit(128 + signal.SIGTERM)


def _innermost(error: BaseException) -> str:
    """File and line of the fault, in our own code, without any value."""
    trace, place = error.__traceback__, "?"
    while trace is not None:
        file = os.path.basename(trace.tb_frame.f_code.co_filename)  # noqa: PTH119
        place = f"{file}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
