"""The renewal of a profile's credentials: lock, look again, sign in, exchange, store.

The ways to new tokens, in this order: the refresh token; the stored password and seed; a person on
the terminal. A renewal that fails while the stored credentials are still good serves those.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping

from cognito_credproc.advice import advice, enroll_command
from cognito_credproc.answers import Answers
from cognito_credproc.app_client import AppClient
from cognito_credproc.asked_once import asked_once, believe
from cognito_credproc.attempt import EnrolmentNeededError, Responder
from cognito_credproc.challenges import CHALLENGES
from cognito_credproc.clock import Clock
from cognito_credproc.debug import log
from cognito_credproc.errors import CredprocError, PersonNeededError, ServiceError
from cognito_credproc.exchange import exchange
from cognito_credproc.flow import Field, Item
from cognito_credproc.lock import LockedError, held
from cognito_credproc.performer import Performer
from cognito_credproc.preferences import Wishes
from cognito_credproc.questions import login_command
from cognito_credproc.record import FRESH, Record
from cognito_credproc.refreshing import refresh, revoke
from cognito_credproc.refusals import is_dead_refresh_token, is_lasting_refusal
from cognito_credproc.session import Session
from cognito_credproc.settings import Settings
from cognito_credproc.signin import sign_in
from cognito_credproc.terminal import Person
from cognito_credproc.tokens import Tokens
from cognito_credproc.totp_command import TotpCommand

LOCK_PATIENCE = 8.0  # seconds
FACTORS = (Item.PASSWORD, Item.TOTP_SEED)
# Refusals that only a person can mend.
PERSONAL = {"UserNotConfirmedException", "PasswordResetRequiredException"}


class Renewal:
    """Gives one profile's credentials, new ones if need be."""

    def __init__(
        self,
        settings: Settings,
        session: Session,
        performer: Performer,
        clock: Clock,
        person: Callable[[], Person | None],
    ) -> None:
        self._settings = settings
        self._session = session
        self._performer = performer
        self._clock = clock
        self._person = person

    def document(self) -> str:
        """The output document: the stored one if it is fresh, else that of a renewal.

        Raises:
            PersonNeededError: a password or a code is needed and nobody can be asked.
            CredprocError: the renewal failed and no good credentials are left.
        """
        stored = self._session.good(self._clock.now())
        if stored and self._is_fresh(stored) and self._session.is_stamped(stored):
            return stored.document
        try:
            with self.locked(0 if stored else LOCK_PATIENCE):
                stored = self._session.good(self._clock.now())
                if stored and self._is_fresh(stored):
                    self._session.stamp(stored)
                    return stored.document
                return self._renewed(stored).document
        except LockedError:
            if stored:
                return stored.document
            raise

    def in_background(self) -> None:
        """Renew before the stored credentials get old; nobody waits and nobody can be asked.

        Where only a person could go on, the next hits are told not to try.
        """
        with self.locked(timeout=0):
            stored = self._session.good(self._clock.now())
            if stored is None or stored.expiry - self._clock.now() > stored.early:
                return
            try:
                self.exchanged(self._tokens(None))
            except PersonNeededError:
                self._performer.postpone_background(stored.digest, stored.expiry)
                raise

    def login(self) -> Record:
        """Sign in now, whatever is stored, and store what comes of it."""
        with self.locked():
            believe(self._performer.memory, self._performer.save)
            answers = self.answers(self._asked(), at_hand=True)
            answers.believe_command()
            return self.exchanged(self.signed_in(answers))

    def logout(self, *, forget: bool) -> None:
        """Revoke the refresh token at Cognito and remove the profile's items.

        With `forget`, the stored password, seed and client secret as well. The items go even
        where Cognito cannot be told; the error of that is raised at the end.
        """
        performer = self._performer
        with self.locked(), contextlib.ExitStack() as afterwards:
            app = self.app_client()
            for item in Item if forget else (Item.REFRESH_TOKEN,):
                afterwards.callback(performer.delete, item)
            afterwards.callback(self._session.delete)
            if refresh_token := performer.read(Item.REFRESH_TOKEN):
                performer.run(revoke(app, refresh_token))

    def answers(
        self, person: Person | None, *, pending: bool = False, at_hand: bool = False
    ) -> Answers:
        """Who answers this profile's questions: what the keyring holds, then this person.

        The seed of an unfinished enrolment is `pending`; only the enrolment uses it. A person who
        has just typed a command that signs in is `at_hand`.
        """
        performer = self._performer
        factors = (*FACTORS, Item.PENDING_TOTP_SEED) if pending else FACTORS
        return Answers(
            self._settings.profile,
            self._settings.username,
            {item: value for item in factors if (value := performer.read(item))},
            performer.memory,
            performer.save,
            self._clock,
            person,
            TotpCommand(self._settings.totp_command) if self._settings.totp_command else None,
            wishes=Wishes(
                f"{self._settings.client_id} {self._settings.auth_flow}", self._settings.mfa
            ),
            at_hand=at_hand,
        )

    def signed_in(
        self, answers: Answers, responders: Mapping[str, Responder] = CHALLENGES
    ) -> Tokens:
        """Sign in; what was refused is marked, what a person proved is believed again."""
        settings = self._settings
        try:
            tokens = self._performer.run(
                sign_in(
                    self.app_client(),
                    settings.username,
                    settings.auth_flow,
                    self._clock,
                    responders,
                ),
                answers,
            )
        except EnrolmentNeededError as error:
            raise PersonNeededError(error.message, enroll_command(settings.profile)) from None
        except ServiceError as error:
            if is_lasting_refusal(error):
                answers.refuse_given(error.detail)
            raise
        if replaced := answers.proven():
            self._performer.store(Item.PASSWORD, replaced)
        if tokens.refresh_token:
            self._performer.memory.signed_in[settings.client_id] = int(self._clock.now())
            self._performer.save()
        return tokens

    def exchanged(self, tokens: Tokens) -> Record:
        """Exchange the ID token for credentials and store them."""
        performer = self._performer
        credentials = performer.run(
            exchange(self._settings.identity_pool, tokens.id_token, performer.identity)
        )
        if credentials.expiration <= self._clock.now():
            raise CredprocError(
                "the new credentials are expired already, by this machine's clock",
                "set the clock, then run the same command again; it says: date -u",
            )
        return self._session.store(credentials)

    def app_client(self) -> AppClient:
        """The app client, with its secret where the keyring holds one."""
        secret = self._performer.read(Item.CLIENT_SECRET)
        return AppClient(self._settings.user_pool_id, self._settings.client_id, secret)

    def _renewed(self, stored: Record | None) -> Record:
        """New credentials; while the stored ones are good, those rather than an error."""
        try:
            return self.exchanged(self._tokens(None if stored else self._asked()))
        except CredprocError as error:
            if stored and stored.expiry > self._clock.now():
                log.debug("renewal failed, the stored credentials are served: %s", error.message)
                return stored
            raise

    def _tokens(self, person: Person | None) -> Tokens:
        refresh_token = self._performer.read(Item.REFRESH_TOKEN)
        if refresh_token:
            log.debug("renewal by the refresh token")
            try:
                return self._performer.run(refresh(self.app_client(), refresh_token))
            except ServiceError as error:
                if is_dead_refresh_token(error):
                    self._performer.delete(Item.REFRESH_TOKEN)
                elif error.code != "InvalidParameterException":  # no token, or no such flow here
                    raise
        answers = self.answers(person)
        log.debug(
            "renewal by a sign-in; %s, %s",
            "a password is stored" if answers.unattended else "no usable password is stored",
            "a person can be asked" if person else "nobody can be asked",
        )
        if person is None and not answers.unattended:
            refused = Item.PASSWORD in self._performer.memory.refused
            lack = answers.lack(Field.PASSWORD) if refused else "the sign-in has run out"
            raise PersonNeededError(
                f"profile {self._settings.profile}: {lack}", login_command(self._settings.profile)
            )
        return self.signed_in(answers)

    def _asked(self) -> Person | None:
        """Who can be asked; nobody whose window stayed without an answer."""
        return asked_once(self._person(), self._performer.memory, self._performer.save)

    def _is_fresh(self, stored: Record) -> bool:
        return stored.expiry - self._clock.now() > FRESH

    @contextlib.contextmanager
    def locked(self, timeout: float = LOCK_PATIENCE) -> Iterator[None]:
        """Hold the account's lock. The service's refusals leave it with a hint."""
        with held(self._performer.lock_file, timeout):
            self._performer.reload()
            try:
                yield
            except ServiceError as error:
                error.hint = advice(error, self._settings)
                if error.code in PERSONAL:
                    raise PersonNeededError(error.message, error.hint) from error
                raise
