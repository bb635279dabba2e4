"""The public CI and the release: their form, their weaknesses, and that they do what they say."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.__main__ import QUICK, WHOLE_PROGRAMS

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
CHECKS = {
    "check-jsonschema": ["--builtin-schema", "vendor.github-workflows", *map(str, FILES)],
    "zizmor": ["--offline", "--no-progress", "--quiet", str(FOLDER)],
}


def steps(name: str) -> list[str]:
    """What the jobs of a workflow run, in order."""
    jobs = yaml.safe_load((FOLDER / name).read_text("utf-8"))["jobs"]
    every = [step for job in jobs.values() for step in job.get("steps", [])]
    return [step.get("run") or step["uses"].partition("@")[0] for step in every]


@pytest.mark.parametrize("name", CHECKS)
def test_nothing_is_wrong_with_them(name: str) -> None:
    program = shutil.which(name, path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip(f"not installed: {name}; pip install -e '.[release]'")
    done = subprocess.run([program, *CHECKS[name]], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_actions_are_named_by_their_commit() -> None:
    for file in FILES:
        for line in re.findall(r"^.*\buses: (?!\./)(.*)$", file.read_text("utf-8"), re.MULTILINE):
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


def test_every_system_and_python_is_tried_by_the_same_steps() -> None:
    jobs = yaml.safe_load((FOLDER / "ci.yml").read_text("utf-8"))["jobs"]
    assert [job["steps"][-1]["run"] for job in jobs.values()] == [".ci/run", ".ci/run"]
    text = (FOLDER / "ci.yml").read_text("utf-8")
    assert {"ubuntu", "macos", "windows"} == set(re.findall(r"\b(ubuntu|macos|windows)-\d", text))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    said = {word.rpartition(" ")[2] for word in project["classifiers"] if ":: 3." in word}
    assert said == set(re.findall(r'"(3\.\d+)"', text))


def test_a_release_is_tested_first_and_needs_no_token() -> None:
    jobs = yaml.safe_load((FOLDER / "release.yml").read_text("utf-8"))["jobs"]
    assert jobs["build"]["needs"] == "tests"
    assert jobs["publish"]["needs"] == "build"
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
    assert 'python -m tests.release "$GITHUB_REF_NAME"' in steps("release.yml")
    assert "actions/attest-build-provenance" in steps("release.yml")
    assert "secrets." not in (FOLDER / "release.yml").read_text("utf-8")


def test_the_quick_tests_leave_out_folders_that_are_there() -> None:
    left = {word.partition("=")[2] for word in QUICK if word.startswith("--ignore=")}
    assert left == {f"tests/{folder}" for folder in WHOLE_PROGRAMS}
    assert all(list((ROOT / folder).glob("test_*.py")) for folder in left)
