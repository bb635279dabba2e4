"""The OS keyring: every secret that outlives a run is an item there, and nowhere else.

An item's service name is unique to it, `cognito-credproc/KIND/NAME`: Windows moves entries around
that share one. `COGNITO_CREDPROC_KEYRING_SERVICE` replaces the first part.
"""

import contextlib
import os
import secrets
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from cognito_credproc import record
from cognito_credproc.people.waiting import SILENT, On, Waits
from cognito_credproc.process import debug
from cognito_credproc.record import SERVICE
from cognito_credproc.storage.backend import (
    Backend,
    SecretService,
    chosen,
    kind_of,
    name_of,
    program_failed,
)
from cognito_credproc.storage.guest import Guest
from cognito_credproc.storage.parts import (
    GENERATIONS,
    LENGTHS,
    Parts,
    chunks,
    fits,
    part_name,
)
from cognito_credproc.storage.unlocking import locked, not_opened
from cognito_credproc.values.errors import KeychainError, SettingsError

if TYPE_CHECKING:  # flows are not for a hit through `keyring`
    from cognito_credproc.record import Record

SESSION = "session"
KEYRING = "the keyring; is its window open?"
TRY_AGAIN = "see that the keyring runs, then run the same command again"


class Keychain:
    """The items of this program in one keyring.

    Every method raises KeychainError where the keyring is locked, missing or failing; None always
    means that the item is not there.
    """

    def __init__(
        self,
        backend: Backend,
        service: str = SERVICE,
        part_length: int | None = None,
        waits: Waits = SILENT,
    ) -> None:
        self._backend = backend
        self._service = service
        self._part_length = part_length or LENGTHS.get(kind_of(backend))
        self._waits = SILENT if isinstance(backend, Guest) else waits  # it may ask in our terminal

    @classmethod
    def open(cls, environment: Mapping[str, str], waits: Waits = SILENT) -> "Keychain":
        """The keyring of this system, or the one that the person named; `waits` tells of it.

        Raises:
            KeychainError: no keyring answers, or the named one cannot be loaded.
        """
        with _translated():
            backend = chosen(environment)
        debug.log.debug("keyring: %s", kind_of(backend))
        return cls.of(backend, environment, waits)

    @classmethod
    def of(
        cls, backend: Backend, environment: Mapping[str, str], waits: Waits = SILENT
    ) -> "Keychain":
        """Our items in a keyring."""
        service = environment.get("COGNITO_CREDPROC_KEYRING_SERVICE") or SERVICE
        return cls(backend, service, waits=waits)

    def prepare(self) -> None:
        """Make ready for writing, where that takes a while."""
        if isinstance(self._backend, SecretService):
            self._backend.prepare()

    @property
    def name(self) -> str:
        """What people know the keyring by."""
        with _translated():
            return name_of(self._backend)

    def session(self, profile: str) -> "Record | None":
        """The profile's temporary credentials; None for a damaged or foreign item as well."""
        text = self._read(SESSION, profile)
        return None if text is None else record.parse(text)

    def store_session(self, profile: str, session: "Record") -> None:
        """Replace the profile's temporary credentials."""
        self._write(SESSION, profile, session.text())

    def delete_session(self, profile: str) -> None:
        """Remove the profile's temporary credentials, if they are there."""
        self._delete(SESSION, profile)

    def read(self, item: str, name: str) -> str | None:
        """A long-lived secret, an `Item`, or what belongs to some; an empty one is none."""
        return self._read(item, name) or None

    def store(self, item: str, name: str, value: str) -> None:
        """Replace a long-lived secret."""
        self._write(item, name, value)

    def delete(self, item: str, name: str) -> None:
        """Remove a long-lived secret, if it is there."""
        self._delete(item, name)

    def _delete(self, kind: str, name: str) -> None:
        service = self._item(kind, name)
        with self._doing("remove", kind):
            head = self._head(service, name)
            if head is not None:
                self._remove(service, name)
            if self._part_length is not None or Parts.of(head):
                for generation in GENERATIONS:
                    self._remove_parts(service, generation, name)

    @contextlib.contextmanager
    def _doing(self, action: str, what: str) -> Iterator[None]:
        with self._waits.told(On.KEYRING, lambda: KEYRING), _translated(action, what):
            yield

    def _item(self, kind: str, name: str) -> str:
        return f"{self._service}/{kind}/{name}"

    def _read(self, kind: str, name: str) -> str | None:
        value = self._whole(kind, name)
        debug.log.debug("keyring: %s %s", kind, "is not there" if value is None else "is there")
        debug.conceal(_without_header(value or ""))
        return value

    def _whole(self, kind: str, name: str) -> str | None:
        service = self._item(kind, name)
        with self._doing("read", kind):
            head = self._head(service, name)
            said = Parts.of(head)
            if said is None:
                return head
            read = [
                self._backend.get_password(part_name(service, said.generation, number), name)
                for number in range(1, said.total + 1)
            ]
        if not all(part and part.startswith(said.tag) for part in read):
            return None  # a partial set counts as absent
        return "".join(part.removeprefix(said.tag) for part in read if part)

    def _head(self, service: str, name: str) -> str | None:
        """An item's text; one that holds no text is not of our making, and as good as empty."""
        try:
            return self._backend.get_password(service, name)
        except UnicodeDecodeError:
            return ""

    def _write(self, kind: str, name: str, value: str) -> None:
        """Write the parts first and the item that names them last."""
        service = self._item(kind, name)
        debug.conceal(_without_header(value))
        with self._doing("write", kind):
            if self._part_length is None:
                self._backend.set_password(service, name, value)
                return
            old = Parts.of(self._head(service, name))
            head, used = value, ""
            if not fits(value, self._part_length):
                used = "b" if old and old.generation == "a" else "a"
                tag = secrets.token_hex(4)
                pieces = list(chunks(value, self._part_length - len(tag)))
                for number, piece in enumerate(pieces, start=1):
                    self._backend.set_password(part_name(service, used, number), name, tag + piece)
                head = Parts(len(pieces), used, tag).head()
            self._backend.set_password(service, name, head)
            for generation in GENERATIONS:
                if generation != used:
                    self._remove_parts(service, generation, name)

    def _remove_parts(self, service: str, generation: str, name: str) -> None:
        """Remove one set of parts, those of a run that was killed as well.

        The last goes first, so that whatever is left is found again, counting from one.
        """
        there: list[str] = []
        while self._backend.get_password(
            part := part_name(service, generation, len(there) + 1), name
        ):
            there.append(part)
        for part in reversed(there):
            self._remove(part, name)

    def _remove(self, service: str, name: str) -> None:
        # A slow import; it is loaded by now.
        from keyring.errors import PasswordDeleteError

        try:
            self._backend.delete_password(service, name)
        except PasswordDeleteError:
            # Some backends say the same where it was not there and where they did not remove it.
            if self._backend.get_password(service, name) is not None:
                raise KeychainError(
                    "the keyring did not remove an item",
                    TRY_AGAIN,
                ) from None


