"""A bound on what may wait for ever."""

import threading

import pytest

from cognito_credproc.process.bounded import bounded


def test_the_result_comes_through() -> None:
    assert bounded(lambda: 42, 5) == 42


def test_the_error_comes_through() -> None:
    def fail() -> None:
        raise KeyError("it")

    with pytest.raises(KeyError, match="it"):
        bounded(fail, 5)


def test_it_gives_up() -> None:
    never = threading.Event()
    with pytest.raises(TimeoutError):
        bounded(never.wait, 0.05)
    never.set()
