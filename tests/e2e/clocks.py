"""Processes whose clock is wrong, by libfaketime: the interpreter's and every library's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

# libfaketime 0.9.10 makes an absolute monotonic sleep, which Python's is, fail with EINVAL.
SLEEP = """
import select, time
time.sleep = lambda seconds: select.select([], [], [], seconds) and None
"""


def wrong_clocks(folder: Path) -> Callable[[float], dict[str, str]]:
    """The environment of a process whose clock is so many seconds ahead."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    if library is None:
        pytest.skip("not installed: faketime")
    site = folder / "sleeps"
    site.mkdir()
    (site / "sitecustomize.py").write_text(SLEEP)
    fake = {
        "LD_PRELOAD": str(library),
        "DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
        "PYTHONPATH": str(site),
    }
    return lambda seconds: {**fake, "FAKETIME": f"{seconds:+.0f}"}
