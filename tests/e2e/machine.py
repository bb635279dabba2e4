"""One person's machine: a config file, keyring items and state of its own, beside a local Cognito.

The environment holds what is named here and nothing of the caller's, so that the credentials can
come from `credential_process` alone.
"""

from __future__ import annotations

import contextlib
import json
import shlex
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pyotp

from tests import golden
from tests.e2e.items import Items
from tests.e2e.person import PATIENCE, Person
from tests.local_cognito import LocalCognito

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from subprocess import CompletedProcess

    from tests.local_cognito import User

SCRIPTS = Path(sys.executable).parent
HELPER = str(SCRIPTS / "cognito-credproc")
ENROLL = str(SCRIPTS / "cognito-credproc-enroll")
REGION = "ap-northeast-1"
NAME = "istio@example.com"
PASSWORD = "Corr\u00e9ct+horse/1&"  # written differently in UTF-8, JSON, URLs and base64
ROLE = "arn:aws:iam::111122223333:role/Developers"
ARN = "arn:aws:sts::111122223333:assumed-role/Developers/CognitoIdentityCredentials"
STEP = 30  # seconds of a TOTP code

TOKENS = "GetTokensFromRefreshToken"
CREDENTIALS = "GetCredentialsForIdentity"
SRP = ["InitiateAuth", "RespondToAuthChallenge"]
MFA = "RespondToAuthChallenge"


class Machine:
    """The machine, its profile `dev`, and the pools that the profile names."""

    def __init__(
        self,
        folder: Path,
        keyring: Mapping[str, str],
        *,
        pool: Mapping[str, Any],
        client: Mapping[str, Any],
        identity_pool: Mapping[str, Any],
    ) -> None:
        self.cognito = LocalCognito()
        self.pool = self.cognito.create_user_pool(REGION, **pool)
        self.client = self.pool.create_client(**client)
        self.identity_pool = self.cognito.create_identity_pool(self.client, ROLE, **identity_pool)
        self.config = folder / "config"
        self.state = folder / "state"
        service = f"test-{folder.name}"
        self.environment = {
            **keyring,
            **self.cognito.environment(),
            "HOME": str(folder),  # the AWS CLI caches the credentials of roles there
            "PATH": f"{SCRIPTS}:/usr/local/bin:/usr/bin:/bin",
            "AWS_CONFIG_FILE": str(self.config),
            "AWS_EC2_METADATA_DISABLED": "true",
            "COGNITO_CREDPROC_STATE_DIR": str(self.state),
            "COGNITO_CREDPROC_KEYRING_SERVICE": service,
        }
        self.items = Items(keyring["DBUS_SESSION_BUS_ADDRESS"], service)
        self._calls_seen = 0
        self.write_config()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.items.close()
        self.cognito.stop()

    def settings(self) -> dict[str, str]:
        """The keys of the profile `dev`."""
        return {
            "region": REGION,
            "credential_process": "cognito-credproc --profile dev",
            "cognito_user_pool_id": self.pool.id,
            "cognito_client_id": self.client.id,
            "cognito_identity_pool_id": self.identity_pool.id,
            "cognito_username": NAME,
        }

    def write_config(self, more: str = "", **changes: str | None) -> None:
        """Write the config file; None leaves a key out, `more` comes after the profile."""
        keys = {**self.settings(), **changes}
        lines = [f"{key} = {value}" for key, value in keys.items() if value is not None]
        self.config.write_text("\n".join(["[profile dev]", *lines, "", more, ""]), "utf-8")

    def create_user(self, **options: Any) -> User:
        """The user whom the profile names; by default with a password, without TOTP."""
        return self.pool.create_user(NAME, **(options or {"password": PASSWORD}))

    @property
    def user(self) -> User:
        """The user whom the profile names."""
        return self.pool.user(NAME)

    def run(
        self, command: Sequence[str], typed: str = "", **environment: str
    ) -> CompletedProcess[str]:
        """Run a command where no terminal is."""
        return subprocess.run(
            command,
            env={**self.environment, **environment},
            input=typed,
            capture_output=True,
            text=True,
            encoding="utf-8",
            start_new_session=True,
            timeout=PATIENCE,
            check=False,
        )

    def helper(self, *arguments: str, **environment: str) -> CompletedProcess[str]:
        """Run the helper where no terminal is."""
        return self.run([HELPER, *(arguments or ("--profile", "dev"))], **environment)

    def sits(
        self, *command: str, pipes: bool = False, environment: Mapping[str, str] | None = None
    ) -> Person:
        """Somebody runs a command in a terminal."""
        return Person(command, {**self.environment, **(environment or {})}, pipes=pipes)

    def enrolled(self, *, keep: bool = True) -> Self:
        """Enrol the profile's user, who has a password and TOTP, without a terminal.

        What was called for it does not count in `calls`.
        """
        user = self.create_user()
        seed = self.pool.enable_totp(user) if self.pool.mfa == "ON" else ""
        secret = self.client.secret
        given = [
            *(["--client-secret-stdin"] if secret else []),
            "--password-stdin",
            *(["--totp-seed-stdin"] if seed else []),
        ]
        no = "" if keep else "no-"
        stored = [f"--{no}store-password", f"--{no}store-totp"]
        typed = f"{secret}\n{PASSWORD}\n" if secret else f"{PASSWORD}\n"
        done = self.run([ENROLL, "--profile=dev", *given, *stored], f"{typed}{seed}\n")
        assert (done.stderr, done.stdout, done.returncode) == ("", "", 0), done
        self.calls()
        return self

    def digest(self) -> str:
        """The digest of the profile's settings, as the record has it."""
        return self.items.get("session").partition("\n")[0].split(" ")[-1]

    def calls(self) -> list[str]:
        """The operations that were called since the last time this was asked."""
        all_calls = self.cognito.calls
        fresh, self._calls_seen = all_calls[self._calls_seen :], len(all_calls)
        return [call.operation for call in fresh]

    def code(self, *, unused: bool = True) -> str:
        """The code that the user's authenticator app shows; unless told, one that was not used."""
        token = self.user.token
        assert token is not None
        step = int(self.cognito.clock.now()) // STEP
        if unused:
            step = max(step, token.last_step + 1)
        return pyotp.TOTP(token.seed).generate_otp(step)

    def revoke(self) -> None:
        """RevokeToken, as a sign-out elsewhere does it."""
        request = urllib.request.Request(  # noqa: S310 - to ourselves
            self.cognito.endpoint,
            json.dumps(
                {"ClientId": self.client.id, "Token": self.items.get("refresh-token")}
            ).encode(),
            {
                "Content-Type": "application/x-amz-json-1.1",
                "X-Amz-Target": "AWSCognitoIdentityProviderService.RevokeToken",
            },
        )
        urllib.request.urlopen(request, timeout=PATIENCE).close()  # noqa: S310 - the same
        assert self.calls() == ["RevokeToken"]

    def memory(self, name: str) -> Any:
        """What is remembered of the user under a name."""
        (found,) = self.state.glob("*.json")
        return json.loads(found.read_text())[name]

    def half_a_minute_passes(self) -> None:
        """The codes that were used become those of the step before."""
        if self.user.token:
            self.user.token.last_step -= 1
        for file in self.state.glob("*.json"):
            memory = json.loads(file.read_text())
            file.write_text(json.dumps({**memory, "totp_step": memory["totp_step"] - 1}))


