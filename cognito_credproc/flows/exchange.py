"""The exchange: from an ID token to temporary credentials, by one of two ways.

    enhanced  GetId, GetCredentialsForIdentity                   the pool chooses the role; 1 hour
    basic     GetId, GetOpenIdToken, AssumeRoleWithWebIdentity   the profile names it; to 12 hours

Source: Amazon Cognito developer guide, "Identity pools authentication flow". One user's identity
in one pool never changes, so it is kept, and GetId left out. A kept one that the pool no longer
knows, or that has become somebody else's (the pool or the user was made anew), is asked for
again, once.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cognito_credproc.flows.flow import Answer, Flow, RememberIdentity, call, member
from cognito_credproc.flows.tokens import claims, logins_key, roles
from cognito_credproc.values.credentials import Credentials, account_of_access_key, account_of_role
from cognito_credproc.values.errors import ServiceError

LONGEST_SESSION_NAME = 64  # characters (AWS STS API reference, AssumeRoleWithWebIdentity)
MOST_LISTED = 400  # characters of role names in one message
ANOTHERS = "Logins don't match"
# What is said of the login, and not of the role, under the same code.
OF_THE_LOGIN = ("Invalid login token", ANOTHERS, "supported provider", "Unauthenticated access")


class Basic(NamedTuple):
    """What the basic flow is told besides the role."""

    username: str
    duration_seconds: int


@dataclass(frozen=True, slots=True)
class IdentityPool:
    """An identity pool, and what the profile says about the way through it."""

    identity_pool_id: str
    role_arn: str | None = None
    logins_key: str | None = None
    basic: Basic | None = None  # None: the enhanced flow


class NoRoleError(ServiceError):
    """The identity pool gives no role as things are; `roles` are those that the token allows."""

    def __init__(self, refused: ServiceError, message: str, allowed: Sequence[str]) -> None:
        super().__init__(refused.operation, refused.code, refused.detail)
        self.message = message
        self.roles = allowed


def exchange(pool: IdentityPool, id_token: str, kept_identity: str | None) -> Flow[Credentials]:
    """Credentials for the user of an ID token.

    Raises:
        NoRoleError: the token allows no role, another one, or several of which none is chosen.
        ServiceError: another refusal.
    """
    logins = {pool.logins_key or logins_key(id_token): id_token}
    if kept_identity is not None:
        try:
            return (yield from _credentials(pool, kept_identity, logins, id_token))
        except ServiceError as error:
            if error.code != "ResourceNotFoundException" and ANOTHERS not in error.detail:
                raise
            yield RememberIdentity(None)
    answer = yield from call(
        "cognito-identity", "GetId", {"IdentityPoolId": pool.identity_pool_id, "Logins": logins}
    )
    identity_id: str = member(answer, "IdentityId")
    yield RememberIdentity(identity_id)
    return (yield from _credentials(pool, identity_id, logins, id_token))


def session_name(username: str, id_token: str) -> str:
    """The name that the basic flow's sessions bear in CloudTrail and in ARNs: the user's.

    Source: AWS STS API reference, AssumeRoleWithWebIdentity: 2 to 64 of letters, digits and
    `_+=,.@-`. Where the profile names no user, the token does.
    """
    if not username:
        known = claims(id_token)
        username = str(known.get("email") or known.get("cognito:username") or "")
    name = re.sub(r"[^\w+=,.@-]", "-", username, flags=re.ASCII)
    return name[:LONGEST_SESSION_NAME].ljust(2, "-")


def _credentials(
    pool: IdentityPool, identity_id: str, logins: dict[str, str], id_token: str
) -> Flow[Credentials]:
    if pool.basic is None:
        found = yield from _enhanced(pool, identity_id, logins, id_token)
        secret = "SecretKey"  # noqa: S105 - the name of a member
    else:
        found = yield from _basic(pool, pool.basic, identity_id, logins, id_token)
        secret = "SecretAccessKey"  # noqa: S105 - as above
    access_key_id: str = member(found, "AccessKeyId")
    return Credentials(
        access_key_id=access_key_id,
        secret_access_key=member(found, secret),
        session_token=member(found, "SessionToken"),
        expiration=int(member(found, "Expiration").timestamp()),
        account_id=(
            account_of_role(pool.role_arn)
            if pool.role_arn
            else account_of_access_key(access_key_id)
        ),
    )


def _enhanced(
    pool: IdentityPool, identity_id: str, logins: dict[str, str], id_token: str
) -> Flow[Answer]:
    parameters: dict[str, object] = {"IdentityId": identity_id, "Logins": logins}
    if pool.role_arn:
        parameters["CustomRoleArn"] = pool.role_arn
    try:
        answer = yield from call("cognito-identity", "GetCredentialsForIdentity", parameters)
    except ServiceError as error:
        if error.code == "NotAuthorizedException":
            raise _explained(error, pool.role_arn, roles(id_token)) from error
        raise
    found: Answer = member(answer, "Credentials")
    return found


def _basic(
    pool: IdentityPool, basic: Basic, identity_id: str, logins: dict[str, str], id_token: str
) -> Flow[Answer]:
    answer = yield from call(
        "cognito-identity", "GetOpenIdToken", {"IdentityId": identity_id, "Logins": logins}
    )
    answer = yield from call(
        "sts",
        "AssumeRoleWithWebIdentity",
        {
            "RoleArn": pool.role_arn,
            "RoleSessionName": session_name(basic.username, id_token),
            "WebIdentityToken": member(answer, "Token"),
            "DurationSeconds": basic.duration_seconds,
        },
    )
    found: Answer = member(answer, "Credentials")
    return found


def _explained(error: ServiceError, wanted: str | None, allowed: Sequence[str]) -> ServiceError:
    """What a refusal has to do with the roles of the token, if it has.

    One code means all of it; the sentence is not known for a wanted role that is not allowed.
    """
    if wanted is None and "ambiguous role" in error.detail:
        message = (
            f"the identity pool does not choose among your roles: {_listed(allowed)}"
            if allowed
            else "the identity pool has no role for you, and your sign-in names none"
        )
        return NoRoleError(error, message, allowed)
    of_the_login = any(words in error.detail for words in OF_THE_LOGIN)
    if wanted is not None and wanted not in allowed and not of_the_login:
        yours = f"; yours: {_listed(allowed)}" if allowed else ", which names none"
        message = f"{wanted} is not among the roles of your sign-in{yours}"
        return NoRoleError(error, message, allowed)
    return error


def _listed(names: Sequence[str]) -> str:
    """As many as a message has room for."""
    shown = [name for at, name in enumerate(names) if len(", ".join(names[: at + 1])) < MOST_LISTED]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
