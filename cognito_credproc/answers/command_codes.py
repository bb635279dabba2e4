"""TOTP codes of the profile's own command, held to the promises that hold for a stored seed.

A command whose code was refused is not asked again before a person signs in. And no code of it is
sent twice: a seed can be asked for the code of any step, a command only for the present one, so
where that was sent the next step is waited for.
"""

import hashlib
from collections.abc import Callable
from typing import Protocol

from cognito_credproc.answers import totp
from cognito_credproc.flows.flow import NOT_WRONG
from cognito_credproc.people.questions import login_command
from cognito_credproc.people.terminal import Person
from cognito_credproc.process.command import CommandError
from cognito_credproc.storage.state import Account
from cognito_credproc.values.clock import Clock
from cognito_credproc.values.errors import PersonNeededError

REFUSED = "totp-command"  # in the memory of refusals, with a digest of the command behind it
TIMES = 2  # that one code is asked for: now, and after the edge of the step


class CodeCommand(Protocol):
    """Prints a code when it is called, as `TotpCommand` does."""

    line: str

    def __call__(self, person: Person | None) -> str:
        """The code."""


class CommandCodes:
    """The codes of one command, for one sign-in of one profile.

    `wait` lets some seconds pass, and tells the person why, or raises where nobody waits so long.
    """

    def __init__(
        self,
        profile: str,
        command: CodeCommand,
        memory: Account,
        save: Callable[[], None],
        clock: Clock,
        wait: Callable[[float], None],
    ) -> None:
        self._profile = profile
        self._command = command
        self._memory = memory
        self._save = save
        self._clock = clock
        self._wait = wait
        self._last: str | None = None
        # The refusal is of this very command: another one in the profile is a new beginning.
        self._key = f"{REFUSED} {hashlib.sha256(command.line.encode()).hexdigest()[:16]}"

    @property
    def refused(self) -> str | None:
        """Why it is not asked any more."""
        return self._memory.refused.get(self._key)

    def believe(self) -> None:
        """A person signs in: whatever was refused, it may be asked again."""
        if self._memory.refused.pop(self._key, None) is not None:
            self._save()

    def code(self, because: str | None, person: Person | None) -> str | None:
        """A code that was not sent before; None where it has none that may be sent.

        `because` says what was wrong with the last code that was sent, if there was one.

        Raises:
            PersonNeededError: it gave no code, and nobody can be asked for one.
        """
        if self._last is not None and because is not None and because not in NOT_WRONG:
            self._refuse(because)
        if self.refused:
            return None
        for _ in range(TIMES):
            self._wait_for_the_next_step()
            code = self._printed(person)
            if code is None:
                return None
            self._memory.totp_step = totp.step_at(self._clock.now())
            self._save()
            if code != self._last:
                self._last = code
                return code
        self._refuse("it gives the same code again and again")
        return None

    def _printed(self, person: Person | None) -> str | None:
        if person is not None:
            person.say(f"[{self._profile}] the code comes from cognito_totp_command")
        try:
            return self._command(person)
        except CommandError as error:
            lack = f"cognito_totp_command gave no code: {error.message}"
        if person is None:
            raise PersonNeededError(
                f"profile {self._profile}: {lack}", login_command(self._profile)
            )
        person.say(f"[{self._profile}] {lack}")
        return None

    def _wait_for_the_next_step(self) -> None:
        here, used = totp.step_at(self._clock.now()), self._memory.totp_step
        # A step further ahead was written while the clock was wrong.
        if here <= used <= here + 1:
            self._wait((used + 1) * totp.STEP - self._clock.now())

    def _refuse(self, reason: str) -> None:
        self._memory.refused[self._key] = reason
        self._save()
