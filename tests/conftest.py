"""What all tests share: in CI, a skipped test is a failure; Windows leaves some files out."""

import os
import re
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

POSIX_ONLY = ("fcntl", "grp", "posix", "pty", "pwd", "resource", "termios", "tty")
# The end-to-end tests are of pseudo-terminals, and so are the parts of them that others borrow; the
# hit's own reader of the keyring is for Linux's Secret Service.
NEEDS_POSIX = re.compile(
    rf"^(?:from|import) (?:{'|'.join(POSIX_ONLY)}|tests\.e2e|tests\.bus)\b"
    r"|^from cognito_credproc(?: import .*\b|\.)secret_service\b",
    re.MULTILINE,
)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out what cannot even be imported on Windows."""
    if sys.platform == "win32" and collection_path.name.startswith("test_"):
        return bool(NEEDS_POSIX.search(collection_path.read_text("utf-8"))) or None
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
