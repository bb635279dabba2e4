"""The programs of `examples/sdks`, as the tests start them.

Each function gives a command that asks who one is, and skips the test where something is missing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.beside import program

if TYPE_CHECKING:
    from tests.e2e.machine import Machine

SDKS = Path(__file__).parents[2] / "examples" / "sdks"
CLI_V2 = "/usr/bin/aws"
ADMIN = "arn:aws:iam::444455556666:role/Admin"
GO_PACKAGES = Path("/usr/share/gocode")
# Ruby's SDK as Debian has it knows no endpoint variables; its programs can be told beforehand.
LED = "Aws.config[:sts] = { endpoint: ENV.fetch('AWS_ENDPOINT_URL_STS') }; load ARGV.fetch(0)"
LIST = """\
import sys
from pyarrow.fs import FileSelector, S3FileSystem
files = S3FileSystem(role_arn=sys.argv[1], endpoint_override=sys.argv[2])
files.get_file_info(FileSelector("nowhere"))
"""

Client = Callable[[str], "list[str]"]


def needed(what: Path | str | None, name: str) -> str:
    """A program that is there."""
    if what is None or not os.access(what, os.X_OK):
        pytest.skip(f"not installed: {name}")
    return str(what)


def beside(environment: str, name: str) -> str:
    """A program of an environment beside the tests' own."""
    hint = f"{name} of tests/beside/{environment}.txt (python3 -m tests.beside)"
    return needed(program(environment, name), hint)


def cli_v1(profile: str) -> list[str]:
    """The AWS CLI v1, in an environment of its own, as pipx makes it."""
    folder = Path(beside("awscli", "aws")).parent
    path = f"PATH={folder}:/usr/bin:/bin"
    return ["env", path, f"AWS_PROFILE={profile}", str(SDKS / "aws-cli" / "caller.sh")]


def cli_v2(profile: str) -> list[str]:
    """The AWS CLI v2 of Debian."""
    needed(CLI_V2, f"{CLI_V2} (AWS CLI v2)")
    path = "PATH=/usr/bin:/bin"
    return ["env", path, f"AWS_PROFILE={profile}", str(SDKS / "aws-cli" / "caller.sh")]


def boto3(profile: str) -> list[str]:
    """boto3 of the tests' own environment."""
    return ["env", f"AWS_PROFILE={profile}", sys.executable, str(SDKS / "boto3" / "caller.py")]


def javascript(profile: str) -> list[str]:
    """The AWS SDK for JavaScript v3."""
    node = shutil.which("node")
    folder = SDKS / "javascript"
    if node is None or not (folder / "node_modules").is_dir():
        pytest.skip("not installed: node, or the packages of examples/sdks/javascript (npm ci)")
    caller = str(folder / "caller.mjs")
    return ["env", f"AWS_PROFILE={profile}", "NODE_NO_WARNINGS=1", node, caller]


def crt(profile: str) -> list[str]:
    """The AWS Common Runtime."""
    python = beside("sdks", "python")
    return ["env", f"AWS_PROFILE={profile}", python, str(SDKS / "crt" / "crt_caller.py")]


def ruby(profile: str) -> list[str]:
    """The AWS SDK for Ruby, of Debian."""
    led = [needed(shutil.which("ruby"), "ruby-aws-sdk-core"), "-raws-sdk-core", "-e", LED]
    return ["env", f"AWS_PROFILE={profile}", *led, str(SDKS / "ruby" / "caller.rb")]


def go(folder: Path) -> Client:
    """The AWS SDK for Go v2, built from Debian's packages into a folder."""
    if not (GO_PACKAGES / "src/github.com/aws/aws-sdk-go-v2").is_dir():
        pytest.skip("not installed: golang-github-aws-aws-sdk-go-v2-dev")
    needed(shutil.which("go"), "golang-go")
    surroundings = [f"GOCACHE={folder}/cache", f"GOPATH={GO_PACKAGES}", "GO111MODULE=off"]
    source, built = SDKS / "go" / "caller.go", folder / "caller"
    words = ["env", *surroundings, "go", "build", "-o", str(built), str(source)]
    subprocess.run(words, check=True)
    return lambda profile: ["env", f"AWS_PROFILE={profile}", str(built)]


def rust(machine: Machine) -> list[str]:
    """The AWS SDK for Rust, within cargo-lambda: a role invokes a function."""
    asks = ["lambda", "invoke", "--remote", "--data-ascii={}", "nobody", "--profile=admin"]
    return [beside("sdks", "cargo-lambda"), *asks, f"--endpoint-url={machine.cognito.endpoint}"]


def cpp(machine: Machine) -> list[str]:
    """The AWS SDK for C++, within pyarrow: a role lists a bucket."""
    python = beside("sdks", "python")
    return ["env", "AWS_PROFILE=dev", python, "-c", LIST, ADMIN, machine.cognito.endpoint]
