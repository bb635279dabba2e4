"""The wire forms: which operation a request names, and how answers and errors are written."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from tests.local_cognito.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON = "application/x-amz-json-1.1"
FORM = "application/x-www-form-urlencoded"
XML = "text/xml"
_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_PREFIXES = {
    "AWSCognitoIdentityProviderService": "cognito-idp",
    "AWSCognitoIdentityService": "cognito-identity",
}


@dataclass(frozen=True)
class Reply:
    """What goes back: HTTP status, type, body, and the error code if it is one."""

    status: int
    content_type: str
    body: bytes = field(repr=False)
    error: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Named:
    """The operation that a request names, with the members it brings."""

    service: str
    operation: str
    parameters: Mapping[str, object] = field(default_factory=dict, repr=False)


def named(headers: Mapping[str, str], body: bytes) -> Named:
    """Read a request's operation: X-Amz-Target for JSON 1.1, Action for the Query API.

    The name alone is read leniently, so that a call can be recorded whatever is wrong
    with it; `members` is strict.
    """
    target = headers.get("x-amz-target", "")
    prefix, _, operation = target.partition(".")
    if prefix in _PREFIXES and operation:
        return Named(_PREFIXES[prefix], operation)
    if headers.get("content-type", "").startswith(FORM):
        pairs = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        if pairs.get("Action"):
            return Named("sts", pairs["Action"], pairs)
    return Named("?", target or "?")


def members(headers: Mapping[str, str], body: bytes, *, signed: bool = False) -> dict[str, object]:
    """The JSON object of a request.

    Raises:
        ServiceError: signed though it may not be, another content type, or no JSON object.
    """
    if "authorization" in headers and not signed:
        # These calls take no signature: whoever signs went looking for credentials,
        # which in a credential process is a loop without end.
        raise ServiceError(
            "UnrecognizedClientException", "The security token included in the request is invalid."
        )
    if headers.get("content-type", "").partition(";")[0] != JSON:
        raise ServiceError("UnknownOperationException", "", 404)
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ServiceError("SerializationException", "Start of structure or map expected")
    return found


def json_reply(answer: Mapping[str, object]) -> Reply:
    """A good answer in JSON 1.1."""
    return Reply(200, JSON, json.dumps(answer, separators=(",", ":")).encode())


def json_error(error: ServiceError) -> Reply:
    """An error in JSON 1.1: code in `__type` and in a header."""
    body = json.dumps({"__type": error.code, "message": error.message}).encode()
    headers = {"x-amzn-ErrorType": f"{error.code}:", "x-amzn-ErrorMessage": error.message}
    return Reply(error.status, JSON, body, error.code, headers)


def xml_reply(operation: str, answer: Mapping[str, object]) -> Reply:
    """A good answer of the Query API."""
    inner = {f"{operation}Result": answer, "ResponseMetadata": {"RequestId": str(uuid.uuid4())}}
    name = f"{operation}Response"
    text = f'<{name} xmlns="{_NAMESPACE}">{_elements(inner)}</{name}>'
    return Reply(200, XML, text.encode())


def xml_error(error: ServiceError) -> Reply:
    """An error of the Query API."""
    inner = {
        "Error": {
            "Type": "Sender" if error.status < 500 else "Receiver",
            "Code": error.code,
            "Message": error.message,
        },
        "RequestId": str(uuid.uuid4()),
    }
    text = f'<ErrorResponse xmlns="{_NAMESPACE}">{_elements(inner)}</ErrorResponse>'
    return Reply(error.status, XML, text.encode(), error.code)


def _elements(inner: Mapping[str, object]) -> str:
    parts = []
    for name, value in inner.items():
        content = _elements(value) if isinstance(value, dict) else escape(str(value))
        parts.append(f"<{name}>{content}</{name}>")
    return "".join(parts)
