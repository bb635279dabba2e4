"""What is remembered of a sign-in between runs and is no secret: a small file for each account.

It lives in the user's own state folder (`~/.local/state/cognito-credproc` on Linux), mode 0700,
beside the lock; no two users of a machine meet there. `COGNITO_CREDPROC_STATE_DIR` names another.
"""

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import platformdirs

from cognito_credproc.errors import CredprocError
from cognito_credproc.record import PAUSE


@dataclass(slots=True)
class Account:
    """One account's memory."""

    totp_step: int = 0  # the last TOTP step (of 30 s since the epoch) that was sent
    refused: dict[str, str] = field(default_factory=dict)  # stored factor → why it was refused
    identities: dict[str, str] = field(default_factory=dict)  # identity pool id → identity id
    # App client id → when the sign-in was that the refresh token comes from (seconds since the
    # epoch). Rotation does not move it: a new token lives no longer than the first.
    signed_in: dict[str, int] = field(default_factory=dict)
    chosen: dict[str, str] = field(default_factory=dict)  # question → the option taken last
    sends_codes: list[str] = field(default_factory=list)  # ways to sign in that need a person


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
            CredprocError: the folder cannot be made.
        """
        return self._made() / f"{_name(account)}.lock"

    def claim_background(self, digest: str, now: float) -> bool:
        """Whether it is this process that starts a background renewal; a hit does the same."""
        marker = self._folder / f"{digest}.renewal"
        try:
            if marker.exists() and now - marker.stat().st_mtime < PAUSE:
                return False
            marker.unlink(missing_ok=True)
            marker.touch(mode=0o600, exist_ok=False)
        except OSError:
            return False
        return True

    def postpone_background(self, digest: str, until: float) -> None:
        """Set the marker that a hit looks at before it starts a background renewal."""
        marker = self._made() / f"{digest}.renewal"
        with contextlib.suppress(OSError):  # at worst, the next hit tries once more
            marker.touch(mode=0o600)
            os.utime(marker, (until, until))

    def load(self, account: str) -> Account:
        """What is remembered; a missing or damaged file is an empty memory."""
        try:
            found = json.loads((self._folder / f"{_name(account)}.json").read_bytes())
            return Account(
                totp_step=int(found["totp_step"]),
                refused=dict(found["refused"]),
                identities=dict(found["identities"]),
                chosen=dict(found.get("chosen", {})),
                sends_codes=list(found.get("sends_codes", [])),
                signed_in={name: int(at) for name, at in dict(found.get("signed_in", {})).items()},
            )
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return Account()

    def save(self, account: str, memory: Account) -> None:
        """Write atomically: another process sees the old file or the new one.

        Raises:
            CredprocError: the folder is not writable.
        """
        folder = self._made()
        try:
            descriptor, new = tempfile.mkstemp(".json", ".new-", folder)  # mode 0600
            try:
                with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - it is open
                    json.dump(asdict(memory), file)
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
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise self._unusable(error) from None
        return self._folder

    def _unusable(self, error: OSError) -> CredprocError:
        return CredprocError(
            f"the state folder {self._folder} cannot be written: {error.strerror}",
            "name another folder: export COGNITO_CREDPROC_STATE_DIR=FOLDER",
        )


def _name(account: str) -> str:
    return hashlib.sha256(account.encode()).hexdigest()[:32]
