"""What a clone has is what was committed, on a system whose git changes line ends as well."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILES = [".gitattributes", ".ci/run", "pyproject.toml", "tests/golden/status.ansi"]


def git(folder: Path, *words: str) -> None:
    """Run git with nobody's own configuration."""
    program = shutil.which("git")
    if program is None:
        pytest.skip("not installed: git")
    environment = {name: value for name, value in os.environ.items() if name[:4] != "GIT_"}
    environment |= {"HOME": str(folder), "XDG_CONFIG_HOME": "", "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run([program, *words], cwd=folder, env=environment, check=True, capture_output=True)


@pytest.mark.parametrize("autocrlf", ["true", "input", "false"])
def test_no_byte_is_changed(tmp_path: Path, autocrlf: str) -> None:
    """With `true`, as Git for Windows is installed, `.ci/run` could not even be started."""
    source, clone = tmp_path / "source", tmp_path / "clone"
    for name in FILES:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes((ROOT / name).read_bytes())
    (source / "windows.txt").write_bytes(b"kept\r\nas it is\n")
    git(source, "init", "--quiet")
    changing = ["-c", f"core.autocrlf={autocrlf}"]
    git(source, *changing, "add", "--all")
    somebody = ["-c", "user.name=somebody", "-c", "user.email=somebody@example.com"]
    git(source, *somebody, "commit", "--quiet", "--message", "all")
    git(tmp_path, *changing, "clone", "--quiet", str(source), str(clone))
    for name in [*FILES, "windows.txt"]:
        assert (clone / name).read_bytes() == (source / name).read_bytes(), name
