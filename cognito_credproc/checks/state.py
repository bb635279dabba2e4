"""The state folder: yours alone, writable, and nothing in it that does not belong there."""

import os
import shlex
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from cognito_credproc.checks.finding import Check, Finding, State, broken, good
from cognito_credproc.checks.subject import Subject

OURS = (".json", ".lock", ".renewal")
LEFT_OVER = 60  # seconds after which a file that is being written is one that was given up
READABLE = "others on this machine can see or change what is remembered of your sign-ins"


def check(subject: Subject) -> Iterator[Finding]:
    """Look at the folder, then at each file in it."""
    folder = subject.state.folder
    if not os.path.lexists(folder):
        yield good(f"{folder} will be made when it is needed")
        return
    found = list(_folder(folder))
    if folder.is_dir() and os.access(folder, os.R_OK | os.X_OK):
        for file in sorted(folder.iterdir()):
            found += _file(subject, file)
    yield from found
    if not found:
        subject.state.try_to_write()
        yield good(f"{folder} is yours alone")


def _folder(folder: Path) -> Iterator[Finding]:
    if not folder.is_dir():
        yield broken(
            f"{folder} is no folder",
            mend="move it away, or name another folder: export COGNITO_CREDPROC_STATE_DIR=FOLDER",
        )
        return
    if sys.platform == "win32":
        return
    status = folder.stat()
    if status.st_uid != os.geteuid():
        yield broken(
            f"{folder} belongs to another user",
            READABLE,
            "name a folder of your own: export COGNITO_CREDPROC_STATE_DIR=FOLDER",
        )
    elif (mode := stat.S_IMODE(status.st_mode)) != 0o700:
        yield broken(
            f"{folder} has mode {mode:04o} instead of 0700",
            READABLE if mode & 0o077 else "nothing can be remembered there",
            command=f"chmod 0700 {shlex.quote(str(folder))}",
            fix=lambda: folder.chmod(0o700),
        )


def _file(subject: Subject, file: Path) -> Iterator[Finding]:
    status, path = file.lstat(), shlex.quote(str(file))
    if stat.S_ISLNK(status.st_mode):
        yield broken(
            f"{file} is a symbolic link",
            "what is remembered would be read from where it leads; this program makes no links",
            command=f"rm {path}",
            fix=file.unlink,
        )
    elif file.name.startswith(".new-"):
        if subject.clock.now() - status.st_mtime > LEFT_OVER:
            yield Finding(
                State.NOTE,
                f"{file} was left over by a run that was killed",
                "it does no harm",
                command=f"rm {path}",
                fix=file.unlink,
            )
    elif file.suffix == ".json" and subject.state.is_damaged(file):
        yield broken(
            f"{file} is damaged",
            "what it remembered is lost: the last code that was used, what was refused",
            command=f"rm {path}",
            fix=file.unlink,
        )
    elif file.suffix in OURS and sys.platform != "win32":
        mode = stat.S_IMODE(status.st_mode)
        if mode != 0o600:
            yield broken(
                f"{file} has mode {mode:04o} instead of 0600",
                READABLE,
                command=f"chmod 0600 {path}",
                fix=lambda: file.chmod(0o600),
            )


CHECK = Check("state", check, "what must not be done twice is remembered there")
