"""`LocalCognito`: the whole stand-in as tests and the demo hold it."""

from __future__ import annotations

import re
import threading
import uuid
from typing import TYPE_CHECKING, Self, Unpack

from tests.local_cognito.faults import Faults
from tests.local_cognito.identity_pools import IdentityPool, IdentityPoolOptions
from tests.local_cognito.journal import Call, Journal
from tests.local_cognito.keys import ROLE_FORM, Credentials, Keys, Role
from tests.local_cognito.mailed_codes import MailedCodes
from tests.local_cognito.pools import Mail, PoolOptions, UserPool, new_pool_id
from tests.local_cognito.server import Server
from tests.local_cognito.world import World

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Collection
    from types import TracebackType

    from tests.local_cognito.clients import AppClient
    from tests.local_cognito.clock import Clock

DEFAULT_REGION = "ap-northeast-1"
DEFAULT_ROLE = "arn:aws:iam::111122223333:role/Developers"


class LocalCognito:
    """User pools, identity pools and STS on 127.0.0.1, as strict as the service is.

    It listens from construction on; leave it as a context manager, or call `stop`.
    With `port` 0 the system chooses one; `ssl_context` makes it speak TLS.
    """

    def __init__(self, *, port: int = 0, ssl_context: ssl.SSLContext | None = None) -> None:
        self._world = World(Keys(), MailedCodes())
        self._journal = Journal()
        self.faults = Faults()
        self._server = Server(port, self._world, self._journal, self.faults, ssl_context)
        scheme = "https" if ssl_context else "http"
        self.endpoint = f"{scheme}://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), name="local-cognito", daemon=True
        )
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop listening and end every connection.

        Raises:
            RuntimeError: the stand-in itself had failed while it worked.
        """
        self._server.stop()
        self._thread.join()
        if self._server.crashes:
            msg = "the local Cognito failed"
            raise RuntimeError(msg) from self._server.crashes[0]

    @property
    def clock(self) -> Clock:
        """The service's clock."""
        return self._world.clock

    @property
    def calls(self) -> list[Call]:
        """Every request so far, in order; a copy."""
        with self._world.lock:
            return list(self._journal.calls)

    @property
    def wire(self) -> list[bytes]:
        """Every request body so far as it came, in order of arrival; a copy."""
        with self._world.lock:
            return list(self._journal.wire)

    @property
    def answers(self) -> list[bytes]:
        """Every answer so far, whether it reached the client or a fault kept it; a copy."""
        with self._world.lock:
            return list(self._journal.answers)

    def listen(self, on_call: Callable[[Call], object], on_mail: Callable[[Mail], object]) -> None:
        """Have functions called at every request and every mailed code, under the lock."""
        with self._world.lock:
            self._journal.on_call = on_call
            self._world.on_mail = on_mail

    def environment(self) -> dict[str, str]:
        """The variables that lead an AWS SDK here."""
        services = ("COGNITO_IDENTITY_PROVIDER", "COGNITO_IDENTITY", "STS", "SIGNIN")
        return {f"AWS_ENDPOINT_URL_{name}": self.endpoint for name in services}

    def create_user_pool(
        self, region: str = DEFAULT_REGION, **options: Unpack[PoolOptions]
    ) -> UserPool:
        """A new user pool; see `UserPool` for the settings."""
        with self._world.lock:
            pool = UserPool(self._world, region, new_pool_id(region), **options)
            self._world.pools[pool.id] = pool
            return pool

    def create_identity_pool(
        self,
        client: AppClient,
        role_arn: str = DEFAULT_ROLE,
        region: str | None = None,
        **options: Unpack[IdentityPoolOptions],
    ) -> IdentityPool:
        """A new identity pool that trusts one app client; add to its `clients` for more.

        Its role is created with it, for this pool alone, unless there is one. See
        `IdentityPool` for the settings.
        """
        with self._world.lock:
            region = region or client.pool.region
            pool = IdentityPool(
                self._world, region, [client], role_arn, f"{region}:{uuid.uuid4()}", **options
            )
            self._world.identity_pools[pool.id] = pool
            if role_arn not in self._world.keys.roles:
                self.create_role(role_arn, trusts=[pool.id])
            return pool

    @property
    def console_sessions(self) -> list[tuple[str, float]]:
        """Who is signed in to the console, and until when (seconds since the epoch)."""
        with self._world.lock:
            return list(self._world.console_sessions.values())

    def issue(self, arn: str, session_name: str = "elsewhere") -> Credentials:
        """Credentials of a role, good for an hour, as somebody else got them."""
        with self._world.lock:
            role = self._world.keys.roles.get(arn) or self.create_role(arn)
            return self._world.keys.issue(role, session_name, self._world.clock.now() + 3_600)

    def create_role(
        self, arn: str, max_session_seconds: int = 3_600, trusts: Collection[str] | None = None
    ) -> Role:
        """A role that can be assumed; only such roles can.

        `trusts` are the ids of the identity pools whose users may take it; None: of all.

        Raises:
            ValueError: `arn` names no role, or the maximum is outside 3,600-43,200.
        """
        if not re.fullmatch(ROLE_FORM, arn):
            msg = f"{arn} is not the ARN of a role"
            raise ValueError(msg)
        if not 3_600 <= max_session_seconds <= 43_200:
            msg = "max_session_seconds is 3,600 to 43,200"
            raise ValueError(msg)
        with self._world.lock:
            role = Role(arn, max_session_seconds, None if trusts is None else frozenset(trusts))
            self._world.keys.roles[arn] = role
            return role
