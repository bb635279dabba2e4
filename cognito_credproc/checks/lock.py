"""The lock of the sign-in: whether it can be taken, and who holds it."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from cognito_credproc.checks.finding import Check, Finding, broken, good
from cognito_credproc.checks.subject import Subject
from cognito_credproc.process.caller import ending, is_stopped, named
from cognito_credproc.storage.lock import LockedError, held, holders
from cognito_credproc.words.layout import span

PATIENCE = 3.0  # seconds; a renewal that nobody is asked for takes one or two


def check(subject: Subject) -> Iterator[Finding]:
    """Take it for a moment."""
    file = subject.state.lock_path(subject.settings.user)
    if not file.exists():
        yield good("free; no sign-in here yet")
        return
    try:
        with held(file, PATIENCE):
            yield good("free")
    except LockedError as error:
        processes = holders(file)
        who = ", ".join(_described(process, subject.clock.now()) for process in processes)
        yield broken(
            f"held by {who}" if who else error.message,
            "every other tool with these settings waits for it, and gives up after some seconds",
            _mend(processes),
            ending(processes[0]) if processes else "",
        )


def _mend(processes: list[int]) -> str:
    if processes and is_stopped(processes[0]):
        return "bring that sign-in back (type fg in its shell), or end it:"
    return "finish that sign-in where it asks, or end it" + (":" if processes else "")


def _described(process: int, now: float) -> str:
    """A process, the name of what it runs and for how long."""
    folder, what = Path(f"/proc/{process}"), ""
    with contextlib.suppress(OSError):  # it may be over, or another user's
        words = os.fsdecode((folder / "cmdline").read_bytes()).rstrip("\0").split("\0")
        stopped = ", stopped" if is_stopped(process) else ""
        what = f" ({named(words)}, for {span(now - folder.stat().st_mtime)}{stopped})"
    return f"process {process}{what}"


CHECK = Check("lock", check, "one sign-in at a time, or there would be a storm of them")
