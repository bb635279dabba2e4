"""A bound on what may wait for ever: a prompt that no window shows, a silent name server."""

import queue
import threading
from collections.abc import Callable
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
