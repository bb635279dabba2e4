"""`examples/headless`: its lines, as they stand, in an empty home beside a local Cognito."""

from __future__ import annotations

import re
import site
import subprocess
import tempfile
import venv
from pathlib import Path
from typing import TYPE_CHECKING

import pyotp
import pytest

from tests.e2e.enrolling import (
    ASK_AGAIN,
    ASK_NEW,
    ASK_PASSWORD,
    ASK_PHONE,
    KEEP_PASSWORD,
    KEEP_SEED,
    TEMPORARY,
)
from tests.e2e.keyring_session import missing
from tests.e2e.machine import ARN, NAME, PASSWORD, REGION, ROLE, SCRIPTS
from tests.e2e.other_keyrings import BESIDE
from tests.e2e.recipes import Shell, blocks
from tests.e2e.surroundings import need_mounts
from tests.local_cognito import LocalCognito

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parents[2] / "examples" / "headless"
PAGE = (FOLDER / "README.md").read_text("utf-8")
KEYRING_PASSWORD = "a keyring's own password"
SECRET = rb'"(?:RefreshToken|IdToken|SecretCode|SecretKey|SessionToken)": ?"([^"]+)"'
NEEDED = ("dbus-run-session", "gnome-keyring-daemon", "gpg", "pass", "pinentry-tty")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of an environment as pipx makes it, with both keyrings injected."""
    if absent := missing(*NEEDED):
        pytest.skip(f"not installed: {', '.join(absent)}")
    pipx = tmp_path_factory.mktemp("pipx")
    venv.create(pipx, with_pip=False)
    (packages,) = pipx.glob("lib/python3*/site-packages")
    injected = [*site.getsitepackages(), BESIDE]
    lines = [f"import site; site.addsitedir({folder!r})\n" for folder in injected]
    (packages / "injected.pth").write_text("".join(lines))
    for name in "cognito-credproc", "cognito-credproc-enroll", "aws":
        _, _, text = (SCRIPTS / name).read_text().partition("\n")
        (pipx / "bin" / name).write_text(f"#!{pipx}/bin/python\n{text}")
        (pipx / "bin" / name).chmod(0o755)
    return pipx / "bin"


class Headless:
    """A machine with an empty home, and an invited user whose profile is written."""

    def __init__(self, home: Path, installed: Path, cognito: LocalCognito) -> None:
        self.home = home
        self.cognito = cognito
        self.pool = cognito.create_user_pool(REGION)
        self.client = self.pool.create_client()
        self.identity_pool = cognito.create_identity_pool(self.client, ROLE)
        self.environment = {
            **cognito.environment(),
            "HOME": str(home),
            "PATH": f"{installed}:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "TERM": "dumb",
            "AWS_EC2_METADATA_DISABLED": "true",
            "USER_POOL_ID": self.pool.id,
            "CLIENT_ID": self.client.id,
            "IDENTITY_POOL_ID": self.identity_pool.id,
            "COGNITO_USER": NAME,
        }
        self.answers = {
            "keyring password: ": lambda: KEYRING_PASSWORD,
            "Passphrase: ": lambda: KEYRING_PASSWORD,
            "Repeat: ": lambda: KEYRING_PASSWORD,
            ASK_PASSWORD: lambda: TEMPORARY,
            ASK_NEW: lambda: PASSWORD,
            ASK_AGAIN: lambda: PASSWORD,
            ASK_PHONE: self._code,
            KEEP_PASSWORD: lambda: "n",
            KEEP_SEED: lambda: "n",
        }

    def _code(self) -> str:
        return pyotp.TOTP(str(self.pool.user(NAME).totp_secret)).now()

    def invited(self) -> None:
        """The user has a temporary password, and a profile."""
        self.pool.create_user(NAME, temporary_password=TEMPORARY)
        ids = ["--user-pool-id", self.pool.id, "--client-id", self.client.id]
        ids += ["--identity-pool-id", self.identity_pool.id, "--username", NAME]
        subprocess.run(
            ["cognito-credproc", "configure", "--profile=dev", *ids, f"--region={REGION}"],
            env=self.environment,
            check=True,
            capture_output=True,
        )

    def is_signed_in(self) -> None:
        """From now on nobody is asked for the password again."""
        del self.answers[ASK_PASSWORD]

    def container(self) -> Shell:
        """A shell where the keyring's password is the secret file of a container."""
        need_mounts()
        secret = self.home / "secret"
        secret.write_text(KEYRING_PASSWORD)
        script = (
            'mount -t tmpfs tmpfs /run && mkdir /run/secrets && cp "$0" /run/secrets/keyring && '
            'exec bash "$@"'
        )
        command = ["unshare", "--mount", "sh", "-c", script, str(secret)]
        return Shell(self.home, self.environment, self.answers, command)

    def follows(self, lines: list[str], shell: Shell | None = None) -> str:
        """Type the lines; returns what the last `aws` showed."""
        if shell is None:
            with Shell(self.home, self.environment, self.answers) as own:
                return self.follows(lines, own)
        shown = [shell.type(line) for line in lines]
        return next(text for line, text in zip(lines, shown, strict=True) if "aws sts" in line)


