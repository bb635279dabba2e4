"""macOS and Windows, as far as that can be seen from here: what is imported, and a first run.

A process that has neither the modules nor the calls that only POSIX has, and that takes itself for
another system, imports every module and runs the commands that need no keyring.
"""

import ast
import functools
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import NEEDS_POSIX, POSIX_ONLY

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent
# Loaded by others before this process takes itself for another one.
PRETENDING = """\
import importlib, os, pkgutil, sys

def load():
    import cognito_credproc
    for found in pkgutil.walk_packages(cognito_credproc.__path__, "cognito_credproc."):
        if not found.name.endswith((".run", *LEFT_OUT)):
            importlib.import_module(found.name)

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name in ABSENT:
            raise ModuleNotFoundError(name, name=name)

LEFT_OUT = ()
load()
LEFT_OUT = (".secret_service",) if sys.argv[1] == "win32" else ()  # Linux's; the hit looks first
SYSTEM, ABSENT, CALLS = sys.argv[1], sys.argv[2].split(), sys.argv[3].split()
for name in [*sys.modules]:
    if name.partition(".")[0] == "cognito_credproc" or name in ABSENT:
        del sys.modules[name]
for call in CALLS:
    delattr(os, call)
sys.meta_path.insert(0, Missing())
sys.platform = SYSTEM
load()
from cognito_credproc import cli, enroll
config = ["configure", "--profile=dev", "--offline", "--dry-run", "--client-id=1example23456789",
    "--user-pool-id=ap-northeast-1_AbCdEfGhI", "--username=istio@example.com",
    "--identity-pool-id=ap-northeast-1:11111111-2222-3333-4444-555555555555"]
for command in (config, ["configure"]):
    assert cli.main(command) == 0, command
"""
WINDOWS_LACKS = (
    "chown fchmod fchown fork geteuid getpgid getuid killpg mkfifo openpty setsid umask uname wait3"
)
LACKING = {
    "win32": (" ".join(POSIX_ONLY), WINDOWS_LACKS.replace("umask ", "")),
    "darwin": ("spwd", "memfd_create sched_getaffinity"),
}


@pytest.mark.parametrize("system", LACKING)
def test_every_module_can_be_imported_and_a_profile_made(system: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PRETENDING, system, *LACKING[system]],
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "+credential_process = " in done.stdout
    assert f"no profile in {tmp_path}/.aws/config has cognito settings\n" in done.stdout


@functools.cache
def loads(file: Path) -> frozenset[str]:
    """What a file loads at once, by its full name."""
    found: set[str] = set()
    for node in ast.parse(file.read_text("utf-8")).body:
        match node:
            case ast.Import(names=names):
                found.update(alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names):
                found.update([module, *(f"{module}.{alias.name}" for alias in names)])
    return frozenset(found)


def needs(file: Path, seen: set[Path]) -> set[str]:
    """The modules of other people that a file of the tests loads at once, by whatever way."""
    if file in seen:
        return set()
    seen.add(file)
    found: set[str] = set()
    for name in loads(file):
        ours = ROOT.joinpath(*name.split(".")).with_suffix(".py")
        there = name.startswith(("tests.", "cognito_credproc.")) and ours.is_file()
        found |= needs(ours, seen) if there else {name.partition(".")[0]}
    return found


def test_windows_collects_the_tests() -> None:
    kept = [file for file in TESTS.glob("test_*.py") if not NEEDS_POSIX.search(file.read_text())]
    assert len(kept) > 100
    for file in kept:
        assert not needs(file, set()) & set(POSIX_ONLY), file


def test_what_is_left_out_there_is_about_terminals() -> None:
    left = {file.stem for file in TESTS.glob("test_*.py") if NEEDS_POSIX.search(file.read_text())}
    assert {"test_terminal", "test_guest"} <= left
    assert len(left) < 12
