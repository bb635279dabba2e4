"""The fixtures: a private keyring for all tests, and a machine of its own for each."""

from __future__ import annotations

import contextlib
import itertools
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.keyring_session import keyring_session, missing
from tests.e2e.machine import Machine

NewMachine = Callable[..., Machine]
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def keyring() -> Iterator[dict[str, str]]:
    """The environment of a session with an unlocked gnome-keyring."""
    if absent := missing():
        pytest.skip(f"not installed: {', '.join(absent)}")
    # Not pytest's own folder: the path of a socket has to be short.
    with (
        tempfile.TemporaryDirectory(prefix="credproc-") as folder,
        keyring_session(Path(folder)) as environment,
    ):
        yield environment


@pytest.fixture
def new_machine(tmp_path: Path, keyring: dict[str, str]) -> Iterator[NewMachine]:
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
                    keyring,
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
