"""The way to tokens by the browser: when a page may open by itself, and when it must be asked for.

A page opens where a person sees why: under their terminal, with a line that says so, or because
they typed `login`. Where nobody finishes it, none opens again by itself, however often a tool asks.
"""

from collections.abc import Mapping
from typing import Protocol

from cognito_credproc.app_client import AppClient
from cognito_credproc.asked_once import PAGE, once
from cognito_credproc.errors import PersonNeededError
from cognito_credproc.flow import Browse
from cognito_credproc.managed_login import ManagedLogin, sign_in_by_browser
from cognito_credproc.performer import Performer
from cognito_credproc.questions import login_command
from cognito_credproc.settings import Settings
from cognito_credproc.terminal import Person
from cognito_credproc.tokens import Tokens


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
