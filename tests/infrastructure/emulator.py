"""ministack, an emulator of AWS by others, on a port of 127.0.0.1; and the AWS CLI v2 at it.

It knows CloudFormation's `AWS::Cognito::` types, which moto does not.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from tests import beside, programs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CLI_V2 = "/usr/bin/aws"
REGION = "eu-west-1"
ACCOUNT = "000000000000"  # that of calls without a signature, such as a sign-up
KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}  # of that account
PATIENCE = 240  # seconds; the AWS CLI alone takes one to start
HINTS = {CLI_V2: "AWS CLI v2", "ministack": "python3 -m tests.beside"}


@dataclass(frozen=True)
class Emulator:
    """One that runs."""

    endpoint: str

    def client(self, service: str) -> Any:
        """A boto3 client of it."""
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self.endpoint,
            **KEYS,
            config=Config(retries={"total_max_attempts": 1}),
        )

    def shell(self, folder: Path, command: str) -> subprocess.CompletedProcess[str]:
        """Run a line of a shell on an administrator's new machine, whose home is `folder`.

        Debian's AWS CLI v2 knows no endpoint variables, so `aws` is a script that says it.
        """
        programs.shell(folder, f'exec {CLI_V2} --endpoint-url {self.endpoint} "$@"', "aws")
        services = ("COGNITO_IDENTITY_PROVIDER", "COGNITO_IDENTITY", "STS")
        keys = folder / ".aws" / "credentials"
        keys.parent.mkdir(exist_ok=True)
        keys.write_text("\n".join(["[default]", *(f"{k} = {v}" for k, v in KEYS.items()), ""]))
        environment = {
            **{f"AWS_ENDPOINT_URL_{service}": self.endpoint for service in services},
            "HOME": str(folder),
            "PATH": f"{folder}:{Path(sys.executable).parent}:/usr/bin:/bin",
            "AWS_CONFIG_FILE": str(folder / "config"),
            "AWS_REGION": REGION,
            "AWS_PAGER": "",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        return subprocess.run(
            ["bash", "-c", f"set -o pipefail; {command}"],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )


def outputs(stack: Mapping[str, Any]) -> dict[str, str]:
    """The outputs of a stack as `describe_stacks` gives them."""
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def missing() -> list[str]:
    """What is not installed here."""
    here = {CLI_V2: Path(CLI_V2).exists(), "ministack": beside.program("ministack", "ministack")}
    return [f"{name} ({HINTS[name]})" for name, found in here.items() if not found]


@contextlib.contextmanager
def emulator(folder: Path) -> Iterator[Emulator]:
    """A new one, which keeps nothing; its log is in the folder."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    endpoint = f"http://127.0.0.1:{port}"
    environment = {
        **{name: os.environ[name] for name in ("LANG", "LC_ALL") if name in os.environ},
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",  # another port, on every interface
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(beside.program("ministack", "ministack"))],
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            _wait_for(f"{endpoint}/_ministack/health", process)
            yield Emulator(endpoint)
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        assert process.poll() is None, "the emulator ended"
        try:
            urllib.request.urlopen(url, timeout=PATIENCE).close()  # noqa: S310 - to ourselves
        except OSError:
            assert time.monotonic() < until, "the emulator does not answer"
            time.sleep(0.05)
        else:
            return
