"""File descriptors kept for what must not fail: a process may have few of them (`ulimit -n`)."""

import contextlib
import os
from collections.abc import Callable, Iterator

from cognito_credproc.values.errors import CredprocError


@contextlib.contextmanager
def reserved(number: int) -> Iterator[Callable[[], None]]:
    """Hold so many descriptors; what is yielded lets go of them, as the end does.

    Raises:
        CredprocError: there are not as many.
    """
    held = _opened(number)

    def let_go() -> None:
        while held:
            os.close(held.pop())

    try:
        yield let_go
    finally:
        let_go()


def _opened(number: int) -> list[int]:
    opened: list[int] = []
    try:
        while len(opened) < number:
            opened.append(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        for descriptor in opened:
            os.close(descriptor)
        raise CredprocError(
            f"this process may open too few files: {error.strerror}",
            "raise the limit, then run the same command again: ulimit -n 1024",
        ) from None
    return opened
