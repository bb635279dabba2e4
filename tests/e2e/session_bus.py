"""Session buses of a test's own: the reference implementation's dbus-daemon, and dbus-broker."""

from __future__ import annotations

import array
import contextlib
import os
import socket
import subprocess
from typing import TYPE_CHECKING, Any

from jeepney import DBusAddress, MessageType, new_method_call
from jeepney.low_level import Parser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    Bus = Callable[[Path, Mapping[str, str]], AbstractContextManager[str]]

ALL_USERS = 0xFFFF_FFFF


@contextlib.contextmanager
def dbus_daemon(_folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """The reference implementation; yields its address."""
    with subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as bus:
        try:
            assert bus.stdout is not None
            yield bus.stdout.readline().strip()
        finally:
            bus.terminate()


@contextlib.contextmanager
def dbus_broker(folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """dbus-broker without systemd, whose launcher it usually has; yields its address.

    The launcher's part is small: it hands over a listening socket and a policy, through the
    interface that dbus-broker has for that (`org.bus1.DBus.Broker`).
    """
    path = folder / "bus"
    ours, theirs = socket.socketpair()
    with ours, theirs, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        listener.setblocking(False)
        limits = [f"--max-{what}={10**9}" for what in ("bytes", "fds", "matches", "objects")]
        identity = [f"--machine-id={'0' * 31}1", f"--controller={theirs.fileno()}"]
        with subprocess.Popen(
            ["dbus-broker", *identity, *limits],
            env=environment,
            pass_fds=[theirs.fileno()],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as broker:
            try:
                theirs.close()
                _hand_over(ours, listener)
                yield f"unix:path={path}"
            finally:
                broker.terminate()


def _hand_over(controller: socket.socket, listener: socket.socket) -> None:
    identity = str(os.geteuid()).encode().hex().encode()
    controller.sendall(b"\0AUTH EXTERNAL %s\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n" % identity)
    received = b""
    while received.count(b"\r\n") < 2:
        received += controller.recv(4096)
    call = new_method_call(
        DBusAddress("/org/bus1/DBus/Broker", "org.bus1.DBus.Broker", "org.bus1.DBus.Broker"),
        "AddListener",
        "ohv",
        ("/org/bus1/DBus/Listener/0", listener, _everything_allowed()),
    )
    descriptors: array.array[int] = array.array("i")
    socket.send_fds(controller, [call.serialise(1, fds=descriptors)], list(descriptors))
    parser = Parser()
    while (reply := parser.get_next_message()) is None:
        parser.add_data(controller.recv(4096))
    assert reply.header.message_type == MessageType.method_return, reply


def _everything_allowed() -> tuple[str, Any]:
    """The policy of a session bus, as a D-Bus variant."""
    batch = "bta(btbs)a(btssssuutt)a(btssssuutt)"
    any_message = [(True, 1, "", "", "", "", 0, 0, 0, 2**64 - 1)]
    allowed = (True, 1, [(True, 1, True, "")], any_message, any_message)
    signature = f"(a(u({batch}))a(buu({batch}))a(ss)bs)"
    return signature, ([(ALL_USERS, allowed)], [], [], False, "session")
