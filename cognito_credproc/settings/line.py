"""The `credential_process` line: the fast, isolated one, and what is wrong with one that is there.

The SDKs split the line with a shell, with shlex, or with a splitter of their own. All of them
understand a word in double quotes that holds nothing special; not all understand anything else.
"""

import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from cognito_credproc.values.errors import SettingsError

KEY = "credential_process"
SCRIPT = "cognito-credproc"
RUN = Path(__file__).parents[1] / "run.py"
FLAGS = ("-I", "-S")
PLAIN = re.compile(r"[\w./:@%+,=-]+", re.ASCII)
QUOTABLE = re.compile(r"[\w./:@%+,=~^#&;()\[\]{}' -]+")
# What a shell gives a meaning to and shlex does not: outside of quotes, and in double quotes.
BARE = frozenset("$`|&;<>()*?[]{}!\n\r")
QUOTED = frozenset("$`\\")


class Fault(NamedTuple):
    """Something about a line, in words that go on from "credential_process …".

    A line that is `broken` gives no credentials of this profile, at least in some SDKs; one that
    is not would be better otherwise. One that is `moved` names what is no longer there, as after
    an upgrade of Python.
    """

    words: str
    broken: bool = True
    moved: bool = False


def isolated_line(profile: str, python: str = sys.executable, platform: str = sys.platform) -> str:
    """The line for a profile, which runs this very installation.

    On Windows it is the plain script: the path of a Python has backslashes there, which not every
    splitter leaves alone.

    Raises:
        SettingsError: a word cannot be written so that every SDK reads the same.
    """
    program = [SCRIPT] if platform == "win32" else [python, *FLAGS, str(RUN)]
    return " ".join(_quoted(word) for word in [*program, "--profile", profile])


def is_ours(line: str) -> bool:
    """Whether a line runs this program, of whatever installation."""
    words = line.replace('"', " ").replace("'", " ").split()
    return any(
        re.search(r"(?:^|[/\\])(?:cognito-credproc(?:\.exe)?|cognito_credproc[/\\]run\.py)$", word)
        for word in words
    )


def is_deliberate(line: str, profile: str, search_path: str | None) -> bool:
    """Whether somebody put another program before this one, such as `env`, and it works."""
    if not is_ours(line) or any(fault.broken for fault in faults(line, profile, search_path)):
        return False
    first, *others = shlex.split(line)
    return not is_ours(shlex.quote(first)) and not any(map(_is_run_file, others[:3]))


def faults(line: str, profile: str, search_path: str | None) -> list[Fault]:
    """What is wrong with a profile's line, the worst first; nothing for a good one.

    `search_path` is the PATH by which a program without a folder is found.
    """
    try:
        words = shlex.split(line)
    except ValueError:
        return [Fault("has a quote without its partner")]
    if not words:
        return [Fault("is empty")]
    if not is_ours(line):
        return [Fault(f"runs another program, {words[0]}")]
    found = [*_reading(line), *_program(words, search_path), *_arguments(words, profile)]
    return sorted(found, key=lambda fault: not fault.broken)


def _reading(line: str) -> Iterator[Fault]:
    """What the shell of one SDK and the splitter of another do not read alike."""
    if re.match(r"\s*\w+=", line):
        yield Fault("begins with a variable, which only a shell sets")
    for sign in _differences(line):
        yield Fault(f"has {sign!r}, which only a shell gives a meaning to")


def _differences(line: str) -> list[str]:
    """The signs that a POSIX shell treats otherwise than shlex, each once."""
    found: dict[str, None] = {}
    quote, before = "", " "
    position = 0
    while position < len(line):
        sign = line[position]
        position += 1
        if quote:
            if sign == quote:
                quote = ""
            elif quote == '"' and sign in QUOTED:
                found[sign] = None
        elif sign in "'\"":
            quote = sign
        elif sign == "\\":
            position += 1  # both take the next one as it is
        elif sign in BARE or (sign in "~#" and before.isspace()):
            found[sign] = None
        before = sign
    return list(found)


def _program(words: Sequence[str], search_path: str | None) -> Iterator[Fault]:
    """Whether what the line runs is there, and is this installation.

    Another program may stand before this one, such as `env`: then both have to be there.
    """
    place = next(place for place, word in enumerate(words) if is_ours(shlex.quote(word)))
    runs_file = _is_run_file(words[place])
    start = place
    if runs_file:
        start = max(start - 1, 0)
        while start and words[start].startswith("-"):  # the interpreter's options
            start -= 1
    for program in dict.fromkeys((words[0], words[start])):
        yield from _presence(program, search_path)
    if runs_file:
        yield from _run_file(words[place], words[start], words[start + 1 : place])


def _presence(program: str, search_path: str | None) -> Iterator[Fault]:
    if "/" not in program and "\\" not in program:
        if shutil.which(program, path=search_path) is None:
            yield Fault(f"runs {program}, which is not in your PATH")
        else:
            yield Fault(f"finds {program} by PATH, and some tools have another one", broken=False)
    elif not Path(program).is_absolute():
        yield Fault(f"runs {program}, which depends on the folder that a tool runs in")
    elif not os.path.exists(program):  # noqa: PTH110 - a name may be too long, or none
        yield Fault(f"runs {program}, which is not there any more", moved=True)
    elif shutil.which(program) is None:
        yield Fault(f"runs {program}, which is no program")


def _is_run_file(word: str) -> bool:
    return word.endswith("cognito_credproc/run.py")


def _run_file(run: str, python: str, flags: Sequence[str]) -> Iterator[Fault]:
    if not os.path.isfile(run):  # noqa: PTH113 - as above
        yield Fault(f"runs {run}, which is not there any more", moved=True)
    elif not RUN.samefile(run):
        yield Fault(f"runs another installation, {Path(run).parent}", broken=False)
    elif python != sys.executable:
        yield Fault(f"runs another Python, {python}", broken=False)
    if tuple(flags) != FLAGS:
        yield Fault("is slower than need be, without -I -S", broken=False)


def _arguments(words: Sequence[str], profile: str) -> Iterator[Fault]:
    """Whether it asks for this profile's credentials and for nothing else."""
    ours = next(
        (place for place, word in enumerate(words, start=1) if is_ours(shlex.quote(word))), 0
    )
    match words[ours:]:
        case ["--profile", named]:
            pass
        case [option] if option.startswith("--profile="):
            named = option.removeprefix("--profile=")
        case []:
            yield Fault("names no profile")
            return
        case more:
            yield Fault(f"has words that print no credentials: {shlex.join(more)}")
            return
    if named != profile:
        yield Fault(f"names another profile, {named}")


def _quoted(word: str) -> str:
    if PLAIN.fullmatch(word):
        return word
    if not QUOTABLE.fullmatch(word):
        raise SettingsError(
            f"{word} cannot be written in a credential_process line that all SDKs read alike",
            "use a name without quotes, dollar signs, backslashes and line breaks",
        )
    return f'"{word}"'
