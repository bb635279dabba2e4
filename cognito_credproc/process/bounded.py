"""A bound on what may wait for ever: a prompt that no window shows, a silent name server."""

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar, cast

T = TypeVar("T")


def bounded(operation: Callable[[], T], seconds: float) -> T:
    """Do it, and give up after a time; whatever it raises is raised here.

    What is given up goes on in a thread of its own, which ends with the process.

    Raises:
        TimeoutError: it took longer.
    """
    outcome: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            outcome.put((operation(), None))
        except BaseException as error:
            outcome.put((None, error))

    threading.Thread(target=run, daemon=True).start()
    try:
        result, error = outcome.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if error is not None:
        raise error
    return cast("T", result)


class Patience:
    """The seconds that several operations may take together; each has `LEAST` in any case.

    So that many slow answers in a row are not waited for where a single one would not be.
    """

    LEAST = 2.0

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._left = seconds

    @property
    def left(self) -> float:
        """What the next operation may take."""
        return max(self._left, self.LEAST)

    def spend(self, operation: Callable[[], T]) -> T:
        """Do it, as `bounded` does.

        Raises:
            TimeoutError: it took longer than what is left.
        """
        with self.counted():
            return bounded(operation, self.left)

    @contextlib.contextmanager
    def counted(self) -> Iterator[None]:
        """Count what is done inside, which has a bound of its own."""
        began = time.monotonic()
        try:
            yield
        finally:
            self._left -= time.monotonic() - began
