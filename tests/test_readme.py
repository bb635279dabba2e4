"""README says what the program does: help texts, settings, errors, commands."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cognito_credproc.cli import COMMANDS
from cognito_credproc.settings.forms import BASE, FORMS

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS_FILE = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
SCRIPTS = Path(sys.executable).parent
SOURCE = "\n".join(file.read_text("utf-8") for file in (ROOT / "cognito_credproc").rglob("*.py"))


def help_blocks() -> list[tuple[str, str]]:
    """Every `$ COMMAND --help` of `docs/commands.md` and what stands below it."""
    shown = r"```console\n\$ (cognito-[^\n]* --help)\n(.*?)```"
    return re.findall(shown, COMMANDS_FILE, re.DOTALL)


@pytest.mark.parametrize(("command", "shown"), help_blocks())
def test_help_blocks_are_what_the_commands_print(command: str, shown: str) -> None:
    name, *arguments = command.split()
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1"}
    printed = subprocess.run(
        [SCRIPTS / name, *arguments], env=environment, capture_output=True, text=True, check=True
    )
    assert printed.stdout == shown


def test_every_verb_has_a_help_block() -> None:
    verbs = {command.__name__.rpartition(".")[2] for command in COMMANDS}
    shown = {command.split()[1] for command, _ in help_blocks()} - {"--help"}
    assert verbs == shown
    section = README.split("## Commands")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `cognito-credproc ([a-z]+)` \|", section, re.MULTILINE)) == verbs


def test_the_settings_table_is_complete() -> None:
    section = README.split("## Settings")[1].split("\n## ")[0]
    keys = set(re.findall(r"^\| `(cognito_\w+)` \|", section, re.MULTILINE))
    assert keys == {*FORMS, BASE}


def test_troubleshooting_is_headed_by_texts_that_the_program_prints() -> None:
    section = README.split("## Troubleshooting")[1].split("\n## ")[0]
    headings = re.findall(r"^### error: (.*)$", section, re.MULTILINE)
    assert len(headings) > 5
    service_words = {"Incorrect username or password", "Basic (classic) flow is not enabled"}
    for heading in headings:
        for part in re.split(r"…|\(\w+Exception\)|: |, ", heading):
            words = re.sub(
                "^(InitiateAuth|Authorize|Get[A-Z]\\w+|AssumeRole\\w+) ", "", part.strip()
            )
            known = words in service_words or words in re.sub(r'"\s+f?"', "", SOURCE)
            assert known or re.fullmatch(r"cognito_\w+ is missing", words), (heading, words)


def test_commands_of_the_session_exist() -> None:
    used = set(re.findall(r"^\$ (cognito-\S+|keyring|aws)", README, re.MULTILINE))
    assert {"cognito-credproc", "cognito-credproc-enroll"} <= used
    for name in used:
        assert shutil.which(name, path=str(SCRIPTS)), name


def test_the_two_commands_exist() -> None:
    assert "    python3 examples/demo.py\n" in README
    assert "    python3 -m tests\n" in README
    assert (ROOT / "examples" / "demo.py").is_file()
    assert (ROOT / "tests" / "__main__.py").is_file()
