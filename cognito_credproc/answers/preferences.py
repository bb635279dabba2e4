"""Which of several ways a sign-in takes, and whether it may have a code sent to somebody.

A code by SMS or e-mail costs money, and patience: a tool that asks for credentials every minute
would have one sent every minute. So nobody who cannot type it has one sent. Cognito says only after
the first call that a code is on its way, so what the last sign-in came to is remembered, and where
it came to a code, the next one begins only for a person who is there.
"""

from collections.abc import Callable

from cognito_credproc.flows.entry import Wishes
from cognito_credproc.flows.flow import CERTAIN, KNOWN_DEVICE, Ask, Field
from cognito_credproc.people.questions import chosen, login_command
from cognito_credproc.people.terminal import Person
from cognito_credproc.storage.state import Account
from cognito_credproc.values.errors import PersonNeededError

ARE_YOU_THERE = "press Enter to sign in; a code may be sent to you: "


class Preferences:
    """The choices in one sign-in of one profile; `save` writes `memory` to disk.

    `at_hand` is a person who has just typed a command that signs in.
    """

    def __init__(
        self,
        profile: str,
        wishes: Wishes,
        memory: Account,
        save: Callable[[], None],
        person: Person | None,
        *,
        at_hand: bool,
    ) -> None:
        self._profile = profile
        self._wishes = wishes
        self._memory = memory
        self._save = save
        self._person = person
        self._is_there = at_hand
        self._was_sent = False
        self._is_known = wishes.device

    @property
    def way(self) -> str:
        """The way that this sign-in takes.

        With a device that the pool remembers no code is wanted, and that says nothing about a
        sign-in without.
        """
        return self._wishes.way + (" with a device" if self._is_known else "")

    def choice(self, ask: Ask, stored: str | None) -> str:
        """One of the options: the profile's, the one that needs nobody, the last one, a person's.

        `stored` is the option that can be taken with what is stored.

        Raises:
            PersonNeededError: there is more than one way on, and nobody to choose.
        """
        wished = self._wishes.mfa if ask.field == Field.MFA_TYPE else self._wishes.first_factor
        wanted = (wished, stored, self._memory.chosen.get(ask.field))
        for option in wanted:
            if option in ask.options:
                return option
        # Nobody wants to send a password that can be proven.
        proven = "PASSWORD_SRP" in ask.options
        options = [name for name in ask.options if not (proven and name == "PASSWORD")]
        if len(options) == 1:
            return options[0]
        if self._person is None:
            raise self._needed(f"a {ask.field} is needed, and nobody can be asked here")
        option = chosen(self._person, f"[{self._profile}] ", options)
        self._is_there = True
        self._memory.chosen[ask.field] = option
        self._save()
        return option

    def consent(self, ask: Ask, *, typed: bool) -> None:
        """Let a code be sent, if one is to be expected: to a person who is there to type it.

        `typed` tells whether the person has typed something in this sign-in.

        Raises:
            PersonNeededError: nobody is.
        """
        if ask.detail != CERTAIN:
            self._is_known = ask.detail == KNOWN_DEVICE
            if self.way not in self._memory.sends_codes:
                return
        if self._person is None:
            raise self._needed("a sign-in may have a code sent, and nobody can type it here")
        if not (self._is_there or typed):
            self._person.ask(
                f"[{self._profile}] press Enter to sign in; a code may be sent to you: "
            )
        self._is_there = True

    def sent(self) -> None:
        """A code was sent: written down at once, for the next process."""
        self._was_sent = True
        if self.way not in self._memory.sends_codes:
            self._memory.sends_codes.append(self.way)
            self._save()

    def succeeded(self) -> None:
        """The sign-in is done; one that had no code sent can be tried without a person again."""
        if not self._was_sent and self.way in self._memory.sends_codes:
            self._memory.sends_codes.remove(self.way)
            self._save()

    def _needed(self, lack: str) -> PersonNeededError:
        return PersonNeededError(f"profile {self._profile}: {lack}", login_command(self._profile))
