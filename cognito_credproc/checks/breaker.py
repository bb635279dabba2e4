"""Whether something stops sign-ins without a person."""

from collections.abc import Iterator

from cognito_credproc.answers.totp import NO_CODES
from cognito_credproc.checks.finding import BlockedError, Check, Finding, broken, good, note
from cognito_credproc.checks.subject import Subject
from cognito_credproc.flows.flow import Item
from cognito_credproc.people.questions import login_command
from cognito_credproc.use_cases.advice import refusal, remedy
from cognito_credproc.use_cases.notes import paused

NO_SEED = "a seed is base32, or an otpauth:// link, as the authenticator app was given it"
LASTING = (
    "that lasts until you sign in yourself: five refusals lock the user, and nobody wants to be"
    " asked all night"
)


def check(subject: Subject) -> Iterator[Finding]:
    """Look at what was refused, and at the pauses after failures."""
    settings, now = subject.settings, subject.clock.now()
    try:
        memory = subject.standing.memory  # with what the keyring says of its factors
    except BlockedError:
        memory = subject.state.load(settings.user)
    for name, reason in memory.refused.items():
        why = NO_SEED if reason.startswith(NO_CODES) else LASTING
        yield broken(refusal(name, reason), why, command=remedy(reason, subject.profile))
    pause = paused(memory, settings, now, *Item)
    if pause is not None:
        why = "until then no tool calls Cognito, so that it is not made worse"
        if pause.hint:
            yield note(pause.words(now), why, pause.hint)
        else:
            command = login_command(subject.profile)
            yield note(pause.words(now), f"{why}; you may:", command=command)
    if not memory.refused and pause is None:
        yield good("nothing stops a sign-in")


CHECK = Check("breaker", check, "it keeps tools from locking you out")
