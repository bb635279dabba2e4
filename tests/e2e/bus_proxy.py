"""A session bus that is slow, or falls silent: a socket before the real one, which delays."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextlib.contextmanager
def slow_bus(folder: Path, address: str, delay: float) -> Iterator[str]:
    """Every piece of an answer takes `delay` seconds longer; yields the address."""
    found = re.match(r"unix:(path|abstract)=([^,]+)", address)
    assert found is not None
    behind = ("\0" if found[1] == "abstract" else "") + found[2]
    path = folder / "slow"
    over = threading.Event()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen(64)

        def serve(near: socket.socket) -> None:
            with near, socket.socket(socket.AF_UNIX) as far, contextlib.suppress(OSError):
                far.connect(behind)
                asking = threading.Thread(target=_copy, args=(near, far, 0, over), daemon=True)
                asking.start()
                _copy(far, near, delay, over)

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    near, _ = server.accept()
                    threading.Thread(target=serve, args=(near,), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield f"unix:path={path}"
        finally:
            over.set()
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def _copy(
    source: socket.socket, target: socket.socket, delay: float, over: threading.Event
) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65_536):
            if delay:
                over.wait(delay)
            target.sendall(piece)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
