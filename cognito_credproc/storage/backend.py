"""Which keyring is used: the one that `keyring` would choose, found without its long search.

`keyring` looks at every backend that is installed, which costs 70 ms and runs a compiler on the
way. Each system has one that is nearly always the answer, so that one is built by name; the search
comes only where it does not work. A backend that the person named is taken as it is.
"""

import logging
import os
import re
import shlex
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

from cognito_credproc.process.bounded import Patience
from cognito_credproc.storage.guest import (
    ASKED,
    UNASKED,
    Guest,
    at_arms_length,
    has_display,
    patience,
    slow,
)
from cognito_credproc.storage.session_bus import as_bytes, greet_first, refuse_foreign
from cognito_credproc.storage.unlocking import UNLOCK, locked, missing
from cognito_credproc.values.errors import KeychainError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")
NATIVE = {
    "linux": "keyring.backends.SecretService.Keyring",
    "darwin": "keyring.backends.macOS.Keyring",
    "win32": "keyring.backends.Windows.WinVaultKeyring",
}
# These keep their items wherever the session bus leads; a chain may hold one of them.
ON_THE_BUS = {
    f"keyring.backends.{name}" for name in ("SecretService", "libsecret", "kwallet", "chainer")
}


class Backend(Protocol):
    """What is used of a keyring backend."""

    def get_password(self, service: str, username: str) -> str | None:
        """The item's text, None where there is none."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Write an item."""

    def delete_password(self, service: str, username: str) -> None:
        """Remove an item."""


class SecretService:
    """The Secret Service: read by our own reader, written by `keyring`, which is loaded only then.

    What our reader cannot tell for certain, `keyring` is asked.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = as_bytes(environment)
        self._named = environment
        self._backend: Backend | None = None
        self._loading = threading.Lock()
        self._unasked = Patience(UNASKED)
        self._asked = Patience(ASKED)

    @property
    def name(self) -> str:
        """What people know it by: the Secret Service, unless another one had to take its place."""
        other = self._backend
        native = other is None or type(other).__module__ == "keyring.backends.SecretService"
        return "Secret Service" if native else name_of(other)

    @property
    def keyring(self) -> Backend:
        """The backend of `keyring`."""
        with self._loading:
            if self._backend is None:
                self._tell_where_the_bus_is()
                self._backend = _native("linux") or _searched(self._named)
            return self._backend

    def _tell_where_the_bus_is(self) -> None:
        """`keyring` knows the bus by one variable alone, which cron jobs and services lack."""
        from cognito_credproc import secret_service  # there is none on Windows

        for path in map(os.fsdecode, secret_service.addresses(self._environment)):
            if re.fullmatch(r"/[\w./-]+", path, re.ASCII) and os.path.exists(path):  # noqa: PTH110
                os.environ.setdefault("DBUS_SESSION_BUS_ADDRESS", f"unix:path={path}")
        greet_first()

    def prepare(self) -> None:
        """Load what writing will need."""
        self.keyring  # noqa: B018 - for what it does

    def get_password(self, service: str, username: str) -> str | None:
        """The item's text, None where there is none."""
        found, patience = self._lookup(service, username)
        if found is None:
            return self._bounded(lambda: self.keyring.get_password(service, username), patience)
        return found or None

    def set_password(self, service: str, username: str, password: str) -> None:
        """Write an item."""
        _, patience = self._lookup(service, username)
        self._bounded(lambda: self.keyring.set_password(service, username, password), patience)

    def delete_password(self, service: str, username: str) -> None:
        """Remove an item."""
        _, patience = self._lookup(service, username)
        self._bounded(lambda: self.keyring.delete_password(service, username), patience)

    def _lookup(self, service: str, username: str) -> tuple[str | None, Patience]:
        """What our reader finds, and how long `keyring` may take for what is still to be done.

        A person is waited for only where one is asked: the keyring is locked, and there is a
        display for its window.
        """
        from cognito_credproc import secret_service  # there is none on Windows

        timeout = min(secret_service.TIMEOUT, self._unasked.left)
        refuse_foreign(self._environment, timeout)
        try:
            with self._unasked.counted():
                found = secret_service.lookup(service, username, self._environment, timeout)
        except secret_service.LockedError:
            if not has_display(self._named):
                raise locked() from None
            return None, self._asked
        return found, self._unasked

    def _bounded(self, operation: Callable[[], T], patience: Patience) -> T:
        """Do what may wait for ever: a prompt that no window can show is never answered."""
        try:
            return patience.spend(operation)
        except TimeoutError:
            raise slow(patience, UNLOCK) from None


