"""One profile on one machine for `doctor`: files, a keyring, a clock, and a script of calls."""

import json
import stat
from collections.abc import Sequence
from pathlib import Path

from cognito_credproc.aws.routes import Reply, Route
from cognito_credproc.checks.examination import examine
from cognito_credproc.checks.finding import Check, Finding, State
from cognito_credproc.checks.subject import Subject
from cognito_credproc.flows.flow import Answer, Call, Item, Service
from cognito_credproc.settings import line
from cognito_credproc.settings.settings import Settings
from cognito_credproc.storage.keychain import Keychain
from cognito_credproc.storage.session import Session
from cognito_credproc.storage.state import Account
from cognito_credproc.storage.state import State as Folder
from cognito_credproc.use_cases.performer import Caller
from cognito_credproc.use_cases.program import load_settings
from cognito_credproc.use_cases.safekeeping import item_owner
from cognito_credproc.values.credentials import Credentials
from cognito_credproc.values.errors import CredprocError
from tests.fakes import PROFILE, FakeClock, MemoryKeyring, config_text

ISSUER = f"cognito-idp.ap-northeast-1.amazonaws.com/{PROFILE['cognito_user_pool_id']}"

ARN = "arn:aws:sts::111122223333:assumed-role/Dev/CognitoIdentityCredentials"


class FakeNetwork:
    """Every service answers, until a test says otherwise."""

    def __init__(self) -> None:
        self.proxy: str | None = None
        self.names: CredprocError | None = None
        self.down: dict[str, CredprocError] = {}
        self.ahead: float | None = 0.2
        self.arn = ARN
        self.published = Reply(200, json.dumps({"issuer": f"https://{ISSUER}"}).encode(), 0.1, 0.2)
        self.asked: list[tuple[str, str]] = []

    def route(self, service: Service) -> Route:
        """The way to a service."""
        return Route(f"https://{service}.ap-northeast-1.amazonaws.com", self.proxy)

    def addresses(self, host: str) -> list[str]:
        """The addresses of a host."""
        assert host.endswith(".ap-northeast-1.amazonaws.com")
        if self.names:
            raise self.names
        return ["192.0.2.1"]

    def get(self, route: Route, path: str) -> Reply:
        """GET something there."""
        self.asked.append((route.host, path))
        if error := self.down.get(route.host.partition(".")[0]):
            raise error
        return Reply(404, b"", 0.123, self.ahead) if path == "/" else self.published

    def whose(self, credentials: Credentials) -> str:
        """Whose credentials these are."""
        self.asked.append(("sts", credentials.access_key_id))
        if error := self.down.get("sts"):
            raise error
        return self.arn


class Patient:
    """All is well until a test breaks it."""

    def __init__(self, folder: Path, *script: tuple[str, object]) -> None:
        self.folder = folder
        self.config = folder / "config"
        self.state = folder / "state"
        self.keyring = MemoryKeyring()
        self.clock = FakeClock()
        self.network = FakeNetwork()
        self.script = list(script)
        self.called: list[Call] = []
        self.environment = {
            "AWS_CONFIG_FILE": str(self.config),
            "COGNITO_CREDPROC_STATE_DIR": str(self.state),
            "PATH": "/usr/bin:/bin",
        }
        self.write()

    def write(self, more: str = "", **changes: str | None) -> None:
        """Write the config file; None leaves a key out."""
        keys = {
            "region": "ap-northeast-1",
            line.KEY: line.isolated_line("dev"),
            **PROFILE,
            **changes,
        }
        kept = {key: value for key, value in keys.items() if value is not None}
        self.config.write_text(config_text({"profile dev": kept}) + more)
        self.config.chmod(0o600)

    def subject(self, profile: str = "dev") -> Subject:
        """What a new process sees."""

        def caller(_settings: Settings) -> Caller:
            return self._call

        keyring = self.keyring
        return Subject(
            profile,
            self.environment,
            self.clock,
            lambda: Keychain(keyring),
            caller,
            lambda _settings: self.network,
        )

    def found(self, check: Check, profile: str = "dev", *, fix: bool = False) -> list[Finding]:
        """What a check finds."""
        results = examine(self.subject(profile), [check], fix=fix)
        return [result.finding for result in results]

    def one(self, check: Check, profile: str = "dev", *, fix: bool = False) -> Finding:
        """The only thing that a check finds."""
        [finding] = self.found(check, profile, fix=fix)
        return finding

    @property
    def settings(self) -> Settings:
        """The settings of `dev`."""
        return load_settings("dev", self.environment)[0]

    def remember(self, **memory: object) -> None:
        """Write the state of the user."""
        Folder(self.state).save(self.settings.user, Account(**memory))  # type: ignore[arg-type]

    def keep(self, left: float = 3_600, digest: str | None = None) -> None:
        """Store credentials."""
        session = Session(
            Keychain(self.keyring),
            f"dev@{self.config}",
            "stamp",
            digest or self.settings.digest,
        )
        session.store(Credentials("ASIA", "s3cret", "t0ken", int(self.clock.now() + left)))

    def store(self, *items: Item) -> None:
        """Store secrets."""
        for item in items:
            Keychain(self.keyring).store(item, item_owner(item, self.settings), "s3cret")

    def _call(self, step: Call) -> Answer:
        self.called.append(step)
        operation, reply = self.script.pop(0)
        assert step.operation == operation
        if isinstance(reply, CredprocError):
            raise reply
        assert isinstance(reply, dict)
        return reply


def states(findings: Sequence[Finding]) -> list[State]:
    """How bad they are."""
    return [finding.state for finding in findings]


def mode(path: Path) -> int:
    """The permission bits."""
    return stat.S_IMODE(path.stat().st_mode)
