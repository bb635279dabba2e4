"""Screens as they were found good, kept as files that a person can read.

    GOLDEN=write python3 -m tests tests/e2e/test_status.py tests/e2e/test_enrolment_screens.py

keeps what they look like now.

What differs from run to run is replaced by something of the same length, so that lines break where
they do on a real screen. Colours are left out, but for the screens that README shows: those have a
second file, `.ansi`, and `python -m tests.pictures` draws it.
"""

import os
import re
import secrets
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from cognito_credproc.settings.line import isolated_line

FOLDER = Path(__file__).parent / "golden"
HOME = "/home/istio/of-a-length"  # what the home folder is called on a screen
COLOURS = r"\x1b\[[\d;]*m"
CONTROLS = (r"\x1b\[[\d;]*K", r"[^\n]*\r(?!\n)")  # erasing, and what was overwritten
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSW"
# Lines of nothing but colours and blocks.
QR_CODE = r"(?m)(^(?:\x1b\[[\d;]*m|[ \u2580\u2584\u2588])+\x1b\[0m\n)+"
PLACES: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"\b[A-Z2-7]{52}\b", SEED),
    (r"((\b[A-Z2-7]{4}\b\s+){12})[A-Z2-7]{4}\b", lambda found: grouped(found[0])),
    (r"(?<=: )\d{6}\b", "492039"),
    (r"20\d\d-\d\d-\d\d", "2026-11-03"),
    (r"\b\d\d:\d\d\b", "08:05"),
    (r"\b5[89] min\b", "59 min"),
    (
        r"Python 3\.\d+\.\d+, cognito-credproc [\d.]+ in .*",
        "Python 3.11.2, cognito-credproc 0.1.0 in …",
    ),
    (re.escape(isolated_line("dev")), "/usr/bin/python3 -I -S …/run.py --profile dev"),
    (re.escape(str(Path(sys.executable).parent)), "/usr/bin"),
    (r"boto3 [\d.]+ of \S+", "boto3 1.40.0 of /usr/bin/python3"),
    (r"by /\S+/node", "by /usr/bin/node"),
    (rf"(?m)^((?:{COLOURS})*ok(?:{COLOURS})* +network .*?): \S*$", r"\1: …"),
    (r"proxy 127\.0\.0\.1:\d{5}", "proxy 127.0.0.1:12345"),
    (r"\b\d+ ms\b", "12 ms"),
    (r"_[0-9A-Za-z]{9}\b", "_AbCdEfGhI"),
    (r"\b[0-9a-z]{26}\b", "1example2345678901example2"),
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "11111111-2222-3333-4444-555555555555"),
    (r"127\.0\.0\.1:\d{5}", "127.0.0.1:12345"),
)


def home() -> Path:
    """A new folder whose path is as long as `HOME`."""
    start = f"{tempfile.gettempdir()}/"
    folder = Path(start + secrets.token_hex(len(HOME))[: len(HOME) - len(start)])
    folder.mkdir(mode=0o700)
    return folder


def grouped(groups: str) -> str:
    """A key in groups, with the spaces and lines between them as they are."""
    letters = iter(SEED)
    return re.sub(r"[A-Z2-7]", lambda _: next(letters), groups)


def code_replaced(found: re.Match[str]) -> str:
    """Words for a QR code, which is another one in each run."""
    lines = [re.sub(COLOURS, "", line) for line in found[0].splitlines()]
    return f"(the QR code: {len(lines[0])} columns, {len(lines)} rows)\n"


def check(name: str, shown: str, folder: Path, columns: int = 80) -> None:
    """Compare a screen with the one that is kept; or keep it, where `GOLDEN` says so."""
    shown = re.sub(QR_CODE, code_replaced, shown)
    for control in CONTROLS:
        shown = re.sub(control, "", shown)
    for line in re.sub(COLOURS, "", shown).splitlines():
        # What is copied is not broken into lines.
        starts = ("hint: ", "mend ", "aws ", "read -rs P ")
        copied = line.lstrip().startswith(starts) or " " not in line
        assert len(line) <= columns or copied, line
    shown = shown.replace(str(folder), HOME)
    for pattern, place in PLACES:
        shown = re.sub(pattern, place, shown)
    _same(FOLDER / f"{name}.txt", re.sub(COLOURS, "", shown))
    coloured = FOLDER / f"{name}.ansi"
    if coloured.exists():
        _same(coloured, shown)


def _same(file: Path, shown: str) -> None:
    if os.environ.get("GOLDEN") == "write":
        file.write_text(shown, "utf-8")
    assert shown == file.read_text("utf-8"), "GOLDEN=write keeps the new one"
