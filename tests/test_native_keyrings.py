"""Windows and macOS: keyring's own backends, above native calls that stand in for the systems'."""

from collections.abc import Callable

import pytest

from cognito_credproc.flows.flow import Item
from cognito_credproc.record import Record
from cognito_credproc.storage.backend import chosen
from cognito_credproc.storage.keychain import Keychain
from cognito_credproc.values.errors import KeychainError
from tests import native_keyrings
from tests.fakes import NOW
from tests.native_keyrings import LARGEST_BLOB, CredentialManager

REFRESH_TOKEN = "r" * 1_785  # as long as Cognito's
ACCOUNT = "ap-northeast-1_AbCdEfGhI/1example23456789/istio@example.com"


def record(text: str = "x" * 3_000) -> Record:
    return Record(int(NOW), "1-2-3", "0123456789abcdef", text)


@pytest.fixture
def credential_manager(monkeypatch: pytest.MonkeyPatch) -> CredentialManager:
    found = CredentialManager()
    found.install(monkeypatch)
    return found


@pytest.fixture
def mac_keychain(monkeypatch: pytest.MonkeyPatch) -> native_keyrings.Keychain:
    found = native_keyrings.Keychain()
    found.install(monkeypatch)
    return found


def no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let keyring's search for the best backend fail the test."""
    import keyring.core

    def search(*_: object, **__: object) -> None:
        pytest.fail("keyring searched for a backend")

    monkeypatch.setattr(keyring.core, "init_backend", search)


@pytest.mark.parametrize(
    ("platform", "system", "backend"),
    [
        ("win32", CredentialManager, "keyring.backends.Windows.WinVaultKeyring"),
        ("darwin", native_keyrings.Keychain, "keyring.backends.macOS.Keyring"),
    ],
)
def test_the_backend_of_the_system_is_built_without_a_search(
    monkeypatch: pytest.MonkeyPatch,
    platform: str,
    system: Callable[[], CredentialManager | native_keyrings.Keychain],
    backend: str,
) -> None:
    system().install(monkeypatch)
    no_search(monkeypatch)
    built = type(chosen({}, platform))
    assert f"{built.__module__}.{built.__name__}" == backend


def test_long_items_are_stored_in_parts_that_windows_takes(
    credential_manager: CredentialManager,
) -> None:
    keychain = Keychain(chosen({}, "win32"))
    for text in ("x" * 3_000, "\N{GRINNING FACE}" * 1_500, "short", "y" * 10_000):
        keychain.store_session("dev", record(text))
        keychain.store(Item.REFRESH_TOKEN, ACCOUNT, REFRESH_TOKEN)
        found = keychain.session("dev")
        assert found is not None
        assert found.document == text
        assert keychain.read(Item.REFRESH_TOKEN, ACCOUNT) == REFRESH_TOKEN
    blobs = [entry["CredentialBlob"] for entry in credential_manager.entries.values()]
    assert max(len(blob) for blob in blobs) <= LARGEST_BLOB


def test_the_parts_of_windows_have_their_own_names(credential_manager: CredentialManager) -> None:
    """An entry whose service name another user name holds is moved to `USER@SERVICE`.

    keyring moves one of the same user there as well, when it is replaced: nothing else may be.
    """
    keychain = Keychain(chosen({}, "win32"))
    keychain.store_session("dev", record())
    session = "cognito-credproc/session/dev"
    first = {session, *(f"{session}/part-{n}a" for n in (1, 2, 3))}
    assert set(credential_manager.entries) == first
    keychain.store_session("dev", record())
    second = {session, f"dev@{session}", *(f"{session}/part-{n}b" for n in (1, 2, 3))}
    assert set(credential_manager.entries) == second


def test_what_is_removed_is_gone_from_windows(credential_manager: CredentialManager) -> None:
    keychain = Keychain(chosen({}, "win32"))
    for _ in range(3):
        keychain.store_session("dev", record())
        keychain.store(Item.REFRESH_TOKEN, ACCOUNT, REFRESH_TOKEN)
        keychain.store(Item.PASSWORD, "pool/istio", "secret")
    keychain.delete_session("dev")
    keychain.delete(Item.REFRESH_TOKEN, ACCOUNT)
    keychain.delete(Item.PASSWORD, "pool/istio")
    assert credential_manager.entries == {}


def test_a_session_of_macos_is_one_item_and_a_hit_one_call(
    mac_keychain: native_keyrings.Keychain,
) -> None:
    keychain = Keychain(chosen({}, "darwin"))
    keychain.store_session("dev", record())
    assert list(mac_keychain.entries) == [("cognito-credproc/session/dev", "dev")]
    mac_keychain.calls.clear()
    assert keychain.session("dev") is not None
    assert mac_keychain.calls == ["find"]
    assert keychain.session("other") is None


def test_what_is_removed_is_gone_from_macos(mac_keychain: native_keyrings.Keychain) -> None:
    keychain = Keychain(chosen({}, "darwin"))
    keychain.store(Item.REFRESH_TOKEN, ACCOUNT, REFRESH_TOKEN)
    keychain.delete(Item.REFRESH_TOKEN, ACCOUNT)
    keychain.delete(Item.REFRESH_TOKEN, ACCOUNT)
    assert mac_keychain.entries == {}


def test_a_person_who_denies_macos_is_told_so(mac_keychain: native_keyrings.Keychain) -> None:
    keychain = Keychain(chosen({}, "darwin"))
    keychain.store_session("dev", record())
    mac_keychain.denied = True
    with pytest.raises(KeychainError, match="the keyring is locked"):
        keychain.session("dev")
    with pytest.raises(KeychainError, match="the keyring is locked"):
        keychain.store_session("dev", record())
