"""What all tests share: in CI, a skipped test is a failure; other systems leave some files out."""

import os
import re
import signal
import sys
from collections.abc import Generator
from pathlib import Path

import hypothesis
import pytest

# Every run tries the same examples, and a machine that is busy with something else fails none.
hypothesis.settings.register_profile(
    "here",
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("here")

LINUX_ONLY = ("dbus", "jeepney", "secretstorage")
POSIX_ONLY = ("fcntl", "grp", "posix", "pty", "pwd", "resource", "termios", "tty")
POSIX_CALLS = (
    *("chown", "fchmod", "fchown", "fork", "getegid", "geteuid", "getgid", "getpgid", "getpgrp"),
    *("getuid", "killpg", "mkfifo", "openpty", "seteuid", "setsid", "uname", "wait", "wait3"),
)
# The hit's own reader of the keyring is for Linux's Secret Service.
NEEDS_LINUX = re.compile(rf"^(?:from|import) (?:{'|'.join(LINUX_ONLY)}|tests\.bus)\b", re.MULTILINE)
# The end-to-end tests are of pseudo-terminals, and so are the parts of them that others borrow.
NEEDS_POSIX = re.compile(
    rf"^(?:from|import) (?:{'|'.join(POSIX_ONLY)}|pexpect|tests\.e2e)\b"
    r"|^from cognito_credproc(?: import .*\b|\.)secret_service\b",
    re.MULTILINE,
)
# What Windows has not, or means otherwise: calls, signals, modes, links, scripts and their shell.
POSIX_WORDS = re.compile(
    rf"\bos(?:\.|, \")(?:{'|'.join(POSIX_CALLS)}|kill|set_blocking|umask)\b"
    r"|\bsignal\.(?:alarm|SIG(?:ALRM|CONT|HUP|KILL|QUIT|TSTP|TTIN|TTOU))\b|\btzset\b|\b0o[0-7]{3}\b"
    r"|\bsymlink_to\b|\bAF_UNIX\b|/bin/|/dev/(?!null)|\bprograms\.(?:python|shell)\b|\"sh\","
)


def is_left_out(text: str, system: str) -> bool:
    """Whether a file of tests, of which this is the text, is not for a system.

    A file that has POSIX's words marks single tests with `posix_only`, or is left out on Windows.
    """
    if system == "linux":
        return False
    if system != "win32":
        return bool(NEEDS_LINUX.search(text))
    asks = NEEDS_LINUX.search(text) or NEEDS_POSIX.search(text)
    return bool(asks or ("@posix_only" not in text and POSIX_WORDS.search(text)))


def pytest_configure() -> None:
    """A shell's job in the background ignores these, and so would all that the tests start."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if sys.platform != "win32":
        signal.signal(signal.SIGQUIT, signal.SIG_DFL)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out what this system has not: there it could not even be imported, or only fail."""
    if collection_path.name.startswith("test_"):
        return is_left_out(collection_path.read_text("utf-8"), sys.platform) or None
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest begin first, so that nobody waits for one of them alone at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure where `CI` is set."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and in CI nothing may be: {report.longrepr}"
    return report
