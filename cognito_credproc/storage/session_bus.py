"""Whose session bus it is: secrets go to no other user's.

An address in `DBUS_SESSION_BUS_ADDRESS` may be left over from a session that has ended. Then anyone
may listen there: an abstract address or one in a shared folder belongs to whoever comes first.
"""

import contextlib
import os
import time
from collections.abc import Mapping
from typing import Any

from cognito_credproc.values.errors import KeychainError

GREETING = 5.0  # seconds; a service that is slower than that is waited for by what follows


def refuse_foreign(environment: Mapping[bytes, bytes], timeout: float = 2.0) -> None:
    """Go no further where another user than this one or root listens at the session bus.

    `timeout` is in seconds. That nobody listens is no matter of this.

    Raises:
        KeychainError: somebody else does, or nobody can tell.
    """
    from cognito_credproc import secret_service  # there is none on Windows

    own = os.geteuid()
    usual = f"export DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/{own}/bus"
    try:
        bus = secret_service.connected(dict(environment), time.monotonic() + timeout)
        if bus is None:
            return
        owner = secret_service.owner(bus)
        bus.close()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise KeychainError(
            f"it cannot be told whose the session bus is: {why}",
            f"sign out of the desktop and in again, or: {usual}",
        ) from None
    if owner not in {0, own}:
        raise KeychainError(
            f"the session bus belongs to another user ({_name(owner)}), who would get what is"
            " stored",
            f"name your own: {usual}",
        )


def greet_first() -> None:
    """Let every connection of `keyring` to the Secret Service begin with a harmless call.

    gnome-keyring may take a client's first call before it has taken note of the client, and dies of
    one that needs it, as the first that `keyring` makes does.
    """
    import secretstorage  # what `keyring` connects with
    from jeepney import DBusAddress, new_method_call

    from cognito_credproc.secret_service import ROOT, SECRETS, SERVICE

    service = DBusAddress(ROOT.decode(), SECRETS.decode(), SERVICE.decode())
    greeting = new_method_call(service, "ReadAlias", "s", ("default",))
    connect = secretstorage.dbus_init
    if getattr(connect, "greets", False):
        return

    def greeted() -> Any:
        connection = connect()
        with contextlib.suppress(Exception):  # what is the matter shows in the calls that follow
            connection.send_and_get_reply(greeting, timeout=GREETING)
        return connection

    greeted.greets = True  # type: ignore[attr-defined]
    secretstorage.dbus_init = greeted


def as_bytes(environment: Mapping[str, str]) -> dict[bytes, bytes]:
    """The same as the system has it, `posix.environ`."""
    return {os.fsencode(key): os.fsencode(value) for key, value in environment.items()}


def _name(user: int) -> str:
    import pwd  # not on Windows

    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"uid {user}"
