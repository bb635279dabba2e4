"""One sign-in of an account at a time, across processes.

An advisory lock of the operating system on a file that is never removed: it ends with its
process, whatever kills that, and no second file can come into being beside a held one.
"""

import contextlib
import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import filelock

from cognito_credproc.people.waiting import SILENT, On, Waits
from cognito_credproc.process.caller import described, ending, is_stopped
from cognito_credproc.process.debug import log, timed
from cognito_credproc.values.errors import CredprocError


class LockedError(CredprocError):
    """Another process holds the lock."""


class Turn:
    """One process's turn with a lock: whether it had to wait, and whether others do.

    Whoever begins to wait touches the file, which only tells; it orders nothing.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._began = 0
        self.has_waited = False

    def wait_begins(self) -> None:
        """The lock is another's."""
        self.has_waited = True
        with contextlib.suppress(OSError):
            self._file.touch()

    def begins(self) -> None:
        """The lock is ours."""
        self._began = self._touched()

    @property
    def is_waited_for(self) -> bool:
        """Whether anybody has begun to wait since this turn began."""
        return self._touched() != self._began

    def _touched(self) -> int:
        try:
            return self._file.stat().st_mtime_ns
        except OSError:
            return 0


@contextlib.contextmanager
def held(
    file: Path,
    timeout: float,
    busy: str = "another process is signing in with these settings",
    waits: Waits = SILENT,
) -> Iterator["Turn"]:
    """Hold the lock; wait for it up to `timeout` seconds. `busy` is what to say if that is in vain.

    `waits` tells a person who holds it, where that gets long.

    Raises:
        LockedError: another process still holds it.
        CredprocError: the file system has no locks, or the file cannot be opened.
    """
    lock = filelock.FileLock(file, mode=0o600, fallback_to_soft=False, preserve_lock_file=True)
    short = file.name[:8]
    turn = Turn(file)
    try:
        with (
            timed("lock %s, waiting up to %.1f s", short, timeout),
            waits.told(On.PROCESS, lambda: f"another sign-in: {whoever_holds(file)}"),
        ):
            try:
                lock.acquire(timeout=0)
            except filelock.Timeout:
                if not timeout:
                    raise
                turn.wait_begins()
                lock.acquire(timeout=timeout)
            turn.begins()
    except filelock.Timeout:
        # Whoever waits no time goes on in another way, and wants to know no more.
        found = _holders(file) if timeout else []
        who = f": {described(found[0])}" if found else ""
        raise LockedError(f"{busy}{who}", _way_on(found)) from None
    except (OSError, NotImplementedError) as error:
        if file.is_symlink():
            raise CredprocError(
                f"the lock {file} is a symbolic link, which is not followed",
                f"remove it: rm {shlex.quote(str(file))}",
            ) from None
        raise CredprocError(
            f"the lock {file} cannot be taken: {getattr(error, 'strerror', None) or error}",
            "name a folder on a local disk: export COGNITO_CREDPROC_STATE_DIR=FOLDER",
        ) from None
    try:
        yield turn
    finally:
        lock.release()
        log.debug("lock %s released", short)


def _way_on(found: list[int]) -> str:
    """What to do about a lock that those processes hold."""
    if not found:
        return "finish that, or end that process, then try again"
    back = "bring it back (type fg in its shell)" if is_stopped(found[0]) else "finish that"
    return f"{back}, or end it ({ending(found[0])}), then try again"


def whoever_holds(file: Path) -> str:
    """The process that holds the lock, in words."""
    found = _holders(file)
    return described(found[0]) if found else "another process"


def _holders(file: Path) -> list[int]:
    """The same as `holders`; none where the system has other words for it, or none."""
    try:
        return holders(file)
    except (OSError, ValueError, IndexError):
        return []


def holders(file: Path) -> list[int]:
    """The processes that hold the lock, as far as this system tells.

    Source: proc_locks(5); Linux alone has it. Some file systems give another device number there,
    so the inode is compared alone, and then the files that the process has open.
    """
    if sys.platform != "linux":
        return []
    wanted, found = file.stat(), []
    for line in Path("/proc/locks").read_text("ascii").splitlines():
        fields = line.split()
        if fields[1] == "FLOCK" and fields[5].rpartition(":")[2] == str(wanted.st_ino):
            found.append(int(fields[4]))
    return [process for process in found if process != os.getpid() and _has_open(process, wanted)]


def _has_open(process: int, wanted: os.stat_result) -> bool:
    """Whether a process has this very file open."""
    with contextlib.suppress(OSError):  # it may be over, or another user's
        for opened in Path(f"/proc/{process}/fd").iterdir():
            with contextlib.suppress(OSError):  # closed meanwhile
                if os.path.samestat(opened.stat(), wanted):
                    return True
    return False
