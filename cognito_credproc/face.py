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
        sys.stderr.write(error.lines())
        return error.exit_status
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted\n")
        return INTERRUPTED
    except BrokenPipeError:
        return 1  # nobody reads the answer any more
    except Exception as error:
        where = _innermost(error)
        sys.stderr.write(f"error: unexpected {type(error).__name__} at {where}; this is a bug\n")
        return 1
    return 0


def write_document(document: str) -> None:
    """Write the whole document to standard output, and nothing else."""
    rest = document.encode()
    while rest:
        rest = rest[os.write(1, rest) :]


def _quiet() -> None:
    """Let nothing but us write to standard error, and end tidily when told to."""
    warnings.simplefilter("ignore")
    logging.lastResort = None
    signal.signal(signal.SIGTERM, _terminated)


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
