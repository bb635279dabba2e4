"""The tokens of a user-pool sign-in, and the claims inside an ID token."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any, Self

from cognito_credproc.flows.flow import Answer, member
from cognito_credproc.values.errors import UnreachableError


@dataclass(frozen=True, slots=True, repr=False)
class Tokens:
    """What Cognito hands out after a sign-in; a refresh does not always bring a refresh token."""

    id_token: str
    access_token: str
    refresh_token: str | None

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """Read them from an answer that holds an `AuthenticationResult`."""
        result = member(answer, "AuthenticationResult")
        return cls(
            member(result, "IdToken"), member(result, "AccessToken"), result.get("RefreshToken")
        )


def claims(token: str) -> dict[str, Any]:
    """The claims of a JSON Web Token (RFC 7519), unverified.

    The token came from Cognito over TLS and goes back to AWS, which verifies it; here its claims
    only say how to address the call.
    """
    try:
        payload = token.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, binascii.Error, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UnreachableError("cognito's ID token cannot be read")
    return found


def user_name(id_token: str) -> str:
    """The real user name; empty where the token does not tell it."""
    found = claims(id_token).get("cognito:username")
    return found if isinstance(found, str) else ""


def logins_key(id_token: str) -> str:
    """The provider name by which an identity pool knows the token: its issuer without the scheme.

    Read from the token rather than built from the pool's id, since partitions and updated issuers
    differ (Cognito developer guide, "User pools as identity pool identity providers").
    """
    issuer = claims(id_token).get("iss")
    if not isinstance(issuer, str) or not issuer.startswith("https://"):
        raise UnreachableError("cognito's ID token names no issuer")
    return issuer.removeprefix("https://")


def roles(id_token: str) -> list[str]:
    """The ARNs of the roles that the user's groups allow, as the user pool put them in.

    Source: Amazon Cognito developer guide, "Using tokens to assign roles to users".
    """
    found = claims(id_token).get("cognito:roles")
    return [role for role in found if isinstance(role, str)] if isinstance(found, list) else []
