"""What this machine keeps of an enrolment: the password, the key of the app.

It is settled before anybody is asked: by the command line, else by what is kept already, in whose
place comes what is good now. So the key waits nowhere for an answer, and whoever leaves a question,
or is killed at it, has given the answer that Enter gives.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from cognito_credproc.flows.flow import Item
from cognito_credproc.people.questions import enroll_command, yes
from cognito_credproc.people.terminal import CancelledError, Person
from cognito_credproc.process.signals import held_back
from cognito_credproc.use_cases.performer import Performer
from cognito_credproc.values.errors import CredprocError, KeychainError

ONE_FACTOR = """
This machine can keep your password, the key of your authenticator app, or both, in its keyring. \
With both it signs in without you. Then they are one factor, not two: whoever controls this \
machine has them both. With neither, you type them whenever the sign-in runs out.
"""


@dataclass(frozen=True, slots=True)
class Factor:
    """What may be kept; `value` is what was accepted, None where that is not known."""

    item: Item
    words: str
    value: str | None = field(repr=False)
    choice: bool | None  # what the command line says; None asks the person


class Keeping:
    """The factors of one enrolment, in the order in which a person is asked for them."""

    def __init__(
        self, profile: str, performer: Performer, person: Person | None, factors: Sequence[Factor]
    ) -> None:
        self._profile = profile
        self._prefix = f"[{profile}] "
        self._performer = performer
        self._person = person
        self._factors = factors
        self._before: set[Item] = set()  # those that were kept until now

    def settle(self) -> None:
        """Keep or remove what needs no question; afterwards no seed is pending.

        Raises:
            KeychainError: the keyring fails; what was pending still is.
        """
        for factor in self._factors:
            stored = self._performer.read(factor.item)
            if stored is not None:
                self._before.add(factor.item)
            wanted = factor.choice is True or (factor.choice is None and stored is not None)
            if wanted and factor.value not in {None, stored}:
                self._keep(factor)
            elif factor.choice is False:
                self._performer.delete(factor.item)
        self._performer.delete(Item.PENDING_TOTP_SEED)

    def ask(self) -> bool:
        """Say what was settled, and ask for the rest; tells whether Ctrl-C ended that.

        Where the keyring fails, what is not kept by then would be lost: so it is asked again.

        Raises:
            CredprocError: something is to be kept that is not known here.
        """
        self._refuse_unknown()
        if self._person is None:
            return False
        for factor in self._factors:
            if factor.choice is not None:
                self._tell(factor, self._person, kept=factor.choice)
        left = [f for f in self._factors if f.value is not None and f.choice is None]
        if left:
            self._person.say(ONE_FACTOR)
        try:
            while left:
                keep = self._answer(left[0], self._person)
                factor = left.pop(0)
                if not self._is_obeyed(factor, self._person, keep=keep):
                    left.insert(0, factor)
        except (KeyboardInterrupt, CancelledError) as end:
            self._say_left(left, self._person)
            return isinstance(end, KeyboardInterrupt)
        return False

    def _refuse_unknown(self) -> None:
        for factor in self._factors:
            known = factor.value is not None or factor.item in self._before
            if factor.choice and not known:
                enroll = enroll_command(self._profile)
                mend = f"{enroll} --import-totp; or set up another key: {enroll} --new-totp"
                raise CredprocError(
                    f"you are signed in, but {factor.words} is not known here, and so not kept",
                    f"give it: {mend}" if factor.item is Item.TOTP_SEED else enroll,
                )

    def _is_obeyed(self, factor: Factor, person: Person, *, keep: bool) -> bool:
        try:
            self._obey(factor, person, keep=keep)
        except KeychainError as error:
            person.say(f"{self._prefix}{error.message}")
            person.say(f"  hint: {error.hint}")
            return False
        return True

    def _say_left(self, left: Sequence[Factor], person: Person) -> None:
        """Say what became of the factors that nobody has decided on."""
        for factor in left:
            self._tell(factor, person, kept=factor.item in self._before)
        if not any(factor.item in self._before for factor in left):
            person.say(f"{self._prefix}nothing more is kept on this machine")

    def _answer(self, factor: Factor, person: Person) -> bool:
        question = f"keep {factor.words} on this machine?"
        return yes(person, self._prefix, question, default=factor.item in self._before)

    def _obey(self, factor: Factor, person: Person, *, keep: bool) -> None:
        before = factor.item in self._before
        with held_back():  # so that what is said at Ctrl-C is true
            if keep and not before:
                self._keep(factor)
            elif before and not keep:
                self._performer.delete(factor.item)
            self._tell(factor, person, kept=keep)

    def _keep(self, factor: Factor) -> None:
        if factor.value is not None:
            self._performer.store(factor.item, factor.value)

    def _tell(self, factor: Factor, person: Person, *, kept: bool) -> None:
        if kept and factor.value is not None:
            person.say(f"{self._prefix}{factor.words} is in the keyring")
        elif factor.item in self._before and not kept:
            person.say(f"{self._prefix}{factor.words} is no longer kept on this machine")
