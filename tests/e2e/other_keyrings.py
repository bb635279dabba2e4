"""Keyrings of others' making, each in an empty folder: pass with gpg, cryptfile, a chain."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BESIDE = str(Path(sys.prefix) / "other-keyrings")
KEY = "a key for this test alone"
OWNER = "istio@example.com"
# As people use it where nobody can be asked; deriving a key costs next to nothing here.
KEYED = """\
import os
from keyrings.cryptfile.cryptfile import CryptFileKeyring

class Keyring(CryptFileKeyring):
    time_cost, memory_cost, parallelism = 1, 64, 1

    def __init__(self):
        super().__init__()
        if "CRYPTFILE_KEY" in os.environ:
            self.keyring_key = os.environ["CRYPTFILE_KEY"]
"""


def cryptfile(folder: Path) -> dict[str, str]:
    """The environment for keyrings.cryptfile, whose key is given."""
    (folder / "keyed.py").write_text(KEYED)
    return {
        "PYTHON_KEYRING_BACKEND": "keyed.Keyring",
        "PYTHONPATH": f"{folder}:{BESIDE}",
        "CRYPTFILE_KEY": KEY,
    }


@contextlib.contextmanager
def password_store(folder: Path, passphrase: str = "") -> Iterator[dict[str, str]]:
    """A store of `pass`, under a new key; yields the environment that leads to it."""
    home, store = folder / "gnupg", folder / "store"
    home.mkdir(mode=0o700)
    # No window and no terminal: whoever needs the passphrase does not get it.
    (home / "gpg-agent.conf").write_text("pinentry-program /bin/false\n")
    environment = {
        "GNUPGHOME": str(home),
        "PASSWORD_STORE_DIR": str(store),
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
    }
    gpg = ["gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", passphrase]
    for command in (
        [*gpg, "--quick-generate-key", OWNER, "rsa2048", "encr", "never"],
        ["pass", "init", OWNER],
    ):
        subprocess.run(command, env=environment, check=True, capture_output=True)
    del environment["PATH"], environment["HOME"]
    try:
        yield {
            **environment,
            "PYTHON_KEYRING_BACKEND": "keyring_pass.PasswordStoreBackend",
            "PYTHONPATH": BESIDE,
        }
    finally:
        agent = ["gpgconf", "--kill", "gpg-agent"]
        subprocess.run(agent, env={**environment, "PATH": "/usr/bin:/bin"}, check=False)


def missing() -> list[str]:
    """The programs that are not installed here."""
    return [program for program in ("pass", "gpg") if shutil.which(program) is None]


def within(environment: Mapping[str, str], code: str) -> str:
    """What Python code prints that uses `keychain`, the items of this environment."""
    head = (
        "import os\n"
        "from cognito_credproc.storage.keychain import Keychain, item_name\n"
        "keychain, name = Keychain.open(os.environ), item_name('dev', os.environ)\n"
    )
    return subprocess.run(
        [sys.executable, "-c", head + code],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
