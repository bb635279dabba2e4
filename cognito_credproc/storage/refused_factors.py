"""Which stored factors were refused: an item of the keyring beside them, which lives as long.

The memory in the state folder is gone where every start has a new folder, as in a container that is
given its keyring alone. Each start would send a wrong password once more, and five lock the user.

What is written holds for the very value that was refused: another one in its place is tried. The
value is told by a salted scrypt digest, slow enough that whoever gets hold of this item without the
other cannot try passwords at it.
"""

import contextlib
import hashlib
import hmac
import json
import os
from collections.abc import Container, Mapping

from cognito_credproc.flows.flow import Item
from cognito_credproc.process.debug import log
from cognito_credproc.storage.keychain import Keychain
from cognito_credproc.values.errors import KeychainError

KIND = "refused-factors"
WHICH = (Item.PASSWORD, Item.TOTP_SEED)
COST = {"n": 1 << 14, "r": 8, "p": 1}  # 16 MiB and 0.05 s for each guess (RFC 7914)
MOST = 32 << 20  # bytes of memory for one
LONGEST = 200  # characters of a reason


class RefusedFactors:
    """The item of one user. It is read where a factor is about to be used, and not before."""

    def __init__(self, keychain: Keychain, user: str) -> None:
        self._keychain = keychain
        self._user = user
        self._stored: Mapping[str, str] | None = None  # the factors as they were read
        self._written: dict[str, str] = {}  # what the item says of these

    def among(self, stored: Mapping[Item, str], known: Container[str] = ()) -> dict[str, str]:
        """Those of the stored factors that were refused, with the service's reason.

        Of those that are `known` to be, nothing is worked out: a hundred processes that wait for
        one another would each take a moment longer.

        Raises:
            KeychainError: the keyring cannot be read.
        """
        factors = {str(name): stored[name] for name in WHICH if name in stored}
        marks = _parsed(self._keychain.read(KIND, self._user) if factors else None)
        self._written = {
            name: marks[name]["reason"]
            for name, value in factors.items()
            if name in marks and (name in known or _fits(marks[name], value))
        }
        self._stored = factors
        return dict(self._written)

    def recall(self, stored: Mapping[Item, str], refused: dict[str, str]) -> bool:
        """Add to what is `refused` what it does not have; tell whether that was anything.

        Raises:
            KeychainError: the keyring cannot be read.
        """
        news = {k: v for k, v in self.among(stored, refused).items() if k not in refused}
        refused.update(news)
        return bool(news)

    def keep(self, refused: Mapping[str, str]) -> None:
        """Write down which of the factors that were read are refused by now.

        A keyring that takes nothing is no reason to give up: the state folder has it as well.
        """
        now = {name: refused[name][:LONGEST] for name in self._stored or () if name in refused}
        if self._stored is None or now.keys() == self._written.keys():
            return
        marks = {name: _mark(self._stored[name], reason) for name, reason in now.items()}
        with contextlib.suppress(KeychainError):
            if marks:
                self._keychain.store(KIND, self._user, json.dumps(marks))
            else:
                self._keychain.delete(KIND, self._user)
            self._written = now
            log.debug("keyring: refused are %s", ", ".join(now) or "none")

    def look_again(self) -> None:
        """Another process may have written it, or one of the factors."""
        self._stored = None

    def delete(self) -> None:
        """Nothing is refused any more.

        Raises:
            KeychainError: the keyring fails.
        """
        self._keychain.delete(KIND, self._user)
        self._written = {}


def _mark(value: str, reason: str) -> dict[str, str]:
    salt = os.urandom(16)
    return {"salt": salt.hex(), "scrypt": _digest(value, salt).hex(), "reason": reason}


def _fits(mark: Mapping[str, str], value: str) -> bool:
    try:
        salt, digest = bytes.fromhex(mark["salt"]), bytes.fromhex(mark["scrypt"])
    except ValueError:
        return False
    return hmac.compare_digest(digest, _digest(value, salt))


def _digest(value: str, salt: bytes) -> bytes:
    data = value.encode(errors="surrogatepass")
    return hashlib.scrypt(data, salt=salt, maxmem=MOST, dklen=32, **COST)


def _parsed(text: str | None) -> dict[str, dict[str, str]]:
    """What the item says; one that is not of our making says nothing."""
    try:
        found = json.loads(text or "{}")
        return {
            str(name): {key: str(mark[key]) for key in ("salt", "scrypt", "reason")}
            for name, mark in dict(found).items()
        }
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
