"""POST /oauth2/token: a code, or a refresh token, for tokens.

Source: Amazon Cognito developer guide, "The token issuer endpoint"; RFC 6749, section 5. A client
with a secret proves it by HTTP Basic. A code is spent by the first try, right or wrong.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qsl

from tests.local_cognito import tokens, wire
from tests.local_cognito.authorizations import is_proof
from tests.local_cognito.errors import ServiceError

if TYPE_CHECKING:
    from tests.local_cognito.clients import AppClient
    from tests.local_cognito.fields import Answer
    from tests.local_cognito.sigv4 import Request
    from tests.local_cognito.world import World

JSON = "application/json;charset=UTF-8"


class Refused(Exception):  # noqa: N818  an answer to a request, not a failure of this code
    """One of the errors of RFC 6749, section 5.2."""


def redeem(world: World, request: Request) -> wire.Reply:
    """Tokens, or an error; the caller holds the world's lock."""
    try:
        answer = _redeemed(world, request)
    except Refused as error:
        body = json.dumps({"error": str(error)}).encode()
        return wire.Reply(400, JSON, body, str(error), {"Cache-Control": "no-store"})
    shown = {
        "id_token": answer["IdToken"],
        "access_token": answer["AccessToken"],
        "refresh_token": answer.get("RefreshToken"),
        "expires_in": answer["ExpiresIn"],
        "token_type": answer["TokenType"],
    }
    body = json.dumps({name: value for name, value in shown.items() if value}).encode()
    return wire.Reply(200, JSON, body, None, {"Cache-Control": "no-store", "Pragma": "no-cache"})


def _redeemed(world: World, request: Request) -> Answer:
    if request.headers.get("content-type", "").partition(";")[0] != wire.FORM:
        raise Refused("invalid_request")
    pairs = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    given = dict(pairs)
    if len(given) != len(pairs) or "?" in request.target:
        raise Refused("invalid_request")
    client = _client(world, request, given)
    match given.get("grant_type", ""):
        case "authorization_code":
            return _by_code(world, client, given)
        case "refresh_token":
            return _by_refresh_token(world, client, given)
        case "":
            raise Refused("invalid_request")
    raise Refused("unsupported_grant_type")


def _client(world: World, request: Request, given: dict[str, str]) -> AppClient:
    """The client that asks; its secret is demanded if it has one, and refused if not."""
    name, secret = given.get("client_id", ""), ""
    kind, _, proof = request.headers.get("authorization", "").partition(" ")
    if kind:
        try:
            basic = base64.b64decode(proof, validate=True).decode()
        except (ValueError, binascii.Error):
            raise Refused("invalid_client") from None
        user, colon, secret = basic.partition(":")
        if kind != "Basic" or not colon or user != (name or user):
            raise Refused("invalid_client")
        name = user
    client = world.clients.get(name)
    if client is None or "client_secret" in given:
        raise Refused("invalid_client")
    if bool(kind) != bool(client.secret):
        raise Refused("invalid_client")
    if not hmac.compare_digest(secret.encode(), (client.secret or "").encode()):
        raise Refused("invalid_client")
    return client


def _by_code(world: World, client: AppClient, given: dict[str, str]) -> Answer:
    if not given.get("code") or not given.get("redirect_uri"):
        raise Refused("invalid_request")
    if "code" not in client.response_types:
        raise Refused("unauthorized_client")
    found = world.grants.get(given["code"])
    if found is None or found.used or world.clock.now() >= found.expires_at:
        raise Refused("invalid_grant")
    found.used = True
    asked = found.authorization
    if asked.client is not client or asked.redirect_uri != given["redirect_uri"]:
        raise Refused("invalid_grant")
    if not is_proof(asked.challenge, given.get("code_verifier", "")):
        raise Refused("invalid_grant")
    answer = tokens.page_sign_in(world, client, found.user, asked.nonce, asked.scopes)
    return cast("Answer", answer["AuthenticationResult"])


def _by_refresh_token(world: World, client: AppClient, given: dict[str, str]) -> Answer:
    if not given.get("refresh_token"):
        raise Refused("invalid_request")
    try:
        result, record = tokens.refresh(world, client, given["refresh_token"], at_domain=True)
    except ServiceError:
        raise Refused("invalid_grant") from None
    if client.rotation_grace is not None:
        result["RefreshToken"] = tokens.rotate(world, record, client.rotation_grace)
    return result
