"""A private D-Bus session with an unlocked gnome-keyring: a real keyring, and nobody's own."""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

NEEDED = ("dbus-daemon", "gnome-keyring-daemon", "secret-tool")


def missing() -> list[str]:
    """The programs that are not installed here."""
    return [program for program in NEEDED if shutil.which(program) is None]


@contextlib.contextmanager
def keyring_session(folder: Path) -> Iterator[dict[str, str]]:
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
        bus = stack.enter_context(
            subprocess.Popen(
                ["dbus-daemon", "--session", "--nofork", "--print-address"],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        )
        stack.callback(bus.terminate)
        assert bus.stdout is not None
        environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
        daemon = stack.enter_context(
            subprocess.Popen(
                ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        )
        stack.callback(daemon.terminate)
        assert daemon.stdin is not None
        daemon.stdin.write("a password for this test alone")
        daemon.stdin.close()
        _wait_until_it_stores(environment)
        yield environment


def _wait_until_it_stores(environment: dict[str, str]) -> None:
    """The daemon is ready when it keeps something."""
    deadline = time.monotonic() + 20
    while True:
        stored = subprocess.run(
            ["secret-tool", "store", "--label=probe", "probe", "probe"],
            env=environment,
            input="probe",
            capture_output=True,
            text=True,
            check=False,
        )
        if stored.returncode == 0:
            subprocess.run(["secret-tool", "clear", "probe", "probe"], env=environment, check=True)
            return
        if time.monotonic() > deadline:
            raise AssertionError(f"gnome-keyring does not answer: {stored.stderr}")
        time.sleep(0.1)
