"""Makes or changes one profile on this machine: the questions, the check, the keyring, the file."""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cognito_credproc.aws import discovery
from cognito_credproc.aws.discovery import Published
from cognito_credproc.people.terminal import Person
from cognito_credproc.profiles.configuring import (
    ConfigFile,
    ask_for_missing,
    settle_line,
    settle_region,
)
from cognito_credproc.profiles.pool_check import Doubt, doubts
from cognito_credproc.profiles.profile_plan import Plan
from cognito_credproc.profiles.shadowing import Shadow, shadows
from cognito_credproc.profiles.verifying import ClientSecret, verify
from cognito_credproc.settings.forms import BASE, CHALLENGE
from cognito_credproc.settings.profile_keys import refuse_borrowed, refuse_misread
from cognito_credproc.settings.settings import Settings
from cognito_credproc.storage.keychain import Keychain
from cognito_credproc.storage.state import State
from cognito_credproc.use_cases.program import PERSONS_PATIENCE, LazyCognito
from cognito_credproc.values.clock import CorrectedClock, Deadline, SystemClock
from cognito_credproc.values.errors import CredprocError

AUTH_FLOW = "cognito_auth_flow"


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line says; an empty value removes its key."""

    profile: str
    given: Mapping[str, str]
    client_secret: str | None = field(default=None, repr=False)
    replace: bool = False
    offline: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """What came of it: the plan, what was wrong with the old line, what else there is to say."""

    plan: Plan
    old_line: str | None
    doubts: list[Doubt]
    shadows: list[Shadow]
    secret: ClientSecret
    state: State
    dropped: str | None = None  # the preferred challenge that does not go with the new flow

    def difference(self, config: ConfigFile) -> str:
        """What would change in the file."""
        return config.preview({self.plan.profile: self.plan.changes})

    def keep(self, config: ConfigFile) -> bool:
        """Write it, the secret first; tells whether the file is another now.

        Raises:
            KeychainError: the keyring does not take the secret; nothing is written.
            SettingsError: the file cannot be changed safely, or not be written.
        """
        self.secret.store(self.plan.settings.client_id)
        if self.secret.new is not None:
            self._may_be_tried()
        return config.write({self.plan.profile: self.plan.changes})

    def _may_be_tried(self) -> None:
        """At once, whatever was rejected without the secret; other settings need no such word."""
        user = self.plan.settings.user
        memory = self.state.load(user)
        if memory.forget_rejections():
            with contextlib.suppress(CredprocError):
                self.state.save(user, memory)


def made(
    request: Request,
    config: ConfigFile,
    environment: Mapping[str, str],
    person: Person | None,
) -> Made:
    """Ask and check until everything is known; nothing is written yet.

    Raises:
        CredprocError: something is missing or wrong, and nobody is there who could say better.
    """
    refuse_misread(request.profile, config.profiles, config.path)
    if not request.given:
        refuse_borrowed(request.profile, config.profiles, config.path)
    plan = Plan(request.profile, config.profiles, config.path)
    for key in sorted(request.given, key=lambda key: key != BASE):
        if value := request.given[key]:
            plan.change(key, value)
        else:
            plan.remove(key)
    said = request.given.keys() & {AUTH_FLOW, CHALLENGE} == {AUTH_FLOW}
    dropped = plan.drop_challenge() if said else None
    was_asked = ask_for_missing(plan, person)
    old_line = settle_line(plan, environment.get("PATH"), person, replace=request.replace)
    secret = ClientSecret(lambda: Keychain.open(environment), request.client_secret)
    found: list[Doubt] = []
    if not request.offline and (plan.concerns_sign_in or secret.new is not None):
        found = verify(plan, person, secret, _ask_cognito)
    settle_region(plan, person if was_asked else None)
    plan.check()
    seen = shadows(plan.profile, plan.keys, environment)
    return Made(plan, old_line, found, seen, secret, State.of(environment), dropped)


def _ask_cognito(settings: Settings, secret: Callable[[], str | None]) -> list[Doubt]:
    clock = CorrectedClock(SystemClock())
    caller = LazyCognito(settings, clock, Deadline(clock, PERSONS_PATIENCE), lambda: None)

    def published() -> Published:
        """A way that is barred for this alone says nothing about the pool."""
        from cognito_credproc.aws.routes import Routes  # it brings the HTTP client

        routes = Routes(settings, clock)
        try:
            place = discovery.path(settings.user_pool_id)
            return discovery.read(routes.get(routes.route("cognito-idp"), place).body)
        except CredprocError:
            return Published(None, absent=False)

    return doubts(settings, caller, published, secret)
