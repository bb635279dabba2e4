"""Signature Version 4 as the service checks it (AWS IAM user guide, "Signing requests")."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote

from tests.local_cognito.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.local_cognito.clock import Clock
    from tests.local_cognito.keys import Credentials, Keys

SKEW_SECONDS = 300
_FORM = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>\w+)/(?P<day>\d{8})/(?P<region>[\w-]+)"
    r"/(?P<service>[\w-]+)/aws4_request, ?SignedHeaders=(?P<signed>[\w;-]+)"
    r", ?Signature=(?P<signature>[0-9a-f]{64})"
)


@dataclass(frozen=True)
class Request:
    """What a signature covers. Header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


def caller(request: Request, keys: Keys, clock: Clock, *, service: str = "sts") -> Credentials:
    """The credentials that a request was signed with, checked in the service's order.

    They run out by the service's clock. The moment of signing has to be within five
    minutes of that clock or of the machine's, since SDKs sign by the machine's and
    tests move only the other.

    Raises:
        ServiceError: HTTP 403: MissingAuthenticationToken, InvalidClientTokenId,
            ExpiredToken, SignatureDoesNotMatch.
    """
    shape = _FORM.fullmatch(request.headers.get("authorization", ""))
    if shape is None:
        raise ServiceError(
            "MissingAuthenticationToken", "Request is missing Authentication Token", 403
        )
    found = keys.find(shape["key"])
    token = request.headers.get("x-amz-security-token", "")
    if found is None or not hmac.compare_digest(token.encode(), found.session_token.encode()):
        raise ServiceError(
            "InvalidClientTokenId", "The security token included in the request is invalid.", 403
        )
    if clock.now() >= found.expires_at:
        raise ServiceError(
            "ExpiredToken", "The security token included in the request is expired", 403
        )
    right = _signature(request, shape, found.secret_key, service)
    if not hmac.compare_digest(right, shape["signature"]):
        raise ServiceError(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. "
            "Check your AWS Secret Access Key and signing method.",
            403,
        )
    signed_at = _epoch(request.headers["x-amz-date"])
    if min(abs(signed_at - at) for at in (clock.now(), clock.machine())) > SKEW_SECONDS:
        raise ServiceError(
            "SignatureDoesNotMatch", f"Signature expired: {request.headers['x-amz-date']}", 403
        )
    return found


def _signature(request: Request, shape: re.Match[str], secret: str, service: str) -> str:
    """The right signature; "" where the request leaves out what has to be signed."""
    moment = request.headers.get("x-amz-date", "")
    signed = shape["signed"].split(";")
    needed = {"host", *(name for name in request.headers if name.startswith("x-amz-"))}
    digest = hashlib.sha256(request.body).hexdigest()
    if (
        shape["service"] != service
        or not re.fullmatch(shape["day"] + r"T\d{6}Z", moment)
        or signed != sorted(signed)
        or not needed <= set(signed) <= set(request.headers)
    ):
        return ""
    canonical = "\n".join(
        [
            request.method,
            _path(request.target),
            _query(request.target),
            *(f"{name}:{' '.join(request.headers[name].split())}" for name in signed),
            "",
            shape["signed"],
            digest,
        ]
    )
    scope = f"{shape['day']}/{shape['region']}/{service}/aws4_request"
    text = "\n".join(
        [
            "AWS4-HMAC-SHA256",
            moment,
            scope,
            hashlib.sha256(canonical.encode()).hexdigest(),
        ]
    )
    key = b"AWS4" + secret.encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def _epoch(moment: str) -> float:
    try:
        return datetime.datetime.strptime(moment, "%Y%m%dT%H%M%S%z").timestamp()
    except ValueError:
        return 0.0


def _path(target: str) -> str:
    path = target.partition("?")[0] or "/"
    return quote(unquote(path), safe="/-_.~")


def _query(target: str) -> str:
    pairs = parse_qsl(target.partition("?")[2], keep_blank_values=True)
    return "&".join(
        f"{name}={value}"
        for name, value in sorted((quote(n, safe="-_.~"), quote(v, safe="-_.~")) for n, v in pairs)
    )
