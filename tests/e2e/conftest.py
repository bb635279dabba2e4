"""The fixtures: a private keyring, and a machine of its own for each."""

from __future__ import annotations

import contextlib
import itertools
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.items import lives
from tests.e2e.keyring_session import keyring_session, missing
from tests.e2e.machine import Machine

NewMachine = Callable[..., Machine]
_numbers = itertools.count(1)


class Keyrings:
    """Sessions with an unlocked gnome-keyring, one at a time: the next when the daemon has died."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._stack = stack
        self._environment: dict[str, str] = {}

    def environment(self) -> dict[str, str]:
        """The environment that leads to a daemon which lives."""
        if not (self._environment and lives(self._environment["DBUS_SESSION_BUS_ADDRESS"])):
            # Not pytest's own folder: the path of a socket has to be short.
            folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="credproc-"))
            self._environment = self._stack.enter_context(keyring_session(Path(folder)))
        return self._environment


@pytest.fixture(scope="session")
def keyrings() -> Iterator[Keyrings]:
    """Real keyrings, and nobody's own."""
    if absent := missing():
        pytest.skip(f"not installed: {', '.join(absent)}")
    with contextlib.ExitStack() as stack:
        yield Keyrings(stack)


@pytest.fixture
def new_machine(tmp_path: Path, keyrings: Keyrings) -> Iterator[NewMachine]:
    """Makes machines; the options are those of the pools and the app client."""
    with contextlib.ExitStack() as stack:

        def make(
            *,
            pool: dict[str, Any] | None = None,
            client: dict[str, Any] | None = None,
            identity_pool: dict[str, Any] | None = None,
        ) -> Machine:
            folder = tmp_path / f"machine-{next(_numbers)}"
            folder.mkdir()
            return stack.enter_context(
                Machine(
                    folder,
                    keyrings.environment(),
                    pool=pool or {},
                    client=client or {},
                    identity_pool=identity_pool or {},
                )
            )

        yield make


@pytest.fixture
def machine(new_machine: NewMachine) -> Machine:
    """A machine beside a pool that demands MFA; nobody is enrolled yet."""
    return new_machine()


@pytest.fixture
def enrolled(machine: Machine) -> Machine:
    """The same, with the user enrolled and both factors stored."""
    return machine.enrolled()


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory, keyrings: Keyrings) -> Iterator[Machine]:
    """One machine for all tests of a file; whatever they do, its refresh token stays good."""
    folder = tmp_path_factory.mktemp("standing")
    with Machine(folder, keyrings.environment(), pool={}, client={}, identity_pool={}) as made:
        yield made.enrolled(keep=False)
