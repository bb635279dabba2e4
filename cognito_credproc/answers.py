"""Who answers a sign-in's questions: the stored factors first, each once; then a person.

Two promises are kept here. A stored password or seed that was refused is not sent again before a
person signs in: twenty processes with one wrong password would lock the account in a second. And
no TOTP code is sent twice: the last step used is written down before its code leaves.
"""

from collections.abc import Callable, Mapping

from cognito_credproc import totp
from cognito_credproc.clock import Clock
from cognito_credproc.command_codes import CodeCommand, CommandCodes
from cognito_credproc.conversation import TRIES, Conversation
from cognito_credproc.errors import CredprocError
from cognito_credproc.flow import USED_CODE, Ask, Field, Item
from cognito_credproc.preferences import Preferences, Wishes
from cognito_credproc.state import Account
from cognito_credproc.terminal import Person

SEEDS = (Item.PENDING_TOTP_SEED, Item.TOTP_SEED)  # in the order of preference
UNATTENDED_WAIT = 5  # seconds for the next code where nobody is told why
PATIENCE = 5  # seconds: a longer wait for the next step is cut short by sending its code early


class Answers:
    """Answers for one sign-in of one profile.

    `stored` holds the factors that the keyring has; `save` writes `memory` to disk.
    """

    def __init__(
        self,
        profile: str,
        username: str,
        stored: Mapping[Item, str],
        memory: Account,
        save: Callable[[], None],
        clock: Clock,
        person: Person | None,
        code_command: CodeCommand | None = None,
        *,
        wishes: Wishes = Wishes(),  # noqa: B008 - frozen
        at_hand: bool = False,
    ) -> None:
        self._profile = profile
        self._stored = dict(stored)
        self._kept = frozenset(stored)  # what the person once said to keep
        self._memory = memory
        self._save = save
        self._clock = clock
        self._person = person
        self._command = (
            CommandCodes(profile, code_command, memory, save, clock, self._wait)
            if code_command
            else None
        )
        self._conversation = Conversation(profile, username, memory, save, clock, person)
        self._typed = self._conversation.typed
        self._preferences = Preferences(profile, wishes, memory, save, person, at_hand=at_hand)
        self._given: set[Item] = set()
        self._codes = 0

    def __call__(self, ask: Ask) -> str:
        """Answer a question.

        Raises:
            PersonNeededError: nothing stored can answer it and nobody is there to be asked.
        """
        match ask.field:
            case Field.PASSWORD:
                answer = self._stored_password(ask)
            case Field.TOTP_CODE:
                answer = self._stored_code(ask)
            case Field.NEW_PASSWORD if ask.because is None:
                answer = self._typed.get(ask.field)  # chosen before the sign-in was started over
            case Field.CONSENT:
                self._preferences.consent(ask, typed=bool(self._typed))
                answer = ""
            case Field.MFA_TYPE:
                answer = self._preferences.choice(ask, self._stored_factor())
            case Field.SENT_CODE:
                self._preferences.sent()
                answer = None
            case _:
                answer = None
        return answer if answer is not None else self._conversation.ask(ask, self.lack(ask.field))

    @property
    def attended(self) -> bool:
        """Whether a person is there to be asked."""
        return self._person is not None

    def add(self, item: Item, value: str) -> None:
        """A factor that came into being during the sign-in."""
        self._stored[item] = value

    def believe_command(self) -> None:
        """Ask the profile's own command for codes again, whatever became of its last one."""
        if self._command:
            self._command.believe()

    def forget_new_password(self) -> None:
        """A new password that was typed came to nothing: there was a password already."""
        self._typed.pop(Field.NEW_PASSWORD, None)

    def refuse_given(self, reason: str) -> None:
        """The service refused what was stored and sent; it is not sent again."""
        for item in self._given:
            self._refuse(item, reason)

    def proven(self) -> str | None:
        """After a good sign-in: believe again what a person proved.

        A stored seed is believed again when it gives the very code that was accepted. Returns the
        typed password if it is to replace a stored one: that was refused, or was temporary.
        """
        self._preferences.succeeded()
        before = dict(self._memory.refused)
        typed_code, seed = (
            self._typed.get(Field.TOTP_CODE),
            self._stored.get(Item.TOTP_SEED),
        )
        if typed_code and seed and totp.matching_step(seed, typed_code, self._clock.now()):
            self._memory.refused.pop(Item.TOTP_SEED, None)
        new = self._typed.get(Field.NEW_PASSWORD)
        typed_password = new or self._typed.get(Field.PASSWORD)
        if typed_password is not None:
            self._memory.refused.pop(Item.PASSWORD, None)
        if self._memory.refused != before:
            self._save()
        outdated = Item.PASSWORD in before or new is not None
        return typed_password if outdated and Item.PASSWORD in self._kept else None

    @property
    def password(self) -> str | None:
        """The password that was accepted, once the sign-in succeeded."""
        typed = self._typed.get(Field.NEW_PASSWORD) or self._typed.get(Field.PASSWORD)
        return typed or self._usable(Item.PASSWORD)

    @property
    def code_given(self) -> bool:
        """Whether the pool asked for a code."""
        return bool({Field.TOTP_CODE, Field.SENT_CODE} & self._typed.keys()) or self._codes > 0

    @property
    def pending_used(self) -> bool:
        """Whether the codes came from the seed of this enrolment."""
        return Item.PENDING_TOTP_SEED in self._given

    @property
    def accepted_seed(self) -> str | None:
        """The stored or imported seed whose code was accepted."""
        return self._usable(Item.TOTP_SEED) if Item.TOTP_SEED in self._given else None

    @property
    def unattended(self) -> bool:
        """Whether a password is stored that has not been refused."""
        return self._usable(Item.PASSWORD) is not None

    def lack(self, what: Field) -> str:
        """Why there is no stored answer to a question."""
        item = {Field.PASSWORD: Item.PASSWORD, Field.TOTP_CODE: Item.TOTP_SEED}.get(what)
        if item in self._memory.refused:
            name = "password" if item == Item.PASSWORD else "TOTP seed"
            return f"the stored {name} was refused ({self._memory.refused[item].rstrip('.')})"
        if what == Field.TOTP_CODE and self._command and (reason := self._command.refused):
            return f"the code of cognito_totp_command was refused ({reason})"
        if what == Field.SENT_CODE:
            return "a code was sent to you"
        return f"a {what} is needed"

    def _usable(self, item: Item) -> str | None:
        return None if item in self._memory.refused else self._stored.get(item)

    def _refuse(self, item: Item, reason: str) -> None:
        self._memory.refused[item] = reason
        self._save()

    def _stored_factor(self) -> str | None:
        """The second factor that needs nobody."""
        at_hand = any(self._usable(item) for item in SEEDS) or self._command is not None
        return "SOFTWARE_TOKEN_MFA" if at_hand else None

    def _stored_password(self, ask: Ask) -> str | None:
        if ask.because and Item.PASSWORD in self._given:
            self._refuse(Item.PASSWORD, ask.because)
        password = self._usable(Item.PASSWORD)
        if password is not None:
            self._save()  # where a refusal cannot be written down, nothing is sent
            self._given.add(Item.PASSWORD)
        return password

    def _stored_code(self, ask: Ask) -> str | None:
        wrong = ask.because is not None and ask.because != USED_CODE
        if wrong and Item.PENDING_TOTP_SEED in self._given:
            # Left behind by an enrolment that was overtaken by another one.
            self._given.discard(Item.PENDING_TOTP_SEED)
            del self._stored[Item.PENDING_TOTP_SEED]
        elif wrong and Item.TOTP_SEED in self._given:
            self._refuse(Item.TOTP_SEED, str(ask.because))
        self._codes += 1
        if self._codes > TRIES[Field.TOTP_CODE]:
            return None  # every code is said to be used: somebody else uses this seed all the time
        for item in SEEDS:
            if seed := self._usable(item):
                self._given.add(item)
                return totp.code(seed, self._fresh_step())
        return self._command.code(ask.because, self._person) if self._command else None

    def _fresh_step(self) -> int:
        """A step whose code was never sent: the present one, or the one after the last used.

        Cognito takes the code of one step ahead as well, so nobody waits half a minute for it.
        """
        here = totp.step_at(self._clock.now())
        used = self._memory.totp_step
        # A step far ahead was written while the clock was wrong.
        step = max(here, used + 1) if used <= here + 1 else here
        wait = step * totp.STEP - self._clock.now()
        if wait > totp.STEP:
            self._wait(wait - totp.STEP)
        elif 0 < wait <= PATIENCE:
            self._clock.sleep(wait)
        self._memory.totp_step = step
        self._save()
        return step

    def _wait(self, seconds: float) -> None:
        """Wait for the next code: a person is told, an SDK would give up first."""
        if self._person is not None:
            self._person.say(f"[{self._profile}] waiting {seconds:.0f} s for the next code")
        elif seconds > UNATTENDED_WAIT:
            raise CredprocError(
                f"profile {self._profile}: the codes of this half minute are used",
                f"run the same command again in {seconds:.0f} seconds",
            )
        self._clock.sleep(seconds)
