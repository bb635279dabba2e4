"""Hands a browser an address that nobody else shall see.

The arguments of a browser are seen by every user of the machine. So it is given an address on this
machine, which is good once, and led on from there.
"""

import contextlib
import secrets
import threading
from collections.abc import Callable, Iterator
from typing import NamedTuple

from cognito_credproc.people.loopback_server import LoopbackRequest, LoopbackServer

PATIENCE = 60.0  # seconds for the browser to come; a first start on a slow machine takes half


class Handover(NamedTuple):
    """The address to open, and a wait of some seconds that tells whether it was fetched."""

    url: str
    fetched: Callable[[float], bool]


@contextlib.contextmanager
def handing_over(url: str) -> Iterator[Handover]:
    """Lead whoever comes first to `url`, as long as this lasts."""
    server = _Server(url)
    with server.serving():
        yield Handover(f"http://{server.host}{server.path}", server.done.wait)


class _Server(LoopbackServer):
    """A port of its own on loopback."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.path = f"/{secrets.token_urlsafe(32)}"
        self.lock = threading.Lock()
        self.taken = False
        self.done = threading.Event()
        super().__init__(("127.0.0.1", 0), _Request)
        self.host = f"127.0.0.1:{self.server_address[1]}"


class _Request(LoopbackRequest):
    """Leads on, once."""

    server: _Server

    def answer(self) -> None:
        """Lead on, once."""
        server = self.server
        if not secrets.compare_digest(self.path.encode(), server.path.encode()) or (
            self.headers.get("Host") != server.host
        ):
            self.reply(404, {})
            return
        with server.lock:
            first, server.taken = not server.taken, True
        if not first:
            self.reply(410, {})
            return
        try:
            self.reply(303, {"Location": server.url})
        finally:
            server.done.set()
