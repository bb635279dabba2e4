"""Long values in parts, for keyrings whose entries have a limit.

The item of a value in parts says how many there are; the parts have two sets of names, used in
turn, so that the old value stays whole until the new one is.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple, Self

HEAD = "cognito-credproc-parts 1"
GENERATIONS = ("a", "b")  # the two sets of names
# An entry of the Windows Credential Manager holds 2,560 bytes of UTF-16
# (CRED_MAX_CREDENTIAL_BLOB_SIZE); the rest of it is left as a margin.
LENGTHS: Mapping[str, int] = {"WinVaultKeyring": 1200}


class Parts(NamedTuple):
    """What the item says whose value is in parts; each part begins with the tag of its set."""

    total: int
    generation: str
    tag: str

    @classmethod
    def of(cls, head: str | None) -> Self | None:
        """What an item says; None where it is the value itself, or there is none."""
        found = re.fullmatch(HEAD + r" (\d{1,4}) ([ab]) ([0-9a-f]{8})", head or "")
        return cls(int(found[1]), found[2], found[3]) if found else None

    def head(self) -> str:
        """The text of the item."""
        return f"{HEAD} {self.total} {self.generation} {self.tag}"


def part_name(service: str, generation: str, number: int) -> str:
    """The service name of a part: its own, since Windows moves entries around that share one."""
    return f"{service}/part-{number}{generation}"


def fits(text: str, length: int) -> bool:
    """Whether a text has at most `length` UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2 <= length


def chunks(text: str, length: int) -> Iterator[str]:
    """Pieces of at most `length` UTF-16 units; half as many characters is always few enough."""
    size = length if text.isascii() else length // 2
    return (text[start : start + size] for start in range(0, len(text), size))
