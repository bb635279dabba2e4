"""A relay before the session bus that sees each call to the keyring, and may act at it.

A program that is given its address talks to the keyring through it, so that a test can end the
program exactly before or after a write, with nothing in the program that knows of it.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CALL, RETURN = 1, 2
WRITES = ("CreateItem", "SetSecret", "Delete")  # of the Secret Service's interfaces
BEGIN = b"BEGIN\r\n"  # ends the authentication; messages follow


class Message(NamedTuple):
    """One message, as far as it matters (D-Bus specification, "Message format")."""

    kind: int
    serial: int
    member: str  # the method that is called
    answers: int  # the serial of the call that a reply is to
    raw: bytes


class Write(NamedTuple):
    """A call that writes to the keyring: before it goes on, or after the reply has come."""

    member: str
    done: bool


class KeyringWatch:
    """Listens at `path`; `on_write` is called in the thread of the connection, which waits.

    An OSError of it ends the connection, and what was to be written does not go on.
    """

    def __init__(self, address: str, path: Path) -> None:
        self._target = address.removeprefix("unix:path=").partition(",")[0]
        self.address = f"unix:path={path}"
        self.on_write: Callable[[Write], None] = lambda _write: None
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(path))
        self._server.listen(64)
        self._connections: list[threading.Thread] = []
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._acceptor.join()
        self._server.close()
        for connection in self._connections:  # whoever used it is gone, or was killed
            connection.join(10)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                connection = threading.Thread(target=self._connect, args=(client,), daemon=True)
                self._connections.append(connection)
                connection.start()

    def _connect(self, client: socket.socket) -> None:
        """Relay one connection in both directions until it ends."""
        writes: dict[int, str] = {}
        with client, socket.socket(socket.AF_UNIX) as bus:
            bus.connect(self._target)
            back = threading.Thread(
                target=self._relay, args=(bus, client, self._from_bus, writes), daemon=True
            )
            back.start()
            self._relay(client, bus, self._from_client, writes)
            back.join()

    def _relay(
        self,
        source: socket.socket,
        sink: socket.socket,
        act: Callable[[Message, dict[int, str]], None],
        writes: dict[int, str],
    ) -> None:
        messages = Messages(from_client=act == self._from_client)
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                for message in messages.fed(data):
                    act(message, writes)
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _from_client(self, message: Message, writes: dict[int, str]) -> None:
        if message.kind == CALL and message.member in WRITES:
            writes[message.serial] = message.member
            self.on_write(Write(message.member, done=False))

    def _from_bus(self, message: Message, writes: dict[int, str]) -> None:
        if message.kind == RETURN and message.answers in writes:
            self.on_write(Write(writes.pop(message.answers), done=True))


class Messages:
    """Cuts one direction of a connection into its messages; what precedes them is no message."""

    def __init__(self, *, from_client: bool) -> None:
        self._begun = False
        self._buffer = b""
        self._from_client = from_client

    def fed(self, data: bytes) -> Iterator[Message]:
        """The messages that are whole with this."""
        self._buffer += data
        if not self._begun:
            self._begun = self._skip_lines()
        while self._begun and len(self._buffer) >= 16:
            body, serial, fields = struct.unpack_from("<III", self._buffer, 4)
            length = 16 + -(-fields // 8) * 8 + body
            if len(self._buffer) < length:
                return
            raw, self._buffer = self._buffer[:length], self._buffer[length:]
            yield Message(raw[1], serial, *_fields(raw[16 : 16 + fields]), raw)

    def _skip_lines(self) -> bool:
        """The client's lines end with BEGIN; the bus's when something else than a line comes."""
        if self._from_client:
            _, begin, rest = self._buffer.partition(BEGIN)
            if begin:
                self._buffer = rest
            return bool(begin)
        while b"\r\n" in self._buffer and self._buffer[:1] in {b"O", b"A", b"R", b"D", b"E"}:
            self._buffer = self._buffer.partition(b"\r\n")[2]
        return self._buffer[:1] == b"l"


def _fields(header: bytes) -> tuple[str, int]:
    """MEMBER (3, a string) and REPLY_SERIAL (5, a number) of a message's header fields."""
    member, answers, at = "", 0, 0
    while at < len(header):
        code, signature = header[at], header[at + 2 : at + 3]
        at += 4
        if signature in {b"s", b"o"}:
            (length,) = struct.unpack_from("<I", header, at)
            if code == 3:
                member = header[at + 4 : at + 4 + length].decode()
            at += 4 + length + 1
        elif signature == b"u":
            if code == 5:
                (answers,) = struct.unpack_from("<I", header, at)
            at += 4
        elif signature == b"g":
            at += header[at] + 2
        at = -(-at // 8) * 8
    return member, answers
