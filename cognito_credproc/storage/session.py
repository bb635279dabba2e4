"""A profile's stored session: the record in the keyring, and what makes it good."""

import contextlib
import math

from cognito_credproc.process.debug import log
from cognito_credproc.record import Record
from cognito_credproc.storage.keychain import Keychain
from cognito_credproc.values.credentials import Credentials
from cognito_credproc.values.errors import KeychainError


class Session:
    """The session item of one profile.

    `name` is the item's, `file` the stamp of the config file as it was read, `digest` that of the
    settings in it.
    """

    def __init__(self, keychain: Keychain, name: str, file: str, digest: str) -> None:
        self._keychain = keychain
        self._name = name
        self._file = file
        self._digest = digest

    def good(self, now: float) -> Record | None:
        """The stored credentials, if they are not expired and these very settings made them."""
        record = self._keychain.session(self._name)
        if record is None:
            log.debug("cache: no credentials")
            return None
        same = record.digest == self._digest
        log.debug(
            "cache: %d s left, of %s settings", record.expiry - now, "these" if same else "other"
        )
        return record if same and record.is_good(now) else None

    def is_stamped(self, record: Record) -> bool:
        """Whether the config file is as it was when the record was stored or stamped."""
        return record.file == self._file

    def stamp(self, record: Record) -> None:
        """The file was touched, the settings are the same: the next hit is to be quick again.

        Under the account's lock, so that no newer record is overwritten.
        """
        if not self.is_stamped(record):
            record.file = self._file
            with contextlib.suppress(KeychainError):  # for the reason given in `store`
                self._keychain.store_session(self._name, record)

    def store(self, credentials: Credentials, skew: float = 0.0) -> Record:
        """Store new credentials; `skew` is by how many seconds Cognito's clock is ahead of ours.

        The record says when they run out by this machine's clock, or by Cognito's where that is
        earlier: it must not be too late after the clock was set right, either.
        A keyring that cannot be written costs the next run a renewal, not this run its answer.
        """
        expiry = min(credentials.expiration, math.floor(credentials.expiration - skew))
        record = Record(expiry, self._file, self._digest, credentials.document())
        with contextlib.suppress(KeychainError):
            self._keychain.store_session(self._name, record)
        return record

    @property
    def is_there(self) -> bool:
        """Whether credentials are stored, good or not."""
        return self._keychain.session(self._name) is not None

    def delete(self) -> bool:
        """Remove the stored credentials; tells whether some were there."""
        was_there = self.is_there
        self._keychain.delete_session(self._name)
        return was_there
