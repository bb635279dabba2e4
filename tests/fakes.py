"""Small real objects that stand in for the clock, a person and the keyring."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

from cognito_credproc.settings.settings import Settings

NOW = 1_793_689_509.0  # Tue Nov 3 07:05:09 UTC 2026
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSW"
OTHER_SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZD"
PROFILE = {
    "cognito_user_pool_id": "ap-northeast-1_AbCdEfGhI",
    "cognito_client_id": "1example23456789",
    "cognito_identity_pool_id": "ap-northeast-1:11111111-2222-3333-4444-555555555555",
    "cognito_username": "istio@example.com",
}


class FakeClock:
    """A clock that moves only when it is told to, or when somebody sleeps by it.

    `time` is the true time, `set` by how much the machine has it otherwise.
    """

    def __init__(self, now: float = NOW) -> None:
        self.time = now
        self.set = 0.0
        self.slept: list[float] = []

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.time + self.set

    def elapsed(self) -> float:
        """The seconds that really go by."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Wait without waiting."""
        assert seconds >= 0
        self.slept.append(seconds)
        self.time += seconds


class ScriptedPerson:
    """A person who answers from a list; functions in it are called for the answer."""

    def __init__(self, *answers: str | Callable[[], str]) -> None:
        self.answers = list(answers)
        self.told: list[str] = []
        self.asked: list[tuple[str, bool]] = []

    def say(self, text: str) -> None:
        """Be told something."""
        self.told.append(text)

    def ask(self, prompt: str, *, hidden: bool = False) -> str:
        """Answer."""
        self.asked.append((prompt, hidden))
        assert self.answers, f"nobody expected to be asked {prompt!r}"
        answer = self.answers.pop(0)
        return answer if isinstance(answer, str) else answer()


class MemoryKeyring(KeyringBackend):
    """A keyring in memory. `limit` is the greatest length of an entry in UTF-16 units."""

    priority = 1

    def __init__(self, limit: int | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.entries: dict[tuple[str, str], str] = {}
        self.limit = limit
        self.writes_left: int | None = None
        self.reads: list[str] = []

    @property
    def items(self) -> dict[str, str]:
        """What is in it, by service name."""
        return {service: value for (service, _), value in self.entries.items()}

    def get_password(self, service: str, username: str) -> str | None:
        """Read an entry."""
        self.reads.append(service)
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Write an entry."""
        if self.limit is not None and len(password.encode("utf-16-le")) // 2 > self.limit:
            raise OSError(1783, "CredWrite", "The stub received bad data")
        self._write()
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Remove an entry."""
        if (service, username) not in self.entries:
            raise PasswordDeleteError("No such password!")
        self._write()
        del self.entries[service, username]

    def _write(self) -> None:
        if self.writes_left is not None:
            if self.writes_left == 0:
                raise KilledError
            self.writes_left -= 1


class KilledError(BaseException):
    """The process ends here, as far as the code under test can tell."""


class FlakyKeyring(MemoryKeyring):
    """A keyring that takes every write but those of one kind of item, `failures` times."""

    def __init__(self, kind: str, failures: int) -> None:
        super().__init__()
        self.kind = kind
        self.failures = failures

    def set_password(self, service: str, username: str, password: str) -> None:
        """Write an entry, or fail."""
        if f"/{self.kind}/" in service and self.failures:
            self.failures -= 1
            raise OSError("the daemon is gone")
        super().set_password(service, username, password)


class FailingKeyring(MemoryKeyring):
    """A keyring that raises at every touch."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def get_password(self, service: str, username: str) -> str | None:  # noqa: ARG002
        """Fail."""
        raise self.error

    def set_password(self, service: str, username: str, password: str) -> None:  # noqa: ARG002
        """Fail."""
        raise self.error

    def delete_password(self, service: str, username: str) -> None:  # noqa: ARG002
        """Fail."""
        raise self.error


def settings(**changes: Any) -> Settings:
    """The settings of a profile `dev`."""
    file = Path("/home/istio/.aws/config")
    return replace(Settings.load("dev", {"dev": PROFILE}, file), **changes)


def config_text(profiles: Mapping[str, Mapping[str, str]]) -> str:
    """An AWS config file."""
    sections: Iterable[str] = (
        "\n".join([f"[{section}]", *(f"{key} = {value}" for key, value in keys.items()), ""])
        for section, keys in profiles.items()
    )
    return "\n".join(sections)
