"""`examples/sdks`: its table says what the tests do, and what it says of Docker works."""

from __future__ import annotations

import contextlib
import json
import re
import shlex
import signal
import socket
import stat
import subprocess
import sys
import time
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from tests import programs
from tests.e2e.clients import SDKS as FOLDER
from tests.e2e.clients import beside
from tests.e2e.machine import ARN, CREDENTIALS, SCRIPTS, TOKENS, Machine
from tests.e2e.sdks import SDKS, Errors, Sdk
from tests.e2e.surroundings import need_mounts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

README = (FOLDER / "README.md").read_text("utf-8")
LEND = str(FOLDER / "docker" / "lend.py")
BOUND = 20  # seconds
# What a container of that README's options sees, with its own processes and nothing of the host's.
CONTAINER = """
set -e
mount -t tmpfs tmpfs /run
mkdir /run/aws
touch /run/aws-config
mount --bind "$HOST/aws" /run/aws
mount --bind "$CONFIG" /run/aws-config
mount -t tmpfs tmpfs "$HOST"
mount -t tmpfs tmpfs "$XDG_RUNTIME_DIR"
exec env -i PATH=/usr/bin:/bin HOME=/run AWS_CONFIG_FILE=/run/aws-config \\
  AWS_ENDPOINT_URL_STS="$AWS_ENDPOINT_URL_STS" "$@"
"""

# The program itself, which waits for half a second alone.
LEND_IMPATIENTLY = """
import runpy, sys
names = runpy.run_path({0!r})
names["credentials"].__globals__["SECONDS"] = 0.5
names["main"]()
"""


def rows(heading: str) -> dict[str, list[str]]:
    """A table's rows, by their first cell."""
    section = README.split(heading)[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")][1:]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return {row[0]: row[1:] for row in cells}


def test_every_link_leads_to_a_file_that_is_there() -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)]+)\)", README)
    assert len(links) > 15
    assert [link for link in links if not (FOLDER / link).exists()] == []


def test_every_example_is_in_the_list() -> None:
    table = (FOLDER.parent / "README.md").read_text("utf-8")
    links = re.findall(r"^\| \[[^\]]+\]\(([^)]+)\) \|", table, re.MULTILINE)
    assert [link for link in links if not (FOLDER.parent / link).exists()] == []
    there = {path.name for path in FOLDER.parent.iterdir() if not path.name.startswith("_")}
    assert {link.partition("/")[0] for link in links} == there - {"README.md"}


def test_every_program_has_a_row() -> None:
    told = {
        link.partition("/")[0]
        for row in rows("# Every SDK").values()
        for link in re.findall(r"\]\(([\w-]+/[^)]*)\)", row[0])
    }
    there = {folder.name for folder in FOLDER.iterdir() if folder.is_dir()}
    assert told == there


@pytest.mark.parametrize("sdk", SDKS, ids=[sdk.name for sdk in SDKS])
def test_the_rows_are_the_ways_that_the_tests_run_the_helper(sdk: Sdk) -> None:
    limit, given, errors, again, source = rows("## How each runs the line")[sdk.name]
    assert given == ("a pipe that stays open" if sdk.input_is_pipe else "the caller's")
    assert (
        errors.partition(";")[0]
        == {
            Errors.CAPTURED: "captured",
            Errors.MERGED: "merged into standard output",
            Errors.UNDRAINED: "a pipe that nobody reads while it runs",
            Errors.INHERITED: "the caller's, as it comes",
            Errors.DISCARDED: "thrown away",
        }[sdk.errors]
    )
    assert ("exit status is not looked at" in limit) is not sdk.heeds_status
    assert ("twice" in again) is (sdk.at_once == 2)
    assert (f"{sdk.patience:.0f} s" in limit) is (sdk.patience in (22, 60))
    assert ("64" in limit) is (sdk.largest < 1 << 20)
    assert source


def test_the_editors_files_are_what_editors_read() -> None:
    for file in (FOLDER / "vscode").iterdir():
        json.loads(re.sub(r"^\s*//.*$", "", file.read_text(), flags=re.MULTILINE))
    for file in (FOLDER / "jetbrains").iterdir():
        assert ElementTree.parse(file).getroot().tag == "component"  # noqa: S314 - our own


