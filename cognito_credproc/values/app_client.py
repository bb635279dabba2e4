"""The app client: through which door of which user pool a person signs in."""

import base64
import hmac
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AppClient:
    """A user pool, one of its app clients, and that client's secret where it has one."""

    user_pool_id: str
    client_id: str
    secret: str | None = field(default=None, repr=False)

    @property
    def pool_suffix(self) -> str:
        """What follows `_` in the pool's id; part of the identity in SRP."""
        return self.user_pool_id.partition("_")[2]

    def named(self, username: str) -> dict[str, str]:
        """Whom a call means that is no part of a sign-in; `SecretHash` is over that name."""
        found = self.secret_hash(username)
        hashed = {"SecretHash": found["SECRET_HASH"]} if found else {}
        return {"ClientId": self.client_id, "Username": username, **hashed}

    def secret_hash(self, username: str) -> dict[str, str]:
        """`SECRET_HASH` over a user name, as a mapping to merge; empty without a client secret.

        Source: Cognito developer guide, "Computing secret hash values". Which form of the user
        name a call wants differs from call to call.
        """
        if self.secret is None:
            return {}
        digest = hmac.digest(self.secret.encode(), (username + self.client_id).encode(), "sha256")
        return {"SECRET_HASH": base64.b64encode(digest).decode()}
