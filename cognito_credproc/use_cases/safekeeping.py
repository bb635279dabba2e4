"""The long-lived secrets of one profile: whose they are, and how hard it is tried to keep one.

A refresh token that rotates is spent when its successor arrives. If the keyring fails in that
moment, the sign-in is lost; so what a moment's failure can be is waited out, tried again when all
else is done, and what the keyring needs of the system is set aside before anything is spent.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

from cognito_credproc.flows.flow import Item
from cognito_credproc.process.debug import log
from cognito_credproc.process.reserve import reserved
from cognito_credproc.process.signals import held_back
from cognito_credproc.settings.settings import Settings
from cognito_credproc.storage.keychain import Keychain
from cognito_credproc.values.clock import Deadline
from cognito_credproc.values.errors import KeychainError

PAUSES = (0.1, 0.4)  # seconds before the second and the third try
# Descriptors: a connection to the keyring has two or three, a program that is started (`pass`) ten.
ROOM = 10


def item_owner(item: Item, settings: Settings) -> str:
    """The name under which a long-lived secret is stored: that of what it belongs to."""
    match item:
        case Item.REFRESH_TOKEN | Item.DEVICE | Item.ID_TOKEN:  # of one and the same sign-in
            return settings.account
        case Item.CLIENT_SECRET:
            return settings.client_id
        case Item.PASSWORD | Item.TOTP_SEED | Item.PENDING_TOTP_SEED:
            return settings.user


class Unkept(NamedTuple):
    """What the keyring did not take, and why."""

    value: str
    error: KeychainError


class Safekeeping:
    """The secrets of one profile in the keyring; every method but `keep` raises KeychainError."""

    def __init__(self, settings: Settings, keychain: Keychain, deadline: Deadline) -> None:
        self._settings = settings
        self._keychain = keychain
        self._deadline = deadline
        self._let_go: Callable[[], None] = lambda: None
        self.unkept: dict[Item, Unkept] = {}

    def read(self, item: Item) -> str | None:
        """A secret; None where there is none."""
        return self._keychain.read(item, item_owner(item, self._settings))

    def store(self, item: Item, value: str) -> None:
        """Replace a secret."""
        self._keychain.store(item, item_owner(item, self._settings), value)

    def delete(self, item: Item) -> None:
        """Remove a secret, if it is there."""
        self._keychain.delete(item, item_owner(item, self._settings))

    def keep(self, item: Item, value: str) -> None:
        """Replace a secret; where the keyring fails, again after a moment, while there is time.

        What it did not take at all is in `unkept`.
        """
        self._let_go()
        for pause in (*PAUSES, None):
            if self._is_kept(item, value) or pause is None or not self._deadline.wait(pause):
                return

    def keep_again(self) -> None:
        """Try once more what the keyring did not take. No signal ends the process meanwhile."""
        with held_back():
            for item, lost in list(self.unkept.items()):
                self._is_kept(item, lost.value)

    @contextlib.contextmanager
    def room(self) -> Iterator[None]:
        """Hold what the system must give for the next `keep`.

        Raises:
            CredprocError: it does not.
        """
        with reserved(ROOM) as self._let_go:
            yield

    def _is_kept(self, item: Item, value: str) -> bool:
        try:
            self.store(item, value)
        except KeychainError as error:
            log.debug("the %s is not kept: %s", item, error.message)
            self.unkept[item] = Unkept(value, error)
            return False
        self.unkept.pop(item, None)
        return True
