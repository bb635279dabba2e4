"""The ways to new tokens: the refresh token; the stored password and seed; a person; in this order.

Where the profile says so, the person goes by the browser, and nothing is stored that signs in.

All of it is done under the account's lock, which `renewal.py` takes.
"""

import platform
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from cognito_credproc.answers.answers import Answers
from cognito_credproc.answers.totp_command import TotpCommand
from cognito_credproc.flows.attempt import (
    NO_REMEDIES,
    AnswerRefusedError,
    BrowserNeededError,
    EnrolmentNeededError,
    Responder,
)
from cognito_credproc.flows.challenges import CHALLENGES
from cognito_credproc.flows.device import Device, Machine
from cognito_credproc.flows.flow import Field, Item
from cognito_credproc.flows.managed_login import ManagedLogin
from cognito_credproc.flows.recovery import REMEDIES, reset_password
from cognito_credproc.flows.signin import sign_in
from cognito_credproc.flows.tokens import Tokens, user_name
from cognito_credproc.people.questions import enroll_command, login_command
from cognito_credproc.people.terminal import Person
from cognito_credproc.process.debug import log
from cognito_credproc.settings.settings import Settings
from cognito_credproc.use_cases.advice import browser_command
from cognito_credproc.use_cases.browser_way import BrowserWay, Visitor
from cognito_credproc.use_cases.performer import Performer
from cognito_credproc.use_cases.refresh_way import RefreshWay
from cognito_credproc.values.app_client import AppClient
from cognito_credproc.values.clock import CorrectedClock
from cognito_credproc.values.errors import (
    CredprocError,
    PersonNeededError,
    ServiceError,
    UnreachableError,
)

FACTORS = (Item.PASSWORD, Item.TOTP_SEED)
# What a sign-in may end in that one command mends.
COMMANDS: Mapping[type[CredprocError], Callable[[str], str]] = {
    EnrolmentNeededError: enroll_command,
    BrowserNeededError: browser_command,
    AnswerRefusedError: login_command,
}


