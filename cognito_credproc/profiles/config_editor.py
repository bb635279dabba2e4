"""Changes the AWS config file in one step: whoever reads it sees the old file or the new one.

The new text is written beside the file, forced to the disk and renamed over it. Mode and owner
stay, a symbolic link stays a link. A change that somebody else made meanwhile is noticed and kept:
the edit is made again, on the file as it is then.
"""

import contextlib
import locale
import os
import stat
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from cognito_credproc.settings.aws_config import ANOTHER_FILE, not_text, refuse_large, unreadable
from cognito_credproc.storage.lock import held
from cognito_credproc.values.errors import SettingsError

LOCK_PATIENCE = 8.0  # seconds; another edit takes some milliseconds
TRIES = 5


def lock_name(file: Path) -> str:
    """The name of the lock under which the file is changed, whatever link leads to it."""
    return f"config {os.path.realpath(file)}"


def text_of(file: Path) -> str:
    """The file's text with its line ends as they are; empty where there is no file.

    Raises:
        SettingsError: it cannot be read, or is no text.
    """
    return _decoded(file, _content(file))


def change(file: Path, lock_file: Path, edit: Callable[[str], str]) -> bool:
    """Put what `edit` makes of the file's text in the place of it; tells whether that differs.

    One that is not there is made, readable by its owner alone. Edits of this program come one
    after the other, by the lock.

    Raises:
        SettingsError: the file cannot be read or replaced; it is as it was.
        CredprocError: the lock cannot be had; what `edit` raises.
    """
    with held(lock_file, LOCK_PATIENCE, f"another process is changing {file}"):
        for _ in range(TRIES):
            before = _content(file)
            text = _decoded(file, before)
            after = edit(text)
            if after == text:
                return False
            try:
                if _replaced(file, before, after.encode(_encoding())):
                    return True
            except UnicodeEncodeError:
                raise SettingsError(
                    f"{file} is read as {_encoding()} here, which cannot hold the new values",
                    "set a locale with UTF-8: export LC_ALL=C.UTF-8",
                ) from None
            except OSError as error:
                raise SettingsError(
                    f"{file} cannot be written: {error.strerror}",
                    "name another file with AWS_CONFIG_FILE, or add --dry-run to see what is new",
                ) from None
    raise SettingsError(
        f"{file} changes all the time", "find the program that writes it, then try again"
    )


def _replaced(file: Path, before: bytes | None, after: bytes) -> bool:
    """Write the new content, unless the file is no longer what it was; tells whether it was."""
    target = Path(os.path.realpath(file))
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, beside = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)  # 0600
    try:
        with open(descriptor, "wb") as new:  # noqa: PTH123 - it is open
            if before is not None:
                _keep_owner_and_mode(target, descriptor)
            new.write(after)
            new.flush()
            os.fsync(descriptor)
        if _content(file) != before:
            return False
        os.replace(beside, target)  # noqa: PTH105
    finally:
        with contextlib.suppress(FileNotFoundError):  # it has the file's name now
            os.unlink(beside)  # noqa: PTH108
    _settle(target.parent)
    return True


def _keep_owner_and_mode(target: Path, descriptor: int) -> None:
    if sys.platform == "win32":
        return  # the folder's access list holds
    if not os.access(target, os.W_OK):  # a rename would not ask
        raise PermissionError(0, "it is write-protected")
    old, new = target.stat(), os.fstat(descriptor)
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        try:
            os.fchown(descriptor, old.st_uid, old.st_gid)
        except PermissionError:
            raise PermissionError(0, "it belongs to somebody else") from None
    os.fchmod(descriptor, stat.S_IMODE(old.st_mode))


def _settle(folder: Path) -> None:
    """Force the new name to the disk, where the system can do that with a folder."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _content(file: Path) -> bytes | None:
    """The bytes of the file; None where there is none."""
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise SettingsError(f"{file} is not a file", ANOTHER_FILE)
        refuse_large(file)
        return file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(file, error) from None


def _decoded(file: Path, content: bytes | None) -> str:
    """The text, decoded as botocore's reader does."""
    if content is None:
        return ""
    try:
        text = content.decode(_encoding())
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"{file} is not a valid AWS config file: {not_text(error, content)}",
            f"open {file} in an editor and mend that line",
        ) from None
    if text.encode(_encoding()) != content:
        raise SettingsError(
            f"{file} would not stay as it is, written as {_encoding()} again",
            "set a locale with UTF-8: export LC_ALL=C.UTF-8",
        )
    return text


def _encoding() -> str:
    return locale.getpreferredencoding(do_setlocale=False)