def program_failed(command: Sequence[str], status: int) -> KeychainError:
    """The error for a keyring whose own program failed, such as `pass` where gpg cannot ask."""
    name = os.path.basename(command[0])  # noqa: PTH119 - a word
    hint = f"see that {name} works by itself, then run the same command again"
    if name in {"pass", "gopass"}:
        hint = (
            "let gpg-agent have the passphrase, in a terminal:"
            f" export GPG_TTY=$(tty); {name} show {shlex.quote(command[-1])} >/dev/null"
        )
    return KeychainError(f"the keyring may be locked: {name} ended with status {status}", hint)


def chosen(environment: Mapping[str, str], platform: str = sys.platform) -> Backend:
    """The keyring that `keyring` would choose, unless it would store plain text unasked.

    A backend named by `PYTHON_KEYRING_BACKEND` or keyring's own config file is taken as it is: the
    person asked for it. Otherwise only those that keyring recommends.

    Raises:
        KeychainError: no keyring answers, or the named one cannot be loaded.
    """
    # As a library does: what keyring has to say is said by our errors.
    logging.getLogger("keyring").addHandler(logging.NullHandler())
    if platform == "linux":
        from cognito_credproc import secret_service  # there is none on Windows

        home = {"HOME": os.path.expanduser("~")}  # noqa: PTH111 - from the password database, too
        if secret_service.is_bypassed(as_bytes({**home, **environment})):
            return _searched(environment)
        return SecretService(environment)
    if "PYTHON_KEYRING_BACKEND" in environment or _has_keyring_file():
        return _searched(environment)
    return _native(platform) or _searched(environment)


def name_of(backend: object) -> str:
    """What people know the keyring by."""
    return str(getattr(backend, "name", type(backend).__name__))


def kind_of(backend: object) -> str:
    """The name of its class, which says what it can hold."""
    return str(getattr(backend, "kind", type(backend).__name__))


def _has_keyring_file() -> bool:
    from keyring.util.platform_ import config_root  # it knows each system's place

    return bool((config_root() / "keyringrc.cfg").exists())


def _native(platform: str) -> "KeyringBackend | None":
    """The backend of a system, if it works here."""
    import keyring.core

    try:
        return keyring.core.load_keyring(NATIVE[platform])
    except TimeoutError:  # there is a bus, and it is slow: what is on it cannot be told
        raise KeychainError(
            "the session bus did not answer in time",
            "run the same command again; if it stays so, sign out of the desktop and in again",
        ) from None
    except Exception:
        return None  # the search finds out what works, and says so where nothing does


def _searched(environment: Mapping[str, str]) -> Guest:
    """The backend that was named, or else the best of those that keyring recommends."""
    waiting = patience(environment)
    backend = at_arms_length(lambda: _found(environment), waiting)
    if sys.platform == "linux" and type(backend).__module__ in ON_THE_BUS:
        return Guest(backend, waiting, lambda: refuse_foreign(as_bytes(environment)))
    return Guest(backend, waiting)


def _found(environment: Mapping[str, str]) -> "KeyringBackend":
    import keyring.core
    from keyring.backends import chainer, fail, null

    def recommended(candidate: "KeyringBackend") -> bool:
        refused = isinstance(candidate, fail.Keyring | null.Keyring)
        return keyring.core.recommended(candidate) and not refused

    named = environment.get("PYTHON_KEYRING_BACKEND")
    if named == "":
        raise KeychainError(
            "PYTHON_KEYRING_BACKEND is set, but empty", "unset PYTHON_KEYRING_BACKEND"
        )
    try:
        keyring.core.init_backend(limit=recommended)
        backend = keyring.core.get_keyring()
    except Exception as error:
        raise KeychainError(
            f"the keyring backend {named or 'of keyringrc.cfg'} cannot be loaded: {error}",
            "unset PYTHON_KEYRING_BACKEND" if named else "mend that file, or remove it",
        ) from None
    nothing_to_chain = isinstance(backend, chainer.ChainerBackend) and not backend.backends
    if isinstance(backend, fail.Keyring) or nothing_to_chain:
        raise missing()
    return backend
