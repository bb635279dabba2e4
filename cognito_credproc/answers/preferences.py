"""Which of several ways a sign-in takes, and whether it may have a code sent to somebody.

A code by SMS or e-mail costs money, and patience: a tool that asks for credentials every minute
would have one sent every minute. So nobody who cannot type it has one sent. Cognito says only after
the first call that a code is on its way, so what the last sign-in came to is remembered, and where
it came to a code, the next one begins only for a person who is there.
"""

from collections.abc import Callable, Mapping

from cognito_credproc.flows.entry import Wishes
from cognito_credproc.flows.flow import CERTAIN, KNOWN_DEVICE, Ask, Field
from cognito_credproc.people.questions import FACTORS, chosen, login_command
from cognito_credproc.people.terminal import Person, unbroken
from cognito_credproc.settings.forms import CHALLENGE, set_command
from cognito_credproc.storage.state import Account
from cognito_credproc.values.errors import PersonNeededError, printable

ARE_YOU_THERE = "press Enter to sign in; a code may be sent to you: "

# The settings that choose.
KEYS: Mapping[str, str] = {Field.MFA_TYPE: "cognito_mfa", Field.FIRST_FACTOR: CHALLENGE}


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
        self._chosen: dict[str, str] = {}  # in this sign-in
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
        chosen_now = self._chosen.get(ask.field)
        wanted = (wished, stored, chosen_now, self._memory.chosen.get(ask.field))
        for name in filter(None, wanted):
            for option in ask.options:
                if _same(option) == _same(name):
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
        self._chosen[ask.field] = option
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
        """The sign-in is done: what was chosen in it is good, and remembered.

        One that had no code sent can be tried without a person again.
        """
        if self._chosen:
            self._memory.chosen.update(self._chosen)
            self._save()
            for key in KEYS.keys() & self._chosen.keys():
                self._say_how_to_change(KEYS[key], self._chosen[key])
            self._chosen = {}
        if not self._was_sent and self.way in self._memory.sends_codes:
            self._memory.sends_codes.remove(self.way)
            self._save()

    def _say_how_to_change(self, key: str, option: str) -> None:
        if self._person is not None:
            other = unbroken(set_command(key, self._profile))
            name = FACTORS.get(option, printable(option))
            self._person.say(f"[{self._profile}] {name} from now on; to take another: {other}")

    def _needed(self, lack: str) -> PersonNeededError:
        return PersonNeededError(f"profile {self._profile}: {lack}", login_command(self._profile))


def _same(factor: str) -> str:
    """Its name. A code by e-mail has two: one in the answer to a choice, one as a challenge."""
    return "EMAIL_OTP" if factor == "EMAIL_MFA" else factor
