"""What is remembered of a sign-in between runs and is no secret: a small file for each account.

It lives in the user's own state folder (`~/.local/state/cognito-credproc` on Linux), mode 0700,
beside the lock; no two users of a machine meet there. `COGNITO_CREDPROC_STATE_DIR` names another.
Symbolic links in it are not followed, and a folder of somebody else's is not used.
"""

import contextlib
import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import platformdirs

from cognito_credproc.record import PAUSE, is_claimed
from cognito_credproc.storage.account import Account
from cognito_credproc.values.errors import CredprocError

__all__ = ["Account", "State"]

OTHER_FOLDER = "name another folder: export COGNITO_CREDPROC_STATE_DIR=FOLDER"
# A file that is missing or damaged: numbers without end, lists in lists in lists.
UNREADABLE = (
    *(OSError, ValueError, KeyError, TypeError, AttributeError),
    *(OverflowError, RecursionError),
)
LARGEST = 1 << 20  # bytes; a memory has some hundred
# Windows has neither; nor does it let just anybody make links.
NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class State:
    """The folder of one user; every method names an account as `Settings.user` does."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "State":
        """The user's own folder, or the one that `COGNITO_CREDPROC_STATE_DIR` names."""
        named = environment.get("COGNITO_CREDPROC_STATE_DIR")
        return cls(
            Path(named) if named else platformdirs.user_state_path("cognito-credproc", False)
        )

    @property
    def folder(self) -> Path:
        """Where it is, whether or not it is there yet."""
        return self._folder

    def lock_file(self, account: str) -> Path:
        """Where the account's lock is; the folder exists after this.

        Raises:
            CredprocError: the folder cannot be made, or is somebody else's.
        """
        self._made()
        return self.lock_path(account)

    def lock_path(self, account: str) -> Path:
        """Where it is, whether or not anything is there yet."""
        return self._folder / f"{_name(account)}.lock"

    def claim_background(self, digest: str, now: float) -> bool:
        """Whether it is this process that starts a background renewal; a hit does the same."""
        try:
            marker = self._made() / f"{digest}.renewal"
            with contextlib.suppress(FileNotFoundError):
                if is_claimed(marker.lstat().st_mtime, now):
                    return False
                marker.unlink()
            marker.touch(mode=0o600, exist_ok=False)
        except (OSError, CredprocError):
            return False
        return True

    def postpone_background(self, digest: str, until: float) -> None:
        """Set the marker that a hit looks at before it starts a background renewal."""
        marker = self._made() / f"{digest}.renewal"
        with contextlib.suppress(OSError):  # at worst, the next hit tries once more
            descriptor = os.open(marker, os.O_WRONLY | os.O_CREAT | NO_LINK, 0o600)
            os.close(descriptor)
            os.utime(marker, (until - PAUSE, until - PAUSE))

    def load(self, account: str) -> Account:
        """What is remembered; a missing or damaged file is an empty memory."""
        try:
            return Account.of(json.loads(_contents(self._folder / f"{_name(account)}.json")))
        except UNREADABLE:
            return Account()

    @staticmethod
    def is_damaged(file: Path) -> bool:
        """Whether a file of the folder is a memory that cannot be read; it counts as empty."""
        try:
            Account.of(json.loads(_contents(file)))
        except UNREADABLE:
            return True
        return False

    def save(self, account: str, memory: Account) -> None:
        """Write atomically: another process sees the old file or the new one.

        Raises:
            CredprocError: the folder is not writable.
        """
        text = json.dumps(asdict(memory.shortened()))
        if len(text) >= LARGEST:  # all ASCII; it would be read as damaged, and so as empty
            raise CredprocError(
                f"the memory of {self._folder} would be too large",
                f"remove it: rm {self._folder}/*",
            )
        folder = self._made()
        try:
            descriptor, new = tempfile.mkstemp(".json", ".new-", folder)  # mode 0600
            try:
                with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - it is open
                    file.write(text)
                os.replace(new, folder / f"{_name(account)}.json")  # noqa: PTH105
            except OSError:
                os.unlink(new)  # noqa: PTH108
                raise
        except OSError as error:
            raise self._unusable(error) from None

    def try_to_write(self) -> None:
        """Write a file, and leave nothing of it.

        Raises:
            CredprocError: the folder is not writable.
        """
        try:
            with tempfile.TemporaryFile(dir=self._made()) as file:
                file.write(bytes(4_096))
        except OSError as error:
            raise self._unusable(error) from None

    def _made(self) -> Path:
        """The folder, made if need be: the user's own, and closed to everybody else."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = self._folder.stat()
        except OSError as error:
            raise self._unusable(error) from None
        if hasattr(os, "geteuid"):  # not on Windows, where folders inherit who may enter
            if found.st_uid != os.geteuid():
                raise CredprocError(
                    f"the state folder {self._folder} belongs to another user", OTHER_FOLDER
                )
            if stat.S_IMODE(found.st_mode) & 0o077:
                with contextlib.suppress(OSError):  # some file systems have no modes
                    self._folder.chmod(0o700)
        return self._folder

    def _unusable(self, error: OSError) -> CredprocError:
        return CredprocError(
            f"the state folder {self._folder} cannot be written: {error.strerror}", OTHER_FOLDER
        )


def _contents(file: Path) -> bytes:
    """A regular file's bytes; a link is not followed, and a pipe that lies there not waited for.

    Raises:
        OSError: it is missing, not readable, or something else than a file.
    """
    with open(os.open(file, os.O_RDONLY | NO_LINK), "rb") as opened:  # noqa: PTH123 - for flags
        if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
            raise OSError
        return opened.read(LARGEST)


def _name(account: str) -> str:
    return hashlib.sha256(account.encode(errors="backslashreplace")).hexdigest()[:32]
