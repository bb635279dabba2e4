"""The way to tokens by the browser: when a page may open by itself, and when it must be asked for.

A page opens where a person sees why: under their terminal, with a line that says so, or because
they typed `login`. Where nobody finishes it, none opens again by itself, however often a tool asks.
"""

from collections.abc import Mapping
from typing import Protocol

from cognito_credproc.answers.asked_once import PAGE, once
from cognito_credproc.flows.flow import Browse
from cognito_credproc.flows.managed_login import ManagedLogin, sign_in_by_browser
from cognito_credproc.flows.tokens import Tokens
from cognito_credproc.people.questions import login_command
from cognito_credproc.people.terminal import Person
from cognito_credproc.settings.settings import Settings
from cognito_credproc.use_cases.performer import Performer
from cognito_credproc.values.app_client import AppClient
from cognito_credproc.values.errors import PersonNeededError


class Visitor(Protocol):
    """Sends a person to a page in the browser, as `Browsing.visit` does."""

    def __call__(self, step: Browse, person: Person | None, *, paste: bool) -> Mapping[str, str]:
        """What the browser brings back; with `paste`, the person brings it."""


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
        with once(PAGE, memory, self._performer.save):
            return self.asked_for(app, login, person)

    def asked_for(
        self, app: AppClient, login: ManagedLogin, person: Person | None, *, paste: bool = False
    ) -> Tokens:
        """Sign in because a person typed a command for it."""

        def visit(step: Browse) -> Mapping[str, str]:
            return self._visitor(step, person, paste=paste)

        flow = sign_in_by_browser(app, login, self._settings.username)
        return self._performer.run(flow, visit=visit)
