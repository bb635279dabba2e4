"""Who is asked: the person at the terminal, or where `cognito_prompt` says so, in a window."""

import shutil
import sys
from collections.abc import Mapping
from pathlib import PurePath

from cognito_credproc.people.askpass import Askpass
from cognito_credproc.people.pinentry import Pinentry
from cognito_credproc.people.terminal import Person, Terminal
from cognito_credproc.process.caller import calling_program
from cognito_credproc.settings import aws_config

TERMINAL, PINENTRY = "terminal", "pinentry"
DISPLAYS = ("WAYLAND_DISPLAY", "DISPLAY")


def person(
    prompt: str, profile: str, environment: Mapping[str, str], *, at_terminal: bool
) -> Person | None:
    """Somebody who can be asked as `prompt`, the setting, says; None for nobody.

    `at_terminal`: the command is one that people type, and asks where they typed it.
    """
    terminal = Terminal.open()
    if prompt == TERMINAL or (at_terminal and terminal is not None):
        return terminal
    if absence(prompt, environment, has_terminal=terminal is not None):
        return terminal
    program = _program(prompt)
    if not _is_pinentry(program):
        return Askpass(prompt, profile, calling_program())
    return Pinentry(program, profile, calling_program(), environment, terminal)


def absence(
    prompt: str, environment: Mapping[str, str], *, has_terminal: bool = False
) -> str | None:
    """Why a window cannot ask, where `prompt` says that one is to; else None."""
    if prompt == TERMINAL:
        return None
    program = _program(prompt)
    if shutil.which(program) is None:
        return f"{program}, which cognito_prompt names, was not found"
    desktop = sys.platform in {"darwin", "win32"} or any(map(environment.get, DISPLAYS))
    if _is_pinentry(program) and not (desktop or has_terminal):
        # It would say that the person cancelled.
        return f"{PurePath(program).name}, which cognito_prompt names, finds no desktop here"
    return None


def _program(prompt: str) -> str:
    return aws_config.words("cognito_prompt", prompt)[0]


def _is_pinentry(program: str) -> bool:
    return PurePath(program).name.startswith(PINENTRY)
