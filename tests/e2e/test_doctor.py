"""`doctor` on a real machine: all is well, then broken in each way that a check knows."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from cognito_credproc.settings.line import isolated_line
from tests import golden
from tests.e2e.clients import SDKS
from tests.e2e.machine import HELPER, Machine, machine_for_screens
from tests.e2e.person import Person
from tests.proxies import tls_proxy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.conftest import Keyrings

DOCTOR = (HELPER, "doctor")
JAVASCRIPT = SDKS / "javascript"
CLI_V2 = "/usr/bin/aws"
OTHER = "arn:aws:iam::444455556666:role/Admin"


@pytest.fixture(autouse=True)
def node() -> None:
    """The SDK for JavaScript is one of the tools that are tried."""
    if shutil.which("node") is None or not (JAVASCRIPT / "node_modules").is_dir():
        pytest.skip("not installed: node, or the packages of examples/sdks/javascript (npm ci)")


@pytest.fixture
def home(keyrings: Keyrings) -> Iterator[Machine]:
    """An enrolled machine with the line that `configure` writes, in a folder for golden screens."""
    with machine_for_screens(keyrings.environment()) as home:
        home.enrolled().write_config(credential_process=isolated_line("dev"))
        home.helper()
        home.calls()
        yield home


NO_TOOLS = {"PATH": "/nowhere"}  # quick


def screen(
    machine: Machine,
    *options: str,
    status: int = 0,
    folder: Path = JAVASCRIPT,
    environment: dict[str, str] | None = None,
) -> str:
    """What doctor shows on a terminal of 80 columns, in the folder of a JavaScript project."""
    there = ["/bin/sh", "-c", 'cd "$0" && exec "$@"', str(folder), *DOCTOR, *options]
    with Person(there, {**machine.environment, **(environment or {})}, columns=80) as person:
        assert person.ends() == status, person.shown
        return person.shown


def test_all_is_well(home: Machine) -> None:
    golden.check("doctor", screen(home), home.config.parent)


def test_json(home: Machine) -> None:
    done = home.helper("doctor", "--json", **NO_TOOLS)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    found = json.loads(done.stdout)
    assert found["profile"] == "dev"
    assert found["ok"] is True
    assert {check["state"] for check in found["checks"]} == {"good"}


def test_much_is_broken_and_mended(home: Machine) -> None:
    moved = isolated_line("dev", "/opt/python3.10/bin/python")
    home.write_config(credential_process=moved)
    home.state.chmod(0o755)
    (home.state / "other.lock").symlink_to("/etc/passwd")
    shown = screen(home, status=1, environment=NO_TOOLS)
    golden.check("doctor-broken", shown, home.config.parent)
    golden.check("doctor-fix", screen(home, "--fix", environment=NO_TOOLS), home.config.parent)


def test_ctrl_c_and_no_colours_where_they_are_unwanted(home: Machine) -> None:
    with Person(DOCTOR, {**home.environment, "NO_COLOR": "1"}, columns=80) as person:
        person.sees("python")
        person.interrupts()
        assert person.ends() == 130
        assert person.shown.endswith("error: interrupted\n")
        assert "\x1b[3" not in person.shown


def tools(machine: Machine, folder: Path = JAVASCRIPT, **environment: str) -> dict[str, Any]:
    """What is found of each tool."""
    command = ["/bin/sh", "-c", 'cd "$0" && exec "$@"', str(folder), *DOCTOR, "--json"]
    found = json.loads(machine.run(command, **environment).stdout)["checks"]
    return {
        finding["check"]: finding
        for finding in found
        if finding["check"] in ("aws", "boto3", "node")
    }


def test_tools_that_get_other_credentials(home: Machine) -> None:
    """Keys in the file of keys win: each tool is found out, whatever the finding about the file."""
    keys = home.cognito.issue(OTHER)
    (home.config.parent / ".aws").mkdir()
    (home.config.parent / ".aws" / "credentials").write_text(
        f"[dev]\naws_access_key_id = {keys.access_key_id}\n"
        f"aws_secret_access_key = {keys.secret_key}\naws_session_token = {keys.session_token}\n"
    )
    found = tools(home)
    assert list(found) == ["aws", "boto3", "node"]
    for finding in found.values():
        assert finding["state"] == "broken"
        assert "arn:aws:sts::444455556666:assumed-role/Admin/" in finding["what"]
        assert keys.secret_key not in str(finding)


def test_through_a_proxy_and_a_private_authority(home: Machine, tmp_path: Path) -> None:
    """Everything goes to the hosts of AWS, as it does without the local Cognito.

    The CLI v2 of Debian, which knows no endpoint variables, is one of the tools here.
    """
    if not os.access(CLI_V2, os.X_OK):
        pytest.skip(f"not installed: {CLI_V2} (AWS CLI v2)")
    tools = home.config.parent / "bin"  # and no other than this one
    tools.mkdir()
    (tools / "aws").symlink_to(CLI_V2)
    nowhere_else = dict.fromkeys(home.cognito.environment(), "")
    with tls_proxy(home.cognito.endpoint, tmp_path, "me:s3cret") as tunnels:
        variables = {**nowhere_else, **tunnels.environment, "PATH": str(tools)}
        shown = screen(home, folder=tmp_path, environment=variables)
    golden.check("doctor-proxy", shown, home.config.parent)
    assert "s3cret" not in shown
    assert {host.partition(".")[0] for host in tunnels.asked} == {
        "cognito-idp",
        "cognito-identity",
        "sts",
    }
