"""Who answers a sign-in's questions: the stored factors first, each once; then a person."""

from collections.abc import Callable, Mapping

from cognito_credproc.answers.command_codes import CodeCommand, CommandCodes
from cognito_credproc.answers.conversation import Conversation
from cognito_credproc.answers.factors import CODES, NAMES, SEEDS, Factors
from cognito_credproc.answers.preferences import Preferences
from cognito_credproc.answers.totp import NO_CODES
from cognito_credproc.flows.entry import Wishes
from cognito_credproc.flows.flow import Ask, Field, Item
from cognito_credproc.flows.refusals import is_lasting_refusal, is_locked
from cognito_credproc.people.questions import login_command, store_seed_command
from cognito_credproc.people.terminal import Person
from cognito_credproc.storage.state import Account
from cognito_credproc.values.clock import CorrectedClock
from cognito_credproc.values.errors import ServiceError, TooEarlyError

STORED_AS = {Field.PASSWORD: Item.PASSWORD, Field.TOTP_CODE: Item.TOTP_SEED}
# Other questions come only if it was right.
BEFORE_THE_PASSWORD_LEAVES = {Field.PASSWORD, Field.CONSENT, Field.FIRST_FACTOR}


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
        clock: CorrectedClock,
        person: Person | None,
        code_command: CodeCommand | None = None,
        *,
        wishes: Wishes = Wishes(),  # noqa: B008 - frozen
        at_hand: bool = False,
    ) -> None:
        self._profile = profile
        self._factors = Factors(profile, stored, memory, save, clock, person)
        self._kept = frozenset(stored)  # what the person once said to keep
        self._memory = memory
        self._save = save
        self._clock = clock
        self._person = person
        self._command = (
            CommandCodes(profile, code_command, memory, save, clock, self._factors.wait)
            if code_command
            else None
        )
        self._conversation = Conversation(profile, username, person)
        self._typed = self._conversation.typed
        self.at_hand = at_hand and person is not None
        self._preferences = Preferences(profile, wishes, memory, save, person, at_hand=at_hand)

    def __call__(self, ask: Ask) -> str:
        """Answer a question.

        Raises:
            PersonNeededError: nothing stored can answer it and nobody is there to be asked.
            CredprocError: what is stored may not be sent now, and nobody is there to be asked.
        """
        if ask.field not in BEFORE_THE_PASSWORD_LEAVES:
            self._factors.heard(Item.PASSWORD)
        if ask.field == Field.TOTP_CODE:
            self._remember_code(asked=True)
        answer = self._unasked(ask)
        if answer is None:
            self.obey_pause(ask.field)
            answer = self._conversation.ask(ask, self.lack(ask.field), self.remedy(ask.field))
            if ask.field == Field.TOTP_CODE:
                self._factors.typed(answer)
        return answer

    def _unasked(self, ask: Ask) -> str | None:
        """The answer for which nobody has to be asked."""
        match ask.field:
            case Field.PASSWORD:
                return self._factors.password(ask.because)
            case Field.TOTP_CODE:
                return self._code(ask)
            case Field.NEW_PASSWORD if ask.because is None:
                return self._typed.get(ask.field)  # chosen before the sign-in was started over
            case Field.CONSENT:
                self._preferences.consent(ask, typed=bool(self._typed))
                return ""
            case Field.FIRST_FACTOR | Field.MFA_TYPE:
                return self._preferences.choice(ask, self._stored_option(ask))
            case Field.SENT_CODE:
                self._preferences.sent()
        # Nobody has agreed to be remembered.
        return "" if ask.field == Field.REMEMBER_DEVICE and not self.attended else None

    def _code(self, ask: Ask) -> str | None:
        code = self._factors.code(ask.because)
        if code is None and self._command and self._factors.codes <= CODES:
            code = self._command.code(ask.because, self._person)
        return code

    @property
    def asked_somebody(self) -> bool:
        """Whether a person was asked."""
        return self._conversation.asked

    @property
    def attended(self) -> bool:
        """Whether a person is there to be asked."""
        return self._person is not None

    def add(self, item: Item, value: str) -> None:
        """A factor that came into being during the sign-in."""
        self._factors.add(item, value)

    def heard(self) -> None:
        """The service has answered, or nothing was sent to it."""
        self._factors.heard(*STORED_AS.values())

    def refused(self, error: ServiceError) -> None:
        """The service refused: what was stored and sent is not sent again, or not for a while."""
        if is_lasting_refusal(error):
            self._factors.refuse_given(error.detail)
        elif is_locked(error) and (pause := self._factors.locked(error.detail)):
            error.message = pause.after(error.message, self._clock.machine.now())

    def believe_command(self) -> None:
        """Ask the profile's own command for codes again, whatever became of its last one."""
        if self._command:
            self._command.believe()

    def forget_new_password(self) -> None:
        """A new password that was typed came to nothing: there was a password already."""
        self._typed.pop(Field.NEW_PASSWORD, None)

    def proven(self) -> str | None:
        """After a good sign-in: believe again what a person proved.

        A stored seed is believed again when it gives the very code that was accepted. Returns the
        typed password if it is to replace a stored one: that was refused, or was temporary.
        """
        self._preferences.succeeded()
        if not self.code_given:
            self._remember_code(asked=False)
        code, new = self._typed.get(Field.TOTP_CODE), self._typed.get(Field.NEW_PASSWORD)
        password = new or self._typed.get(Field.PASSWORD)
        believed = [Item.PASSWORD] if password is not None else []
        if code and self._factors.makes(code):
            believed.append(Item.TOTP_SEED)
        self._factors.believe(*believed)
        is_other = password is not None and password != self._factors[Item.PASSWORD]
        return password if is_other and Item.PASSWORD in self._kept else None

    @property
    def password(self) -> str | None:
        """The password that was accepted, once the sign-in succeeded."""
        return self.typed_password or self._factors.usable(Item.PASSWORD)

    @property
    def typed_password(self) -> str | None:
        """The password that a person typed last in this sign-in."""
        return self._typed.get(Field.NEW_PASSWORD) or self._typed.get(Field.PASSWORD)

    @property
    def code_given(self) -> bool:
        """Whether the pool asked for a code, or for an answer of its own."""
        typed = {Field.TOTP_CODE, Field.SENT_CODE, Field.CHALLENGE_ANSWER} & self._typed.keys()
        return bool(typed) or self._factors.codes > 0

    @property
    def pending_used(self) -> bool:
        """Whether the codes came from the seed of this enrolment."""
        return Item.PENDING_TOTP_SEED in self._factors.given

    @property
    def accepted_seed(self) -> str | None:
        """The stored or imported seed whose code was accepted."""
        given = Item.TOTP_SEED in self._factors.given
        return self._factors.usable(Item.TOTP_SEED) if given else None

    @property
    def missing(self) -> Field | None:
        """The first question of a sign-in that a person would have to answer.

        A code only if the last sign-in asked for one: nobody proves a password again and again for
        a question that nobody answers.
        """
        if self._factors.usable(Item.PASSWORD) is None:
            return Field.PASSWORD
        asked = self._preferences.way in self._memory.asks_code
        return Field.TOTP_CODE if asked and not self._makes_codes else None

    def obey_ledger(self) -> None:
        """Where nobody can be asked, and the next code comes too late, begin no sign-in.

        Raises:
            CredprocError: the hint says until when.
        """
        if self._person is None and self._preferences.way in self._memory.asks_code:
            self._factors.obey_ledger()

    @property
    def _makes_codes(self) -> bool:
        command = self._command is not None and not self._command.refused
        return command or any(map(self._factors.usable, SEEDS))

    def _remember_code(self, *, asked: bool) -> None:
        way, ways = self._preferences.way, self._memory.asks_code
        if (way in ways) != asked:
            (ways.append if asked else ways.remove)(way)
            self._save()

    def lack(self, what: Field) -> str:
        """Why there is no stored answer to a question."""
        item = STORED_AS.get(what)
        if item in self._memory.refused:
            because = self._memory.refused[item].rstrip(".")
            return f"the stored {NAMES[item]} was refused ({because})"
        if what == Field.TOTP_CODE and (why := self._factors.malformed.get(Item.TOTP_SEED)):
            return f"the stored TOTP seed {NO_CODES}{why}"
        if what == Field.TOTP_CODE and self._command and (reason := self._command.refused):
            return f"the code of cognito_totp_command was refused ({reason})"
        if what == Field.SENT_CODE:
            return "a code was sent to you"
        return f"a {what} is needed"

    def remedy(self, what: Field) -> str:
        """The command that a person mends it with."""
        if what == Field.TOTP_CODE and Item.TOTP_SEED in self._factors.malformed:
            return store_seed_command(self._profile)
        return login_command(self._profile)

    def obey_pause(self, what: Field) -> None:
        """Where nobody can be asked, a stored answer that rests is waited for.

        Raises:
            CredprocError: it rests; the message says until when.
        """
        item = STORED_AS.get(what)
        pause = self._factors.pause(item) if item and self._person is None else None
        if pause is not None and item not in self._memory.refused:
            words = pause.words(self._clock.machine.now())
            raise TooEarlyError(f"profile {self._profile}: {words}", login_command(self._profile))

    def _stored_option(self, ask: Ask) -> str | None:
        """The option that needs nobody."""
        password = self._factors.usable(Item.PASSWORD) is not None
        ready = {
            "PASSWORD_SRP": password,
            "PASSWORD": password,
            "SOFTWARE_TOKEN_MFA": self._makes_codes,
        }
        return next((name for name in ask.options if ready.get(name)), None)
