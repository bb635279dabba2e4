"""A release as strangers get it: built, looked at, installed by pip, pipx and uv, used, listed."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from cognito_credproc import __version__
from tests.release.making import (
    CONSTRAINTS,
    ROOT,
    SPECIFICATION,
    built,
    installed,
    list_parts,
    look_at,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TOOLS = ("cyclonedx_py", "hatchling", "pipx", "twine", "uv")
NAME = f"cognito_credproc-{__version__}"
PROFILE = """\
[profile dev]
credential_process = {line}
cognito_user_pool_id = ap-northeast-1_AbCdEfGhI
cognito_client_id = 1example2345678901example2
cognito_identity_pool_id = ap-northeast-1:11111111-2222-3333-4444-555555555555
cognito_username = istio@example.com
"""
CONSUMER = """\
from cognito_credproc.values.errors import CredprocError

text: str | None = CredprocError("it failed", "mend it").hint
number: int = CredprocError("it failed", "mend it").hint
"""


@pytest.fixture(autouse=True)
def tools() -> None:
    """What builds a release is for CI and for those who release."""
    if missing := [tool for tool in TOOLS if importlib.util.find_spec(tool) is None]:
        pytest.skip(f"not installed: {', '.join(missing)}; pip install -e '.[release]'")


def run(*command: str | Path, environment: Mapping[str, str] | None = None) -> str:
    """What a command prints; it must succeed."""
    done = subprocess.run(
        list(map(str, command)),
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_files_are_whole_and_can_be_built_again(tmp_path: Path) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a clone: what ought to be in the sdist is known to git")
    wheel, sdist = built(tmp_path / "first")
    look_at(wheel, sdist)
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
        packed = {name.partition("/")[2] for name in archive.getnames()}
    listed = run("git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    there = {name for name in listed.split("\0") if name and (ROOT / name).exists()}
    assert packed == there | {"PKG-INFO"}, "whoever has the sdist can run the tests"

    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
        entries = archive.read(f"{NAME}.dist-info/entry_points.txt").decode()
        described = archive.read(f"{NAME}.dist-info/METADATA").decode()
        licence = archive.read(f"{NAME}.dist-info/licenses/LICENSE")
    assert held == {name for name in packed if name.startswith("cognito_credproc/")}
    assert "cognito_credproc/py.typed" in held
    # On the package's page links and pictures of a clone would lead nowhere.
    assert "\n# cognito-credproc\n" in described
    assert re.findall(r"\]\(|<img|\]: |href=", described) == []
    assert re.findall(r"^(\S+) = ", entries, re.MULTILINE) == [
        "cognito-credproc",
        "cognito-credproc-enroll",
    ]
    assert licence == (ROOT / "LICENSE").read_bytes()

    again = built(tmp_path / "second", source=tmp_path / NAME)
    assert [file.read_bytes() for file in again] == [wheel.read_bytes(), sdist.read_bytes()]


def test_pip_pipx_and_uv_install_it(tmp_path: Path) -> None:
    wheel, _ = built(tmp_path / "dist")
    wheels = tmp_path / "wheels"
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    run(*pip, "download", "--constraint", CONSTRAINTS, "--dest", wheels, wheel)
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels)}
    offline |= {"UV_NO_INDEX": "1", "UV_FIND_LINKS": str(wheels)}

    run(sys.executable, "-m", "venv", "--without-pip", tmp_path / "pip")
    run(*pip, "--python", tmp_path / "pip", "install", "--no-compile", wheel, environment=offline)
    used(tmp_path / "pip" / "bin", tmp_path)

    kept = {
        f"PIPX_{place}": str(tmp_path / "pipx" / place.lower())
        for place in ("HOME", "BIN_DIR", "MAN_DIR", "COMPLETION_DIR")
    }
    run(sys.executable, "-m", "pipx", "install", wheel, environment={**offline, **kept})
    used(tmp_path / "pipx" / "bin_dir", tmp_path)

    kept = {"UV_TOOL_DIR": str(tmp_path / "uv"), "UV_TOOL_BIN_DIR": str(tmp_path / "uv-bin")}
    tool = ("-m", "uv", "tool", "install", "--python", sys.executable)
    run(sys.executable, *tool, wheel, environment={**offline, **kept})
    used(tmp_path / "uv-bin", tmp_path)


def used(folder: Path, home: Path) -> None:
    """Both commands say who they are, and one makes a profile, on a machine that has nothing."""
    bare = {"HOME": str(home), "PATH": f"{folder}:/usr/bin:/bin", "LANG": "C.UTF-8"}
    for name in ("cognito-credproc", "cognito-credproc-enroll"):
        assert (
            run(folder / name, "--version", environment=bare) == f"cognito-credproc {__version__}\n"
        )
        assert run(folder / name, "--help", environment=bare).startswith(f"usage: {name} ")
    shown = run(
        *(folder / "cognito-credproc", "configure", "--profile=dev", "--offline", "--dry-run"),
        *("--user-pool-id=ap-northeast-1_AbCdEfGhI", "--client-id=1example2345678901example2"),
        "--identity-pool-id=ap-northeast-1:11111111-2222-3333-4444-555555555555",
        "--username=istio@example.com",
        environment={**bare, "AWS_CONFIG_FILE": str(home / "config")},
    )
    added = {line[1:] for line in shown.splitlines() if line.startswith("+")}
    (line,) = (line for line in added if line.startswith("credential_process = "))
    assert set(PROFILE.format(line=line.partition(" = ")[2]).splitlines()) <= added
    assert str(folder.parent) in line or "cognito-credproc --profile" in line
    assert not (home / "config").exists()


def test_the_parts_are_listed_and_types_are_seen(tmp_path: Path) -> None:
    wheel, _ = built(tmp_path / "dist")
    python = installed(wheel, tmp_path / "environment")
    list_parts(python, tmp_path / "sbom.json")
    listed = json.loads((tmp_path / "sbom.json").read_text("utf-8"))
    assert listed["specVersion"] == SPECIFICATION
    (where,) = listed["metadata"]["properties"]
    assert where["value"] == f"Linux, Python 3.{sys.version_info.minor}"
    root = listed["metadata"]["component"]
    assert (root["name"], root["version"]) == ("cognito-credproc", __version__)
    assert root["licenses"][0]["license"]["id"] == "MIT"
    parts = {(plain(part["name"]), part["version"]) for part in listed["components"]}
    pinned = re.findall(r"^([\w.-]+)==(\S+)", CONSTRAINTS.read_text("utf-8"), re.MULTILINE)
    assert parts <= set(pinned)
    assert {"boto3", "botocore", "keyring", "filelock", "segno"} <= {name for name, _ in parts}
    assert all(part.get("licenses") and part["purl"] for part in listed["components"])
    assert not {name for name, _ in parts} & {"pytest", "mypy", "ruff", "awscli"}

    (tmp_path / "consumer.py").write_text(CONSUMER, "utf-8")
    seen = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", f"--python-executable={python}", "consumer.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert re.findall(r"^consumer.py:(\d+): error: .*\[(.*)\]$", seen.stdout, re.MULTILINE) == [
        ("4", "assignment")
    ]


def plain(name: str) -> str:
    """A package's name as it is compared (PyPA's normalized names)."""
    return re.sub(r"[-_.]+", "-", name).lower()
