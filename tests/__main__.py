"""Runs everything that must pass: format, lint, types, a look for weaknesses, tests.

    python3 -m tests [--quick] [pytest arguments]

On a fresh machine it makes a virtual environment in `.venv` first and installs the pinned
development set. `--quick` leaves out what starts whole programs, servers and keyrings, and what
only that needs: it is for every change, the whole for before you send it. Tests that need a program
which is not installed are skipped with its name; where `CI` is set, a skipped test is a failure.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from tests import beside

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
CONSTRAINTS = ROOT / "tests" / "constraints.txt"
# Each with a package.json and its lock.
JAVASCRIPT = [ROOT / "examples" / "sdks" / "javascript", ROOT / "tests" / "infrastructure" / "hcl"]
OTHER_KEYRINGS = ROOT / "tests" / "other-keyrings.txt"
# Two more than there are cores, since the end-to-end tests wait for processes most of the time.
ALL_CORES = [f"--numprocesses={(os.cpu_count() or 1) + 2}", "--dist=worksteal"]
WHOLE_PROGRAMS = ("e2e", "faults", "infrastructure")
QUICK = ["-m", "not slow", *(f"--ignore=tests/{folder}" for folder in WHOLE_PROGRAMS)]
SCRIPTS = VENV / ("Scripts" if os.name == "nt" else "bin")
PIP = [str(SCRIPTS / "python"), "-m", "pip", "--disable-pip-version-check"]


def main() -> int:
    """Prepare and run; returns the first exit status that is not 0."""
    if sys.version_info < (3, 11):  # noqa: UP036 - a stranger may have an older one
        sys.exit("error: Python 3.11 or later is needed\nhint: python3.11 -m tests")
    given = sys.argv[1:]
    quick = "--quick" in given
    tests = [word for word in given if word != "--quick"] or ALL_CORES
    prepare(quick=quick)
    if os.name == "nt":
        # Files of the tests, and what their programs print, are UTF-8; Windows takes text for
        # something else before Python 3.15.
        os.environ["PYTHONUTF8"] = "1"
    if os.environ.get("CI") and not quick:
        beside.install(PIP)
    python = str(SCRIPTS / "python")
    checks = [
        [python, "-m", "ruff", "format", "--check", "--quiet", "."],
        [python, "-m", "ruff", "check", "--quiet", "."],
        [python, "-m", "mypy"],
        [python, "-m", "bandit", "-q", "-c", "pyproject.toml", "-r", "cognito_credproc"],
        [python, "-m", "pytest", *(QUICK if quick else []), *tests],
    ]
    for check in checks:
        print("$", " ".join(["python", *check[1:]]), flush=True)
        status = subprocess.run(check, cwd=ROOT, check=False).returncode
        if status:
            return status
    return 0


def prepare(*, quick: bool = False) -> None:
    """Install the development set, unless this very set, or more, is installed already."""
    locks = [folder / "package-lock.json" for folder in JAVASCRIPT]
    files = (ROOT / "pyproject.toml", CONSTRAINTS, OTHER_KEYRINGS, *locks)
    extras = "dev,fuzz,release" if os.environ.get("CI") and not quick else "dev"
    content = b"".join(file.read_bytes() for file in files) + extras.encode()
    wanted = hashlib.sha256(content).hexdigest()
    done = VENV / "prepared"
    if done.is_file() and done.read_text() in {wanted, f"{wanted} but quick" if quick else wanted}:
        return
    print(f"preparing {VENV.name}", flush=True)
    if not (SCRIPTS / "python").exists() and not (SCRIPTS / "python.exe").exists():
        venv.create(VENV, with_pip=True)
    pip = [*PIP, "install", "--quiet"]
    subprocess.run([*pip, "--upgrade", "pip"], check=True)
    install = [*pip, "--constraint", str(CONSTRAINTS), "--editable", f"{ROOT}[{extras}]"]
    subprocess.run(install, check=True)
    if quick:
        done.write_text(f"{wanted} but quick")
        return
    keyrings = ["--no-deps", "--upgrade", "--target", str(VENV / OTHER_KEYRINGS.stem)]
    subprocess.run([*pip, *keyrings, "--requirement", str(OTHER_KEYRINGS)], check=True)
    if npm := shutil.which("npm"):
        for folder in JAVASCRIPT:
            subprocess.run([npm, "ci", "--silent"], cwd=folder, check=True)
    done.write_text(wanted)


if __name__ == "__main__":
    sys.exit(main())
