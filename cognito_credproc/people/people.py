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
    words = aws_config.words("cognito_prompt", prompt)
    if shutil.which(words[0]) is None:
        return terminal
    if not PurePath(words[0]).name.startswith(PINENTRY):
        return Askpass(prompt, profile, calling_program())
    desktop = sys.platform in {"darwin", "win32"} or any(map(environment.get, DISPLAYS))
    if terminal is None and not desktop:
        return None  # it would say that the person cancelled
    return Pinentry(words[0], profile, calling_program(), environment, terminal)