def item_name(profile: str, environment: Mapping[str, str]) -> str:
    """The name of a profile's session item: with the config file's path where one is named."""
    named = environment.get("AWS_CONFIG_FILE")
    if named:
        # Made absolute but not otherwise tidied: a hit, which has no os.path, finds the same.
        named = os.path.expanduser(named)  # noqa: PTH111
        if not os.path.isabs(named):  # noqa: PTH117
            try:
                named = os.path.join(os.getcwd(), named)  # noqa: PTH109, PTH118
            except OSError:
                raise SettingsError(
                    f"AWS_CONFIG_FILE is {named}, and the working directory is gone",
                    "name the file by its whole path, or go to another folder: cd",
                ) from None
    return record.item(SERVICE, profile, named)[1]


def _without_header(value: str) -> str:
    """A stored session's document; anything else as it is."""
    return value.partition("\n")[2] or value


@contextlib.contextmanager
def _translated(action: str = "find", what: str = "a backend") -> Iterator[None]:
    """The keyring's errors as ours. Backends raise whatever they like, so any exception counts."""
    try:
        with debug.timed("keyring: %s %s", action, what):
            yield
    except KeychainError:
        raise
    except Exception as error:
        errors = sys.modules.get("keyring.errors")  # an import could fail as well
        if errors and isinstance(error, errors.KeyringLocked):
            raise locked() from None
        if errors and isinstance(error, errors.InitError):
            raise not_opened() from None
        programs = sys.modules.get("subprocess")  # of a backend that runs one
        if programs and isinstance(error, programs.CalledProcessError):
            raise program_failed(error.cmd, error.returncode) from None
        # Only the kind of error: a backend's text may quote what it was given.
        raise KeychainError(
            f"the keyring failed ({type(error).__name__})",
            TRY_AGAIN,
        ) from None
