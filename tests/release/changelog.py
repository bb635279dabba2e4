"""The changelog in the form of keepachangelog.com 1.1.0: read, and held to its form."""

import re
from typing import NamedTuple

UNRELEASED = "Unreleased"
HEADING = re.compile(
    rf"\[?({UNRELEASED}|\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?)\]?(?: - (\d{{4}}-\d\d-\d\d))?"
)
KINDS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")


class Version(NamedTuple):
    """A version, the day it was released on, and what is new in it, by kind."""

    name: str
    day: str | None
    changes: dict[str, str]

    @property
    def notes(self) -> str:
        """What is new, as Markdown."""
        return "\n".join(f"### {kind}\n\n{text}\n" for kind, text in self.changes.items())


def versions(text: str) -> list[Version]:
    """The versions, the newest first.

    Raises:
        ValueError: the text has another form; the message names the heading.
    """
    _, *sections = re.split(r"^## ", text, flags=re.MULTILINE)
    return [_version(section) for section in sections]


def _version(section: str) -> Version:
    heading, _, body = section.partition("\n")
    found = HEADING.fullmatch(heading)
    if found is None or (found[1] == UNRELEASED) != (found[2] is None):
        raise ValueError(f"not a version and its day: {heading}")
    lead, *parts = re.split(r"^### ", body, flags=re.MULTILINE)
    if lead.strip():
        raise ValueError(f"{heading}: a change stands under no kind")
    changes = {}
    for part in parts:
        kind, _, lines = part.partition("\n")
        if kind not in KINDS or kind in changes or not lines.strip():
            raise ValueError(f"{heading}: {kind} is no kind of change, stands twice or is empty")
        changes[kind] = lines.strip()
    return Version(found[1], found[2], changes)
