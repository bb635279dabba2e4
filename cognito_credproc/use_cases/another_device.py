"""The stored key shown once more, for another device; only to somebody who holds the first.

Whoever sits at an unlocked machine can run this, and is to learn nothing by it. So a code of the
device that has the key is asked for, and checked here:

- one that was used is refused, also where the clock was set back: it may have been looked at;
- each try is written down before it is looked at, so that one which is killed counts as well, and
  all runs together have few (`values/guessing.py`);
- tries are judged one at a time, under the user's lock; no lock is held while the person types.

It keeps out a person at the keyboard. A program that runs as the user can ask the keyring itself.
"""

import math

from cognito_credproc.answers import totp
from cognito_credproc.flows.flow import Item
from cognito_credproc.people.questions import enroll_command, login_command, six_digits
from cognito_credproc.settings.settings import Settings
from cognito_credproc.use_cases.performer import Performer
from cognito_credproc.use_cases.phone import Phone
from cognito_credproc.use_cases.renewal import LOCK_PATIENCE
from cognito_credproc.values import guessing
from cognito_credproc.values.clock import CorrectedClock
from cognito_credproc.values.errors import CredprocError, PersonNeededError

OPTION, NEW_KEY = "--show-qr", "--new-totp"
LATEST = 2 * totp.STEP  # seconds until an unused code comes, where the clock is right


class AnotherDevice:
    """One user's stored key, and the device that comes to it."""

    def __init__(
        self, settings: Settings, performer: Performer, clock: CorrectedClock, phone: Phone
    ) -> None:
        self._settings = settings
        self._performer = performer
        self._clock = clock
        self._phone = phone
        self._prefix = f"[{settings.profile}] "

    def add(self) -> None:
        """Ask for a code, and show the key to whoever has it.

        Raises:
            PersonNeededError: nobody is there to be asked.
            CredprocError: no key is stored, or no right code was typed.
        """
        try:
            person = self._phone.person
        except PersonNeededError as error:
            error.hint = f"{error.hint} {OPTION}"
            raise
        self._clock.skew = self._performer.memory.skew  # nobody is called who would tell
        self._obey_pause()
        seed = self._stored()
        person.say(f"{self._prefix}first a code from the device that has the key already")
        prompt = f"{self._prefix}code in its authenticator app: "
        while complaint := self._judged(seed, six_digits(person, self._prefix, prompt)):
            person.say(f"{self._prefix}{complaint}")
        step = self._phone.set_up(seed)
        with self._performer.alone(LOCK_PATIENCE):
            self._performer.memory.use_up(step)
            self._performer.save()
        self._phone.say_set_up()

    def _stored(self) -> str:
        seed = self._performer.read(Item.TOTP_SEED)
        profile = self._settings.profile
        if refusal := self._performer.memory.refused.get(Item.TOTP_SEED):
            reason = f"the stored TOTP seed was refused ({refusal.rstrip('.')})"
        elif seed is not None:
            return seed
        elif self._performer.read(Item.PENDING_TOTP_SEED) is not None:
            raise CredprocError(
                "the enrolment is not finished, and shows the QR code itself",
                enroll_command(profile),
            )
        else:
            reason = "the TOTP seed is not kept on this machine, and Cognito shows a seed only once"
        raise CredprocError(
            reason, f"set up a new one, for all devices: {enroll_command(profile)} {NEW_KEY}"
        )

    def _judged(self, seed: str, typed: str) -> str | None:
        """What is wrong with a code; None if it is right, and used from now on.

        Raises:
            CredprocError: there were too many wrong ones.
        """
        with self._performer.alone(LOCK_PATIENCE):
            self._obey_pause()
            memory = self._performer.memory
            before = memory.guesses
            memory.guesses, memory.guessed = before + 1, self._clock.machine.now()
            self._performer.save()
            now = self._clock.now()
            step = totp.matching_step(seed, typed, now)
            if step is None:
                self._obey_pause()
                return "that code is not from this key"
            fresh = step > memory.totp_step
            memory.guesses = 0 if fresh else before  # a used one tells nothing about the others
            memory.use_up(step)
            self._performer.save()
            return None if fresh else self._wait_for_fresh(now)

    def _wait_for_fresh(self, now: float) -> str:
        seconds = (self._performer.memory.totp_step + 1) * totp.STEP - now
        if seconds > LATEST:
            raise CredprocError(
                "by this machine's clock, a code of a later time was used already",
                f"check the clock (date -u), then: {login_command(self._settings.profile)}",
            )
        return f"that code was used already; wait for another, {math.ceil(seconds)} s"

    def _obey_pause(self) -> None:
        """Refuse a try that comes too early."""
        memory = self._performer.memory
        if left := guessing.left(memory.guesses, memory.guessed, self._clock.machine.now()):
            again = f"{enroll_command(self._settings.profile)} {OPTION}"
            raise CredprocError(
                f"{memory.guesses} wrong codes were typed; the next may be in {_span(left)}",
                f"wait, then: {again}",
            )


def _span(seconds: float) -> str:
    return f"{math.ceil(seconds / 60)} min" if seconds > 120 else f"{math.ceil(seconds)} s"
