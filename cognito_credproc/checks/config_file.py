"""The AWS config file, and the profile's settings in it."""

import shlex
import stat
import sys
from collections.abc import Iterator, Mapping

from cognito_credproc.checks.finding import Check, Finding, good, note, of_error
from cognito_credproc.checks.subject import Subject
from cognito_credproc.settings import aws_config
from cognito_credproc.settings.forms import configure_command
from cognito_credproc.settings.named import OtherProfileError, profile_option
from cognito_credproc.settings.profile_keys import source_of
from cognito_credproc.use_cases.program import checked_settings
from cognito_credproc.values.errors import SettingsError

REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")
OTHERS = stat.S_IWGRP | stat.S_IWOTH


def check(subject: Subject) -> Iterator[Finding]:
    """Read the file as the AWS tools do, then each value's form."""
    file = subject.file
    config = aws_config.read(file)
    if sys.platform != "win32" and file.stat().st_mode & OTHERS:
        yield note(
            f"others may write to {file}",
            "whoever can write there can have any program run as you, by a line of their own",
            command=f"chmod go-w {shlex.quote(str(file))}",
        )
    own = config.profiles.get(subject.profile, {})
    if own and "region" not in own and not any(map(subject.environment.get, REGIONS)):
        yield note(
            f"profile {subject.profile} has no region",
            "most AWS tools refuse to work without one",
            command=_region_command(subject.profile, config.profiles),
        )
    try:
        settings = checked_settings(subject.profile, config, file, subject.environment)
    except SettingsError as error:
        if isinstance(error, OtherProfileError):
            error.name_in_hint("cognito-credproc doctor")
        yield of_error(error)
        return
    who = settings.username or "whoever signs in by the browser"
    yield good(f"{file}: {who} in {settings.user_pool_id}")


def _region_command(profile: str, profiles: Mapping[str, Mapping[str, str]]) -> str:
    """What gives a profile a region; one that has its credentials from another has no line."""
    if source := source_of(profile, profiles):
        region = profiles[source].get("region", "REGION")
        return f"aws configure set region {shlex.quote(region)} {profile_option(profile)}"
    return configure_command(profile)


CHECK = Check("config", check, "it says who signs in, and where")
