"""The clock of this machine, by the `Date` that Cognito's answers carry."""

from collections.abc import Iterator

from cognito_credproc.checks.finding import BlockedError, Check, Finding, broken, good, note
from cognito_credproc.checks.subject import Subject
from cognito_credproc.process.time_sync import SET_CLOCK
from cognito_credproc.values.clock import LARGEST_SKEW
from cognito_credproc.values.errors import CredprocError
from cognito_credproc.words.layout import span

SET_IT = "set it by the network" + (":" if SET_CLOCK else "")
UNSEEN = 5.0  # seconds that nothing depends on; the header itself has whole seconds


def check(subject: Subject) -> Iterator[Finding]:
    """Compare it with the first service that answers."""
    ahead = _ahead(subject)
    if ahead is None:
        raise BlockedError("an answer from the network")
    where = f"{span(abs(ahead))} {'behind' if ahead > 0 else 'ahead of'} Cognito's"
    if abs(ahead) > LARGEST_SKEW:
        yield broken(
            f"this machine's clock is {where}",
            "AWS refuses what is signed at another time, and codes of an app are wrong",
            SET_IT,
            SET_CLOCK,
        )
    elif abs(ahead) > UNSEEN:
        yield note(
            f"this machine's clock is {where}",
            "a code is good for half a minute; this program makes up for it, others do not",
            SET_IT,
            SET_CLOCK,
        )
    else:
        yield good("within a few seconds of Cognito's")


def _ahead(subject: Subject) -> float | None:
    for service in subject.services:
        try:
            reply = subject.reply(service)
        except CredprocError:
            continue  # the check of the network says why
        if reply.ahead is not None:
            return reply.ahead
    return None


CHECK = Check("clock", check, "codes, proofs and signatures carry the time", seconds=45)
