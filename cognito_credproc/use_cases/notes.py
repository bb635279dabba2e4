"""What the calls of a run have shown, as the memory is to have it: pauses, skew, identities.

And what follows from it for the next run.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from cognito_credproc.flows.flow import Call, Item, RememberIdentity
from cognito_credproc.people.questions import login_command
from cognito_credproc.settings.settings import Settings
from cognito_credproc.storage.state import Account
from cognito_credproc.values.breaker import (
    Pause,
    Trouble,
    asked,
    lengthened,
    open_pause,
    trouble_of,
)
from cognito_credproc.values.clock import CorrectedClock
from cognito_credproc.values.errors import CredprocError, NoTimeError, PersonNeededError

EXCHANGING = {"cognito-identity", "sts"}  # whose answer ends a renewal


def note(
    memory: Account,
    settings: Settings,
    calls: Sequence[Call],
    news: Sequence[RememberIdentity],
    error: CredprocError | None,
    clock: CorrectedClock,
    *,
    in_vain: bool = False,
) -> bool:
    """Change the memory accordingly; tells whether anything is new.

    Whoever failed with `error`, or answered, was asked last; where there was no time for a call,
    nobody was asked. `in_vain`: these settings would only fail so again.
    """
    before = (memory.identities, memory.pauses, memory.skew)
    identities, pauses = dict(memory.identities), dict(memory.pauses)
    for step in news:
        identities.pop(settings.identity_pool_id, None)
        if step.identity_id is not None:
            identities[settings.identity_pool_id] = step.identity_id
    made = calls[:-1] if isinstance(error, NoTimeError) else calls
    names = [_pause_name(call, settings) for call in made]
    trouble = trouble_of(error)
    failed = names[-1] if names and trouble else None
    for name in names:
        if name != failed:
            pauses.pop(name, None)
    jitter, now = random.random(), clock.machine.now()  # noqa: S311 - not a secret
    if failed and trouble and error:
        pauses[failed] = lengthened(pauses.get(failed), trouble, error.message, now, jitter)
    elif error and names and in_vain:
        reason = error.message.removeprefix(f"profile {settings.profile}: ")
        longer = lengthened(pauses.get(settings.digest), Trouble.REJECTED, reason, now, jitter)
        pauses[settings.digest] = replace(longer, hint=error.hint, status=error.exit_status)
    elif error is None and calls and calls[-1].service in EXCHANGING:
        pauses.pop(settings.digest, None)
    memory.identities, memory.pauses = identities, pauses
    if clock.known and abs(clock.skew - memory.skew) > clock.DOUBT:
        memory.skew = clock.skew
    return before != (memory.identities, memory.pauses, memory.skew)


def _pause_name(step: Call, settings: Settings) -> str:
    """Whose pause a failure of this call opens: an identity pool may fail by itself."""
    return settings.identity_pool_id if step.service == "cognito-identity" else step.service


def paused(memory: Account, settings: Settings, now: float, *factors: Item) -> Pause | None:
    """The pause in which nobody calls unasked, if one is open for what this profile needs.

    Or for one of these factors.
    """
    names = asked(settings.identity_pool_id, settings.digest)
    return open_pause(memory.pauses, (*names, *factors), now)


def obey_breaker(
    memory: Account, settings: Settings, now: float, somebody: Callable[[], object]
) -> None:
    """Call nobody unasked who failed a moment ago; what a person could mend, `somebody` may.

    Raises:
        CredprocError: it is too early; the message says until when.
    """
    if pause := paused(memory, settings, now):
        personal = pause.status == PersonNeededError.exit_status
        if personal and somebody():
            return
        kind = PersonNeededError if personal else CredprocError
        what = f"profile {settings.profile}: {pause.words(now)}"
        raise kind(what, pause.hint or login_command(settings.profile))