@pytest.fixture
def headless(installed: Path) -> Iterator[Headless]:
    """In a home of a short name, as the sockets of gpg-agent need it."""
    with tempfile.TemporaryDirectory(prefix="credproc-") as home, LocalCognito() as cognito:
        yield Headless(Path(home), installed, cognito)


def leaked(headless: Headless) -> set[str]:
    """The files in the home that hold a secret of the sign-in as it is: there must be none."""
    answers = b"\n".join(headless.cognito.answers)
    secrets = set(re.findall(SECRET, answers)) | {PASSWORD.encode()}
    assert len(secrets) > 4
    files = [file for file in headless.home.rglob("*") if file.is_file()]
    return {file.name for file in files if any(secret in file.read_bytes() for secret in secrets)}


def test_no_block_of_the_page_is_left_out() -> None:
    tried = ["gnome-keyring", "pass", "cryptfile", "Containers", "CI"]
    assert sum(len(blocks(PAGE, heading)) for heading in tried) == PAGE.count("```console\n")


def test_gnome_keyring_and_a_container(headless: Headless) -> None:
    headless.invited()
    first, next_day = blocks(PAGE, "gnome-keyring")
    assert ARN in headless.follows(first)
    headless.is_signed_in()
    assert ARN in headless.follows(next_day)
    (lines,) = blocks(PAGE, "Containers")
    with headless.container() as container:
        assert ARN in headless.follows(lines, container)
    assert leaked(headless) == set()


def test_pass(headless: Headless) -> None:
    headless.invited()
    first, next_boot = blocks(PAGE, "pass")
    try:
        with Shell(headless.home, headless.environment, headless.answers) as shell:
            assert ARN in headless.follows(first, shell)
            headless.is_signed_in()
            assert ARN in headless.follows(next_boot, shell)
    finally:
        subprocess.run(["gpgconf", "--kill", "all"], env=headless.environment, check=False)
    assert leaked(headless) == set()


def test_cryptfile(headless: Headless) -> None:
    headless.invited()
    (lines,) = blocks(PAGE, "cryptfile")
    with headless.container() as container:
        container.type(f"cd {FOLDER.parents[1]}")
        assert ARN in headless.follows(lines, container)
    assert (headless.home / ".local/share/python_keyring/cryptfile_pass.cfg").exists()
    assert leaked(headless) == set()


def test_ci(headless: Headless) -> None:
    user = headless.pool.create_user(NAME, password=PASSWORD)
    headless.environment |= {
        "AWS_REGION": REGION,
        "COGNITO_PASSWORD": PASSWORD,
        "COGNITO_TOTP_SEED": headless.pool.enable_totp(user),
    }
    (lines,) = blocks(PAGE, "CI")
    assert ARN in headless.follows(lines)
    assert leaked(headless) == set()
