"""What calls leave behind, good or bad: hints for people, pauses for tools."""

import contextlib
from collections.abc import Callable, Iterator

from cognito_credproc.people.questions import login_command
from cognito_credproc.settings.settings import Settings
from cognito_credproc.storage.lock import LockedError
from cognito_credproc.use_cases.advice import advice
from cognito_credproc.use_cases.performer import Performer
from cognito_credproc.values.clock import CorrectedClock
from cognito_credproc.values.errors import (
    CredprocError,
    KeychainError,
    NoTimeError,
    PersonNeededError,
    ServiceError,
    TooEarlyError,
    UnreachableError,
)

# Refusals that only a person can mend.
PERSONAL = {"UserNotConfirmedException", "PasswordResetRequiredException"}
# These have pauses of their own, or pass in a moment.
PASSING = (KeychainError, LockedError, TooEarlyError, UnreachableError)


@contextlib.contextmanager
def explained(
    performer: Performer,
    settings: Settings,
    clock: CorrectedClock,
    leads_to_a_call: Callable[[], bool],
) -> Iterator[None]:
    """Note how the calls inside went; give the service's refusals their hints.

    `leads_to_a_call` tells whether the next run would call anybody without a person.
    """
    try:
        yield
    except CredprocError as error:
        told = error
        if isinstance(error, ServiceError):
            error.hint = advice(error, settings)
            if error.code in PERSONAL:
                told = PersonNeededError(error.message, error.hint)
        if isinstance(error, NoTimeError):
            command = login_command(settings.profile)
            error.hint = f"run the same command again, or one that has more time: {command}"
        in_vain = False
        if not (isinstance(error, PASSING) or performer.asked_somebody):
            with contextlib.suppress(CredprocError):
                in_vain = leads_to_a_call()
        performer.settle(told, clock, in_vain=in_vain)
        if told is error:
            raise
        raise told from error
    else:
        performer.settle(None, clock)
