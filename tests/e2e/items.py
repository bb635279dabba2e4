"""The keyring's items as the Secret Service has them, read and changed past the program."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import secretstorage
from jeepney.io.blocking import open_dbus_connection

from cognito_credproc import record

if TYPE_CHECKING:
    from collections.abc import Iterator

Snapshot = tuple[str, dict[str, str], bytes]  # label, attributes, secret
APPLICATION = "Python keyring library"  # what the keyring package marks its items with


class Items:
    """The items of one service name; a name here is what follows the service name's first part.

    The kind is the first part of that: `session`, `refresh-token`, `password`, `totp-seed`.
    """

    def __init__(self, address: str, service: str) -> None:
        self._connection = open_dbus_connection(bus=address)
        self._collection = secretstorage.get_default_collection(self._connection)
        self._prefix = f"{service}/"

    def close(self) -> None:
        """Remove them all and let go of the bus."""
        if self.alive:
            for _, item in self._found():
                item.delete()
        self._connection.close()

    def let_go(self) -> None:
        """Let go of the bus, whatever became of the daemon."""
        self._connection.close()

    @property
    def alive(self) -> bool:
        """Whether the daemon lives that was unlocked; the bus starts a locked one after it."""
        return not self._collection.is_locked()

    def all(self) -> dict[str, str]:
        """Every item by its name."""
        return {name: item.get_secret().decode() for name, item in self._found()}

    def kinds(self) -> set[str]:
        """What kinds there are."""
        return {name.partition("/")[0] for name, _ in self._found()}

    def lasting(self) -> dict[str, str]:
        """The long-lived secrets: everything but the temporary credentials."""
        return {name: value for name, value in self.all().items() if not _is_session(name)}

    def get(self, kind: str) -> str:
        """The value of the one item of a kind."""
        (value,) = [v for name, v in self.all().items() if name.partition("/")[0] == kind]
        return value

    def set(self, kind: str, value: str) -> None:
        """Change the one item of a kind."""
        self.set_bytes(kind, value.encode())

    def set_bytes(self, kind: str, value: bytes) -> None:
        """Put anything into the one item of a kind."""
        (item,) = [item for name, item in self._found() if name.partition("/")[0] == kind]
        item.set_secret(value)

    def add(self, name: str, value: bytes) -> None:
        """Put an item there, as `keyring` would."""
        service, _, username = name.partition("/")
        attributes = {
            "application": "Python keyring library",
            "service": f"{self._prefix}{service}",
            "username": username,
        }
        self._collection.create_item(name, attributes, value, replace=True)

    def remove(self, *kinds: str) -> None:
        """Remove the items of these kinds, or of these whole names."""
        for name, item in self._found():
            if {name, name.partition("/")[0]} & set(kinds):
                item.delete()

    def snapshot(self) -> list[Snapshot]:
        """Every item, to be restored."""
        return [
            (item.get_label(), item.get_attributes(), item.get_secret())
            for _, item in self._found()
        ]

    def restore(self, items: list[Snapshot]) -> None:
        """Put items back as they were."""
        for label, attributes, secret in items:
            self._collection.create_item(label, attributes, secret, replace=True)

    def expire(self, left: float = -1) -> None:
        """Let the stored credentials be good for `left` seconds more."""
        stored = record.parse(self.get("session"))
        assert stored is not None
        stored.expiry = int(time.time() + left)
        self.set("session", stored.text())

    def _found(self) -> Iterator[tuple[str, secretstorage.Item]]:
        for item in self._collection.search_items({"application": APPLICATION}):
            service = item.get_attributes()["service"]
            if service.startswith(self._prefix):
                yield service.removeprefix(self._prefix), item


def lives(address: str) -> bool:
    """Whether the unlocked daemon on this bus still lives."""
    with contextlib.closing(open_dbus_connection(bus=address)) as connection:
        return not secretstorage.get_default_collection(connection).is_locked()


def _is_session(name: str) -> bool:
    return name.partition("/")[0] == "session"
