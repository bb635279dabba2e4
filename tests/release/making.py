"""Makes the files of a release: wheel, sdist, and the list of all parts that it installs.

The same commit makes the same bytes, wherever it is built: the times in the archives are those of
the commit, or of `SOURCE_DATE_EPOCH` (reproducible-builds.org).
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from cognito_credproc import __version__

ROOT = Path(__file__).resolve().parent.parent.parent
CONSTRAINTS = ROOT / "tests" / "constraints.txt"
SPECIFICATION = "1.6"  # of CycloneDX
HERE = f"{platform.system()}, Python {sys.version_info.major}.{sys.version_info.minor}"
EARLIEST = "1580601600"  # 2020-02-02, as hatchling has it where no time is known


def epoch() -> str:
    """The time of the release, in seconds since 1970."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return given
    asked = ["git", "log", "-1", "--format=%ct"]
    try:
        done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return EARLIEST  # no git, or no repository
    return done.stdout.strip()


def built(folder: Path, source: Path = ROOT) -> tuple[Path, Path]:
    """Build what is in a source folder; returns the wheel and the sdist."""
    _run("hatchling", "build", "--directory", str(folder), cwd=source)
    (wheel,) = folder.glob("*.whl")
    (sdist,) = folder.glob("*.tar.gz")
    return wheel, sdist


def look_at(*files: Path) -> None:
    """Have the index's own rules for metadata looked at."""
    _run("twine", "check", "--strict", *map(str, files))


def installed(wheel: Path, environment: Path, *options: str) -> Path:
    """Make an environment that has nothing but the wheel and what it needs; returns its Python."""
    _run("uv", "venv", "--quiet", "--python", sys.executable, str(environment))
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    given = ["--quiet", "--constraint", str(CONSTRAINTS), "--python", str(python), *options]
    _run("uv", "pip", "install", *given, str(wheel))
    return python


def list_parts(python: Path, file: Path) -> None:
    """Write the parts of an environment as CycloneDX, validated against its schema.

    They are those of this operating system and this Python, which the list says of itself: keyring
    needs others on each.
    """
    with tempfile.TemporaryDirectory() as folder:
        # The tool reads no version that pyproject.toml has from elsewhere.
        described = Path(folder) / "pyproject.toml"
        text = (ROOT / "pyproject.toml").read_text("utf-8")
        fixed = text.replace('dynamic = ["version"]', f'version = "{__version__}"')
        described.write_text(fixed, "utf-8")
        what = ["--pyproject", str(described), "--spec-version", SPECIFICATION]
        how = ["--output-reproducible", "--validate", "--output-file", str(file)]
        _run("cyclonedx_py", "environment", *what, *how, str(python))
    listed = json.loads(file.read_text("utf-8"))
    listed["metadata"]["properties"] = [{"name": "cognito-credproc:installed-on", "value": HERE}]
    file.write_text(json.dumps(listed, indent=2) + "\n", "utf-8")


def _run(module: str, *arguments: str, cwd: Path = ROOT) -> None:
    """Run a tool of the `release` extra; what it says is shown if it fails.

    Raises:
        SystemExit: it failed.
    """
    command = [sys.executable, "-m", module, *arguments]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": epoch()}
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"error: {module} {arguments[0]} failed\n{done.stdout}")
