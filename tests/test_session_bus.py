"""Every connection of `keyring` begins with a call that needs nothing of gnome-keyring."""

import pytest
import secretstorage
from jeepney import HeaderFields, Message

from cognito_credproc.storage.session_bus import greet_first


class Connection:
    """Notes what is called; `ends` is how the bus answers."""

    def __init__(self, ends: Exception | None = None) -> None:
        self.called: list[str] = []
        self.ends = ends

    def send_and_get_reply(self, message: Message, *, timeout: float) -> None:
        """Answer."""
        assert timeout > 0
        self.called.append(message.header.fields[HeaderFields.member])
        if self.ends:
            raise self.ends


@pytest.mark.parametrize("ends", [None, TimeoutError(), ConnectionResetError()])
def test_each_connection_greets_once(
    monkeypatch: pytest.MonkeyPatch, ends: Exception | None
) -> None:
    made: list[Connection] = []

    def connect() -> Connection:
        made.append(Connection(ends))
        return made[-1]

    monkeypatch.setattr(secretstorage, "dbus_init", connect)
    greet_first()
    greet_first()
    for _ in range(2):
        assert secretstorage.dbus_init() is made[-1]
    assert [connection.called for connection in made] == [["ReadAlias"]] * 2
