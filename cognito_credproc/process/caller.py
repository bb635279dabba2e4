"""The program that wants the credentials, by the name that a person knows it by: a best effort.

Its arguments are nobody's business; they may hold secrets. An SDK often runs this program through
a shell, and many tools are scripts that an interpreter runs: neither is the name that is meant.
"""

import os
import re
from pathlib import Path, PurePath
from typing import NamedTuple

from cognito_credproc.process import command
from cognito_credproc.process.command import CommandError

DEPTH = 8  # ancestors that are looked at
LONGEST = 40  # characters of a name
SECONDS = 2.0  # for `ps`
SHELLS = re.compile(r"-?(ba|da|z|k|a|fi|c|tc)?sh(\.exe)?")
INTERPRETERS = re.compile(
    r"(python|pypy|node|nodejs|ruby|perl|java|dotnet|bun|deno)[\d.]*(\.exe)?",
    re.IGNORECASE,  # a Mac's Python is called `Python`
)
NAMING = {"-m", "-jar"}  # options whose value is what runs


class Process(NamedTuple):
    """A process: its parent's number, and its words."""

    parent: int
    words: list[str]


def calling_program(process: int | None = None) -> str | None:
    """The nearest ancestor that is more than a shell with a command; None where it is not seen."""
    process = os.getppid() if process is None else process
    for _ in range(DEPTH):
        seen = _seen(process)
        if seen is None or not seen.words:
            return None
        if not (SHELLS.fullmatch(_base(seen.words[0])) and "-c" in seen.words[1:2]):
            return "".join(filter(str.isprintable, named(seen.words)))[:LONGEST] or None
        process = seen.parent
    return None


def named(words: list[str]) -> str:
    """The name in a command line: that of the script where an interpreter runs one."""
    program, *rest = words
    if INTERPRETERS.fullmatch(_base(program)):
        for at, word in enumerate(rest):
            if word in NAMING and at + 1 < len(rest):
                return _base(rest[at + 1])
            if word == "-c":
                break
            if not word.startswith("-"):
                return _base(word)
    return _base(program)


def described(process: int) -> str:
    """A process of this program: its number, what it does, for which profile and which tool."""
    seen = _seen(process)
    if seen is None or not seen.words:
        return f"process {process}"
    verb = next(iter(_after_the_program(seen.words)), "")
    what = "enrolment" if _is_enrolment(seen.words) else "" if verb.startswith("-") else verb
    tool = None if what else calling_program(seen.parent)
    parts = [
        f"cognito-credproc {what}".strip(),
        *(f"profile {profile}" for profile in _value_of("--profile", seen.words)),
        *([f"for {tool}"] if tool and not SHELLS.fullmatch(tool) else []),
    ]
    return f"process {process} ({', '.join(parts)}{', stopped' if is_stopped(process) else ''})"


def is_stopped(process: int) -> bool:
    """Whether it is stopped, as by Ctrl-Z; then SIGTERM waits until it goes on.

    Linux alone tells.
    """
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except (OSError, ValueError):
        return False
    return fields[:1] == ["T"]


def ending(process: int) -> str:
    """The command that ends it."""
    return f"kill {'-9 ' if is_stopped(process) else ''}{process}"


def _is_enrolment(words: list[str]) -> bool:
    return named(words).startswith("cognito-credproc-enroll")


def _after_the_program(words: list[str]) -> list[str]:
    """The arguments: what comes after the script, where an interpreter runs one."""
    names = [_base(word) for word in words]
    at = names.index(named(words)) if named(words) in names else 0
    return words[at + 1 :]


def _value_of(option: str, words: list[str]) -> list[str]:
    """The last value of an option, in a list; an empty one where it is not given."""
    found = [
        words[at + 1] if word == option and at + 1 < len(words) else word.partition("=")[2]
        for at, word in enumerate(words)
        if word == option or word.startswith(f"{option}=")
    ]
    return [value for value in found if value][-1:]


def _base(word: str) -> str:
    return PurePath(word.replace("\\", "/")).name


def _seen(process: int) -> Process | None:
    if process <= 1:
        return None
    try:
        words = Path(f"/proc/{process}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")
        # The second field is the name, in brackets that it may hold as well.
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return Process(int(fields[1]), [os.fsdecode(word) for word in words if word])
    except (OSError, ValueError, IndexError):
        return _listed(process)


def _listed(process: int) -> Process | None:
    """The same by `ps`, where there is no /proc."""
    try:
        line = command.output(
            ["ps", "-ww", "-o", "ppid=", "-o", "args=", "-p", str(process)], SECONDS
        )
        parent, *words = line.decode(errors="replace").split()
        return Process(int(parent), words)
    except (CommandError, ValueError):
        return None
