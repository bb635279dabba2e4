"""Real clients get their credentials through `credential_process`, and in no other way.

They are the programs of `examples/sdks`; the line is the one that `configure` writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.clients import ADMIN, boto3, cli_v1, cli_v2, cpp, crt, go, javascript, ruby, rust
from tests.e2e.machine import ARN, CREDENTIALS, REGION, TOKENS, Machine
from tests.proxies import tls_proxy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.clients import Client

WHO = "GetCallerIdentity"
ADMIN_ARN = "arn:aws:sts::444455556666:assumed-role/Admin/"
ADMIN_PROFILE = f"[profile admin]\nrole_arn = {ADMIN}\nsource_profile = dev\nregion = {REGION}"
CLIENTS = pytest.mark.parametrize("client", [cli_v1, boto3, javascript, ruby])


@pytest.fixture
def waiting(enrolled: Machine) -> Machine:
    """A machine whose credentials have run out, and a role that they may assume."""
    enrolled.cognito.create_role(ADMIN)
    enrolled.write_config(ADMIN_PROFILE, credential_process=None)
    done = enrolled.helper("configure", "--profile", "dev")
    assert (done.stderr, done.returncode) == ("", 0)
    assert "run.py --profile dev\n" in enrolled.config.read_text()
    enrolled.environment["PATH"] = "/usr/bin:/bin"  # the line does without
    enrolled.items.expire()
    enrolled.calls()
    return enrolled


def arn(machine: Machine, command: list[str], **environment: str) -> str:
    """Who the client says that it is."""
    done = machine.run(command, **environment)
    assert (done.stderr, done.returncode) == ("", 0)
    return done.stdout.strip()


def renewed_once(machine: Machine, command: list[str], **environment: str) -> None:
    """Twice the client knows who it is, and the helper called Cognito for the first alone."""
    assert arn(machine, command, **environment) == ARN
    assert machine.calls() == [TOKENS, CREDENTIALS, WHO]
    assert arn(machine, command, **environment) == ARN
    assert machine.calls() == [WHO]


@CLIENTS
def test_client(waiting: Machine, client: Client) -> None:
    renewed_once(waiting, client("dev"))


@CLIENTS
def test_client_with_a_role(waiting: Machine, client: Client) -> None:
    assert arn(waiting, client("admin")).startswith(ADMIN_ARN)
    assert waiting.calls() == [TOKENS, CREDENTIALS, "AssumeRole", WHO]


def test_the_common_runtime(waiting: Machine) -> None:
    renewed_once(waiting, crt("dev"), AWS_REGION=REGION)


def test_cli_v2(waiting: Machine) -> None:
    """Debian's CLI v2 knows no endpoint variables: its own call is told where to go."""
    renewed_once(waiting, [*cli_v2("dev"), "--endpoint-url", waiting.cognito.endpoint])


def test_cli_v2_with_a_role(waiting: Machine, tmp_path: Path) -> None:
    """AssumeRole cannot be told where to go, so it meets the local STS on its way through TLS."""
    host = f"sts.{REGION}.amazonaws.com"
    command = cli_v2("admin")
    with tls_proxy(waiting.cognito.endpoint, tmp_path) as tunnels:
        assert arn(waiting, command, **tunnels.environment).startswith(ADMIN_ARN)
    assert waiting.calls() == [TOKENS, CREDENTIALS, "AssumeRole", WHO]
    assert tunnels.asked == [f"{host}:443"] * 2


def test_go(waiting: Machine, tmp_path: Path) -> None:
    """Debian's SDK for Go knows no endpoint variables either."""
    command = go(tmp_path)
    with tls_proxy(waiting.cognito.endpoint, tmp_path) as tunnels:
        renewed_once(waiting, command("dev"), **tunnels.environment)
        assert arn(waiting, command("admin"), **tunnels.environment).startswith(ADMIN_ARN)
    assert waiting.calls() == ["AssumeRole", WHO]


@pytest.mark.parametrize("carrier", [rust, cpp])
def test_a_program_that_carries_an_sdk(
    waiting: Machine, carrier: Callable[[Machine], list[str]]
) -> None:
    """It takes a role at the local STS, signed with our credentials.

    What it wants the role for fails: Lambda and S3 are not here.
    """
    command = carrier(waiting)
    for calls in [TOKENS, CREDENTIALS, "AssumeRole"], ["AssumeRole"]:
        done = waiting.run(command)
        assert done.returncode != 0
        assert [call for call in waiting.calls() if call != "?"] == calls
        (assumed,) = [c for c in waiting.cognito.calls if c.operation == "AssumeRole"][-1:]
        assert assumed.error is None, "the signature was not one of our credentials"


def test_the_cli_shows_the_command_that_a_person_has_to_type(machine: Machine) -> None:
    machine.create_user()
    machine.helper("configure", "--profile", "dev", "--replace")
    done = machine.run(cli_v1("dev"))
    assert done.returncode == 255
    assert done.stdout == ""
    assert "hint: cognito-credproc login --profile dev" in done.stderr
