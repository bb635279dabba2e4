"""The fast, isolated `credential_process` line: which words, and quoted so that every SDK agrees.

The SDKs split the line with a shell, with shlex, or with a splitter of their own. All of them
understand a word in double quotes that holds nothing special; not all understand anything else.
"""

import re
import sys
from pathlib import Path

from cognito_credproc.errors import SettingsError

PLAIN = re.compile(r"[\w./:@%+,=-]+", re.ASCII)
QUOTABLE = re.compile(r"[\w./:@%+,=~^#&;()\[\]{}' -]+")


def isolated_line(profile: str, python: str = sys.executable) -> str:
    """The line for a profile, which runs this very installation.

    Raises:
        SettingsError: a word cannot be written so that every SDK reads the same.
    """
    run = Path(__file__).with_name("run.py")
    words = [python, "-I", "-S", str(run), "--profile", profile]
    return " ".join(_quoted(word) for word in words)


def _quoted(word: str) -> str:
    if PLAIN.fullmatch(word):
        return word
    if not QUOTABLE.fullmatch(word):
        raise SettingsError(
            f"{word} cannot be written in a credential_process line that all SDKs read alike",
            "use a name without quotes, dollar signs, backslashes and line breaks",
        )
    return f'"{word}"'
