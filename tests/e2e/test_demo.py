"""The demo, on a machine with a keyring and on one without: it shows the job and leaves nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import secretstorage
from jeepney.io.blocking import open_dbus_connection

if TYPE_CHECKING:
    from tests.e2e.conftest import Keyrings

ROOT = Path(__file__).resolve().parent.parent.parent
DEMO = [sys.executable, str(ROOT / "examples" / "demo.py")]
PATIENCE = 300  # seconds; it installs packages

pytestmark = pytest.mark.slow


def items(environment: dict[str, str]) -> list[str]:
    """The labels of everything in the keyring that the demo may have made."""
    connection = open_dbus_connection(bus=environment["DBUS_SESSION_BUS_ADDRESS"])
    try:
        labels = [
            i.get_label() for i in secretstorage.get_default_collection(connection).get_all_items()
        ]
    finally:
        connection.close()
    return [label for label in labels if "cognito-credproc-demo" in label]


def left_behind(folder: Path) -> list[str]:
    """What stands in its folder for temporary files."""
    return [str(found) for found in folder.rglob("*")]


def start(environment: dict[str, str], tmp_path: Path) -> subprocess.Popen[bytes]:
    """Start it with a folder of its own for temporary files."""
    return subprocess.Popen(
        DEMO,
        env={**environment, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


@pytest.mark.parametrize("keyring", ["a keyring", "none"])
def test_the_demo_shows_the_job_and_leaves_nothing(
    keyrings: Keyrings, tmp_path: Path, keyring: str
) -> None:
    environment = dict(keyrings.environment())
    if keyring == "none":
        del environment["DBUS_SESSION_BUS_ADDRESS"]
        environment["XDG_RUNTIME_DIR"] = str(tmp_path)
    folder = tmp_path / "tmp"
    folder.mkdir()
    demo = start(environment, folder)
    shown = demo.communicate(timeout=PATIENCE)[0].decode()
    assert demo.returncode == 0, shown
    assert shown.count("arn:aws:sts::111122223333:assumed-role/Developers/") == 2
    assert "2 calls to Cognito (GetTokensFromRefreshToken, GetCredentialsForIdentity)" in shown
    assert "no call to Cognito" in shown
    assert ("a file in the demo's folder stands in" in shown) == (keyring == "none")
    assert left_behind(folder) == []
    assert items(keyrings.environment()) == []


@pytest.mark.parametrize(
    ("ending", "at"),
    [(signal.SIGINT, b"the code that the app shows"), (signal.SIGTERM, b"1 of 4: ")],
)
def test_an_interrupted_demo_leaves_nothing_either(
    keyrings: Keyrings, tmp_path: Path, ending: signal.Signals, at: bytes
) -> None:
    demo = start(keyrings.environment(), tmp_path)
    assert demo.stdout is not None
    shown = b""
    while at not in shown:
        piece = os.read(demo.stdout.fileno(), 4096)
        assert piece, shown.decode()
        shown += piece
    os.killpg(demo.pid, ending)
    rest = demo.communicate(timeout=PATIENCE)[0].decode()
    assert demo.returncode == 1
    assert rest.endswith("error: interrupted; nothing is left behind\n")
    assert "Traceback" not in rest
    assert left_behind(tmp_path) == []
    assert items(keyrings.environment()) == []
