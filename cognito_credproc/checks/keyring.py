"""The keyring: which one, whether it is unlocked, and whether it gives back what it was given."""

import secrets
import time
from collections.abc import Iterator

from cognito_credproc.checks.finding import Check, Finding, broken, good, note
from cognito_credproc.checks.subject import Subject
from cognito_credproc.record import Record
from cognito_credproc.storage.keychain import Keychain

SLOW = 1.0  # seconds for writing, reading and removing one item
PLAIN = ("plaintext", "null")  # in the names of backends that keep no secret


def check(subject: Subject) -> Iterator[Finding]:
    """Write, read and remove an item as long as real ones."""
    subject.keyring_works = False
    keychain = subject.opened()
    began = time.monotonic()
    if not _round_trip(keychain):
        yield broken(
            f"{keychain.name} did not give back what was written to it",
            mend="name another backend: export PYTHON_KEYRING_BACKEND=…",
        )
        return
    subject.keyring_works = True
    seconds = time.monotonic() - began
    if any(word in keychain.name.lower() for word in PLAIN):
        yield note(
            f"{keychain.name} stores plain text",
            "whoever reads its file has your secrets; you have named this backend yourself",
            command="unset PYTHON_KEYRING_BACKEND",
        )
    took = f"{seconds * 1000:.0f} ms to write, read and remove an item"
    if seconds > SLOW:
        yield note(
            f"{keychain.name} is slow: {took}",
            "every AWS call that starts a process waits for it",
            "see what keeps it busy; another backend: export PYTHON_KEYRING_BACKEND=…",
        )
    else:
        yield good(f"{keychain.name}: {took}")


def _round_trip(keychain: Keychain) -> bool:
    """Write an item as long as real ones, read it and remove it: whether it came back whole."""
    name, text = f"probe-{secrets.token_hex(8)}", secrets.token_urlsafe(3_000)
    keychain.store_session(name, Record(0, "-", "0", text))
    try:
        found = keychain.session(name)
    finally:
        keychain.delete_session(name)
    return found is not None and found.document == text


CHECK = Check("keyring", check, "every secret is kept there, and nowhere else", seconds=30)
