"""Builds the program for one profile: environment, clock, keyring and terminal meet here."""

import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cognito_credproc import record
from cognito_credproc.flows.flow import Answer, Browse, Call
from cognito_credproc.people.people import TERMINAL, absence, person
from cognito_credproc.people.terminal import Person
from cognito_credproc.people.waiting import SILENT, Waits
from cognito_credproc.process.debug import log
from cognito_credproc.settings import aws_config
from cognito_credproc.settings.settings import Settings
from cognito_credproc.storage.keychain import Keychain, item_name
from cognito_credproc.storage.session import Session
from cognito_credproc.storage.state import State
from cognito_credproc.use_cases.browser_way import Visitor
from cognito_credproc.use_cases.performer import Performer
from cognito_credproc.use_cases.renewal import Renewal
from cognito_credproc.values.clock import Clock, CorrectedClock, Deadline, SystemClock

if TYPE_CHECKING:
    from cognito_credproc.aws.cognito import Cognito

CALL_PATIENCE = 9.0  # seconds; a call that has begun may take ten more, and SDKs wait for twenty
# Seconds that calls may begin after a person typed the command, who sees what it waits for: nine
# calls of an enrolment on a slow line.
PERSONS_PATIENCE = 120.0


def load_settings(profile: str, environment: Mapping[str, str]) -> tuple[Settings, str]:
    """The profile's settings, and the stamp of the file and environment that they come from.

    Raises:
        SettingsError: the file, the profile or a value is missing or malformed.
    """
    file = aws_config.path(environment)
    try:
        # Before the reading: a change in between makes the record stale, never the other way.
        stamp = record.stamp(file.stat(), aws_config.endpoints(environment))
    except OSError:
        stamp = "-"  # the reading says what is wrong
    return checked_settings(profile, aws_config.read(file), file, environment), stamp


def checked_settings(
    profile: str, config: aws_config.Config, file: Path, environment: Mapping[str, str]
) -> Settings:
    """The profile's settings in a config file that was read from `file`.

    Raises:
        SettingsError: the profile or a value is missing or malformed.
    """
    settings = Settings.load(profile, config.profiles, file)
    return replace(settings, endpoints=config.endpoints(profile, environment))


class Program(NamedTuple):
    """The parts that commands are made of."""

    settings: Settings
    performer: Performer
    renewal: Renewal
    clock: CorrectedClock


def build(
    profile: str,
    environment: Mapping[str, str],
    machine_clock: Clock,
    asked: Callable[[], Person | None],
    waits: Waits = SILENT,
    patience: float = CALL_PATIENCE,
) -> Program:
    """Everything for one profile. Its clock follows Cognito's; no other is made below here.

    Calls may begin within `patience` seconds, without those that a person takes to answer.

    Raises:
        SettingsError: the file, the profile or a value is missing or malformed.
        KeychainError: no keyring answers.
    """
    settings, stamp = load_settings(profile, environment)
    log.debug(
        "settings: pool %s, client %s, identity pool %s, %s, role %s",
        settings.user_pool_id,
        settings.client_id,
        settings.identity_pool_id,
        settings.auth_flow,
        settings.role_arn,
    )
    keychain = Keychain.open(environment, waits)
    session = Session(keychain, item_name(profile, environment), stamp, settings.digest)
    clock = CorrectedClock(machine_clock)
    deadline = Deadline(clock, patience)
    caller = LazyCognito(settings, clock, deadline, keychain.prepare)
    state = State.of(environment)
    performer = Performer(settings, caller, keychain, state, deadline, caller.prepare, waits)
    visitor = lazy_visitor(profile, environment)
    renewal = Renewal(
        *(settings, session, performer, clock, asked, visitor),
        absence=lambda: absence(settings.prompt, environment),
    )
    return Program(settings, performer, renewal, clock)


def for_this_machine(
    profile: str, environment: Mapping[str, str], *, at_terminal: bool = False
) -> Program:
    """The same with this machine's clock, and whoever is there to be asked.

    `at_terminal`: as `people.person` has it.

    Raises:
        CredprocError: as `build`.
    """

    def asked() -> Person | None:
        # A page in the browser opens where a person sees why, and a window is no such place.
        prompt = TERMINAL if program.settings.managed_login else program.settings.prompt
        return person(prompt, profile, environment, at_terminal=at_terminal)

    # Standard output at a terminal is read by a person, whatever is typed; a tool captures it.
    waits = Waits.of(profile, environment, at_terminal=at_terminal or os.isatty(1))
    patience = PERSONS_PATIENCE if at_terminal else CALL_PATIENCE
    program = build(profile, environment, SystemClock(), asked, waits, patience)
    return program


def lazy_visitor(profile: str, environment: Mapping[str, str]) -> Visitor:
    """The way to a browser; what it listens with (60 ms) is imported for a sign-in by it."""

    def visit(
        step: Browse,
        person: Person | None,
        *,
        paste: bool,
        page: Callable[[], AbstractContextManager[None]],
    ) -> Mapping[str, str]:
        from cognito_credproc.people.browsing import Browsing

        return Browsing.here(environment).visit(step, profile, person, paste=paste, page=page)

    return visit


class LazyCognito:
    """Calls to Cognito; boto3 (150 ms) is imported when the first one comes, or is to be ready."""

    def __init__(
        self,
        settings: Settings,
        clock: CorrectedClock,
        deadline: Deadline,
        meanwhile: Callable[[], None],
    ) -> None:
        self._parts = (settings, clock, deadline, meanwhile)
        self._made: Cognito | None = None

    def __call__(self, step: Call) -> Answer:
        """Perform one call, as `Cognito` does."""
        return self._cognito(step)

    def prepare(self) -> None:
        """Import and build what the first call needs."""
        self._cognito.prepare()

    @property
    def _cognito(self) -> "Cognito":
        if self._made is None:
            from cognito_credproc.aws.cognito import Cognito

            self._made = Cognito(*self._parts)
        return self._made
