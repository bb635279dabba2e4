"""A private D-Bus session with an unlocked Secret Service: a real keyring, and nobody's own."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING

from tests.e2e.secret_services import gnome_keyring, wait_until_it_stores
from tests.e2e.session_bus import dbus_daemon

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.secret_services import SecretService
    from tests.e2e.session_bus import Bus

NEEDED = ("dbus-daemon", "gnome-keyring-daemon", "secret-tool")


def missing(*programs: str) -> list[str]:
    """The programs that are not installed here."""
    return [program for program in (*NEEDED, *programs) if shutil.which(program) is None]


@contextlib.contextmanager
def keyring_session(
    folder: Path, bus: Bus = dbus_daemon, secret_service: SecretService = gnome_keyring
) -> Iterator[dict[str, str]]:
    """Start one in an empty folder; yields the environment that leads to it.

    The folder is the home as well, so that nothing of the person's own is read or written.
    """
    for name in ("run", "data", "state", "config"):
        (folder / name).mkdir(mode=0o700)
    environment = {
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PATH": os.environ["PATH"],
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_DATA_HOME": str(folder / "data"),
        "XDG_RUNTIME_DIR": str(folder / "run"),
        "XDG_STATE_HOME": str(folder / "state"),
    }
    with contextlib.ExitStack() as stack:
        address = stack.enter_context(bus(folder, environment))
        environment["DBUS_SESSION_BUS_ADDRESS"] = address
        stack.enter_context(secret_service(environment))
        wait_until_it_stores(environment)
        yield environment