@contextlib.contextmanager
def lent(
    machine: Machine, folder: Path, program: Sequence[str] = (sys.executable, LEND), **more: str
) -> Iterator[Path]:
    """Lend the profile `dev` over a socket in a folder; yields the file of what is said there."""
    said = folder / "said"
    path = folder / "aws" / "socket"
    command = [*program, "--profile=dev", str(path.parent)]
    with (
        said.open("wb") as errors,
        subprocess.Popen(command, env={**machine.environment, **more}, stderr=errors) as lender,
    ):
        try:
            began = time.monotonic()
            while b"lending" not in said.read_bytes():
                assert lender.poll() is None
                assert time.monotonic() - began < BOUND
                time.sleep(0.02)
            yield said
        finally:
            lender.send_signal(signal.SIGTERM)
            lender.wait(BOUND)
            assert not path.exists()


def test_docker(enrolled: Machine, tmp_path: Path) -> None:
    """A container's namespaces, as no Docker is here: it sees the socket and its config alone."""
    need_mounts()
    aws = beside("awscli", "aws")
    container = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "sh", "-c", CONTAINER]
    asks = [*container, "sh", aws, "sts", "get-caller-identity", "--query=Arn", "--output=text"]
    given = {"HOST": str(tmp_path), "CONFIG": str(FOLDER / "docker" / "aws-config")}
    with lent(enrolled, tmp_path) as said:
        assert stat.S_IMODE((tmp_path / "aws" / "socket").stat().st_mode) == 0o600
        done = enrolled.run(asks, **given)
        assert (done.stderr, done.stdout.strip()) == ("", ARN)
        enrolled.items.expire()
        enrolled.calls()
        done = enrolled.run(asks, **given)
        assert (done.stderr, done.stdout.strip()) == ("", ARN)
        assert enrolled.calls() == [TOKENS, CREDENTIALS, "GetCallerIdentity"]
        assert enrolled.helper("logout", "--profile=dev", "--forget").returncode == 0
        done = enrolled.run(asks, **given)
        assert done.returncode == 255
        assert "The requested URL returned error: 503" in done.stderr
    assert "hint: cognito-credproc login --profile dev" in said.read_text()


def test_lending_says_what_is_wrong(standing: Machine, tmp_path: Path) -> None:
    """At once, in two lines; and a request that fails ends neither the run nor in a traceback."""
    lend = [sys.executable, LEND, "--profile=dev"]
    nobody = {"PATH": "/usr/bin:/bin"}
    (tmp_path / "open").mkdir(mode=0o755)
    for folder, environment, error, hint in (
        ("aws", nobody, "cognito-credproc is not on PATH", "export PATH="),
        ("x" * 100, {}, "has more than 107 bytes", "name a folder with a shorter path"),
        ("open", {}, "open is open to others", "chmod 700 "),
        ("no/such", {}, "No such file or directory", "name a folder of yours"),
    ):
        done = standing.run([*lend, str(tmp_path / folder)], **environment)
        assert done.returncode == 1
        first, second = done.stderr.splitlines()
        assert first.startswith("error: ")
        assert error in first
        assert second.startswith(f"hint: {hint}")
    asks = ["curl", "--silent", "--fail", "--unix-socket", "aws/socket", "http://localhost/"]
    own = tmp_path / "bin"
    own.mkdir()
    programs.shell(own, "sleep 60", "cognito-credproc")
    program = own / "cognito-credproc"
    (tmp_path / "aws").mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as left:  # by a run that was killed
        left.bind(str(tmp_path / "aws" / "socket"))
    slow = LEND_IMPATIENTLY.format(LEND)
    with lent(
        standing, tmp_path, [sys.executable, "-c", slow], PATH=f"{own}:/usr/bin:/bin"
    ) as said:
        taken = standing.run([*lend, str(tmp_path / "aws")])
        assert taken.stderr.startswith("error: another lend.py uses ")
        for _ in range(2):
            assert subprocess.run(asks, cwd=tmp_path, check=False).returncode == 22
            program.unlink(missing_ok=True)
    assert said.read_text().splitlines()[1:] == [
        f"error: {program} took more than 0.5 seconds",
        f"error: {program}: No such file or directory",
    ]


def test_the_commands_for_docker_are_the_ones_that_were_tried() -> None:
    (lends,) = re.findall(r"^\$ (python3 docker/lend.py .*)$", README, re.MULTILINE)
    assert shlex.split(lends)[2:4] == ["--profile", "dev"]
    config = (FOLDER / "docker" / "aws-config").read_text()
    assert f'"{shlex.split(lends)[4]}:/run/aws"' in README
    assert "--unix-socket /run/aws/socket " in config
    assert ":/etc/aws-config:ro" in README
    assert "AWS_CONFIG_FILE=/etc/aws-config\n" in config
    assert (SCRIPTS / "cognito-credproc").exists()
