"""What a config file says in a way that no tool reads as it is meant, found when a key is missing.

A section without the word `profile` is no profile, and an indented line is no key of its own.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from cognito_credproc.settings.config_lines import LINE, Section, header_of, profile_of, sections
from cognito_credproc.values.errors import SettingsError

KEY = re.compile(r"\s*(?:cognito_\w+|credential_process)\s*[=:]", re.IGNORECASE)
OURS = "cognito_"


def misread(file: Path, profile: str, *, whichever: bool = False) -> SettingsError | None:
    """What is wrong with the lines that are meant to be a profile; None for nothing of the kind.

    `whichever`: there is no profile with settings, so that any section with our keys may be meant.
    """
    try:
        lines = LINE.findall(file.read_text("utf-8", errors="replace"))
    except OSError:  # whoever reads it says so
        return None
    found = list(sections(lines))
    for words in (
        *_bare(found, profile, whichever=whichever),
        *_indented(found, lines, None if whichever else profile),
    ):
        return SettingsError(f"{file}: {words[0]}", f"{words[1]}, in an editor: {file}")
    return None


def _bare(found: list[Section], profile: str, *, whichever: bool) -> Iterator[tuple[str, str]]:
    if any(profile_of(section.header) == profile for section in found):
        return
    for section in found:
        if section.header.split()[1:] and section.header != profile:
            continue  # of a kind, such as `sso-session name`
        ours = whichever and any(key.startswith(OURS) for key in section.keys)
        if section.header == profile or (ours and profile_of(section.header) is None):
            wanted = header_of(section.header)
            yield (
                f"line {section.first + 1}: [{section.header}] must be [{wanted}]",
                f"write [{wanted}] there",
            )


def _indented(
    found: list[Section], lines: list[str], profile: str | None
) -> Iterator[tuple[str, str]]:
    """What is wrong with the keys of a profile; None stands for any."""
    for section in found:
        if profile_of(section.header) is None or (
            profile is not None and profile_of(section.header) != profile
        ):
            continue
        ours = [number for number in section.continued if KEY.match(lines[number])]
        for number in ours[:1]:
            owner = section.continued[number]
            last = max(other for other in ours if section.continued[other] == owner) + 1
            above, first = section.keys[owner] + 1, number + 1
            if last == first:
                words = f"line {first} is indented, so it belongs to line {above}"
                yield words, "remove the spaces before it"
            else:
                words = f"lines {first} to {last} are indented, so they belong to line {above}"
                yield words, "remove the spaces before them"
