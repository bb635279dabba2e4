"""The lines of an AWS config file: which section and which key each of them belongs to.

They are read by the rules of Python's `configparser`, which botocore reads the file with: an
indented line goes on with the value above it, a comment has a line of its own, a line ends as text
files in Python do.
"""

import re
import shlex
from collections.abc import Iterator, Sequence
from configparser import RawConfigParser
from dataclasses import dataclass, field

LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


@dataclass(slots=True)
class Section:
    """One section, its lines counted from 0.

    It begins at `first`; `last` is where its last value ends, `indent` that of its keys.
    """

    header: str
    first: int
    last: int
    indent: str
    keys: dict[str, int] = field(default_factory=dict)  # key → the line that it stands on
    continued: dict[int, str] = field(default_factory=dict)  # line → whose value goes on there


def sections(lines: Sequence[str]) -> Iterator[Section]:
    """Every section, by the rules of `RawConfigParser._read`."""
    section: Section | None = None
    key, level = "", 0
    for number, line in enumerate(lines):
        content = line.strip()
        if not content or content.startswith(("#", ";")):
            continue
        indent = line[: len(line) - len(line.lstrip())]
        if section is not None and key and len(indent) > level:
            section.continued[number] = key
            section.last = number
            continue
        level = len(indent)
        if header := RawConfigParser.SECTCRE.match(content):
            if section is not None:
                yield section
            section, key = Section(header["header"], number, number, indent), ""
        elif section is not None and (option := RawConfigParser.OPTCRE.match(content)):
            key = option["option"].rstrip().lower()
            section.keys[key] = section.last = number
            section.indent = indent
    if section is not None:
        yield section


def profile_of(header: str) -> str | None:
    """The profile that a section is, as `botocore.configloader.build_profile_map` has it."""
    if not header.startswith("profile"):
        return header if header == "default" else None
    try:
        words = shlex.split(header)
    except ValueError:
        return None
    return words[1] if len(words) == 2 else None


def header_of(profile: str) -> str:
    """What stands between the brackets of a profile's section."""
    if profile == "default":
        return profile
    return f'profile "{profile}"' if " " in profile else f"profile {profile}"
