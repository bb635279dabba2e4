"""The way to tokens by the browser: when a page may open by itself, and when it must be asked for.

A page opens where a person sees why: under their terminal, with a line that says so, or because
they typed `login`. Where it is left, none opens again by itself, however often a tool asks. A page
that brought an answer, good or bad, was not left; nor was one that never opened.

Two profiles with different app clients usually come back to the same port. So the second waits
until the first is done.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Protocol
from urllib.parse import urlsplit

from cognito_credproc.answers.asked_once import PAGE, once
from cognito_credproc.flows.flow import Browse
from cognito_credproc.flows.managed_login import ManagedLogin, sign_in_by_browser
from cognito_credproc.flows.tokens import Tokens
from cognito_credproc.people.questions import login_command
from cognito_credproc.people.terminal import Person
from cognito_credproc.settings.settings import Settings
from cognito_credproc.storage.lock import LockedError
from cognito_credproc.use_cases.performer import Performer
from cognito_credproc.values.app_client import AppClient
from cognito_credproc.values.errors import PersonNeededError, UsageError

PATIENCE = 300.0  # seconds that a person waits for a page of theirs to be done with, at most
UNATTENDED = 8.0  # seconds


def refuse_options(settings: Settings, *, paste: bool, forgotten: bool) -> None:
    """See that the options of `login` go with the profile's way to sign in.

    Raises:
        UsageError: they do not.
    """
    command = login_command(settings.profile)
    if paste and not settings.managed_login:
        raise UsageError("--no-browser is for profiles with cognito_auth_flow = BROWSER", command)
    if forgotten and settings.managed_login:
        raise UsageError(
            "with cognito_auth_flow = BROWSER, the sign-in page has new passwords", command
        )


class Visitor(Protocol):
    """Sends a person to a page in the browser, as `Browsing.visit` does."""

    def __call__(
        self,
        step: Browse,
        person: Person | None,
        *,
        paste: bool,
        page: Callable[[], AbstractContextManager[None]],
    ) -> Mapping[str, str]:
        """What the browser brings back; with `paste`, the person brings it.

        `page` holds from just before a page opens until it has brought its answer.
        """


class BrowserWay:
    """The way of one profile."""

    def __init__(self, settings: Settings, performer: Performer, visitor: Visitor) -> None:
        self._settings = settings
        self._performer = performer
        self._visitor = visitor

    def unasked(
        self, app: AppClient, login: ManagedLogin, person: Person | None, lost: str
    ) -> Tokens:
        """Sign in because a tool needs credentials; `lost` says why there are none.

        Raises:
            PersonNeededError: nobody is there, or the last page was not finished.
        """
        memory, profile = self._performer.memory, self._settings.profile
        if person is None or PAGE in memory.refused:
            raise PersonNeededError(
                f"profile {profile}: {memory.refused.get(PAGE, lost)}", login_command(profile)
            )
        return self._signed_in(
            app, login, person, page=lambda: once(PAGE, memory, self._performer.save)
        )

    def asked_for(
        self, app: AppClient, login: ManagedLogin, person: Person | None, *, paste: bool = False
    ) -> Tokens:
        """Sign in because a person typed a command for it."""
        return self._signed_in(app, login, person, paste=paste)

    def _signed_in(
        self,
        app: AppClient,
        login: ManagedLogin,
        person: Person | None,
        *,
        paste: bool = False,
        page: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext,
    ) -> Tokens:
        def visit(step: Browse) -> Mapping[str, str]:
            turn = contextlib.nullcontext() if paste else self._turn(step.redirect_uri, person)
            with turn:
                return self._visitor(step, person, paste=paste, page=page)

        flow = sign_in_by_browser(app, login, self._settings.username)
        return self._performer.run(flow, visit=visit)

    @contextlib.contextmanager
    def _turn(self, redirect_uri: str, person: Person | None) -> Iterator[None]:
        """Wait for another sign-in of this person's that comes back to the same port.

        Raises:
            LockedError: it takes longer than anybody waits.
        """
        port, profile = urlsplit(redirect_uri).port or 80, self._settings.profile
        with contextlib.ExitStack() as held:
            try:
                held.enter_context(self._performer.port(port, 0))
            except LockedError:
                if person is not None:
                    person.say(f"[{profile}] waiting for another sign-in by the browser")
                patience = UNATTENDED if person is None else PATIENCE
                held.enter_context(self._performer.port(port, patience))
            yield
