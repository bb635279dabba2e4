"""The renewal of a profile's credentials: lock, look again, get tokens, exchange, store.

Two locks, the second taken only while the first is held, so that twenty processes of ten profiles
make one sign-in and nobody waits for more than has to be done one by one:

    the profile's  from the second look until the new record is stored
    the user's     while tokens are got: a sign-in, or a refresh token that is good once

`ways.py` has the ways to tokens. A renewal that fails while the stored credentials are still good
serves those.
"""

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from cognito_credproc.answers.asked_once import REASONS, WINDOW, asked_once, believe
from cognito_credproc.flows.exchange import exchange
from cognito_credproc.flows.tokens import Tokens
from cognito_credproc.people.terminal import Person
from cognito_credproc.process.debug import log
from cognito_credproc.process.time_sync import SET_CLOCK
from cognito_credproc.record import Record
from cognito_credproc.settings.settings import Settings
from cognito_credproc.storage.session import Session
from cognito_credproc.use_cases.browser_way import Visitor, refuse_options
from cognito_credproc.use_cases.client_secret import with_client_secret
from cognito_credproc.use_cases.explained import explained
from cognito_credproc.use_cases.notes import obey_breaker, paused
from cognito_credproc.use_cases.performer import Performer
from cognito_credproc.use_cases.siblings import Siblings
from cognito_credproc.use_cases.sign_out import SignedOut, sign_out
from cognito_credproc.use_cases.ways import Ways
from cognito_credproc.values.clock import LATE, CorrectedClock
from cognito_credproc.values.errors import (
    CredprocError,
    KeychainError,
    PersonNeededError,
)

LOCK_PATIENCE = 8.0  # seconds
SIBLING_PATIENCE = 12.0  # seconds, for other profiles of the same sign-in
# Whoever waits for another process of the same profile needs no call afterwards.
TURN_PATIENCE = 15.0  # seconds


