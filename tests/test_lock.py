"""The lock, between real processes."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cognito_credproc.storage.lock import LockedError, held, holders
from cognito_credproc.values.errors import CredprocError
from tests.systems import posix_only

HOLDER = """
import sys
from pathlib import Path
from cognito_credproc.storage.lock import held
with held(Path(sys.argv[1]), 0):
    print("held", flush=True)
    sys.stdin.readline()
"""


@contextlib.contextmanager
def held_by_another(file: Path) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "account.lock"


def test_only_one_process_holds_it_and_the_file_stays(file: Path) -> None:
    with held_by_another(file) as process:
        inode = file.stat().st_ino
        began = time.monotonic()
        with pytest.raises(LockedError, match="another process is signing in"), held(file, 0):
            pytest.fail("two processes hold the lock")
        assert time.monotonic() - began < 1
        with pytest.raises(LockedError), held(file, 0.2):
            pytest.fail("two processes hold the lock")
        assert time.monotonic() - began >= 0.2
        process.communicate("\n")
        with held(file, 0):
            pass
    assert file.stat().st_ino == inode, "a second file beside a held one would be a second lock"


@posix_only
def test_it_is_the_owners_alone(file: Path) -> None:
    with held(file, 0):
        assert file.stat().st_mode & 0o777 == 0o600


def test_it_ends_with_its_process_whatever_kills_that(file: Path) -> None:
    with held_by_another(file) as process:
        inode = file.stat().st_ino
        process.kill()
        process.wait()
        with held(file, 0):
            assert file.stat().st_ino == inode


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who holds a lock")
@pytest.mark.parametrize("stopped", [False, True])
def test_the_command_in_the_hint_frees_it(file: Path, stopped: bool) -> None:
    """After Ctrl-Z, `kill` alone would wait for somebody to type `fg`."""
    with held_by_another(file) as process:
        number = process.pid
        if stopped:
            process.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, number, os.WSTOPPED | os.WNOWAIT)
        with pytest.raises(LockedError) as caught, held(file, 0.1):
            pass
        assert caught.value.message.endswith(", stopped)" if stopped else ")")
        hint = str(caught.value.hint)
        assert hint == (
            f"bring it back (type fg in its shell), or end it (kill -9 {number}), then try again"
            if stopped
            else f"finish that, or end it (kill {number}), then try again"
        )
        command = re.search(r"kill [-\d ]+", hint)
        assert command
        subprocess.run(command[0].split(), check=True)
        process.wait(10)
        with held(file, 0):
            pass


def test_it_is_waited_for(file: Path) -> None:
    with held_by_another(file) as process:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
        with held(file, 5):
            pass


def test_it_is_released_by_an_error_inside(file: Path) -> None:
    with pytest.raises(ZeroDivisionError), held(file, 0):
        raise ZeroDivisionError
    with held_by_another(file):
        pass


def test_another_accounts_lock_is_another_lock(file: Path) -> None:
    with held_by_another(file), held(file.with_name("other.lock"), 0):
        pass


def test_file_that_cannot_be_opened(file: Path) -> None:
    file.mkdir()
    with pytest.raises(CredprocError, match="cannot be taken") as caught, held(file, 0):
        pytest.fail("a directory is no lock")
    assert not isinstance(caught.value, LockedError)
    assert "COGNITO_CREDPROC_STATE_DIR" in str(caught.value.hint)
    assert caught.value.message.count(str(file)) == 1


@posix_only
def test_a_link_in_its_place_is_not_followed(file: Path) -> None:
    elsewhere = file.with_name("elsewhere")
    file.symlink_to(elsewhere)
    with pytest.raises(CredprocError) as caught, held(file, 0):
        pass
    assert caught.value.message == f"the lock {file} is a symbolic link, which is not followed"
    assert caught.value.hint == f"remove it: rm {file}"
    assert not elsewhere.exists()


def test_whoever_locks_another_file_of_the_same_number_is_no_holder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers are a file system's own: who would be called a holder might be ended for it."""
    file = tmp_path / "lock"
    file.touch()
    number, other = file.stat().st_ino, os.getppid()
    listed = "\n".join(
        f"{line}: FLOCK  ADVISORY  WRITE {process} fe:00:{number} 0 EOF"
        for line, process in enumerate((other, 0, 4_000_000), start=1)
    )
    real = Path.read_text
    monkeypatch.setattr(
        Path,
        "read_text",
        lambda path, *given: listed if str(path) == "/proc/locks" else real(path, *given),
    )
    assert holders(file) == []
