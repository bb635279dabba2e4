"""A keyring of another's making, held to what this program promises its own callers.

A backend that the person named may be anything: a program that is started for every item, a file
that is opened with a password asked for on the terminal. So while it works it has no standard
streams, since those belong to whoever called us; the terminal is given back as it was; it has a
bounded time; and what it stores is one plain line, since some keep no more than that.
"""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

from cognito_credproc.people.terminal import Terminal
from cognito_credproc.process.bounded import Patience
from cognito_credproc.process.signals import never_stopped
from cognito_credproc.values.errors import KeychainError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")
UNASKED = 10  # seconds
# Seconds for somebody who may be asked; the Go SDK kills its helper after 60.
ASKED = 55
IN_A_TERMINAL = "run the same command in a terminal, or give the keyring its password beforehand"
TRY_IT = "see that it works by itself, then run the same command again"
# These keep a text as it is, whatever is in it.
FAITHFUL = {
    f"keyring.backends.{name}"
    for name in ("SecretService", "libsecret", "kwallet", "macOS", "Windows")
}


class Guest:
    """One backend of `keyring`, used at arm's length; `patience` is shared by all operations.

    `check` goes before each, and raises where it is not to be done.
    """

    def __init__(
        self,
        backend: "KeyringBackend",
        patience: Patience,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        self._backend = backend
        self._patience = patience
        self._check = check
        self._faithful = type(backend).__module__ in FAITHFUL

    @property
    def name(self) -> str:
        """What people know it by."""
        return str(self._backend.name)

    @property
    def kind(self) -> str:
        """The name of its class."""
        return type(self._backend).__name__

    def get_password(self, service: str, username: str) -> str | None:
        """The item's text, None where there is none."""
        found = self._do(lambda: self._backend.get_password(service, username))
        return found if found is None or self._faithful else _many_lines(found)

    def set_password(self, service: str, username: str, password: str) -> None:
        """Write an item."""
        text = password if self._faithful else _one_line(password)
        self._do(lambda: self._backend.set_password(service, username, text))

    def delete_password(self, service: str, username: str) -> None:
        """Remove an item."""
        self._do(lambda: self._backend.delete_password(service, username))

    def _do(self, operation: Callable[[], T]) -> T:
        self._check()
        try:
            return at_arms_length(operation, self._patience)
        except EOFError:  # it asked on standard input, where nobody was found to ask
            raise KeychainError(
                "the keyring asks for its password, and nobody can be asked here", IN_A_TERMINAL
            ) from None


def patience(environment: Mapping[str, str]) -> Patience:
    """How long a backend is waited for: longer where it may be asking somebody for a password."""
    terminal = Terminal.open()
    if terminal is not None:
        terminal.close()
    return Patience(ASKED if terminal is not None or has_display(environment) else UNASKED)


def has_display(environment: Mapping[str, str]) -> bool:
    """Whether the person can be asked in a window."""
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def at_arms_length(operation: Callable[[], T], patience: Patience) -> T:
    """Let a backend do something, without our streams and in bounded time.

    Raises:
        KeychainError: it took longer.
    """
    try:
        with _terminal_kept(), _streams_kept():
            return patience.spend(operation)
    except TimeoutError:
        raise slow(patience, TRY_IT) from None


def slow(patience: Patience, hint: str) -> KeychainError:
    """The error for a keyring that does not answer."""
    return KeychainError(f"the keyring did not answer within {patience.seconds:.0f} seconds", hint)


@contextlib.contextmanager
def _streams_kept() -> Iterator[None]:
    """Meanwhile the standard streams lead nowhere, for this process and for what it starts."""
    kept = {}
    for stream in (0, 1, 2):
        with contextlib.suppress(OSError):  # not even open, in a Windows program without a console
            kept[stream] = os.dup(stream)
    with contextlib.ExitStack() as stack:
        nowhere = stack.enter_context(os.fdopen(os.open(os.devnull, os.O_RDWR), "w"))
        # Python's own streams as well: what they hold back would come out later.
        stack.enter_context(contextlib.redirect_stdout(nowhere))
        stack.enter_context(contextlib.redirect_stderr(nowhere))
        for stream, own in kept.items():
            stack.callback(os.close, own)
            stack.callback(os.dup2, own, stream)
            os.dup2(nowhere.fileno(), stream)
        yield


@contextlib.contextmanager
def _terminal_kept() -> Iterator[None]:
    """The terminal is as it was afterwards; where it belongs to others, nothing stops us there."""
    terminal = Terminal.open()
    if terminal is None:
        with never_stopped():
            yield
        return
    try:
        with terminal.kept():
            yield
    finally:
        terminal.close()


def _one_line(text: str) -> str:
    """The text in one line of printable ASCII."""
    return text.encode("unicode_escape").decode("ascii")


def _many_lines(line: str) -> str:
    """What `_one_line` was given; a line that it did not make is left as it is."""
    try:
        return line.encode("ascii").decode("unicode_escape")
    except UnicodeError:
        return line