class Renewal:
    """Gives one profile's credentials, new ones if need be."""

    def __init__(
        self,
        settings: Settings,
        session: Session,
        performer: Performer,
        clock: CorrectedClock,
        person: Callable[[], Person | None],
        visitor: Visitor,
        absence: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._settings = settings
        self._session = session
        self._performer = performer
        self._clock = clock
        self._person = person
        self._absence = absence  # why nobody can be asked, where that is worth a word
        self.ways = Ways(settings, performer, clock, visitor)
        self._siblings = Siblings(settings, performer, clock.machine)

    def document(self) -> str:
        """The output document: the stored one if it is fresh, else that of a renewal.

        Raises:
            PersonNeededError: a password or a code is needed and nobody can be asked.
            CredprocError: the renewal failed and no good credentials are left.
        """
        stored = self._session.good(self._now)
        if stored and stored.is_fresh(self._now) and self._session.is_stamped(stored):
            return stored.document
        try:
            with self._performer.turn(0 if stored else TURN_PATIENCE):
                stored = self._session.good(self._now)
                if stored and stored.is_fresh(self._now):
                    self._session.stamp(stored)
                    return stored.document
                return self._renewed(0 if stored else SIBLING_PATIENCE, ask=not stored).document
        except CredprocError as error:
            if stored and stored.is_good(self._now):
                log.debug("renewal failed, the stored credentials are served: %s", error.message)
                return stored.document
            raise

    def in_background(self) -> None:
        """Renew before the stored credentials get old; nobody waits and nobody can be asked.

        Where only a person could go on, or too early, the next hits are told not to try.
        """
        stored = None
        try:
            with self._performer.turn(timeout=0):
                stored = self._session.good(self._now)
                if stored is None or stored.expiry - self._now > stored.early:
                    return
                self._renewed(LOCK_PATIENCE, ask=False)
        except CredprocError as error:
            pause = paused(self._performer.memory, self._settings, self._now)
            if stored and isinstance(error, PersonNeededError):
                self._performer.postpone_background(stored.digest, stored.expiry)
            elif stored and pause:
                self._performer.postpone_background(stored.digest, pause.until)
            raise

    def login(self, *, paste: bool = False, forgotten: bool = False) -> Record:
        """Sign in now, whatever is stored, and store what comes of it.

        `paste`: by a browser elsewhere, from where the person brings the answer.
        `forgotten`: with a new password, which the person chooses first.
        """
        with self.locked():
            believe(self._performer.memory, self._performer.save)
            refuse_options(self._settings, paste=paste, forgotten=forgotten)
            if login := self._settings.managed_login:
                person = self._person()
                return self.exchanged(
                    self._entered(lambda: self.ways.by_browser(login, person, paste=paste), person)
                )
            person = self._asked()
            answers = self.ways.answers(person, at_hand=True)
            answers.believe_command()

            def enter() -> Tokens:
                password = answers.typed_password
                if forgotten and password is None:
                    password = self.ways.new_password(answers)
                return self.ways.signed_in(answers, password=password)

            record = self.exchanged(self._entered(enter, person))
            self.say_if_lost()
            return record

    def _entered(self, enter: Callable[[], Tokens], person: Person | None) -> Tokens:
        return with_client_secret(enter, self._settings.profile, self._performer, person)

    def tokens(self) -> Tokens:
        """The user's tokens, for what a person does by hand; without a question where it can be."""
        with self.locked():
            believe(self._performer.memory, self._performer.save)
            return self.ways.tokens(self._asked())

    def say_if_lost(self) -> None:
        """Tell whoever signed in by hand that it was for this once.

        Raises:
            KeychainError: the keyring did not take the refresh token.
        """
        self._performer.keep_again()
        if error := self._performer.unkept:
            raise KeychainError(f"signed in, but it cannot be kept: {error.message}", error.hint)

    def logout(self, *, forget: bool) -> SignedOut:
        """End the sign-in, as `sign_out` does; other profiles of it keep their credentials.

        Raises:
            HereAloneError: Cognito could not be told.
            CredprocError: nothing is certain, since the keyring failed, or another holds the lock.
        """
        with self.locked():
            app = self.ways.app_client()
            return sign_out(app, self._performer, self._session, forget=forget)

    def drop(self) -> bool:
        """Remove the stored credentials of a sign-in that is over; tells whether some were there.

        A renewal that goes on ends first, since it would store new ones.
        """
        with self._performer.turn(TURN_PATIENCE):
            return self._session.delete()

    def exchanged(self, tokens: Tokens) -> Record:
        """Exchange the ID token for credentials and store them."""
        performer = self._performer
        with self._explained():
            credentials = performer.run(
                exchange(self._settings.identity_pool, tokens.id_token, performer.identity)
            )
            # By Cognito's clock they cannot be; by this machine's, every tool would refuse them.
            if credentials.expiration <= max(self._clock.now(), self._now):
                raise CredprocError(
                    "the new credentials are expired already, by this machine's clock",
                    f"set the clock: {SET_CLOCK or 'by the network'}",
                )
        return self._session.store(credentials, self._clock.skew)

    def _renewed(self, patience: float, *, ask: bool) -> Record:
        """New credentials; the profile's lock is held, the user's only as long as need be."""
        performer = self._performer

        def somebody() -> Person | None:
            return self._asked() if ask else None

        performer.look_again()  # somebody may have failed while this process waited for its turn
        obey_breaker(performer.memory, self._settings, self._now, somebody)
        if self.ways.lead_to_a_call():
            performer.prepare()
        # Whoever waits may be left an ID token, and needs no call then that has to begin so early.
        longest = performer.time_left + LATE / 2
        with performer.alone(max(0, min(patience, longest))), self._explained():
            obey_breaker(performer.memory, self._settings, self._now, somebody)
            if (tokens := self._siblings.tokens()) is None:
                tokens = self.ways.tokens(somebody())
                self._siblings.share(tokens)
            if performer.unkept:  # nobody else may send the one that is spent
                with self._kept_in_the_end():
                    return self.exchanged(tokens)
        return self.exchanged(tokens)

    @property
    def _now(self) -> float:
        """By this machine's clock, as the record's expiry and the pauses are."""
        return self._clock.machine.now()

    def _asked(self) -> Person | None:
        """Who can be asked; nobody whose window stayed without an answer."""
        somebody = self._person()
        person = asked_once(somebody, self._performer.memory, self._performer.save)
        if person is None:
            self.ways.absence = self._absence() if somebody is None else REASONS[WINDOW]
        return person

    @contextlib.contextmanager
    def locked(self, timeout: float = LOCK_PATIENCE) -> Iterator[None]:
        """Hold both locks, for what a person does by hand. What fails leaves it explained."""
        performer = self._performer
        with (
            performer.turn(timeout),
            performer.alone(timeout),
            self._explained(),
            self._kept_in_the_end(),
        ):
            yield

    @contextlib.contextmanager
    def _kept_in_the_end(self) -> Iterator[None]:
        """Whatever comes of this: what the keyring did not take is tried once more."""
        try:
            yield
        finally:
            self._performer.keep_again()

    def _explained(self) -> AbstractContextManager[None]:
        return explained(self._performer, self._settings, self._clock, self.ways.lead_to_a_call)
