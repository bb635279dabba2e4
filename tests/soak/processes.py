"""The soak with whole processes: the real program, a real keyring, a real Cognito's stand-in.

Simulated time is the service's clock, which is moved, and a shift of `time.time` that each process
begins with (libfaketime 0.9.10 breaks Python's sleeps). The runs are what SDKs do: through a shell
or not, with a standard input that never ends, with standard error in the standard output, two at
once, killed in the middle.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import random
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from tests.e2e.keyring_session import keyring_session
from tests.e2e.machine import Machine
from tests.faults.replays import replays
from tests.soak.tally import DAY, FAULTS, OPERATIONS, RIGHT, Tally, gap, jump, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parents[2]
SHIFTED = """
import sys, time
real = time.time
time.time = lambda: real() + {shift}
sys.path.insert(0, {root!r})
from cognito_credproc.hit import main
main()
"""
TIME_LIMIT = 60  # seconds: the Go SDK's
LEFT_BEHIND = 40  # seconds after which a background renewal has ended, whatever happened
STYLES = ("botocore", "isolated", "javascript", "go", "c++", "twice", "killed")
WEIGHTS = (6, 3, 2, 2, 2, 2, 2)


class Ended(NamedTuple):
    """One process: its status (negative: killed) and what came out."""

    status: int
    out: str
    err: str


class Life:
    """One machine's days."""

    def __init__(self, machine: Machine, seed: int) -> None:
        self.machine = machine
        self.tally = Tally(seed)
        self._chance = random.Random(seed)  # noqa: S311 - reproducible
        self._wrong = 0.0  # seconds that the machine's clock is ahead of the service's
        self._lasting = machine.items.lasting()
        self._mark = machine.environment["COGNITO_CREDPROC_KEYRING_SERVICE"].encode()
        self._excused = False  # the refresh token may be lost: something ended a run in between
        self._seen = 0

    @classmethod
    @contextlib.contextmanager
    def begun(cls, seed: int) -> Iterator[Self]:
        """A machine with a keyring of its own, whose user is enrolled with both factors."""
        with (
            tempfile.TemporaryDirectory(prefix="soak-") as keyring,
            tempfile.TemporaryDirectory() as folder,
            keyring_session(Path(keyring)) as environment,
            Machine(
                Path(folder),
                environment,
                pool={"mfa": "ON"},
                client={"rotation_grace": 0},
                identity_pool={},
            ) as machine,
        ):
            yield cls(machine.enrolled(), seed)

    def run(self, runs: int) -> Tally:
        """So many runs, the invariants after each."""
        tally = self.tally
        while tally.runs < runs:
            tally.runs += 1
            self._time_goes_by()
            faulty = self._something_happens()
            style = self._chance.choices(STYLES, WEIGHTS)[0]
            tally.done[style] += 1
            before = len(self.machine.cognito.calls)
            for ended in self._runs(style):
                self._is_right(ended, style, excused=faulty or style == "killed")
            tally.hits += len(self.machine.cognito.calls) == before
            self._leaves_nothing()
            self.machine.cognito.faults.clear()
            self._excused |= faulty or style == "killed"
            self._keeps_everything()
        self._sends_nothing_twice(whole=True)
        return tally

    def _time_goes_by(self) -> None:
        seconds = gap(self._chance)
        self.machine.cognito.clock.advance(seconds)
        self.tally.days += seconds / DAY
        before, self._wrong = self._wrong, jump(self._chance, self._wrong)
        self.tally.done["clock jumps"] += before != self._wrong

    def _something_happens(self) -> bool:
        """Plan a fault, or let an administrator do something; tells whether a call may fail."""
        kind = self._chance.random()
        if kind < 0.15:
            fault, times = self._chance.choice(FAULTS), self._chance.choice([1, 1, 2, 3, None])
            self.machine.cognito.faults.add(self._chance.choice(OPERATIONS), fault, times)
            self.tally.done["faults"] += 1
            if self._chance.random() < 0.6:  # else most would meet a run that calls nobody
                self.machine.items.remove("session")
            return True
        if kind < 0.17:
            for sign_in in self.machine.pool.world.sign_ins.values():
                sign_in.revoked = True
            self.tally.done["sign-outs elsewhere"] += 1
            self._excused = True
        elif kind < 0.18:
            self.machine.identity_pool.forget_identities()
            self.tally.done["identity pools made anew"] += 1
        elif kind < 0.25:
            self.machine.items.remove("session")
        return False

    def _runs(self, style: str) -> list[Ended]:
        """Run the line as an SDK does."""
        line = self._line("-I", "-S") if style == "isolated" else self._line()
        through_shell = ["/bin/sh", "-c", shlex.join(line)]
        match style:
            case "javascript":
                return [self._ended(self._started(through_shell, subprocess.PIPE))]
            case "go":
                return [self._ended(self._started(through_shell))]
            case "c++":
                through_shell[-1] += " 2>&1"
                return [self._ended(self._started(through_shell))]
            case "twice":
                both = [self._started(line) for _ in range(2)]
                return [self._ended(process) for process in both]
            case "killed":
                process = self._started(line)
                time.sleep(self._chance.random() ** 2 * 0.9)
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                return [self._ended(process)]
            case _:
                return [self._ended(self._started(line))]

    def _line(self, *options: str) -> list[str]:
        """The line of the config file, in simulated time."""
        shift = self.machine.cognito.clock.offset + self._wrong
        code = SHIFTED.format(shift=shift, root=str(ROOT))
        return [sys.executable, *options, "-c", code, "--profile", "dev"]

    def _started(
        self, command: Sequence[str], stdin: int = subprocess.DEVNULL
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            env=self.machine.environment,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def _ended(self, process: subprocess.Popen[str]) -> Ended:
        """Wait for the end, as an SDK does; a pipe as standard input stays open until then."""
        begun = time.monotonic()
        assert process.stdout is not None
        assert process.stderr is not None
        with process.stdout, process.stderr:
            out, err = process.stdout.read(), process.stderr.read()  # two lines fill no pipe
            status = process.wait(TIME_LIMIT)
        if process.stdin is not None:
            process.stdin.close()
        self.tally.check(time.monotonic() - begun < TIME_LIMIT / 2, "it took too long")
        return Ended(status, out, err)

    def _is_right(self, ended: Ended, style: str, *, excused: bool) -> None:
        """A document that every SDK takes, or nothing and two lines."""
        check = self.tally.check
        if ended.status < 0:
            check(style == "killed", "it died of", -ended.status, ended.err)
            check(not ended.out or self._is_document(ended.out), "half a document", ended.out)
            return
        if ended.status == 0:
            check(self._is_document(ended.out), "no document", ended.out)
            check(not ended.err, "standard error", ended.err)
            return
        out, err = ("", ended.out) if style == "c++" else (ended.out, ended.err)
        check(ended.status in {1, 3}, "status", ended.status)
        check(out == "", "output of a failure", out)
        error, *hints = err.splitlines() or [""]
        check(error.startswith("error: ") and len(hints) <= 1, "words", err)
        check("bug" not in error, err)
        self.tally.errors[kind_of(error)] += 1
        check(excused or RIGHT.search(error), "an error without a cause:", err)

    def _is_document(self, text: str) -> bool:
        try:
            document: dict[str, Any] = json.loads(text)
            ends = datetime.strptime(document["Expiration"], "%Y-%m-%dT%H:%M:%S%z")
        except (ValueError, KeyError):
            return False
        now = self.machine.cognito.clock.now() + self._wrong
        return document["Version"] == 1 and ends.timestamp() > now - 60

    def _leaves_nothing(self) -> None:
        """Every process of ours ends, and no lock is held by nobody."""
        deadline = time.monotonic() + LEFT_BEHIND
        while self._living():
            self.tally.check(time.monotonic() < deadline, "processes left:", self._living())
            time.sleep(0.02)
        for file in self.machine.state.glob("*.lock"):
            with file.open() as opened:
                try:
                    fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    self.tally.check(False, "a lock outlived its process:", file.name)

    def _living(self) -> list[str]:
        found = []
        for process in Path("/proc").iterdir():
            if process.name.isdecimal():
                with contextlib.suppress(OSError):
                    if self._mark in (process / "environ").read_bytes():
                        found.append(process.name)
        return found

    def _keeps_everything(self) -> None:
        """The factors are there; so is a refresh token that lives, unless a run was cut off."""
        check, items = self.tally.check, self.machine.items.lasting()
        for name, value in self._lasting.items():
            if not name.startswith("refresh-token"):
                check(items.get(name) == value, "lost or changed:", name)
        stored = [value for name, value in items.items() if name.startswith("refresh-token")]
        known = self.machine.pool.world.refresh_tokens
        alive = [
            text
            for text in stored
            if (token := known.get(text))
            and token.dies_at is None
            and not token.sign_in.revoked
            and token.expires_at > self.machine.cognito.clock.now()
        ]
        if alive:
            self._excused = False
        else:
            expired = any(known[text].expires_at for text in stored if text in known)
            check(self._excused or expired, "the refresh token is lost")
        user = self.machine.user
        check(user.wrong_passwords_ever == 0, "a wrong password was sent")
        if self.tally.runs % 100 == 0:
            self._sends_nothing_twice(whole=False)

    def _sends_nothing_twice(self, *, whole: bool) -> None:
        cognito = self.machine.cognito
        start = 0 if whole else self._seen
        calls, bodies = cognito.calls, cognito.wire
        twice = replays(calls[start:], bodies[start:])
        self._seen = len(calls)
        self.tally.check(not twice, "sent twice:", twice)
