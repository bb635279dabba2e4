"""All state of one local Cognito, behind one lock."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tests.local_cognito.clock import Clock
from tests.local_cognito.errors import ServiceError
from tests.local_cognito.sessions import Sessions

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.local_cognito.attempts import Attempt
    from tests.local_cognito.authorizations import Grant
    from tests.local_cognito.clients import AppClient
    from tests.local_cognito.identity_pools import IdentityPool
    from tests.local_cognito.keys import Keys
    from tests.local_cognito.mailed_codes import MailedCodes
    from tests.local_cognito.pools import Mail, UserPool
    from tests.local_cognito.sessions import Passage
    from tests.local_cognito.tokens import RefreshToken, SignIn
    from tests.local_cognito.users import User


class World:
    """What the operations read and change. Whoever does so holds `lock`."""

    def __init__(self, keys: Keys, codes: MailedCodes) -> None:
        self.lock = threading.RLock()
        self.clock = Clock()
        self.pools: dict[str, UserPool] = {}
        self.clients: dict[str, AppClient] = {}
        self.sessions = Sessions()
        self.attempts: dict[str, Attempt] = {}
        self.expected_devices: dict[tuple[str, str, str], tuple[Passage, float]] = {}
        """Client, user and key of a device whose proof is the next step, until when."""
        self.sign_ins: dict[str, SignIn] = {}
        self.refresh_tokens: dict[str, RefreshToken] = {}
        self.codes = codes
        self.identity_pools: dict[str, IdentityPool] = {}
        self.keys = keys
        self.grants: dict[str, Grant] = {}
        self.console_tokens: dict[str, tuple[str, float, float]] = {}
        """Of sign-in tokens: whose, until when it is good, when the session by it ends."""
        self.console_sessions: dict[str, tuple[str, float]] = {}
        """Of browsers in the console: who is signed in, until when."""
        self.page_sessions: dict[str, tuple[User, UserPool, float]] = {}
        self.on_mail: Callable[[Mail], object] = lambda _mail: None

    def client(self, client_id: str) -> AppClient:
        """The app client of this id.

        Raises:
            ServiceError: ResourceNotFoundException.
        """
        try:
            return self.clients[client_id]
        except KeyError:
            raise ServiceError(
                "ResourceNotFoundException", f"User pool client {client_id} does not exist."
            ) from None
