"""The fuzzers: their corpus is good, they find what is wrong, and for a time they find nothing."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from cognito_credproc.secret_service import _conversation
from tests.fuzz import targets
from tests.fuzz.__main__ import CORPUS
from tests.fuzz.targets import TARGETS

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 10


@pytest.mark.parametrize("name", TARGETS)
def test_every_input_of_the_corpus(name: str) -> None:
    inputs = [file.read_bytes() for file in (CORPUS / name).iterdir()]
    assert len(inputs) >= 5
    for data in inputs:
        TARGETS[name](data)


def test_the_corpus_reaches_the_end_of_the_conversation() -> None:
    bus = targets._Bus((CORPUS / "dbus" / "good").read_bytes()[1:], 64)  # noqa: SLF001 - its own
    assert _conversation(bus, float("inf"), b"service", b"name") == "the secret"  # type: ignore[arg-type]


def test_a_change_that_should_not_be_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    data = (CORPUS / "config" / "change").read_bytes()
    for wrong in (
        lambda text, *_: text.replace("# mine", ""),
        lambda text, *_: text.replace("old", "other"),
        lambda text, *_: text.replace("old", "new").replace("k=v", "k=w"),
        lambda text, *_: text + "[profile x]\n",
    ):
        monkeypatch.setattr(targets, "edited", wrong)
        with pytest.raises(AssertionError):
            targets.config(data)


@pytest.mark.slow
def test_a_while_of_fuzzing_finds_nothing(tmp_path: Path) -> None:
    """All targets at once, each in a process of its own."""
    if importlib.util.find_spec("atheris") is None:
        pytest.skip("not installed: atheris (pip install -e '.[fuzz]')")
    running = {
        name: subprocess.Popen(
            [sys.executable, "-m", "tests.fuzz", name, str(SECONDS)],
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for name in TARGETS
    }
    ended = {
        name: process.communicate(timeout=SECONDS + 120)[0] for name, process in running.items()
    }
    for name, process in running.items():
        assert process.returncode == 0, ended[name].partition("=== Uncaught")[2] or ended[name]
        assert "stat::number_of_executed_units" in ended[name]
    assert list(tmp_path.iterdir()) == []
