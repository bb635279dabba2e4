"""The debug log: where it goes, what it looks like, that it fails nobody and gives nothing away."""

import logging
import os
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cognito_credproc.process import debug
from cognito_credproc.values.errors import CredprocError
from cognito_credproc.words.face import debug_to_standard_error
from tests.systems import posix_only

SECRET = "hunter22-and-more"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Logging is one for the whole process: end what a test began."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield
    root.setLevel(level)
    root.handlers[:] = handlers
    debug._redactors.clear()  # noqa: SLF001 - the process would end here
    for name in debug.NOISE:
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.fixture
def lines() -> list[str]:
    """A log that is being written."""
    found: list[str] = []
    debug.write_to(found.append)
    return found


def test_nothing_is_remembered_where_nothing_is_logged() -> None:
    debug.conceal(SECRET)
    assert not debug.is_on()
    found: list[str] = []
    debug.write_to(found.append)
    debug.log.debug("%s", SECRET)
    assert SECRET in found[0]  # it was never told of it


def test_a_line_says_when_who_and_what(lines: list[str]) -> None:
    debug.log.debug("lock %s, waiting up to %.1f s", "0123abcd", 8.0)
    (line,) = lines
    moment, process, name, what = line.split(" ", 3)
    assert moment.endswith("Z")
    assert process == str(os.getpid())
    assert (name, what) == ("credproc:", "lock 0123abcd, waiting up to 8.0 s\n")


def test_what_takes_time_says_how_long_and_how_it_ended(lines: list[str]) -> None:
    with debug.timed("call %s", "GetId"):
        pass
    with pytest.raises(OSError, match="no"), debug.timed("call %s", "GetId"):
        raise OSError("no")
    assert "call GetId: done after 0.0" in lines[0]
    assert "call GetId: OSError after 0.0" in lines[1]


def test_the_libraries_are_heard_and_hushed(lines: list[str]) -> None:
    debug.conceal({"PASSWORD": SECRET})
    logger = logging.getLogger("botocore.endpoint")
    logger.debug("Making request with params: %s", {"method": "POST", "body": SECRET.encode()})
    logger.debug("Response body:\n%r", b'{"IdToken": "x", "ChallengeName": "SMS_MFA"}')
    logger.debug(f"an f-string with {SECRET}")
    logger.debug("%(Token)s and %(ChallengeName)s", {"Token": "new", "ChallengeName": "SMS_MFA"})
    logging.getLogger("botocore.hooks").debug("noise")
    text = "".join(lines)
    assert SECRET not in text
    assert "botocore.endpoint: Making request with params: {method: POST, body: <17 bytes>}" in text
    assert "Response body: {IdToken: [hidden], ChallengeName: SMS_MFA}\n" in text
    assert "botocore.endpoint: [hidden] and SMS_MFA\n" in text
    assert "noise" not in text
    assert len(lines) == 4  # one line each


def test_an_error_is_shown_by_its_places(lines: list[str]) -> None:
    def fails() -> None:
        try:
            Path(f"/{SECRET}").stat()
        except OSError as error:
            raise ValueError(f"{SECRET} again") from error

    try:
        fails()
    except ValueError:
        debug.log.debug("it failed", exc_info=True)
        debug.log.debug("it failed with %s", sys.exception())
    assert SECRET not in "".join(lines)
    assert "it failed [ValueError at test_debug.py:" in lines[0]
    assert " fails because of FileNotFoundError]\n" in lines[0]
    assert lines[1].endswith("it failed with ValueError\n")


@pytest.mark.parametrize("arguments", [("too", "many"), (object(),)])
def test_a_message_that_makes_no_sense_fails_nobody(
    lines: list[str], arguments: tuple[object, ...]
) -> None:
    root = logging.getLogger()
    # pytest's own handlers do fail where a message makes no sense.
    root.handlers[:] = [each for each in root.handlers if type(each).__module__ == debug.__name__]
    debug.log.debug("%d", *arguments)
    assert "(a message that cannot be shown: TypeError)" in lines[0]


def test_a_log_that_cannot_be_written_fails_nobody() -> None:
    def full(_line: str) -> None:
        raise OSError(28, "No space left on device")

    debug.write_to(full)
    debug.log.debug("it goes on")


def test_nothing_paints_the_terminal(lines: list[str]) -> None:
    debug.log.debug("profile %s", "dev\x1b[2J\nforged: line")
    assert lines[0].count("\n") == 1
    assert "\x1b" not in lines[0]


def test_secrets_told_while_others_log(lines: list[str]) -> None:
    def tell() -> None:
        for number in range(50):
            debug.conceal(f"secret-{number:03}")

    threads = [threading.Thread(target=tell) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(50):
        debug.log.debug("meanwhile")
    for thread in threads:
        thread.join()
    debug.log.debug("secret-000 secret-049")
    assert lines[-1].endswith("[hidden] [hidden]\n")
    assert not [line for line in lines if "cannot be shown" in line]


@posix_only
def test_a_file_is_made_for_the_person_alone_and_grows(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_text("before\n")
    file.chmod(0o644)
    debug.write_to_file(str(file))
    debug.log.debug("after")
    assert file.read_text().startswith("before\n")
    assert file.read_text().endswith("credproc: after\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@posix_only
def test_a_new_file_is_made_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        debug.write_to_file(str(tmp_path / "log"))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "log").stat().st_mode) == 0o600


def bad_file(folder: Path, kind: str) -> Path:
    file = folder / "log"
    target = folder / "target"
    target.write_text("mine\n")
    match kind:
        case "symbolic link":
            file.symlink_to(target)
        case "hard link":
            file.hardlink_to(target)
        case "folder":
            file.mkdir()
        case "queue":
            os.mkfifo(file)
        case "nowhere":
            file = folder / "no" / "log"
        case "zero byte":
            file = Path(f"{folder}/\0")
        case "relative":
            file = Path("1")
        case "foreign":
            file.write_text("")
            os.chown(file, 12345, 12345)
    return file


@posix_only
@pytest.mark.parametrize(
    "kind",
    [
        "symbolic link",
        "hard link",
        "folder",
        "queue",
        "nowhere",
        "zero byte",
        "relative",
        "foreign",
    ],
)
def test_a_file_that_is_no_good_is_refused(tmp_path: Path, kind: str) -> None:
    if kind == "foreign" and os.geteuid() != 0:
        kind = "folder"  # only root can give a file away
    file = bad_file(tmp_path, kind)
    with pytest.raises(CredprocError, match=r"COGNITO_CREDPROC_DEBUG is .*cannot be written") as e:
        debug.write_to_file(str(file))
    assert e.value.hint == (
        'name a file of your own: export COGNITO_CREDPROC_DEBUG="$HOME/cognito-credproc.log"'
    )
    assert not debug.is_on()
    assert (tmp_path / "target").read_text() == "mine\n"


def test_standard_error_is_written_when_a_person_asks(capfd: pytest.CaptureFixture[str]) -> None:
    debug.log.debug("before")
    debug_to_standard_error()
    debug.log.debug("after")
    out, err = capfd.readouterr()
    assert out == ""
    assert err.endswith("credproc: after\n")
    assert "before" not in err


def test_both_ways_at_once(tmp_path: Path, lines: list[str]) -> None:
    debug.write_to_file(str(tmp_path / "log"))
    debug.conceal(SECRET)
    debug.log.debug("to both: %s", SECRET)
    assert lines == [(tmp_path / "log").read_text()]
    assert SECRET not in lines[0]
