"""STS: GetCallerIdentity, AssumeRole, AssumeRoleWithWebIdentity, over the Query API."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, cast

from tests.local_cognito import jwt, partitions, sigv4
from tests.local_cognito.errors import ServiceError
from tests.local_cognito.keys import ROLE_FORM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.local_cognito.keys import Credentials, Role
    from tests.local_cognito.world import World

SHORTEST_SECONDS = 900
LONGEST_SECONDS = 43_200
CHAINED_SECONDS = 3_600

# What an operation answers: an XML element's members, nested.
Members = dict[str, object]


def get_caller_identity(
    world: World, request: sigv4.Request, _parameters: Mapping[str, str]
) -> Members:
    """GetCallerIdentity: who signed."""
    who = sigv4.caller(request, world.keys, world.clock)
    return {"Arn": who.arn, "UserId": who.user_id, "Account": who.role.account}


def assume_role(world: World, request: sigv4.Request, parameters: Mapping[str, str]) -> Members:
    """AssumeRole: always a chain here, since all callers are roles; an hour at most."""
    who = sigv4.caller(request, world.keys, world.clock)
    role = _role(world, parameters, f"User: {who.arn} is not authorized to perform: sts:AssumeRole")
    seconds = _seconds(parameters, role)
    if seconds > CHAINED_SECONDS:
        raise _validation(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles "
            "assumed by role chaining."
        )
    issued = world.keys.issue(role, _session_name(parameters), world.clock.now() + seconds)
    return _assumed(issued)


def assume_role_with_web_identity(
    world: World, request: sigv4.Request, parameters: Mapping[str, str]
) -> Members:
    """AssumeRoleWithWebIdentity, with a token from GetOpenIdToken; not signed.

    The order is: the form of everything, the token, the role's trust, the role's maximum.
    """
    if "authorization" in request.headers:
        # The service does not care; who signs went looking for credentials, and that is a loop.
        raise ServiceError("SignatureDoesNotMatch", "This operation takes no signature.", 403)
    _session_name(parameters), _duration(parameters)
    claims = _web_identity(world, parameters.get("WebIdentityToken", ""))
    refusal = "Not authorized to perform sts:AssumeRoleWithWebIdentity"
    role = _role(world, parameters, refusal)
    if not role.lets_in(str(claims["aud"])):
        raise ServiceError("AccessDenied", refusal, 403)
    seconds = _seconds(parameters, role)
    ends = world.clock.now() + seconds
    issued = world.keys.issue(role, _session_name(parameters), ends, assumed=True)
    return {
        "SubjectFromWebIdentityToken": claims["sub"],
        "Provider": str(claims["iss"]).removeprefix("https://"),
        "Audience": claims["aud"],
        **_assumed(issued),
    }


def _web_identity(world: World, token: str) -> jwt.Claims:
    if not 4 <= len(token) <= 20_000:
        raise _validation("1 validation error detected: Value at 'webIdentityToken' is missing")
    try:
        claims = jwt.verified(token, "identity")
    except (jwt.NotAToken, jwt.BadSignature):
        raise ServiceError(
            "InvalidIdentityToken", "The ID Token provided is not a valid JWT."
        ) from None
    now, expiry = int(world.clock.now()), int(jwt.seconds(claims, "exp"))
    if now >= expiry:
        raise ServiceError(
            "ExpiredTokenException",
            f"Token expired: current date/time {now} must be before the expiration date/time "
            f"{expiry}",
        )
    pool = world.identity_pools.get(str(claims.get("aud")))
    marks = cast("list[str]", claims.get("amr", []))
    if pool is None or "authenticated" not in marks:
        raise ServiceError("InvalidIdentityToken", "Incorrect token audience")
    if claims.get("iss") != f"https://{partitions.identity_provider(pool.region)}":
        raise ServiceError("InvalidIdentityToken", "Incorrect token audience")
    return claims


def _role(world: World, parameters: Mapping[str, str], refusal: str) -> Role:
    arn = parameters.get("RoleArn", "")
    if not re.fullmatch(ROLE_FORM, arn):
        raise _validation(f"{arn} is invalid")
    role = world.keys.roles.get(arn)
    if role is None:
        raise ServiceError("AccessDenied", refusal, 403)
    return role


def _session_name(parameters: Mapping[str, str]) -> str:
    name = parameters.get("RoleSessionName", "")
    if not re.fullmatch(r"[\w+=,.@-]{2,64}", name, re.ASCII):
        raise _validation(
            f"1 validation error detected: Value '{name}' at 'roleSessionName' failed to "
            r"satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*"
        )
    return name


def _duration(parameters: Mapping[str, str]) -> int:
    text = parameters.get("DurationSeconds", "3600")
    seconds = int(text) if re.fullmatch(r"\d{1,9}", text) else -1
    if not SHORTEST_SECONDS <= seconds <= LONGEST_SECONDS:
        raise _validation(
            f"1 validation error detected: Value '{text}' at 'durationSeconds' failed to "
            f"satisfy constraint: Member must be between {SHORTEST_SECONDS} and {LONGEST_SECONDS}"
        )
    return seconds


def _seconds(parameters: Mapping[str, str], role: Role) -> int:
    seconds = _duration(parameters)
    if seconds > role.max_session_seconds:
        raise _validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )
    return seconds


def _assumed(issued: Credentials) -> Members:
    expiry = datetime.datetime.fromtimestamp(int(issued.expires_at), datetime.UTC)
    return {
        "AssumedRoleUser": {"Arn": issued.arn, "AssumedRoleId": issued.user_id},
        "Credentials": {
            "AccessKeyId": issued.access_key_id,
            "SecretAccessKey": issued.secret_key,
            "SessionToken": issued.session_token,
            "Expiration": f"{expiry:%Y-%m-%dT%H:%M:%SZ}",
        },
        "PackedPolicySize": "6",
    }


def _validation(text: str) -> ServiceError:
    return ServiceError("ValidationError", text)


OPERATIONS = {
    "GetCallerIdentity": get_caller_identity,
    "AssumeRole": assume_role,
    "AssumeRoleWithWebIdentity": assume_role_with_web_identity,
}
