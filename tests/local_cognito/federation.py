"""The federation endpoint of AWS Sign-In: a sign-in token for credentials, and the sign-in by it.

Source: IAM user guide, "Enabling custom identity broker access to the AWS console". Both steps may
be a GET or a POST there; here credentials are taken from the body of a POST alone. A token is good
once and for 15 minutes; whether the service takes it twice is not said.
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from tests.local_cognito import wire

if TYPE_CHECKING:
    from tests.local_cognito.keys import Credentials
    from tests.local_cognito.sigv4 import Request
    from tests.local_cognito.world import World

TOKEN_SECONDS = 900
SHORTEST_SECONDS, LONGEST_SECONDS = 900, 43_200
MEMBERS = {"sessionId", "sessionKey", "sessionToken"}
DOMAINS = ("aws.amazon.com", "amazonaws-us-gov.com", "amazonaws.cn", "amazonaws-eusc.eu")
NAMES = {("POST", "/federation"): "GetSigninToken", ("GET", "/federation"): "ConsoleLogin"}
_NO_STORE = {"Cache-Control": "no-store"}


class Refused(Exception):  # noqa: N818  an answer to a request, not a failure of this code
    """What the page for people says."""


def work(world: World, request: Request) -> wire.Reply:
    """Do what is asked for; the caller holds the world's lock."""
    try:
        if request.method == "POST":
            return _token(world, request)
        return _login(world, request)
    except Refused as refused:
        page = f"<html><body><h1>400</h1><p>{refused}</p></body></html>"
        return wire.Reply(400, "text/html", page.encode(), str(refused), _NO_STORE)


def _token(world: World, request: Request) -> wire.Reply:
    if "?" in request.target or "authorization" in request.headers:
        raise Refused("Credentials do not belong there.")
    if request.headers.get("content-type", "").partition(";")[0] != wire.FORM:
        raise Refused("Not a form.")
    given = _pairs(request.body.decode("utf-8", "replace"))
    if given.pop("Action", "") != "getSigninToken" or not {*given} <= {
        "Session",
        "SessionDuration",
    }:
        raise Refused("Invalid action.")
    issued = _credentials(world, given.get("Session", ""))
    ends = issued.expires_at
    if "SessionDuration" in given:
        text = given["SessionDuration"]
        seconds = int(text) if re.fullmatch(r"\d{1,5}", text) else 0
        if not issued.assumed or not SHORTEST_SECONDS <= seconds <= LONGEST_SECONDS:
            raise Refused("Invalid credentials parameter.")
        ends = world.clock.now() + seconds
    token = secrets.token_urlsafe(1_200)
    world.console_tokens[token] = (issued.arn, world.clock.now() + TOKEN_SECONDS, ends)
    body = json.dumps({"SigninToken": token}).encode()
    return wire.Reply(200, "application/json", body, None, _NO_STORE)


def _credentials(world: World, session: str) -> Credentials:
    """The credentials of a session, all three members of which must be right, and in time."""
    try:
        members = json.loads(session)
    except ValueError:
        members = None
    if not isinstance(members, dict) or {*members} != MEMBERS:
        raise Refused("Invalid credentials parameter.")
    issued = world.keys.find(str(members["sessionId"]))
    if issued is None or world.clock.now() >= issued.expires_at:
        raise Refused("The security token included in the request is invalid.")
    for one, other in (
        (issued.secret_key, members["sessionKey"]),
        (issued.session_token, members["sessionToken"]),
    ):
        if not hmac.compare_digest(one.encode(), str(other).encode()):
            raise Refused("The security token included in the request is invalid.")
    return issued


def _login(world: World, request: Request) -> wire.Reply:
    """Sign a browser in, and lead it to the page that was asked for."""
    given = _pairs(request.target.partition("?")[2])
    if given.get("Action") != "login" or {*given} - {
        *("Action", "Issuer", "Destination", "SigninToken"),
    }:
        raise Refused("Invalid action.")
    to = urlsplit(given.get("Destination", ""))
    if to.scheme != "https" or not f".{to.hostname}".endswith(tuple(f".{d}" for d in DOMAINS)):
        raise Refused("Invalid destination.")
    arn, until, ends = world.console_tokens.pop(given.get("SigninToken", ""), ("", 0.0, 0.0))
    if world.clock.now() >= until:
        raise Refused("The credentials in your login link were invalid.")
    cookie = secrets.token_urlsafe(32)
    world.console_sessions[cookie] = (arn, ends)
    headers = {**_NO_STORE, "Location": given["Destination"]}
    headers["Set-Cookie"] = f"aws-creds={cookie}; Path=/; HttpOnly; SameSite=Lax"
    return wire.Reply(302, "text/plain", b"", None, headers)


def _pairs(text: str) -> dict[str, str]:
    pairs = parse_qsl(text, keep_blank_values=True)
    if len(dict(pairs)) != len(pairs):
        raise Refused("A parameter is given twice.")
    return dict(pairs)
