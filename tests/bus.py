"""A socket that stands in for a session bus, every byte of it chosen; and damage to those bytes."""

from __future__ import annotations

import os
import socket
import threading
from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from pathlib import Path


class Bus:
    """Says its pieces to whoever connects, whatever it is asked.

    `owner` is the user who listens, which root alone may choose.
    """

    def __init__(self, address: str | bytes | Path, owner: int | None = None) -> None:
        self.pieces: list[bytes] = []
        self.close_after = True
        self.heard = b""
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(address if isinstance(address, bytes) else str(address))
        own = os.geteuid()
        os.seteuid(own if owner is None else owner)  # the kernel notes who listens
        self._listener.listen()
        os.seteuid(own)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        name = os.fsencode(address)
        at = b"abstract=" + name[1:] if name[:1] == b"\0" else b"path=" + name
        self.environment = {b"DBUS_SESSION_BUS_ADDRESS": b"unix:" + at}

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            with caller:
                for piece in self.pieces:
                    try:
                        caller.sendall(piece)
                    except OSError:
                        break
                if self.close_after:
                    caller.shutdown(socket.SHUT_WR)
                caller.settimeout(5)
                self.heard = b""
                try:
                    while heard := caller.recv(65536):
                        self.heard += heard
                except OSError:
                    pass

    def stop(self) -> None:
        """Hear no more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


@st.composite
def damaged(draw: st.DrawFn, good: bytes) -> bytes:
    """The bytes with some flipped, cut out, put in, or all of them gone from a place on."""
    said = bytearray(good)
    for _ in range(draw(st.integers(1, 4), label="wounds")):
        at = draw(st.integers(0, max(len(said) - 1, 0)), label="at")
        match draw(st.sampled_from(["flip", "cut", "stop", "put"]), label="how"):
            case "flip" if said:
                said[at] ^= 1 << draw(st.integers(0, 7), label="bit")
            case "cut":
                del said[at : at + draw(st.integers(1, 64), label="length")]
            case "stop":
                del said[max(at, 1) :]
            case "put":
                said[at:at] = draw(st.binary(max_size=32), label="what")
    return bytes(said)
