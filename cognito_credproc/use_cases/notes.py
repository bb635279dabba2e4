"""What the calls of a run have shown, as the memory is to have it: pauses, skew, identities."""

import random
from collections.abc import Sequence

from cognito_credproc.flows.flow import Call, RememberIdentity
from cognito_credproc.settings.settings import Settings
from cognito_credproc.storage.state import Account
from cognito_credproc.values.breaker import lengthened, trouble_of
from cognito_credproc.values.clock import CorrectedClock
from cognito_credproc.values.errors import CredprocError, NoTimeError


def note(
    memory: Account,
    settings: Settings,
    calls: Sequence[Call],
    news: Sequence[RememberIdentity],
    error: CredprocError | None,
    clock: CorrectedClock,
) -> bool:
    """Change the memory accordingly; tells whether anything is new.

    Whoever failed with `error`, or answered, was asked last; where there was no time for a call,
    nobody was asked.
    """
    before = (memory.identities, memory.pauses, memory.skew)
    identities, pauses = dict(memory.identities), dict(memory.pauses)
    for step in news:
        identities.pop(settings.identity_pool_id, None)
        if step.identity_id is not None:
            identities[settings.identity_pool_id] = step.identity_id
    asked = calls[:-1] if isinstance(error, NoTimeError) else calls
    names = [_pause_name(call, settings) for call in asked]
    trouble = trouble_of(error)
    failed = names[-1] if names and trouble else None
    for name in names:
        if name != failed:
            pauses.pop(name, None)
    if failed and trouble and error:
        jitter = random.random()  # noqa: S311 - not a secret
        now = clock.machine.now()
        pauses[failed] = lengthened(pauses.get(failed), trouble, error.message, now, jitter)
    memory.identities, memory.pauses = identities, pauses
    if clock.known and abs(clock.skew - memory.skew) > clock.DOUBT:
        memory.skew = clock.skew
    return before != (memory.identities, memory.pauses, memory.skew)


def _pause_name(step: Call, settings: Settings) -> str:
    """Whose pause a failure of this call opens: an identity pool may fail by itself."""
    return settings.identity_pool_id if step.service == "cognito-identity" else step.service
