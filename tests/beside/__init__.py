"""Programs of others that the tests run, each in a virtual environment of its own.

A file here named `NAME.txt` is what `.venv/beside/NAME` holds. They are some 100 MB, so only CI has
them unasked; who develops may want `python3 -m tests.beside`.
"""

from __future__ import annotations

import hashlib
import subprocess
import venv
from pathlib import Path

FOLDER = Path(__file__).parent
BESIDE = FOLDER.parents[1] / ".venv" / "beside"


def install(pip: list[str]) -> None:
    """Make those environments that are not there yet; `pip` is the command that installs."""
    for wanted in sorted(FOLDER.glob("*.txt")):
        folder = BESIDE / wanted.stem
        digest = hashlib.sha256(wanted.read_bytes()).hexdigest()
        done = folder / "prepared"
        if done.is_file() and done.read_text() == digest:
            continue
        venv.create(folder, with_pip=False, clear=True)
        # The list is whole, cargo-lambda's compiler aside, which nobody needs here.
        command = [*pip, "--python", str(folder), "install", "--quiet", "--no-deps"]
        subprocess.run([*command, "--requirement", str(wanted)], check=True)
        done.write_text(digest)


def program(environment: str, name: str) -> Path | None:
    """A program of one of them; None where it is not installed."""
    found = BESIDE / environment / "bin" / name
    return found if found.exists() else None
