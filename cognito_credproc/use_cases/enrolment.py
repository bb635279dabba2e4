"""The one-time set-up of a user: sign-up or first sign-in, TOTP, the phone, what stays here.

Made so that it can be interrupted anywhere and run again:

- the seed is in the keyring, as pending, before the service is told that it counts;
- the service's session, which dies after three minutes, is spent by a code of our own at once,
  never by a person looking for the phone;
- a pending seed answers the next run's question for a code, and its QR code is shown again;
- only when a person proved the phone does the pending seed go, and then before anything is asked.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from cognito_credproc.answers.answers import Answers
from cognito_credproc.flows.challenges import ENROLMENT_CHALLENGES
from cognito_credproc.flows.flow import Item
from cognito_credproc.flows.signup import set_up_totp, sign_up
from cognito_credproc.flows.tokens import Tokens
from cognito_credproc.people.questions import enroll_command, login_command
from cognito_credproc.people.terminal import Person, unbroken
from cognito_credproc.process.signals import held_back
from cognito_credproc.settings.named import profile_option
from cognito_credproc.settings.settings import Settings
from cognito_credproc.use_cases.client_secret import with_client_secret
from cognito_credproc.use_cases.keeping import Factor, Keeping
from cognito_credproc.use_cases.performer import Performer
from cognito_credproc.use_cases.phone import Phone
from cognito_credproc.use_cases.renewal import Renewal
from cognito_credproc.values.errors import CredprocError, PersonNeededError, ServiceError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Choices:
    """What the command line says; None asks the person."""

    sign_up: bool = False
    forgotten: bool = False
    new_totp: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)
    store_password: bool | None = None
    store_totp: bool | None = None
    password: str | None = field(default=None, repr=False)
    seed: str | None = field(default=None, repr=False)
    client_secret: str | None = field(default=None, repr=False)


class Enrolment:
    """Sets up one profile's user."""

    def __init__(
        self,
        settings: Settings,
        performer: Performer,
        renewal: Renewal,
        person: Person | None,
        choices: Choices,
        phone: Phone,
    ) -> None:
        self._settings = settings
        self._renewal = renewal
        self._performer = performer
        self._person = person
        self._choices = choices
        self._phone = phone

    def run(self) -> bool:
        """Do what is left to do; tells whether Ctrl-C left its last questions unanswered.

        Raises:
            PersonNeededError: a question, and nobody to answer it.
            CredprocError: it failed; run again, it goes on where it was.
        """
        try:
            return self._run()
        except PersonNeededError as error:
            if error.hint == login_command(self._settings.profile):
                command = enroll_command(self._settings.profile)
                error.hint = f"run it in a terminal: {command}"
            raise

    def _run(self) -> bool:
        with self._renewal.locked():
            if self._choices.client_secret is not None:
                self._performer.store(Item.CLIENT_SECRET, self._choices.client_secret)
            shown = self._performer.read(Item.PENDING_TOTP_SEED)  # by a run before
            answers = self._answers()
            if self._choices.sign_up:
                self._sign_up(answers)
            self._say(f"signing in as {self._settings.username}")
            tokens = self._signed_in(answers)
            if not answers.code_given or (self._choices.new_totp and not answers.pending_used):
                self._set_up_totp(tokens, answers)
            self._renewal.exchanged(tokens)
            self._renewal.say_if_lost()
            self._say("signed in; the first credentials are in the keyring")
            seed = self._performer.read(Item.PENDING_TOTP_SEED) if answers.pending_used else None
            if seed is not None:
                self._prove_phone(seed, again=seed == shown)
            keeping = self._keeping(answers, seed)
            with held_back():
                keeping.settle()
            self._refuse_import(seed or answers.accepted_seed)
            if seed is not None:
                self._phone.say_set_up()
            left = keeping.ask()
        option = profile_option(self._settings.profile)
        command = unbroken(f"aws sts get-caller-identity {option}")
        self._say(f"done; next: {command}")
        return left

    def _answers(self) -> Answers:
        self._forget_refusals()
        answers = self._renewal.ways.answers(
            self._person, self._usable(), at_hand=True, command=not self._choices.new_totp
        )
        if self._choices.password is not None:
            answers.add(Item.PASSWORD, self._choices.password)
        if self._choices.seed is not None:
            answers.add(Item.TOTP_SEED, self._choices.seed)
        return answers

    def _usable(self) -> set[Item]:
        """What is taken from the keyring to sign in.

        The end of it shows a seed. So it takes something that is not on this machine: the password
        where that seed is here already, as pending; where it takes the place of another one, the
        password and a code of that.
        """
        pending = self._performer.read(Item.PENDING_TOTP_SEED) is not None
        if self._choices.new_totp:
            return {Item.PENDING_TOTP_SEED}
        return {Item.TOTP_SEED, Item.PENDING_TOTP_SEED if pending else Item.PASSWORD}

    def _forget_refusals(self) -> None:
        self._performer.memory.forget_refusals()
        self._performer.refused.delete()
        self._performer.save()

    def _sign_up(self, answers: Answers) -> None:
        username = self._settings.username
        attributes = _attributes(username, self._choices.attributes)
        self._say(f"creating the user {username}")

        def create() -> str | None:
            return self._performer.run(
                sign_up(self._renewal.ways.app_client(), username, attributes), answers
            )

        password = self._with_client_secret(create)
        if password is None:
            answers.forget_new_password()
            self._say("this user exists and keeps its password; going on with the sign-in")
        else:
            answers.add(Item.PASSWORD, password)

    def _signed_in(self, answers: Answers) -> Tokens:
        """Sign in; a client secret that the first try shows to be missing is asked for."""
        ways = self._renewal.ways

        def enter() -> Tokens:
            password = answers.typed_password
            if self._choices.forgotten and password is None:
                password = ways.new_password(answers)
            return ways.signed_in(answers, ENROLMENT_CHALLENGES, password)

        return self._with_client_secret(enter)

    def _with_client_secret(self, enter: Callable[[], T]) -> T:
        return with_client_secret(enter, self._settings.profile, self._performer, self._person)

    def _set_up_totp(self, tokens: Tokens, answers: Answers) -> None:
        """The pool let the user in without a code: set TOTP up, unless the pool has none."""
        try:
            known = self._performer.read(Item.DEVICE) is not None and not self._choices.new_totp
            self._performer.run(set_up_totp(tokens.access_token, known_machine=known), answers)
        except ServiceError as error:
            if error.code not in {"SoftwareTokenMFANotFoundException", "InvalidParameterException"}:
                raise
            self._say("no authenticator app is needed here; the password alone signs in")

    def _prove_phone(self, seed: str, *, again: bool) -> None:
        step = self._phone.set_up(seed, first=True, again=again)
        self._performer.memory.use_up(step)
        self._performer.try_to_save()

    def _keeping(self, answers: Answers, pending: str | None) -> Keeping:
        """What may be kept; `pending` is the seed that a phone has been proved to have."""
        choices, seed = self._choices, pending or answers.accepted_seed
        needless = seed is None and not answers.code_given  # here the password alone signs in
        store_totp = None if needless else choices.store_totp
        factors = (
            Factor(Item.PASSWORD, "the password", answers.password, choices.store_password),
            Factor(Item.TOTP_SEED, "the key of the app", seed, store_totp),
        )
        return Keeping(self._settings.profile, self._performer, self._person, factors)

    def _refuse_import(self, seed: str | None) -> None:
        if self._choices.seed not in {None, seed}:
            raise CredprocError(
                "you are signed in, but the imported TOTP seed was not accepted and is not stored",
                "check the seed, or let the app show its code and type that",
            )

    def _say(self, text: str) -> None:
        if self._person is not None:
            self._person.say(f"[{self._settings.profile}] {text}")


def _attributes(username: str, given: Mapping[str, str]) -> dict[str, str]:
    """The attributes of a sign-up: those given, and the one that the user name itself is."""
    attributes = dict(given)
    if "@" in username:
        attributes.setdefault("email", username)
    elif username.startswith("+"):
        attributes.setdefault("phone_number", username)
    return attributes
