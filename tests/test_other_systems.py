"""macOS and Windows, as far as that can be seen from here: what is imported, and a first run.

A process that has neither the modules nor the calls that only POSIX has, and that takes itself for
another system, imports every module and runs the commands that need no keyring.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import LINUX_ONLY, POSIX_CALLS, POSIX_ONLY, POSIX_WORDS, is_left_out

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it looks at others from Linux")
TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent
FILES = {file: file.read_text("utf-8") for file in sorted(TESTS.glob("test_*.py"))}
MARKS = {"posix_only", "root_only"}
# Loaded by others before this process takes itself for another one.
PRETENDING = """\
import importlib, os, pkgutil, signal, socket, sys, time
from pathlib import Path

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name in ABSENT:
            raise ModuleNotFoundError(name, name=name)

def pretend():
    for name in [*sys.modules]:
        if name.partition(".")[0] in {"cognito_credproc", "tests", *ABSENT}:
            del sys.modules[name]
    for module, call in (name.split(".") for name in CALLS):
        delattr({"os": os, "signal": signal, "socket": socket, "time": time}[module], call)
    sys.meta_path.insert(0, Missing())
    sys.platform = SYSTEM

SYSTEM, ABSENT, CALLS = sys.argv[1], sys.argv[2].split(), sys.argv[3].split()
"""
RUNNING = """\
def load():
    import cognito_credproc
    for found in pkgutil.walk_packages(cognito_credproc.__path__, "cognito_credproc."):
        if not found.name.endswith((".run", *LEFT_OUT)):
            importlib.import_module(found.name)

LEFT_OUT = ()
load()
LEFT_OUT = (".secret_service",) if SYSTEM == "win32" else ()  # Linux's; the hit looks first
pretend()
load()
from cognito_credproc import cli, enroll
config = ["configure", "--profile=dev", "--offline", "--dry-run", "--client-id=1example23456789",
    "--user-pool-id=ap-northeast-1_AbCdEfGhI", "--username=istio@example.com",
    "--identity-pool-id=ap-northeast-1:11111111-2222-3333-4444-555555555555"]
for command in (config, ["configure"]):
    assert cli.main(command) == 0, command
"""
COLLECTING = """\
def collect(system):
    from tests.conftest import is_left_out
    for file in sorted(Path("tests").glob("test_*.py")):
        if not is_left_out(file.read_text("utf-8"), system):
            kept.append(file.stem)
            importlib.import_module(f"tests.{file.stem}")

kept = []
collect("linux")  # what they load of others; some of these look at the system when they are loaded
kept.clear()
pretend()
collect(SYSTEM)
print(*kept)
"""
LACKING = {
    "win32": (
        POSIX_ONLY,
        [
            *(f"os.{call}" for call in POSIX_CALLS),
            *("signal.SIGALRM", "signal.SIGHUP", "signal.SIGKILL", "signal.SIGTTIN"),
            *("signal.alarm", "socket.AF_UNIX", "time.tzset"),
        ],
    ),
    "darwin": (LINUX_ONLY, ["os.memfd_create", "os.sched_getaffinity", "socket.SO_PEERCRED"]),
}


def pretended(system: str, script: str, home: Path) -> str:
    """What a script prints in a process that takes itself for another system."""
    modules, calls = LACKING[system]
    done = subprocess.run(
        [sys.executable, "-c", PRETENDING + script, system, " ".join(modules), " ".join(calls)],
        cwd=ROOT,
        env={"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("system", LACKING)
def test_every_module_can_be_imported_and_a_profile_made(system: str, tmp_path: Path) -> None:
    said = pretended(system, RUNNING, tmp_path)
    assert "+credential_process = " in said
    assert f"no profile in {tmp_path}/.aws/config has cognito settings\n" in said


@pytest.mark.parametrize("system", LACKING)
def test_the_tests_that_are_kept_can_be_imported(system: str, tmp_path: Path) -> None:
    """With what marks them, which looks at the system at once."""
    kept = pretended(system, COLLECTING, tmp_path).split()
    assert len(kept) > {"win32": 100, "darwin": len(FILES) - 3}[system]


def marked(found: ast.stmt) -> bool:
    """Whether it is a test that Windows skips."""
    marks = {mark.id for mark in getattr(found, "decorator_list", []) if isinstance(mark, ast.Name)}
    return bool(marks & MARKS)


def names_of(found: ast.stmt) -> list[str]:
    """What a statement at the left edge defines."""
    if isinstance(found, ast.Assign):
        return [target.id for target in found.targets if isinstance(target, ast.Name)]
    return [found.name] if isinstance(found, ast.FunctionDef | ast.ClassDef) else []


def code_of(found: ast.stmt, lines: list[str]) -> str:
    """Its text, with that of what stands above it."""
    above = [each.lineno for each in getattr(found, "decorator_list", [])]
    return "\n".join(lines[min([found.lineno, *above]) - 1 : found.end_lineno])


def unmarked(text: str) -> list[str]:
    """The tests that have POSIX's words, or use what has them, and that Windows does not skip."""
    lines = text.splitlines()
    found = {
        name: code_of(statement, lines)
        for statement in ast.parse(text).body
        if not marked(statement)
        for name in names_of(statement)
    }
    odd, more = set[str](), {name for name, code in found.items() if POSIX_WORDS.search(code)}
    while more > odd:
        odd, words = more, re.compile(rf"\b(?:{'|'.join(more)})\b")
        more = odd | {name for name, code in found.items() if words.search(code)}
    return sorted(name for name in odd if name.startswith("test_"))


def test_single_tests_are_marked_where_windows_keeps_the_others() -> None:
    for file, text in FILES.items():
        if not is_left_out(text, "win32"):
            assert unmarked(text) == [], file


@pytest.mark.parametrize("mark", sorted(MARKS))
def test_a_test_that_is_not_marked_is_found(mark: str) -> None:
    helpers = "def mode(): return 0o600\ndef kind(): return mode()\n"
    test = "def test_one(): assert kind()\n"
    assert unmarked(helpers + test) == ["test_one"]
    assert unmarked(f"{helpers}@{mark}\n{test}") == []


def test_what_is_left_out_is_about_what_the_system_has_not() -> None:
    left = {file.stem for file, text in FILES.items() if is_left_out(text, "win32")}
    assert {"test_terminal", "test_guest", "test_command", "test_secret_service"} <= left
    assert not left & {"test_config_editor", "test_state", "test_lock", "test_debug"}
    assert len(left) < 30
    assert [file.stem for file, text in FILES.items() if is_left_out(text, "darwin")] == [
        "test_secret_service",
        "test_session_bus",
    ]
