"""What an edit changes in a file, as a unified diff, fit for a screen and a log."""

import difflib
import re
from collections.abc import Iterator
from pathlib import Path

from cognito_credproc.settings.config_lines import LINE
from cognito_credproc.values.errors import printable

# The lines around a change are the person's own, and may hold keys.
SECRET = re.compile(
    r"(.(?:\s*[^=:]*(?:secret|token|password)[^=:]*?\s*[=:]\s*))\S.*", re.IGNORECASE
)
WIDEST = 1_000  # characters of a line


def difference(before: str, after: str, file: Path) -> str:
    """The unified diff, empty where nothing is different; secrets among its context are hidden."""
    return "".join(f"{line}\n" for line in _lines(before, after, file))


def _lines(before: str, after: str, file: Path) -> Iterator[str]:
    found = difflib.unified_diff(
        LINE.findall(before), LINE.findall(after), str(file), str(file), lineterm=""
    )
    for number, line in enumerate(found):
        content = line.rstrip("\r\n")
        if number > 1:
            content = SECRET.sub(r"\1…", content)
        yield printable(content.replace("\t", "    "), WIDEST)
        if content == line and number > 1 and not line.startswith("@@"):
            yield r"\ No newline at end of file"
