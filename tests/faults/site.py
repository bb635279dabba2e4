"""One person's machine in this process, beside a local Cognito, where one call can be harmed.

Calls and flows are the real ones, the keyring is in memory, and pauses take no time.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest import mock

from cognito_credproc.answers import totp
from cognito_credproc.aws.cognito import Cognito, Limits
from cognito_credproc.flows.flow import Answer, Call, Item
from cognito_credproc.values.clock import CorrectedClock, Deadline
from cognito_credproc.values.errors import CredprocError
from tests.fakes import PROFILE, FakeClock, ScriptedPerson, config_text, settings
from tests.faults.replays import replays
from tests.machine import Machine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.local_cognito import LocalCognito, User
    from tests.local_cognito.clients import ClientOptions
    from tests.local_cognito.pools import PoolOptions

NAME = PROFILE["cognito_username"]
ANSWER = "blue"
PASSWORD, TEMPORARY = "Correct-horse-1", "Change-me-1"
FLOWS = tuple(
    f"ALLOW_{flow}"
    for flow in (
        "USER_SRP_AUTH",
        "USER_PASSWORD_AUTH",
        "USER_AUTH",
        "CUSTOM_AUTH",
        "REFRESH_TOKEN_AUTH",
    )
)
PATIENT = Limits(connect=5, read=5, call=10)
HASTY = Limits(connect=0.2, read=0.2, call=10)  # where nobody answers
BRIEF = Limits(connect=5, read=5, call=0.5)  # where an answer comes byte by byte


class Target(NamedTuple):
    """One call of a journey: the operation, and for an answer to a challenge which one."""

    operation: str
    challenge: str | None = None

    def __str__(self) -> str:
        return self.challenge or self.operation

    def is_meant(self, step: Call) -> bool:
        """Whether it is this call."""
        found = step.parameters.get("ChallengeName")
        return step.operation == self.operation and found == self.challenge


class ServiceClock(FakeClock):
    """The service's clock; who sleeps by it moves it."""

    def __init__(self, service: LocalCognito) -> None:
        super().__init__()
        self._service = service

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._service.clock.now()

    def elapsed(self) -> float:
        """Seconds since the epoch, since this clock is never set back."""
        return self.now()

    def sleep(self, seconds: float) -> None:
        """Wait without waiting."""
        self._service.clock.advance(seconds)


class Somebody(ScriptedPerson):
    """A person who knows the answer to every question."""

    def __init__(self, site: Site) -> None:
        super().__init__()
        self._site = site

    def ask(self, prompt: str, *, hidden: bool = False) -> str:
        """Answer."""
        self.asked.append((prompt, hidden))
        assert len(self.asked) < 30, f"asked without end: {prompt}"
        answers: Mapping[str, Callable[[], str]] = {
            "new password": lambda: PASSWORD,
            "the same again": lambda: PASSWORD,
            "password for": self._password,
            "code sent ": lambda: self._site.pool.outbox[-1].code,
            "code that the app shows": self._code,
            "code from your authenticator": self._code,
            "answer: ": lambda: ANSWER,
            "which of these": lambda: "1",
            "[y/N]": lambda: "y",
            "[Y/n]": lambda: "",
        }
        known = [answer for part, answer in answers.items() if part in prompt]
        assert known, f"nobody expected to be asked {prompt!r}"
        return known[0]()

    def _password(self) -> str:
        return TEMPORARY if self._site.user.status == "FORCE_CHANGE_PASSWORD" else PASSWORD

    def _code(self) -> str:
        token = self._site.user.token
        assert token is not None
        step = max(totp.step_at(self._site.clock.now()), token.last_step + 1)
        return totp.code(token.seed, step)


class Site(Machine):
    """A profile with pools of its own; what `call` does is decided by `harm`, if there is one."""

    def __init__(
        self,
        folder: Path,
        service: LocalCognito,
        caller: Callable[[Call], Answer],
        *,
        pool: PoolOptions | None = None,
        client: ClientOptions | None = None,
        said: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(folder)
        self.service = service
        self.pool = service.create_user_pool(**(pool or {}))
        options: ClientOptions = {"flows": FLOWS}
        options.update(client or {})
        self.client = self.pool.create_client(**options)
        self.role = f"arn:aws:iam::111122223333:role/{self.client.id}"  # a role trusts one pool
        self.identities = service.create_identity_pool(self.client, self.role, classic_flow=True)
        self.settings = settings(
            user_pool_id=self.pool.id,
            client_id=self.client.id,
            identity_pool_id=self.identities.id,
            **{"auth_flow": "USER_PASSWORD_AUTH", **(said or {})},
        )
        self.clock = ServiceClock(service)
        self.caller = caller
        self.harm: Callable[[Call], Answer] | None = None
        self._first = len(service.calls)

    @property
    def user(self) -> User:
        """The user whom the profile names."""
        return self.pool.user(NAME)

    def call(self, step: Call) -> Answer:
        """Call the local Cognito."""
        self.called.append(step)
        return (self.harm or self.caller)(step)

    def replays(self, *, refreshes: bool = False) -> list[str]:
        """What is good once and was sent twice since this machine came into being.

        Refresh tokens are, where the app client rotates them; but a run that cannot know whether
        the one before spent it sends it again, so they count for one run alone.
        """
        calls, bodies = self.service.calls[self._first :], self.service.wire[self._first :]
        return replays(calls, bodies, refreshes=refreshes)

    def sign_in_elsewhere(self) -> str:
        """A refresh token of this user."""
        mfa, self.pool.mfa = self.pool.mfa, "OFF"
        proof = {"USERNAME": NAME, "PASSWORD": PASSWORD}
        parameters: Mapping[str, Any] = {
            "ClientId": self.client.id,
            "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": proof,
        }
        answer = self.caller(Call("cognito-idp", "InitiateAuth", parameters))
        self.pool.mfa = mfa
        token: str = answer["AuthenticationResult"]["RefreshToken"]
        return token

    def has_factors(self) -> None:
        """Store password and seed of a user who has both."""
        seed = self.pool.enable_totp(self.user)
        self.store(Item.PASSWORD, PASSWORD)
        self.store(Item.TOTP_SEED, seed)

    def has_refresh_token(self) -> None:
        """Store a refresh token."""
        self.store(Item.REFRESH_TOKEN, self.sign_in_elsewhere())


@contextlib.contextmanager
def caller(
    folder: Path, environment: Mapping[str, str], clock: FakeClock, limits: Limits
) -> Iterator[Cognito]:
    """The real client, built in this environment; it may be used by many machines in turn."""
    config = folder / "config"
    config.write_text(config_text({"profile dev": PROFILE}))
    plain = {"AWS_CONFIG_FILE": str(config), "PATH": "", **environment}
    with mock.patch.dict("os.environ", plain, clear=True):
        cognito = Cognito(settings(), CorrectedClock(clock), Deadline(clock, 1e9), limits=limits)
        for call in (
            Call("cognito-idp", "RevokeToken", {"ClientId": "none", "Token": "none"}),
            Call("cognito-identity", "GetId", {"IdentityPoolId": "none:none"}),
        ):
            with contextlib.suppress(CredprocError):  # it is the building that counts
                cognito(call)
        yield cognito
