"""What is examined: one profile on this machine. Each part is found once, when it is asked for."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from cognito_credproc.aws import discovery
from cognito_credproc.aws.routes import Network, Reply, Routes
from cognito_credproc.checks.finding import BlockedError
from cognito_credproc.flows.flow import Answer, Call, Flow, Service, Step, run
from cognito_credproc.settings import aws_config
from cognito_credproc.settings.forms import set_command
from cognito_credproc.settings.settings import Settings
from cognito_credproc.storage.keychain import Keychain
from cognito_credproc.storage.state import State
from cognito_credproc.use_cases.advice import advice
from cognito_credproc.use_cases.performer import Caller
from cognito_credproc.use_cases.program import LazyCognito, checked_settings
from cognito_credproc.use_cases.standing import (
    WINDOWS,
    Keyring,
    Overview,
    Standing,
    opened,
    overview,
)
from cognito_credproc.values.clock import Clock, CorrectedClock, Deadline, SystemClock
from cognito_credproc.values.errors import CredprocError, ServiceError

if TYPE_CHECKING:
    from cognito_credproc.values.credentials import Credentials

PATIENCE = 60.0  # seconds in which calls may begin; each check has its own, shorter time


class Subject:
    """One profile, and where it lives.

    A part that is broken raises BlockedError; the check whose business it is reads past it and
    says what is wrong.
    """

    def __init__(
        self,
        profile: str,
        environment: Mapping[str, str],
        clock: Clock,
        opened: Callable[[], Keychain],
        caller: Callable[[Settings], Caller],
        network: Callable[[Settings], Network],
    ) -> None:
        self.profile = profile
        self.environment = environment
        self.clock = clock
        self.opened = opened
        self._caller = caller
        self._network = network
        self.credentials: Credentials | None = None  # those that the line has printed
        self.arn: str | None = None  # whose they are
        self.keyring_works = True  # until its check has found otherwise
        self._replies: dict[Service, Reply | CredprocError] = {}

    @classmethod
    def here(cls, profile: str, environment: Mapping[str, str]) -> Self:
        """A profile on this machine."""
        clock = CorrectedClock(SystemClock())

        def caller(settings: Settings) -> Caller:
            return LazyCognito(settings, clock, Deadline(clock, PATIENCE), lambda: None)

        def network(settings: Settings) -> Network:
            return Routes(settings, clock.machine)

        return cls(
            profile, environment, clock.machine, lambda: opened(environment), caller, network
        )

    @property
    def file(self) -> Path:
        """The AWS config file."""
        return aws_config.path(self.environment)

    @property
    def unattended(self) -> dict[str, str]:
        """The environment for programs that are tried: no window comes up that asks."""
        return {key: text for key, text in self.environment.items() if key not in WINDOWS}

    @cached_property
    def config(self) -> aws_config.Config:
        """What the config file says."""
        with blocked("the config file"):
            return aws_config.read(self.file)

    def forget_config(self) -> None:
        """The file has changed: read it again."""
        self.__dict__.pop("config", None)

    @cached_property
    def settings(self) -> Settings:
        """The profile's settings."""
        config = self.config
        with blocked("the settings"):
            return checked_settings(self.profile, config, self.file, self.environment)

    @cached_property
    def keychain(self) -> Keychain:
        """The keyring."""
        if not self.keyring_works:
            raise BlockedError("the keyring")  # it was waited for already
        with blocked("the keyring"):
            return self.opened()

    @property
    def state(self) -> State:
        """What is remembered between runs."""
        return State.of(self.environment)

    @cached_property
    def standing(self) -> Standing:
        """What is stored."""
        settings = self.settings
        if not self.keyring_works:
            raise BlockedError("the keyring")
        found = self._overview(settings).profiles[self.profile]
        assert isinstance(found, Standing)  # noqa: S101 - `overview` raises for a named profile
        if found.stored is None:
            raise BlockedError("the keyring")
        return found

    def set_command(self, key: str) -> str:
        """The command that gives a key of the profile another value."""
        return set_command(key, self.profile)

    @cached_property
    def call(self) -> Caller:
        """Calls to Cognito."""
        return self._caller(self.settings)

    @cached_property
    def network(self) -> Network:
        """The ways to the endpoints."""
        return self._network(self.settings)

    @property
    def services(self) -> tuple[Service, ...]:
        """The services that the profile needs."""
        settings = self.settings
        more: list[Service] = ["managed-login"] if settings.managed_login else []
        if settings.credential_flow == "basic":
            more.append("sts")
        return ("cognito-idp", "cognito-identity", *more)

    def reply(self, service: Service) -> Reply:
        """What a service says to a question about nothing; it is asked once.

        Raises:
            CredprocError: it cannot be reached.
        """
        if service not in self._replies:
            try:
                self._replies[service] = self.network.get(self.network.route(service), "/")
            except CredprocError as error:
                self._replies[service] = error
        found = self._replies[service]
        if isinstance(found, CredprocError):
            raise found
        return found

    def reach(self, service: Service) -> None:
        """See that a service can be reached."""
        with blocked("the network"):
            self.reply(service)

    def ask(self, flow: Flow[None]) -> None:
        """Drive a flow that only calls.

        Raises:
            CredprocError: what it raises, with the hint for a refusal.
        """

        def perform(step: Step) -> Answer:
            assert isinstance(step, Call)  # noqa: S101 - these flows do nothing else
            return self.call(step)

        try:
            run(flow, perform)
        except ServiceError as error:
            error.hint = advice(error, self.settings)
            raise

    @cached_property
    def published(self) -> Reply:
        """What the user pool publishes about itself."""
        with blocked("the network"):
            route = self.network.route("cognito-idp")
            return self.network.get(route, discovery.path(self.settings.user_pool_id))

    def _overview(self, settings: Settings) -> Overview:
        return overview(settings.profile, self.environment, Keyring(self.opened))


@contextlib.contextmanager
def blocked(what: str) -> Iterator[None]:
    """Our errors inside mean that `what` is broken."""
    try:
        yield
    except CredprocError:
        raise BlockedError(what) from None
