"""What a config file says in a way that no tool reads as it is meant, found when a key is missing.

A section without the word `profile` is no profile, an indented line is no key of its own, and of
two sections for one profile the last counts.
"""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from cognito_credproc.settings.config_lines import LINE, Section, header_of, profile_of, sections
from cognito_credproc.settings.forms import BASE, REQUIRED
from cognito_credproc.settings.line import KEY as LINE_KEY
from cognito_credproc.settings.line import is_ours
from cognito_credproc.settings.profile_keys import has_settings
from cognito_credproc.values.errors import SettingsError

KEY = re.compile(r"\s*(?:cognito_\w+|credential_process)\s*[=:]", re.IGNORECASE)
NEEDED = {*REQUIRED, "cognito_domain"}
OTHERS = (["sso-session"], ["services"])  # what else sections of a config file are


def misread(file: Path, profile: str, *, whichever: bool = False) -> SettingsError | None:
    """What is wrong with the lines that are meant to be a profile; None for nothing of the kind.

    `whichever`: there is no profile with settings, so that any section with our keys may be meant.
    """
    try:
        lines = LINE.findall(file.read_text("utf-8", errors="replace"))
    except OSError:  # whoever reads it says so
        return None
    found = list(sections(lines))
    faults = chain(
        _bare(found, lines, profile, whichever=whichever),
        _indented(found, lines, None if whichever else profile),
    )
    for what, mend in faults:
        return SettingsError(f"{file}: {what}", f"{mend}, in an editor: {file}")
    return None


def _bare(
    found: list[Section], lines: list[str], profile: str, *, whichever: bool
) -> Iterator[tuple[str, str]]:
    """What is wrong with the headers of sections that have our keys."""
    for section in found:
        name = profile_of(section.header)
        meant = _meant(section.header) if name is None else name
        if meant is None or not _has_ours(section, lines):
            continue
        if profile not in {meant, section.header} and not (whichever and name is None):
            continue
        read = [other for other in found if profile_of(other.header) == meant]
        if not read:
            wanted = header_of(meant)
            yield (
                f"line {section.first + 1}: [{section.header}] must be [{wanted}]",
                f"write [{wanted}] there",
            )
        elif NEEDED & (section.keys.keys() - read[-1].keys.keys()) and BASE not in read[-1].keys:
            counts = read[-1]  # as `botocore.configloader.build_profile_map` has it
            both = (
                f"[{section.header}] (line {section.first + 1}) and [{counts.header}] "
                f"(line {counts.first + 1}) are two sections for one profile"
            )
            yield (
                f"{both}; the AWS CLI reads [{counts.header}]",
                f"move the lines of [{section.header}] into [{counts.header}]",
            )


def _meant(header: str) -> str | None:
    """The profile that is meant by a section that is none; None for one of another kind."""
    if header.split()[:1] in OTHERS:
        return None
    words = re.sub(r"^profile\s*", "", header.strip(), flags=re.IGNORECASE)
    return words.strip("\"' ") or None


def _has_ours(section: Section, lines: list[str]) -> bool:
    if has_settings(section.keys):
        return True
    line = section.keys.get(LINE_KEY)
    return line is not None and is_ours(lines[line].partition("=")[2])


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
