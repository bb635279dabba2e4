"""What a caller may take away from a process before it starts: a row each, as shell code."""

from __future__ import annotations

import functools
import subprocess
from enum import Enum, auto
from typing import NamedTuple

import pytest


class Comes(Enum):
    """What comes of it."""

    ALL = auto()  # everything works as ever
    NOTHING_CLOSED = auto()  # standard output is closed: an error, and nobody is called
    NOTHING_FULL = auto()  # standard output takes nothing: an error
    NO_RENEWAL = auto()  # a hit works, a renewal says what is in its way


class Surroundings(NamedTuple):
    """What is done before the helper, `"$@"`; `$1` on the way in is a folder of this run."""

    script: str
    comes: Comes = Comes.ALL
    errors_shown: bool = True
    mounts: bool = False


def closed(*streams: str, comes: Comes = Comes.ALL) -> Surroundings:
    """These standard streams are closed."""
    shown = "2>&-" not in streams
    return Surroundings(f'exec "$@" {" ".join(streams)}', comes, shown)


def small_disk(options: str, fill: str, comes: Comes) -> Surroundings:
    """The state folder is a file system of its own that is full; it goes with the process."""
    mount = f'mount -t tmpfs -o {options} tmpfs "$COGNITO_CREDPROC_STATE_DIR"'
    make = 'mkdir -m 700 -p "$COGNITO_CREDPROC_STATE_DIR"'
    return Surroundings(
        f'{make} && {mount} && cd "$COGNITO_CREDPROC_STATE_DIR" && chmod 700 . && {fill}; '
        'cd / && exec "$@"',
        comes,
        mounts=True,
    )


INPUT, OUTPUT, ERRORS = "<&-", ">&-", "2>&-"
SURROUNDINGS = {
    "no input": closed(INPUT),
    "no errors": closed(ERRORS),
    "output alone": closed(INPUT, ERRORS),
    "no output": closed(OUTPUT, comes=Comes.NOTHING_CLOSED),
    "errors alone": closed(INPUT, OUTPUT, comes=Comes.NOTHING_CLOSED),
    "input alone": closed(OUTPUT, ERRORS, comes=Comes.NOTHING_CLOSED),
    "no stream": closed(INPUT, OUTPUT, ERRORS, comes=Comes.NOTHING_CLOSED),
    "a full output": Surroundings('exec "$@" >/dev/full', Comes.NOTHING_FULL),
    "a deleted folder": Surroundings(
        'mkdir -p "$FOLDER/gone" && cd "$FOLDER/gone" && rmdir "$FOLDER/gone"; exec "$@"'
    ),
    "no home": Surroundings('unset HOME XDG_CONFIG_HOME; exec "$@"'),
    "few descriptors": Surroundings('ulimit -n 32; exec "$@"'),
    "no file may grow": Surroundings('ulimit -f 0; exec "$@"'),
    "a full disk": small_disk("size=4k", "head -c 65536 /dev/zero >full 2>/dev/null", Comes.ALL),
    "no room for a name": small_disk("nr_inodes=1", "true", Comes.NO_RENEWAL),
    "a disk to read only": small_disk("size=4k", "mount -o remount,ro .", Comes.NO_RENEWAL),
}


def command(what: Surroundings, *helper: str) -> list[str]:
    """The helper's command line in these surroundings."""
    shell = ["sh", "-c", what.script, "sh", *helper]
    return ["unshare", "--mount", *shell] if what.mounts else shell


@functools.cache
def _mounts() -> bool:
    """Whether it works here, tried once: a container's root may be kept from it."""
    tried = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    try:
        return subprocess.run(tried, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def need_mounts() -> None:
    """Skip the test where nobody may mount."""
    if not _mounts():
        pytest.skip("not allowed here, or not installed: unshare --mount")
