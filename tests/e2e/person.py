"""Somebody at a terminal: runs a command on a pseudo-terminal, reads it, types."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import struct
import subprocess
import termios
from typing import TYPE_CHECKING, Self

from pexpect import EOF, TIMEOUT
from pexpect.fdpexpect import fdspawn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PATIENCE = 30  # seconds for any one thing to appear; no test passes by waiting so long
ROWS, COLUMNS = 50, 120
# A session's leader gets the first terminal that it opens as its controlling one. It is done in
# the shell, since forking this process, which has threads, would be a gamble.
TAKE_TERMINAL = 'exec 3<>"$0" && exec "$@" 3>&-'


class Person:
    """One command on a terminal of its own.

    With `pipes`, the three standard streams of the command are pipes, as those of a helper under
    an SDK are: stdin never ends, and the terminal is only the controlling one.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        pipes: bool = False,
        columns: int = COLUMNS,
        rows: int = ROWS,
    ) -> None:
        self._own, theirs = os.openpty()
        fcntl.ioctl(self._own, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        stream = subprocess.PIPE if pipes else theirs
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", TAKE_TERMINAL, os.ttyname(theirs), *command],
            env={"TERM": "xterm", **environment},
            stdin=stream,
            stdout=stream,
            stderr=stream,
            pass_fds=(theirs,),  # keeps the terminal there until the shell has opened it
            start_new_session=True,
        )
        os.close(theirs)
        self._screen = fdspawn(self._own, timeout=PATIENCE)
        self._seen = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
        self.process.wait()
        os.close(self._own)

    @property
    def shown(self) -> str:
        """All that the terminal has shown, as far as it was looked at."""
        return self._seen.decode(errors="replace").replace("\r\n", "\n")

    def sees(self, text: str) -> None:
        """Wait until something is shown after what was seen before."""
        self._look(re.escape(text).encode())

    def types(self, text: str) -> None:
        """Type a line."""
        self._screen.send(text.encode() + b"\r")

    def answers(self, prompt: str, text: str) -> None:
        """Wait for a prompt and type a line."""
        self.sees(prompt)
        self.types(text)

    def presses(self, keys: bytes) -> None:
        """Press keys."""
        self._screen.send(keys)

    def interrupts(self) -> None:
        """Press Ctrl-C."""
        self.presses(b"\x03")

    def kills(self) -> None:
        """End the command by force, from elsewhere."""
        os.killpg(self.process.pid, signal.SIGKILL)

    @property
    def echo(self) -> bool:
        """Whether the terminal shows what is typed."""
        mode: int = termios.tcgetattr(self._own)[3]
        return bool(mode & termios.ECHO)

    @property
    def hides(self) -> bool:
        """Whether a line is read that is not shown; a shell's own prompt reads keys."""
        mode: int = termios.tcgetattr(self._own)[3]
        return bool(mode & termios.ICANON) and not mode & termios.ECHO

    def ends(self) -> int:
        """Wait for the end; the exit status."""
        self._look(EOF)
        return self.process.wait(PATIENCE)

    def output(self) -> tuple[str, str]:
        """With `pipes`: what came out of stdout and stderr, to their ends."""
        out, err = self.process.communicate(timeout=PATIENCE)
        return out.decode(), err.decode()

    def _look(self, pattern: bytes | type[EOF]) -> None:
        try:
            self._screen.expect(pattern)
        except (EOF, TIMEOUT):
            rest = self._screen.before.decode(errors="replace")
            raise AssertionError(f"{pattern!r} was not seen after:\n{self.shown}{rest}") from None
        after = self._screen.after
        self._seen += self._screen.before + (after if isinstance(after, bytes) else b"")
