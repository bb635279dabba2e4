"""A keyring that is locked, empty or not there: the errors, and the commands that mend them."""

import sys

from cognito_credproc.values.errors import KeychainError

# The daemon takes a newline for a part of the password. Where a shell's `read` has no -s, as that
# of dash, nothing else is run.
UNLOCK_COMMAND = (
    'read -rs P && printf %s "$P" | gnome-keyring-daemon --replace --unlock --components=secrets;'
    " unset P"
)
UNLOCK = {
    "darwin": "unlock it and allow the access (or: security unlock-keychain), then try again",
    "linux": "unlock it: sign in to the desktop; or type this in bash or zsh, Enter, its password,"
    f" Enter: {UNLOCK_COMMAND}",
}.get(sys.platform, "unlock it, then try again")
START = {
    "linux": "name another keyring (export PYTHON_KEYRING_BACKEND=…), or work in a session with"
    " gnome-keyring, as examples/headless/README.md says: dbus-run-session -- bash",
}.get(sys.platform, "name another keyring: export PYTHON_KEYRING_BACKEND=…")


def locked() -> KeychainError:
    """The error for a locked keyring."""
    return KeychainError("the keyring is locked", UNLOCK)


def not_opened() -> KeychainError:
    """The error for a keyring that could not be made, where there is none yet, or opened."""
    return KeychainError("the keyring could not be opened, or made where there is none yet", UNLOCK)


def missing() -> KeychainError:
    """The error where there is none, and the person has named no other."""
    return KeychainError(
        "no OS keyring answers here, and secrets are not kept in plain files", START
    )
