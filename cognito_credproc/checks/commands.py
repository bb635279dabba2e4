"""The programs that the profile names: for codes, and for questions in a window."""

import shutil
from collections.abc import Iterator

from cognito_credproc.checks.finding import Check, Finding, broken, good, note
from cognito_credproc.checks.subject import Subject
from cognito_credproc.people.people import TERMINAL
from cognito_credproc.settings import aws_config


def check(subject: Subject) -> Iterator[Finding]:
    """Look for each; none is run, since it might ask somebody something."""
    settings = subject.settings
    if settings.totp_command is not None:
        program, found = _found(subject, "cognito_totp_command", settings.totp_command)
        if found is None:
            yield broken(
                f"cognito_totp_command runs {program}, which is not there",
                "a sign-in gets no code",
                "install it, or name it by its whole path:",
                subject.set_command("cognito_totp_command"),
            )
        else:
            yield good(f"codes come from {found}")
    if settings.prompt != TERMINAL:
        program, found = _found(subject, "cognito_prompt", settings.prompt)
        if found is None:
            yield note(
                f"cognito_prompt runs {program}, which is not there",
                "the terminal is asked instead, and where there is none, nobody",
                "install it, or name it by its whole path:",
                subject.set_command("cognito_prompt"),
            )
        else:
            yield good(f"questions come by {found}")


def _found(subject: Subject, key: str, line: str) -> tuple[str, str | None]:
    """The program of a line, and where it is."""
    program = aws_config.words(key, line)[0]
    return program, shutil.which(program, path=subject.environment.get("PATH"))


CHECK = Check("commands", check, "a sign-in asks them")
