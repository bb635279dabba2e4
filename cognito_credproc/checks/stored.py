"""What is stored for the profile, and whether it is enough to sign in."""

from collections.abc import Iterator

from cognito_credproc.checks.finding import Check, Finding, broken, good, note
from cognito_credproc.checks.subject import Subject
from cognito_credproc.flows.flow import Item
from cognito_credproc.people.questions import enroll_command, login_command
from cognito_credproc.use_cases.standing import Standing
from cognito_credproc.words.layout import moment, span


def check(subject: Subject) -> Iterator[Finding]:
    """Look at the items, without a word of what is in them."""
    standing = subject.standing
    stored = standing.stored or frozenset()
    if Item.PENDING_TOTP_SEED in stored:
        yield note(
            "an enrolment was begun and not finished",
            "the key of the authenticator app waits there until a phone has proved that it has it",
            command=enroll_command(subject.profile),
        )
    if Item.REFRESH_TOKEN in stored:
        since = standing.signed_in
        signed_in = f"signed in since {moment(since)}" if since else "signed in"
    elif Item.PASSWORD in stored:
        signed_in = "the stored password signs in when that is needed"
    else:
        yield broken(
            "nobody is signed in, and no password is stored",
            "the next tool that asks gets no credentials, unless it has a terminal to ask on",
            command=login_command(subject.profile),
        )
        return
    yield good(f"{signed_in}; {_cached(standing, subject.clock.now())}")


def _cached(standing: Standing, now: float) -> str:
    credentials = standing.credentials
    if credentials is None:
        return "no credentials yet"
    if not credentials.current:
        return "the credentials are of other settings"
    if credentials.expiry <= now:
        return "the credentials are expired"
    return f"credentials for {span(credentials.expiry - now)} more"


CHECK = Check("stored", check, "what is stored decides who has to be asked")
