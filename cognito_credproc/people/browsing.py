"""Sends a person to the sign-in page, and waits for what the browser brings back."""

import contextlib
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from urllib.parse import urlsplit

from cognito_credproc.flows.flow import Browse
from cognito_credproc.people import browser, loopback
from cognito_credproc.people.loopback import Waiting
from cognito_credproc.people.questions import login_command
from cognito_credproc.people.terminal import Person
from cognito_credproc.values.errors import CredprocError, PersonNeededError

PATIENCE = 300.0  # seconds for the person to sign in; Cognito's own pages wait no longer
PASTES = 3

Opener = Callable[[str], bool]
Listener = Callable[[str, str], AbstractContextManager[Waiting]]


class Browsing:
    """One machine's way to a browser; `opened` opens a page and tells whether that worked."""

    def __init__(
        self, opened: Opener, listening: Listener = loopback.listening, patience: float = PATIENCE
    ) -> None:
        self._opened = opened
        self._listening = listening
        self._patience = patience

    @classmethod
    def here(cls, environment: Mapping[str, str]) -> "Browsing":
        """The way on this machine."""
        return cls(lambda url: browser.opened(url, environment))

    def visit(
        self,
        step: Browse,
        profile: str,
        person: Person | None,
        *,
        paste: bool,
        page: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext,
    ) -> Mapping[str, str]:
        """What the browser brings back; with `paste`, the person brings it from another machine.

        `page` holds from just before a page opens until it has brought its answer.

        Raises:
            CredprocError: nothing came in time, or it cannot be listened for.
            PersonNeededError: no browser can be opened, and nobody can be told so.
        """
        if not paste:
            try:
                with self._listening(step.redirect_uri, step.state) as waiting, page():
                    if self._opened(step.url):
                        return self._awaited(step, profile, person, waiting)
            except CredprocError as error:
                error.hint = error.hint or (
                    f"end the program that uses it, or: {login_command(profile)} --no-browser"
                )
                raise
        if person is None:
            raise PersonNeededError(
                f"profile {profile}: no browser can be opened here", login_command(profile)
            )
        return _pasted(step, profile, person)

    def _awaited(
        self, step: Browse, profile: str, person: Person | None, waiting: Waiting
    ) -> Mapping[str, str]:
        if person is not None:
            person.say(f"[{profile}] the sign-in page opens in your browser; if not, open this:")
            person.say(step.url)
            limit = f"{self._patience / 60:.0f} minutes"
            person.say(f"[{profile}] waiting for it, {limit} at most; Ctrl-C ends it")
        answer = waiting.answer(self._patience)
        if answer is None:
            raise CredprocError(
                f"profile {profile}: the browser did not come back within"
                f" {self._patience / 60:.0f} minutes",
                f"if the page shows redirect_mismatch, register {step.redirect_uri} as a callback"
                f" URL of the app client; then: {login_command(profile)}",
            )
        return answer


def _pasted(step: Browse, profile: str, person: Person) -> Mapping[str, str]:
    """The person opens the page elsewhere, and brings the address at which the browser ends."""
    person.say(f"[{profile}] open this page in any browser, and sign in there:\n")
    person.say(f"{step.url}\n")
    person.say(f"[{profile}] it ends at {step.redirect_uri}..., which the browser may fail to show")
    for _ in range(PASTES):
        typed = re.sub(r"\s", "", person.ask(f"[{profile}] that address, from its address bar: "))
        query = urlsplit(typed.strip("'\"")).query if "?" in typed else typed
        if answer := loopback.parameters(query, step.state):
            return answer
        person.say(
            f"[{profile}] that is not the address of this sign-in; it has a code and a state"
        )
    raise CredprocError(
        f"profile {profile}: {PASTES} times that was not the address of this sign-in",
        f"{login_command(profile)} --no-browser",
    )