class Ways:
    """The ways of one profile's user."""

    def __init__(
        self, settings: Settings, performer: Performer, clock: CorrectedClock, visitor: Visitor
    ) -> None:
        self._settings = settings
        self._performer = performer
        self._clock = clock
        self._browser = BrowserWay(settings, performer, visitor)
        self._refresh = RefreshWay(settings, performer, self.app_client, self._device)
        self.absence: str | None = None  # why nobody is asked

    def tokens(self, person: Person | None) -> Tokens:
        """New tokens, by the first way that is open.

        Raises:
            PersonNeededError: only a person could go on, and nobody is there.
            CredprocError: it failed.
        """
        if found := self._refresh.tokens():
            return found
        lost = self._refresh.lost
        if login := self._settings.managed_login:
            log.debug("renewal by the browser, %s", "for a person" if person else "for nobody")
            return self._of_a_page(self._browser.unasked(self.app_client(), login, person, lost))
        answers = self.answers(person)
        log.debug(
            "renewal by a sign-in; %s, %s",
            f"a {answers.missing} is missing" if answers.missing else "what it asks for is stored",
            "a person can be asked" if person else "nobody can be asked",
        )
        if person is None and (missing := answers.missing) is not None:
            answers.obey_pause(missing)
            refused = Item.PASSWORD in self._performer.memory.refused
            lack = lost if missing == Field.PASSWORD and not refused else answers.lack(missing)
            why = f"; {self.absence}" if self.absence else ""
            raise PersonNeededError(
                f"profile {self._settings.profile}: {lack}{why}",
                answers.remedy(missing),
            )
        answers.obey_ledger()
        tokens = self.signed_in(answers)
        if person and (unkept := self._performer.unkept):
            person.say(f"[{self._settings.profile}] this sign-in cannot be kept: {unkept.message}")
        return tokens

    def lead_to_a_call(self) -> bool:
        """Whether `tokens` will call anybody without a person: a guess, which takes no lock."""
        if self._performer.read(Item.REFRESH_TOKEN):
            return True
        return not self._settings.managed_login and self.answers(None).missing is None

    def answers(
        self,
        person: Person | None,
        factors: Collection[Item] = FACTORS,
        *,
        at_hand: bool = False,
        command: bool = True,
    ) -> Answers:
        """Who answers this profile's questions: what the keyring holds, then this person.

        `factors` are those to take from the keyring; without `command`, the profile's own is not
        asked for codes. A person who has just typed a command that signs in is `at_hand`.
        """
        performer = self._performer
        codes = self._settings.totp_command if command else None
        return Answers(
            self._settings.profile,
            self._settings.username,
            performer.factors(factors),
            performer.memory,
            performer.save,
            self._clock,
            person,
            TotpCommand(codes) if codes else None,
            wishes=replace(self._settings.wishes, device=self._device() is not None),
            at_hand=at_hand,
        )

    def new_password(self, answers: Answers) -> str:
        """Let a person choose a new password, by a code that is sent.

        Raises:
            PersonNeededError: nobody is there to type it.
        """
        if not answers.at_hand:
            raise PersonNeededError(
                "a new password can be chosen only on a terminal",
                "run the same command in a terminal",
            )
        flow = reset_password(self.app_client(), self._settings.username)
        return self._performer.run(flow, answers)

    def signed_in(
        self,
        answers: Answers,
        responders: Mapping[str, Responder] = CHALLENGES,
        password: str | None = None,
    ) -> Tokens:
        """Sign in; what was refused is marked, what a person proved is believed again.

        A person who typed the command for it is also asked for what only mends it.
        """
        settings = self._settings
        try:
            tokens = self._performer.run(
                sign_in(
                    self.app_client(),
                    settings.username,
                    settings.entry,
                    self._clock,
                    responders,
                    Machine(f"cognito-credproc on {platform.node()}"[:1024], self._device()),
                    password=password,
                    remedies=REMEDIES if answers.at_hand else NO_REMEDIES,
                ),
                answers,
            )
        except tuple(COMMANDS) as error:
            answers.heard()
            error.hint = COMMANDS[type(error)](settings.profile)
            raise
        except UnreachableError as error:
            if not (error.sent and self._performer.may_have_proven):
                answers.heard()
            raise
        except ServiceError as error:
            answers.heard()
            answers.refused(error)
            raise
        answers.heard()
        if replaced := answers.proven():
            self._performer.store(Item.PASSWORD, replaced)
        return self._noted(tokens)

    def by_browser(self, login: ManagedLogin, person: Person | None, *, paste: bool) -> Tokens:
        """Sign in by the browser, because a person typed a command for it."""
        app = self.app_client()
        return self._of_a_page(self._browser.asked_for(app, login, person, paste=paste))

    def _of_a_page(self, tokens: Tokens) -> Tokens:
        """The same; they are bound to no device, and one of a sign-in before is of no use."""
        if self._performer.read(Item.DEVICE) is not None:
            self._performer.delete(Item.DEVICE)
        return self._noted(tokens)

    def _noted(self, tokens: Tokens) -> Tokens:
        """The same; remembered is since when there is a refresh token."""
        if tokens.refresh_token:
            at = int(self._clock.now())
            self._performer.memory.signed_in[self._settings.client_id] = at
            self._performer.memory.username = user_name(tokens.id_token)
            self._performer.save()
        return tokens

    def _device(self) -> Device | None:
        """This machine, if the pool tracks it."""
        return Device.parse(self._performer.read(Item.DEVICE))

    def app_client(self) -> AppClient:
        """The app client, with its secret where the keyring holds one."""
        secret = self._performer.read(Item.CLIENT_SECRET)
        return AppClient(self._settings.user_pool_id, self._settings.client_id, secret)
