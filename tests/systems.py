"""What a test may ask of any system, and the mark of one that asks for more than Windows has."""

import os
import subprocess
import sys

import pytest

# For single tests of a file whose others are run on Windows as well.
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="it is about POSIX")
root_only = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away"
)


def open_descriptors() -> set[int]:
    """Those of this process; not every system has a folder of them."""
    return {number for number in range(1_024) if _is_open(number)}


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def has_ended(process: int) -> bool:
    """Whether a process is over; one that is dead while nobody took note of that is as well."""
    asked = ["ps", "-o", "stat=", "-p", str(process)]
    state = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    return state.startswith("Z") or not state
