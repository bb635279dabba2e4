"""The text of an AWS config file, changed as a careful person would: own keys, nothing else.

What is written here is read back by the very parser that botocore reads the file with, before it
counts.
"""

import configparser
import io
import re
from collections.abc import Mapping
from pathlib import Path

from cognito_credproc.settings.config_lines import (
    LINE,
    Section,
    header_of,
    profile_of,
    sections,
)
from cognito_credproc.settings.forms import OURS
from cognito_credproc.values.errors import SettingsError, printable

Changes = Mapping[str, str | None]  # key → its new value; None removes the key
END = re.compile(r"\r\n|\r|\n")
KEY = re.compile(r"[a-z0-9_]+")
# SDKs that end a value at a comment do so where a space stands before its sign.
COMMENT = re.compile(r"(?:^|\s)[#;]")
# Some SDKs know no other signs in a section's name.
NAME = re.compile(r"[\w.@%+:/,=-]+(?: [\w.@%+:/,=-]+)*")


def edited(text: str, file: Path, profile: str, changes: Changes) -> str:
    """The text in which a profile has the new values; nothing but their lines is different.

    A profile that is not there is added at the end. `file` is for the messages.

    Raises:
        SettingsError: it cannot be done so that every tool reads what is meant.
    """
    for key, value in changes.items():
        _refuse_unsafe(key, value)
    lines = LINE.findall(text)
    section = _section_of(profile, lines, file)
    if section is None and not any(changes.values()):
        return text
    if section is None:
        header = _header(profile)
        new = _with_new_section(lines, header, changes)
    else:
        header = section.header
        new = _with_keys(lines, section, changes, file)
    _verify(text, new, header, changes, file)
    return new


def line_end(text: str) -> str:
    """How the lines of a text end; a new text gets line feeds."""
    found = END.search(text)
    return found[0] if found else "\n"


def _with_keys(lines: list[str], section: Section, changes: Changes, file: Path) -> str:
    lines = list(lines)
    added = []
    for key, value in changes.items():
        number = section.keys.get(key)
        if number is None:
            if value is not None:
                added.append(f"{section.indent}{key} = {value}")
        elif key in section.continued.values():
            raise SettingsError(
                f"{file}: the value of {key} goes on after line {number + 1}",
                f"put it on one line, in an editor: {file}",
            )
        else:
            lines[number] = "" if value is None else _replaced(lines[number], value)
    return _inserted(lines, section.last + 1, added)


def _with_new_section(lines: list[str], header: str, changes: Changes) -> str:
    keys = [f"{key} = {value}" for key, value in changes.items() if value is not None]
    blank = [""] if lines and lines[-1].strip() else []
    return _inserted(lines, len(lines), [*blank, f"[{header}]", *keys])


def _inserted(lines: list[str], place: int, added: list[str]) -> str:
    """The text with lines added; whether its last line has an end stays as it was."""
    if not added:
        return "".join(lines)
    end = line_end("".join(lines))
    before, after = "".join(lines[:place]), "".join(lines[place:])
    if before and not END.search(before[-1]):
        return before + end + end.join(added) + after
    return before + end.join(added) + end + after


def _replaced(line: str, value: str) -> str:
    """The line with another value; the key's spelling and the spaces stay."""
    content = line.rstrip("\r\n")
    found = re.match(r"\s*[^=:]*?(\s*)[=:]\s*", content)
    if found is None:
        raise AssertionError("a line that was read as a key has its sign")
    before = found[0]
    if before.endswith(("=", ":")):
        before += " " if found[1] else ""  # `key =` had no value
    same = content[len(found[0]) :].rstrip() == value
    return line if same else before + value + line[len(content) :]


def _section_of(profile: str, lines: list[str], file: Path) -> Section | None:
    """The section that is the profile.

    Raises:
        SettingsError: there are two, and the tools do not agree which of them counts.
    """
    found = [section for section in sections(lines) if profile_of(section.header) == profile]
    if len(found) > 1:
        raise SettingsError(
            f"{file}: [{found[0].header}] and [{found[1].header}] are the same profile",
            f"make one of them, in an editor: {file}",
        )
    return found[0] if found else None


def _header(profile: str) -> str:
    """What stands between the brackets of a new section."""
    if profile != "default" and not NAME.fullmatch(profile):
        raise SettingsError(
            f"a profile cannot be named {profile} so that all tools read it alike",
            "use letters, digits, single spaces and . _ - + @ % : / = ,",
        )
    return header_of(profile)


def _refuse_unsafe(key: str, value: str | None) -> None:
    """Let nothing through that some SDK would read as something else."""
    if not KEY.fullmatch(key):
        raise SettingsError(
            f"{key} cannot be a key of a profile", "use small letters, digits and _"
        )
    if value is None or (not value and key.startswith(OURS)):  # other tools do not read that
        return
    if not value or value != value.strip() or not value.isprintable() or COMMENT.search(value):
        raise SettingsError(
            f"{key} = {printable(value, 80)} cannot be written so that all tools read it alike",
            "use a value without line breaks, without spaces around it, and without # or ;",
        )


def _verify(before: str, after: str, header: str, changes: Changes, file: Path) -> None:
    """Read both texts as botocore does; what differs must be what was to be changed."""
    try:
        wanted, found = _read(before), _read(after)
    except configparser.Error:
        found = {}
    else:
        keys = wanted.setdefault(header, dict(wanted["DEFAULT"]))
        for key, value in changes.items():
            keys.pop(key, None) if value is None else keys.update({key: value})
    if not found or wanted != found or not _nests_well(found):
        raise SettingsError(
            f"{file} cannot be changed safely: it is laid out in an unusual way",
            f"write these keys by hand, in an editor: {file}",
        )


def _nests_well(sections: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether botocore takes what is indented below a key without a value: keys with values.

    It looks into the sections alone; a new one may be lent what stands in [DEFAULT].
    """
    return all(
        "=" in line
        for name, keys in sections.items()
        if name != "DEFAULT"
        for value in keys.values()
        if value.startswith("\n")
        for line in value.splitlines()
        if line.strip()
    )


def _read(text: str) -> dict[str, dict[str, str]]:
    """Every section's keys and values."""
    parser = configparser.RawConfigParser()
    parser.read_file(io.StringIO(text, newline=None))
    return {"DEFAULT": dict(parser.defaults())} | {
        section: dict(parser.items(section)) for section in parser.sections()
    }
