"""What a person sees of README's pictures in a browser: a phone reads the QR code."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.e2e.chromium import ARGUMENTS
from tests.e2e.person import PATIENCE
from tests.pictures import ENTRY, PICTURES

if TYPE_CHECKING:
    from pathlib import Path


def test_a_phone_can_read_the_code_on_the_picture(tmp_path: Path) -> None:
    if missing := [name for name in ("chromium", "zbarimg") if shutil.which(name) is None]:
        pytest.skip(f"not installed: {', '.join(missing)}")
    (enrolment,) = (picture for picture in PICTURES if picture.screen == "enrol")
    shot = tmp_path / "shot.png"
    looks = ["--window-size=800,1000", f"--screenshot={shot}", enrolment.file.as_uri()]
    subprocess.run(
        ["chromium", *ARGUMENTS, f"--user-data-dir={tmp_path / 'profile'}", *looks],
        capture_output=True,
        check=True,
        timeout=PATIENCE,
    )
    read = subprocess.run(
        ["zbarimg", "--quiet", "--raw", "--nodbus", str(shot)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert read.stdout == "".join(ENTRY.link) + "\n"
