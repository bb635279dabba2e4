"""A page's console blocks, typed line by line into a shell on a terminal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

import pexpect

from tests.e2e.person import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    Answers = Mapping[str, Callable[[], str]]

# Quiet, so that a question in a line is seen only once it is asked.
SETTINGS = "stty -echo; PS1='<$?>'; bind 'set enable-bracketed-paste off' 2>/dev/null\n"
PROMPT = r"<(\d+)>$"


def blocks(page: str, heading: str) -> list[list[str]]:
    """The lines to type of each console block below a heading."""
    section = page.split(f"\n## {heading}\n")[1].split("\n## ", maxsplit=1)[0]
    found = re.findall(r"^```console\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    return [re.findall(r"^\$ (.*)$", block, re.MULTILINE) for block in found]


class Shell:
    """An interactive bash in a home of its own, and what is answered to which question."""

    def __init__(
        self,
        home: Path,
        environment: Mapping[str, str],
        answers: Answers,
        command: Sequence[str] = ("bash",),
    ) -> None:
        (home / ".bashrc").write_text(SETTINGS)
        program, *arguments = [*command, "-i"]
        self._answers = answers
        self._bash = pexpect.spawn(
            program, arguments, env=dict(environment), encoding="utf-8", timeout=PATIENCE
        )
        self.shown = ""
        self._until_prompt()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._bash.close(force=True)

    def type(self, line: str) -> str:
        """Type a line, answer what is asked; returns what is shown, and fails if the line does."""
        self._bash.sendline(line)
        shown, status = self._until_prompt()
        assert status == 0, f"{line}\n{shown}"
        return shown

    def _until_prompt(self) -> tuple[str, int]:
        shown = ""
        questions = list(self._answers)
        while True:
            found = self._bash.expect([PROMPT, *map(re.escape, questions)])
            shown += str(self._bash.before)
            if found == 0:
                self.shown += shown
                return shown, int(self._bash.match.group(1))
            self._bash.sendline(self._answers[questions[found - 1]]())