@contextlib.contextmanager
def machine_for_screens(environment: dict[str, str]) -> Iterator[Machine]:
    """A machine whose folder has a path of the length that golden screens have."""
    folder = golden.home()
    try:
        with Machine(folder, environment, pool={}, client={}, identity_pool={}) as machine:
            yield machine
    finally:
        shutil.rmtree(folder)


def good_document(text: str) -> dict[str, Any]:
    """The output document, which must be one that every SDK takes."""
    document: dict[str, Any] = json.loads(text)
    assert list(document) == [
        "Version",
        "AccessKeyId",
        "SecretAccessKey",
        "SessionToken",
        "Expiration",
        "AccountId",
    ]
    assert document["Version"] == 1
    assert document["AccountId"] == "111122223333"
    expiry = time.strptime(document["Expiration"], "%Y-%m-%dT%H:%M:%SZ")
    assert time.gmtime() < expiry
    return document


def failed(done: CompletedProcess[str], status: int) -> tuple[str, str]:
    """The error and the hint of a run that failed as every failure must."""
    assert done.returncode == status, (done.returncode, done.stderr)
    assert done.stdout == ""
    error, *hints = done.stderr.splitlines()
    assert error.startswith("error: ")
    assert len(hints) <= 1
    assert all(hint.startswith("hint: ") for hint in hints)
    return error, hints[0].removeprefix("hint: ") if hints else ""


def words(command: str) -> list[str]:
    """A command out of a hint, as a shell would read it."""
    program, *arguments = shlex.split(command)
    return [str(SCRIPTS / program), *arguments]
