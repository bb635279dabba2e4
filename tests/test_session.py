"""A profile's stored session: what makes it good."""

import pytest
from keyring.errors import KeyringLocked

from cognito_credproc.storage.keychain import Keychain
from cognito_credproc.storage.session import Session
from cognito_credproc.values.credentials import Credentials
from cognito_credproc.values.errors import KeychainError
from tests.fakes import NOW, FailingKeyring, MemoryKeyring

CREDENTIALS = Credentials("ASIAQNZGKIQY56JQ7WML", "secret", "token", int(NOW) + 3_600)


class ReadOnly(MemoryKeyring):
    """A keyring that takes nothing new."""

    def set_password(self, service: str, username: str, password: str) -> None:  # noqa: ARG002
        """Fail."""
        raise OSError


def session(backend: MemoryKeyring, file: str = "file", digest: str = "d16e57") -> Session:
    return Session(Keychain(backend), "dev", file, digest)


def test_stored_credentials_are_good_until_they_expire() -> None:
    backend = MemoryKeyring()
    assert session(backend).good(NOW) is None
    stored = session(backend).store(CREDENTIALS)
    assert stored.document == CREDENTIALS.document()
    found = session(backend).good(NOW)
    assert found
    assert found.document == CREDENTIALS.document()
    assert session(backend).good(CREDENTIALS.expiration - 0.1)
    assert session(backend).good(CREDENTIALS.expiration) is None


def test_other_settings_have_other_credentials() -> None:
    backend = MemoryKeyring()
    session(backend).store(CREDENTIALS)
    assert session(backend, digest="07e4").good(NOW) is None


def test_touched_file_is_stamped_anew_once() -> None:
    backend = MemoryKeyring()
    session(backend).store(CREDENTIALS)
    touched = session(backend, file="touched")
    found = touched.good(NOW)
    assert found
    assert not touched.is_stamped(found)
    touched.stamp(found)
    [item] = backend.items.values()
    assert " touched d16e57\n" in item
    again = touched.good(NOW)
    assert again
    assert touched.is_stamped(again)
    backend.writes_left = 0  # nothing is written again
    touched.stamp(again)


def test_keyring_that_cannot_be_written_costs_nobody_an_answer() -> None:
    backend = ReadOnly()
    assert session(backend).store(CREDENTIALS).document == CREDENTIALS.document()
    full = MemoryKeyring()
    session(full).store(CREDENTIALS)
    backend.entries = full.entries
    touched = session(backend, file="touched")
    found = touched.good(NOW)
    assert found
    touched.stamp(found)
    assert found.document == CREDENTIALS.document()


def test_locked_keyring_is_not_an_empty_one() -> None:
    locked = session(FailingKeyring(KeyringLocked()))
    with pytest.raises(KeychainError):
        locked.good(NOW)


def test_deletion() -> None:
    backend = MemoryKeyring()
    session(backend).store(CREDENTIALS)
    session(backend).delete()
    assert session(backend).good(NOW) is None
