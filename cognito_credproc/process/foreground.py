"""The terminal's foreground, lent to another program and what that starts.

Source: The Open Group Base Specifications, "General Terminal Interface", 11.1.
"""

import contextlib
import os
import signal
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def foreground(group: int, terminal: int | None) -> Iterator[None]:
    """A group of processes is in the foreground as long as this lasts; then ours is again.

    Nothing changes where there is no terminal, and on Windows, which knows no such thing.
    """
    if terminal is None or sys.platform == "win32":
        yield
        return
    _give(terminal, group)
    with contextlib.suppress(OSError):  # it was quicker, and stopped for using the terminal
        os.killpg(group, signal.SIGCONT)
    try:
        yield
    finally:
        _give(terminal, os.getpgrp())


def stopped_together(group: int, terminal: int | None) -> None:
    """Where Ctrl-Z has stopped the group, stop as well, as the shell expects; then both go on."""
    if terminal is None or sys.platform == "win32" or not hasattr(os, "waitid"):
        return
    with contextlib.suppress(ChildProcessError):
        found = os.waitid(os.P_PID, group, os.WSTOPPED | os.WNOHANG)
        if found is None or found.si_status != signal.SIGTSTP:
            return
        _give(terminal, os.getpgrp())
        os.killpg(os.getpgrp(), signal.SIGTSTP)
        if os.tcgetpgrp(terminal) == os.getpgrp():  # by `fg`, and not by `bg`
            _give(terminal, group)
            os.killpg(group, signal.SIGCONT)


def _give(terminal: int, group: int) -> None:
    """Put a group into the foreground; who does that from the background would be stopped."""
    if sys.platform == "win32":
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    try:
        with contextlib.suppress(OSError):  # no terminal of this session, or it is gone
            os.tcsetpgrp(terminal, group)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
