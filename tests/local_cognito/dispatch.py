"""From a request to a reply: the tables of operations, and the replies that faults give."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.local_cognito import (
    account,
    administration,
    devices,
    federation,
    identity,
    managed_login,
    mfa,
    signin,
    signup,
    software_tokens,
    sts,
    token_endpoint,
    wire,
)
from tests.local_cognito.errors import ServiceError
from tests.local_cognito.faults import Fault
from tests.local_cognito.fields import Fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.local_cognito.sigv4 import Request
    from tests.local_cognito.world import World

JSON_OPERATIONS = {
    "cognito-idp": (
        signin.OPERATIONS
        | mfa.OPERATIONS
        | devices.OPERATIONS
        | software_tokens.OPERATIONS
        | account.OPERATIONS
        | signup.OPERATIONS
        | administration.OPERATIONS
    ),
    "cognito-identity": identity.OPERATIONS,
}
_PAGE = b"<!DOCTYPE html><html><head><title>%s</title></head><body>%s</body></html>"


def work(world: World, call: wire.Named, request: Request) -> wire.Reply:
    """Do what a request asks for; the caller holds the world's lock."""
    if call.service == "sts":
        return _query(world, call, request)
    if call.service == "federation":
        return federation.work(world, request)
    if call.service == "managed-login":
        answer = token_endpoint.redeem if call.operation == "Token" else managed_login.page
        return answer(world, request)
    try:
        operation = JSON_OPERATIONS.get(call.service, {}).get(call.operation)
        if operation is None or request.target != "/":
            raise ServiceError("UnknownOperationException", "", 404)  # noqa: TRY301
        if call.operation in administration.OPERATIONS:
            administration.admit(world, request)
            members = wire.members(request.headers, request.body, signed=True)
        else:
            members = wire.members(request.headers, request.body)
        return wire.json_reply(operation(world, Fields(members)))
    except ServiceError as error:
        return wire.json_error(error)


def _query(world: World, call: wire.Named, request: Request) -> wire.Reply:
    try:
        operation = sts.OPERATIONS.get(call.operation)
        if operation is None or call.parameters.get("Version") != "2011-06-15":
            text = f"Could not find operation {call.operation} for version 2011-06-15"
            raise ServiceError("InvalidAction", text)  # noqa: TRY301
        parameters = {name: str(value) for name, value in call.parameters.items()}
        return wire.xml_reply(call.operation, operation(world, request, parameters))
    except ServiceError as error:
        return wire.xml_error(error)


def instead(fault: Fault, call: wire.Named, body: bytes = b"") -> wire.Reply | None:
    """The reply that a fault gives in place of the service's own; None where it gives none."""
    query = call.service == "sts"
    write = wire.xml_error if query else wire.json_error
    page = {
        Fault.ERROR_503_HTML: (503, _PAGE % (b"503", b"Service Unavailable")),
        Fault.CAPTIVE_PORTAL: (200, _PAGE % (b"Welcome", b"Accept the terms of this network.")),
    }.get(fault)
    if page:
        return wire.Reply(page[0], "text/html", page[1], f"fault:{fault}")
    match fault:
        case Fault.THROTTLE | Fault.THROTTLE_429:
            code = "Throttling" if query else "TooManyRequestsException"
            status = 400 if fault is Fault.THROTTLE else 429
            return write(ServiceError(code, "Rate exceeded", status))
        case Fault.ERROR_500:
            code = "InternalFailure" if query else "InternalErrorException"
            return write(ServiceError(code, "Something went wrong", 500))
        case Fault.ECHO:
            words = "".join(f"Value '{text}' failed; " for text in _texts(json.loads(body)))
            return write(ServiceError("InvalidParameterException", words))
        case Fault.GARBAGE:
            return wire.Reply(200, wire.JSON, bytes(range(128, 256)), f"fault:{fault}")
        case _:
            return None


def _texts(found: object) -> Iterator[str]:
    """Every text in it that is no name of a member."""
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict | list):
        for inner in found.values() if isinstance(found, dict) else found:
            yield from _texts(inner)
