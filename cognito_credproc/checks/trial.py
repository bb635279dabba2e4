"""A program tried out as the AWS SDKs run theirs: by a shell or not, on pipes, without a terminal.

Its standard input is a pipe that never ends, as the SDK for JavaScript gives it. Nothing that it
prints goes anywhere but to whoever tries it, and nothing of it is left when its time is over.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from cognito_credproc.values.errors import CredprocError

LIMIT = 1 << 20  # bytes that are kept of each stream; the rest is read and forgotten
REST = 1.0  # seconds for what it printed last; a pipe does not end while a child holds it


class Outcome(NamedTuple):
    """What came of it; the status is None where it did not end in time."""

    status: int | None
    out: str
    err: str
    seconds: float

    def __repr__(self) -> str:
        return f"Outcome(status={self.status})"  # it printed secrets, perhaps


def tried(words: Sequence[str], environment: Mapping[str, str], seconds: float) -> Outcome:
    """Run a program to its end, for at most so many seconds.

    Raises:
        CredprocError: it cannot be run.
    """
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        source, end = os.pipe()
        stack.callback(os.close, end)
        out, err = _Reader(), _Reader()
        try:
            process = subprocess.Popen(  # noqa: S603 - the person's own programs
                words,
                env=dict(environment),
                stdin=source,
                stdout=out.target,
                stderr=err.target,
                start_new_session=True,  # where no terminal is; Windows ignores it
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "its words cannot be passed on"
            raise CredprocError(f"{words[0]} cannot be run: {reason}") from None
        finally:
            for ours in (source, out.target, err.target):
                os.close(ours)
        stack.callback(_end, process)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        return Outcome(process.poll(), out.text(), err.text(), time.monotonic() - began)


def of_line(line: str) -> list[str]:
    """The words by which a shell runs a line, as most SDKs do."""
    return ["cmd", "/C", line] if sys.platform == "win32" else ["/bin/sh", "-c", line]


class _Reader:
    """Reads a pipe to its end in a thread of its own, since the other one must be read as well."""

    def __init__(self) -> None:
        source, self.target = os.pipe()
        self._read = bytearray()
        self._thread = threading.Thread(target=self._run, args=(source,), daemon=True)
        self._thread.start()

    def text(self) -> str:
        """What came so far, or until the end if that is near."""
        self._thread.join(REST)
        return self._read.decode(errors="replace")

    def _run(self, source: int) -> None:
        with contextlib.closing(open(source, "rb", buffering=0)) as pipe:
            while piece := pipe.read(65_536):
                if len(self._read) < LIMIT:
                    self._read += piece


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Leave nothing behind that did not end by itself, nor what it started."""
    if process.poll() is None:
        if sys.platform != "win32":
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.wait()
