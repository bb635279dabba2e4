"""The exchange: from an ID token to temporary credentials, at the identity pool."""

from dataclasses import dataclass

from cognito_credproc.credentials import Credentials, account_of_access_key, account_of_role
from cognito_credproc.errors import ServiceError
from cognito_credproc.flow import Flow, RememberIdentity, call, member
from cognito_credproc.tokens import logins_key


@dataclass(frozen=True, slots=True)
class IdentityPool:
    """An identity pool, and what the profile says about the way through it."""

    identity_pool_id: str
    role_arn: str | None = None
    logins_key: str | None = None


def exchange(pool: IdentityPool, id_token: str, kept_identity: str | None) -> Flow[Credentials]:
    """GetCredentialsForIdentity, and GetId before it unless the identity is known.

    One user's identity in one pool never changes, so it is kept. A kept one that the pool no
    longer knows (the pool was made anew) is asked for again, once.
    """
    logins = {pool.logins_key or logins_key(id_token): id_token}
    if kept_identity is not None:
        try:
            return (yield from _credentials(pool, kept_identity, logins))
        except ServiceError as error:
            if error.code != "ResourceNotFoundException":
                raise
            yield RememberIdentity(None)
    answer = yield from call(
        "cognito-identity", "GetId", {"IdentityPoolId": pool.identity_pool_id, "Logins": logins}
    )
    identity_id: str = member(answer, "IdentityId")
    yield RememberIdentity(identity_id)
    return (yield from _credentials(pool, identity_id, logins))


def _credentials(pool: IdentityPool, identity_id: str, logins: dict[str, str]) -> Flow[Credentials]:
    parameters: dict[str, object] = {"IdentityId": identity_id, "Logins": logins}
    if pool.role_arn:
        parameters["CustomRoleArn"] = pool.role_arn
    answer = yield from call("cognito-identity", "GetCredentialsForIdentity", parameters)
    found = member(answer, "Credentials")
    access_key_id: str = member(found, "AccessKeyId")
    return Credentials(
        access_key_id=access_key_id,
        secret_access_key=member(found, "SecretKey"),
        session_token=member(found, "SessionToken"),
        expiration=int(member(found, "Expiration").timestamp()),
        account_id=(
            account_of_role(pool.role_arn)
            if pool.role_arn
            else account_of_access_key(access_key_id)
        ),
    )
