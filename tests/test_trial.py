"""Programs tried out: both streams to their ends, bounded, and nothing is left of them."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from cognito_credproc.checks.trial import LIMIT, Outcome, of_line, tried
from cognito_credproc.values.errors import CredprocError
from tests.systems import has_ended, open_descriptors

ENVIRONMENT = {"PATH": "/usr/bin:/bin"}


def python(code: str, seconds: float = 10) -> Outcome:
    return tried([sys.executable, "-c", code], ENVIRONMENT, seconds)


def test_what_it_prints_and_its_status() -> None:
    outcome = python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)")
    assert outcome[:3] == (3, "out\n", "err\n")
    assert 0 < outcome.seconds < 10


def test_a_line_is_run_by_a_shell() -> None:
    assert tried(of_line('echo "$GREETING"'), {**ENVIRONMENT, "GREETING": "a b"}, 10).out == "a b\n"


def test_both_streams_are_read_whatever_their_length() -> None:
    """More than a pipe holds, on either, and more than is kept."""
    outcome = python(f"import sys; sys.stderr.write('e' * {LIMIT * 2}); print('o' * {LIMIT * 2})")
    assert outcome.status == 0
    assert LIMIT <= len(outcome.out) < LIMIT * 2
    assert LIMIT <= len(outcome.err) < LIMIT * 2


def test_there_is_no_terminal_and_standard_input_does_not_end() -> None:
    code = (
        "import os, select; print(os.getsid(0) == os.getpid(), select.select([0], [], [], 0.1)[0])"
    )
    assert python(code).out == "True []\n"


def test_what_does_not_end_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    note = tmp_path / "child"
    code = f"""
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open({str(note)!r}, "w").write(str(child.pid))
print("started", flush=True)
time.sleep(60)
"""
    began = time.monotonic()
    outcome = python(code, seconds=1)
    assert time.monotonic() - began < 5
    assert (outcome.status, outcome.out) == (None, "started\n")
    ended(int(note.read_text()))


def ended(process: int) -> None:
    """See that a process ends."""
    for _ in range(100):
        if has_ended(process):
            return
        time.sleep(0.05)
    pytest.fail("it lives on")


def test_who_left_a_child_behind_is_not_waited_for_without_end() -> None:
    code = "import subprocess; subprocess.Popen(['sleep', '20']); print('done', flush=True)"
    began = time.monotonic()
    assert python(code)[:2] == (0, "done\n")
    assert time.monotonic() - began < 8


def test_an_interruption_leaves_nothing_behind() -> None:
    """Ctrl-C goes to us alone, since the program is in a session of its own."""
    started: list[int] = []
    real = subprocess.Popen

    class Noted(real):  # type: ignore[valid-type, misc]
        def __init__(self, *given: object, **named: object) -> None:
            super().__init__(*given, **named)
            started.append(self.pid)
            threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()

    subprocess.Popen = Noted  # type: ignore[misc]
    try:
        with pytest.raises(KeyboardInterrupt):
            python("import time; time.sleep(60)", seconds=30)
    finally:
        subprocess.Popen = real  # type: ignore[misc]
    ended(started[0])


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(CredprocError, match="/no/such cannot be run: No such file"):
        tried(["/no/such"], ENVIRONMENT, 1)
    with pytest.raises(CredprocError, match="its words cannot be passed on"):
        tried(["/bin/echo", "\0"], ENVIRONMENT, 1)


def test_no_descriptor_is_left_open() -> None:
    before = open_descriptors()
    for _ in range(3):
        python("print(1)")
    with pytest.raises(CredprocError):
        tried(["/no/such"], ENVIRONMENT, 1)
    time.sleep(0.1)
    assert open_descriptors() <= before


def test_what_it_printed_is_not_shown_by_accident() -> None:
    assert "s3cret" not in repr(python("print('s3cret')"))
