"""The line run for real, as the SDKs run it, and whose credentials it prints."""

from collections.abc import Iterator

from cognito_credproc.checks.finding import (
    BlockedError,
    Check,
    Finding,
    broken,
    good,
    note,
    with_hint,
)
from cognito_credproc.checks.subject import Subject
from cognito_credproc.checks.trial import Outcome, of_line, tried
from cognito_credproc.settings import line
from cognito_credproc.values.credentials import Credentials
from cognito_credproc.words.layout import span

SECONDS = 20.0  # as the least patient of the SDKs (the one for Rust) has it, or nearly
HIDING = "the line runs another program, so that what it said is not shown here"


def check(subject: Subject) -> Iterator[Finding]:
    """Run it where no terminal is, and look at everything that comes back."""
    written = subject.config.profiles.get(subject.profile, {}).get(line.KEY)
    if written is None:
        raise BlockedError("a line")
    outcome = tried(of_line(written), subject.unattended, SECONDS)
    if outcome.status is None:
        yield broken(
            f"the line did not end within {SECONDS:.0f} seconds",
            "the SDKs give up, the first of them after that time",
            "see what it waits for: cognito-credproc --debug",
        )
        return
    if outcome.status != 0:
        yield _failed(outcome, ours=line.is_ours(written))
        return
    try:
        credentials = Credentials.of_document(outcome.out)
    except ValueError:
        yield broken(
            "the line prints something that is no document of credentials",
            "the SDKs cannot read it",
            "let it print nothing else; a script around the program must keep standard output free",
        )
        return
    if outcome.err:
        yield note(
            "the line prints to standard error though it succeeds",
            "the SDK for C++ takes that for a part of the credentials",
            "unset COGNITO_CREDPROC_DEBUG, or mend the program around it",
        )
    subject.credentials = credentials
    left = span(credentials.expiration - subject.clock.now())
    yield good(f"credentials for {left}, in {outcome.seconds * 1000:.0f} ms")


def _failed(outcome: Outcome, *, ours: bool) -> Finding:
    """Our own two lines, which hold no secret; of another program only that it failed."""
    said = dict(
        found.split(": ", 1) for found in outcome.err.splitlines() if ": " in found and ours
    )
    what = said.get("error", "it says nothing" if ours else HIDING)
    return with_hint(f"the line ends with status {outcome.status}: {what}", said.get("hint"))


CHECK = Check("run", check, "an AWS tool gets no credentials", unbounded=True)
