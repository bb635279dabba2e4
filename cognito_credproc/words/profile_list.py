"""The words of the list of profiles."""

from collections.abc import Sequence
from pathlib import Path

from cognito_credproc.profiles.configuring import Row
from cognito_credproc.settings.forms import configure_command
from cognito_credproc.words.layout import Screen

HEADING = ("PROFILE", "SIGNS IN", "SETTINGS", "LINE")


def shown(rows: Sequence[Row], file: Path, screen: Screen) -> str:
    """The table, what is wrong with broken lines, and what to type next."""
    if not rows:
        return (
            f"no profile in {file} has cognito settings\n"
            "make one: cognito-credproc configure --profile dev\n"
        )
    lines = screen.table([HEADING, *(row[:4] for row in rows)])
    lines += [
        screen.paragraph(f"{row.profile}: credential_process {row.fault}")
        for row in rows
        if row.fault
    ]
    if any(row.line == "broken" for row in rows):
        lines.append("mend the lines: cognito-credproc configure --all")
    if without := next((row.profile for row in rows if row.line == "none"), None):
        lines.append(f"write the line: {configure_command(without)}")
    return "\n".join(lines) + "\n"
