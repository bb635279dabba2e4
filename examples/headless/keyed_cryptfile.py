"""keyrings.cryptfile with its password in a file, for a machine where nobody can be asked.

`CRYPTFILE_PASSWORD_FILE` names that file. What is in it has to be random, as `head -c 32
/dev/urandom | base64` makes it: then there is nothing to guess, and the key is derived at little
cost. Whoever can read it can read the keyring.
"""

import os
from pathlib import Path

from keyrings.cryptfile.cryptfile import CryptFileKeyring


class Keyring(CryptFileKeyring):  # type: ignore[misc] # that package has no types
    """To be named in PYTHON_KEYRING_BACKEND: keyed_cryptfile.Keyring."""

    time_cost, memory_cost, parallelism = 1, 8_192, 1  # of Argon2; kibibytes

    def __init__(self) -> None:
        super().__init__()
        file = Path(os.environ["CRYPTFILE_PASSWORD_FILE"])
        self.keyring_key = file.read_text("utf-8").strip()
