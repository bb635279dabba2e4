"""What is examined: one profile on this machine. Each part is found once, when it is asked for."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Self

from cognito_credproc import aws_config
from cognito_credproc.checks.finding import BlockedError
from cognito_credproc.clock import Clock, CorrectedClock, Deadline, SystemClock
from cognito_credproc.errors import CredprocError
from cognito_credproc.keychain import Keychain, item_name
from cognito_credproc.performer import Caller
from cognito_credproc.program import LazyCognito, checked_settings
from cognito_credproc.settings import Settings
from cognito_credproc.standing import Keyring, Overview, Standing, opened, overview
from cognito_credproc.state import State

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
    ) -> None:
        self.profile = profile
        self.environment = environment
        self.clock = clock
        self.opened = opened
        self._caller = caller

    @classmethod
    def here(cls, profile: str, environment: Mapping[str, str]) -> Self:
        """A profile on this machine."""
        clock = CorrectedClock(SystemClock())

        def caller(settings: Settings) -> Caller:
            return LazyCognito(settings, clock, Deadline(clock, PATIENCE), lambda: None)

        return cls(profile, environment, clock.machine, lambda: opened(environment), caller)

    @property
    def file(self) -> Path:
        """The AWS config file."""
        return aws_config.path(self.environment)

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
        found = self._overview(settings).profiles[self.profile]
        assert isinstance(found, Standing)  # noqa: S101 - `overview` raises for a named profile
        if found.stored is None:
            raise BlockedError("the keyring")
        return found

    @cached_property
    def call(self) -> Caller:
        """Calls to Cognito."""
        return self._caller(self.settings)

    @property
    def session_item(self) -> str:
        """The name of the item that holds the temporary credentials."""
        return item_name(self.profile, self.environment)

    def _overview(self, settings: Settings) -> Overview:
        return overview(settings.profile, self.environment, Keyring(self.opened))


@contextlib.contextmanager
def blocked(what: str) -> Iterator[None]:
    """Our errors inside mean that `what` is broken."""
    try:
        yield
    except CredprocError:
        raise BlockedError(what) from None
