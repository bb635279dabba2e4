"""Whether something stops sign-ins without a person."""

from collections.abc import Iterator

from cognito_credproc.advice import refusal
from cognito_credproc.checks.finding import Check, Finding, broken, good
from cognito_credproc.checks.subject import Subject
from cognito_credproc.questions import login_command


def check(subject: Subject) -> Iterator[Finding]:
    """Look at what was refused."""
    refused = subject.state.load(subject.settings.user).refused
    for name, reason in refused.items():
        yield broken(
            refusal(name, reason),
            "that lasts until you sign in yourself: five refusals lock the user, and nobody wants"
            " to be asked all night",
            command=login_command(subject.profile),
        )
    if not refused:
        yield good("nothing stops a sign-in")


CHECK = Check("breaker", check, "it keeps tools from locking you out")
