"""One emulator for all tests of a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.infrastructure.emulator import Emulator, emulator, missing

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulated AWS."""
    if absent := missing():
        pytest.skip(f"not installed: {', '.join(absent)}")
    with emulator(tmp_path_factory.mktemp("ministack")) as running:
        yield running
