"""The native calls below `keyring` on Windows and macOS, as small real objects.

They keep what they are given as their systems do, limits and refusals included, so that keyring's
own backends run above them on any machine.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    import pytest

NOT_FOUND, BAD_STUB_DATA = 1168, 1783  # Windows system error codes
LARGEST_BLOB = 5 * 512  # bytes: CRED_MAX_CREDENTIAL_BLOB_SIZE of wincred.h
LONGEST_USER_NAME = 513  # characters: CRED_MAX_USERNAME_LENGTH


class WindowsError(Exception):
    """`pywintypes.error`."""

    def __init__(self, winerror: int, funcname: str) -> None:
        super().__init__(winerror, funcname, "")
        self.winerror = winerror
        self.funcname = funcname


class CredentialManager:
    """Generic credentials by target name: CredRead, CredWrite and CredDelete of wincred.h."""

    CRED_TYPE_GENERIC = 1
    CRED_PERSIST_ENTERPRISE = 3

    def __init__(self) -> None:
        self.entries: dict[str, dict[str, Any]] = {}

    def CredRead(self, Type: int, TargetName: str) -> dict[str, Any]:  # noqa: N802, N803
        """The credential of a target."""
        assert Type == self.CRED_TYPE_GENERIC
        if TargetName not in self.entries:
            raise WindowsError(NOT_FOUND, "CredRead")
        return dict(self.entries[TargetName])

    def CredWrite(self, credential: dict[str, Any], flags: int) -> None:  # noqa: N802
        """Create or replace the credential of a target; the blob is kept in UTF-16."""
        assert flags == 0
        blob = credential["CredentialBlob"].encode("utf-16-le")
        if len(blob) > LARGEST_BLOB or len(credential["UserName"]) > LONGEST_USER_NAME:
            raise WindowsError(BAD_STUB_DATA, "CredWrite")
        self.entries[credential["TargetName"]] = {**credential, "CredentialBlob": blob}

    def CredDelete(self, Type: int, TargetName: str) -> None:  # noqa: N802, N803
        """Remove the credential of a target."""
        assert Type == self.CRED_TYPE_GENERIC
        if self.entries.pop(TargetName, None) is None:
            raise WindowsError(NOT_FOUND, "CredDelete")

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Stand below `keyring.backends.Windows`, in the place of pywin32-ctypes."""
        package, inner = ModuleType("win32ctypes"), ModuleType("win32ctypes.pywin32")
        types: Any = ModuleType("win32ctypes.pywin32.pywintypes")
        types.error = WindowsError
        calls: Any = ModuleType("win32ctypes.pywin32.win32cred")
        for name in ("CredRead", "CredWrite", "CredDelete"):
            setattr(calls, name, getattr(self, name))
        calls.CRED_TYPE_GENERIC = self.CRED_TYPE_GENERIC
        calls.CRED_PERSIST_ENTERPRISE = self.CRED_PERSIST_ENTERPRISE
        vars(inner).update(pywintypes=types, win32cred=calls)
        for module in (package, inner, types, calls):
            monkeypatch.setitem(sys.modules, module.__name__, module)
        _imported_anew(monkeypatch, "keyring.backends.Windows")


class Keychain:
    """Generic passwords of the login keychain: `keyring.backends.macOS.api`.

    Replacing one is removing it and adding it again, in two steps. `denied` is what a person's
    "Deny" in the dialog gives.
    """

    class Error(Exception):
        """A status of the Security framework."""

    class NotFound(Error):  # noqa: N818 - keyring's name
        """errSecItemNotFound."""

    class KeychainDenied(Error):  # noqa: N818 - keyring's name
        """errSecAuthFailed, errSecUserCanceled."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}
        self.denied = False
        self.calls: list[str] = []

    def find_generic_password(self, _keychain: str | None, service: str, username: str) -> str:
        """SecItemCopyMatching."""
        self._called("find")
        if (service, username) not in self.entries:
            raise self.NotFound(-25300, "Item not found")
        return self.entries[service, username]

    def set_generic_password(
        self, _keychain: str | None, service: str, username: str, password: str
    ) -> None:
        """SecItemDelete if it is there, then SecItemAdd."""
        self._called("set")
        self.entries[service, username] = password

    def delete_generic_password(self, _keychain: str | None, service: str, username: str) -> None:
        """SecItemDelete."""
        self._called("delete")
        if self.entries.pop((service, username), None) is None:
            raise self.NotFound(-25300, "Item not found")

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Stand below `keyring.backends.macOS`."""
        backend: Any = _imported_anew(monkeypatch, "keyring.backends.macOS")
        monkeypatch.setattr(backend, "api", self, raising=False)
        monkeypatch.setattr(backend.platform, "system", lambda: "Darwin")

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.denied:
            self._deny()

    def _deny(self) -> NoReturn:
        raise self.KeychainDenied(-128, "Keychain Access Denied")


def _imported_anew(monkeypatch: pytest.MonkeyPatch, name: str) -> ModuleType:
    """Import a backend's module as if for the first time; it is gone again after the test."""
    from keyring import backend

    monkeypatch.delitem(sys.modules, name, raising=False)
    known = set(backend.KeyringBackend._classes)  # noqa: SLF001 - no public name
    monkeypatch.setattr(backend.KeyringBackend, "_classes", known)
    module = importlib.import_module(name)
    monkeypatch.setitem(sys.modules, name, module)
    return module
