"""The one place where errors become words and an exit status."""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from cognito_credproc.values.errors import CredprocError, PersonNeededError, UsageError
from cognito_credproc.words.face import guarded, write
from cognito_credproc.words.parser import Parser


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """`guarded` silences the whole process; give it its voice back."""
    handler, last = signal.getsignal(signal.SIGTERM), logging.lastResort
    with warnings.catch_warnings():
        yield
    signal.signal(signal.SIGTERM, handler)
    logging.lastResort = last


def raising(error: BaseException) -> int:
    def run() -> None:
        raise error

    return guarded(run)


def test_success_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    assert guarded(lambda: None) == 0
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (CredprocError("it failed", "mend it"), 1, "error: it failed\nhint: mend it\n"),
        (UsageError("what?"), 2, "error: what?\n"),
        (PersonNeededError("you", "do it"), 3, "error: you\nhint: do it\n"),
        (KeyboardInterrupt(), 130, "error: interrupted\n"),
    ],
)
def test_each_error_has_its_status(
    error: BaseException, status: int, words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert raising(error) == status
    assert capfd.readouterr() == ("", words)


def test_what_was_interrupted_says_how_to_go_on(capfd: pytest.CaptureFixture[str]) -> None:
    def run() -> None:
        raise KeyboardInterrupt

    assert guarded(run, ("cognito-credproc", "login", "--profile", "a b")) == 130
    assert capfd.readouterr().err == (
        "error: interrupted\nhint: to go on: cognito-credproc login --profile 'a b'\n"
    )


def test_unexpected_error_is_named_by_kind_and_place_alone(
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert raising(ValueError("s3cret")) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("error: unexpected ValueError at test_face.py:")
    assert err.endswith("; this is a bug\n")
    assert "s3cret" not in err


def test_chained_errors_are_not_told_either(capfd: pytest.CaptureFixture[str]) -> None:
    def run() -> None:
        try:
            int("s3cret")
        except ValueError as error:
            raise CredprocError("it failed") from error

    assert guarded(run) == 1
    assert capfd.readouterr().err == "error: it failed\n"


def test_nobody_else_writes_to_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    def run() -> None:
        warnings.warn("a library's worry", stacklevel=1)
        logging.getLogger("library").warning("another")

    assert guarded(run) == 0
    assert capfd.readouterr() == ("", "")


def test_standard_error_that_nobody_drains_is_not_waited_for() -> None:
    """A caller that reads it only when the program has ended, and a pipe that is full."""
    program = (
        "import sys; from cognito_credproc.words.face import guarded;"
        "from cognito_credproc.values.errors import CredprocError\n"
        "def run(): raise CredprocError('nobody hears it')\n"
        "sys.exit(guarded(run))"
    )
    theirs, ours = os.pipe()
    os.set_blocking(ours, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(ours, b"x")
    os.set_blocking(ours, True)
    done = subprocess.run([sys.executable, "-c", program], stderr=ours, timeout=20, check=False)
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 1


def test_sigterm_leaves_by_the_ordinary_way() -> None:
    cleaned = []

    def run() -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            cleaned.append(True)

    with pytest.raises(SystemExit) as caught:
        guarded(run)
    assert caught.value.code == 128 + 15
    assert cleaned


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("can't start new thread")])
def test_a_limit_of_the_system_is_no_bug(
    error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    def run() -> None:
        raise error

    assert guarded(run) == 1
    assert capsys.readouterr().err == (
        "error: the system gives this process no more memory, or no thread\n"
        "hint: see its limits: ulimit -a\n"
    )


def test_document_is_all_of_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write('{"Version": 1, "x": "日本語"}\n')
    assert capfdbinary.readouterr() == ('{"Version": 1, "x": "日本語"}\n'.encode(), b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device: /dev/full")
def test_standard_output_that_cannot_be_written_is_an_error() -> None:
    code = (
        "from cognito_credproc.words.face import guarded, write; "
        "import sys; sys.exit(guarded(lambda: write('x')))"
    )
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        run = subprocess.run(
            [sys.executable, "-c", code], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert run.returncode == 1
    assert run.stderr.decode().startswith("error: standard output cannot be written: No space")


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [("'x'", 141, ""), ("'x', document=True", 1, "error: standard output cannot be written: Br")],
)
def test_a_reader_that_has_ended_is_no_news_to_people(words: str, status: int, said: str) -> None:
    code = (
        "from cognito_credproc.words.face import guarded, write; "
        f"import sys; sys.exit(guarded(lambda: write({words})))"
    )
    reading, writing = os.pipe()
    os.close(reading)
    run = subprocess.run(
        [sys.executable, "-c", code], stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert run.returncode == status
    assert run.stderr.decode()[: len(said) or None] == said


def test_wrong_usage_is_an_error_like_every_other() -> None:
    parser = Parser(prog="program")
    parser.add_argument("--profile")
    with pytest.raises(UsageError, match="--nonsense") as caught:
        parser.parse_args(["--nonsense"])
    assert caught.value.hint == "program --help"
    with pytest.raises(UsageError):
        parser.parse_args(["--prof", "dev"])  # no abbreviations
