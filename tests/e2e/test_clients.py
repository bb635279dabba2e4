"""Real clients get their credentials through `credential_process`, and in no other way."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.machine import ARN, CREDENTIALS, REGION, SCRIPTS, TOKENS, Machine
from tests.proxies import tls_proxy

WHO = "GetCallerIdentity"
ASK = ["sts", "get-caller-identity", "--query=Arn", "--output=text"]
ADMIN = "arn:aws:iam::444455556666:role/Admin"
ADMIN_ARN = "arn:aws:sts::444455556666:assumed-role/Admin/"
ADMIN_PROFILE = f"[profile admin]\nrole_arn = {ADMIN}\nsource_profile = dev\nregion = {REGION}"
CLI_V2 = "/usr/bin/aws"
JAVASCRIPT = Path(__file__).parent / "javascript"
PYTHON = """\
import sys, boto3
print(boto3.Session(profile_name=sys.argv[1]).client("sts").get_caller_identity()["Arn"])
"""


def cli_v1(profile: str) -> list[str]:
    return [str(SCRIPTS / "aws"), *ASK, "--profile", profile]


def cli_v2(profile: str) -> list[str]:
    if not os.access(CLI_V2, os.X_OK):
        pytest.skip(f"not installed: {CLI_V2} (AWS CLI v2)")
    return [CLI_V2, *ASK, "--profile", profile]


def boto3(profile: str) -> list[str]:
    return [sys.executable, "-c", PYTHON, profile]


def javascript(profile: str) -> list[str]:
    node = shutil.which("node")
    if node is None or not (JAVASCRIPT / "node_modules").is_dir():
        pytest.skip("not installed: node, or the packages of tests/e2e/javascript (npm ci)")
    return [
        "env",
        f"AWS_PROFILE={profile}",
        "NODE_NO_WARNINGS=1",
        node,
        str(JAVASCRIPT / "caller.mjs"),
    ]


Client = Callable[[str], "list[str]"]
CLIENTS = pytest.mark.parametrize("client", [cli_v1, boto3, javascript])


@pytest.fixture
def waiting(enrolled: Machine) -> Machine:
    """A machine whose credentials have run out, and a role that they may assume."""
    enrolled.cognito.create_role(ADMIN)
    enrolled.write_config(ADMIN_PROFILE)
    enrolled.items.expire()
    return enrolled


def arn(machine: Machine, command: list[str], **environment: str) -> str:
    """Who the client says that it is."""
    done = machine.run(command, **environment)
    assert (done.stderr, done.returncode) == ("", 0)
    return done.stdout.strip()


@CLIENTS
def test_client(waiting: Machine, client: Client) -> None:
    assert arn(waiting, client("dev")) == ARN
    assert waiting.calls() == [TOKENS, CREDENTIALS, WHO]
    assert arn(waiting, client("dev")) == ARN
    assert waiting.calls() == [WHO]


@CLIENTS
def test_client_with_a_role(waiting: Machine, client: Client) -> None:
    assert arn(waiting, client("admin")).startswith(ADMIN_ARN)
    assert waiting.calls() == [TOKENS, CREDENTIALS, "AssumeRole", WHO]


def test_cli_v2(waiting: Machine) -> None:
    """Debian's CLI v2 knows no endpoint variables: its own call is told where to go."""
    command = [*cli_v2("dev"), "--endpoint-url", waiting.cognito.endpoint]
    assert arn(waiting, command) == ARN
    assert waiting.calls() == [TOKENS, CREDENTIALS, WHO]
    assert arn(waiting, command) == ARN
    assert waiting.calls() == [WHO]


def test_cli_v2_with_a_role(waiting: Machine, tmp_path: Path) -> None:
    """AssumeRole cannot be told where to go, so it meets the local STS on its way through TLS."""
    host = f"sts.{REGION}.amazonaws.com"
    command = cli_v2("admin")
    with tls_proxy(waiting.cognito.endpoint, tmp_path) as tunnels:
        assert arn(waiting, command, **tunnels.environment).startswith(ADMIN_ARN)
    assert waiting.calls() == [TOKENS, CREDENTIALS, "AssumeRole", WHO]
    assert tunnels.asked == [f"{host}:443"] * 2


def test_the_cli_shows_the_command_that_a_person_has_to_type(machine: Machine) -> None:
    machine.create_user()
    done = machine.run(cli_v1("dev"))
    assert done.returncode == 255
    assert done.stdout == ""
    assert "hint: cognito-credproc login --profile dev" in done.stderr
