"""What wins over the profile's line, so that the AWS tools use other credentials."""

from collections.abc import Iterator

from cognito_credproc.checks.finding import BlockedError, Check, Finding, good, with_hint
from cognito_credproc.checks.subject import Subject
from cognito_credproc.profiles.shadowing import shadows
from cognito_credproc.settings.profile_keys import source_of


def check(subject: Subject) -> Iterator[Finding]:
    """Look into the environment, the file of keys and the profile itself."""
    profiles = subject.config.profiles
    if subject.profile not in profiles or source_of(subject.profile, profiles):
        raise BlockedError("the profile")
    found = shadows(subject.profile, profiles[subject.profile], subject.environment)
    for shadow in found:
        yield with_hint(shadow.words, shadow.hint)
    if not found:
        yield good("nothing wins over the line")


CHECK = Check("shadowing", check, "the AWS tools use other credentials than those of this profile")
