"""The pages of a user pool's domain: sign-in with password and code, other providers, sign-out.

    /oauth2/authorize ──> /login ──> password ──> (code) ──> redirect with a code
                     └──> /idp (stands for a provider of one's own) ──> redirect with a code

A page is posted with the token that it was shown with; without it, or with a cookie of another
browser, nothing is done. A browser that has signed in is not asked again for an hour.

Source: Amazon Cognito developer guide, "The managed login endpoints".
"""

from __future__ import annotations

import dataclasses
import hmac
import html
import secrets
import uuid
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from tests.local_cognito import authorizations, mfa, wire
from tests.local_cognito.authorizations import Authorization, Denied, PageError
from tests.local_cognito.errors import ServiceError
from tests.local_cognito.sessions import Passage
from tests.local_cognito.totp import Check
from tests.local_cognito.users import User

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.local_cognito.sigv4 import Request
    from tests.local_cognito.world import World

SESSION_SECONDS = 3_600
_HEAD = '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>%s</title></head><body>'
_NO_STORE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


def authorize(world: World, request: Request) -> wire.Reply:
    """GET /oauth2/authorize: on to the page that is meant, or back if nothing is left to ask."""
    query = request.target.partition("?")[2]
    authorization = authorizations.read(world, query)
    user = _remembered(world, request, authorization)
    if user is not None:
        return _redirect(authorizations.grant(world, authorization, user))
    outside = authorization.identity_provider not in {"", "COGNITO"}
    return _redirect(f"{'/idp' if outside else '/login'}?{query}")


def login(world: World, request: Request) -> wire.Reply:
    """/login: the form, and what was typed into it."""
    authorization = authorizations.read(world, request.target.partition("?")[2])
    if request.method == "GET":
        return _form(request, "Sign in", _fields(authorization.login_hint))
    typed = _posted(request)
    if "session" in typed:
        return _code(world, request, authorization, typed)
    user = authorization.client.pool.find(typed.get("username", ""))
    try:
        if user is None or user.verifier is None:
            raise ServiceError("NotAuthorizedException", "Incorrect username or password.")  # noqa: TRY301
        verifier = user.verifier
        user.prove(lambda: verifier.matches(typed.get("password", "")), world.clock.now())
    except ServiceError as error:
        return _form(request, "Sign in", _fields(typed.get("username", "")), error.message)
    client, name = authorization.client, typed["username"]
    factors = mfa.factors(client, user)
    if user.status == "FORCE_CHANGE_PASSWORD" or (not factors and client.pool.mfa == "ON"):
        raise PageError("this user has to be set up first")
    if not factors:
        return _signed_in(world, authorization, user)
    if "SOFTWARE_TOKEN_MFA" not in factors:
        raise PageError("these pages know no factor but an authenticator app")
    session = world.sessions.open("PAGE_MFA", client, user, Passage(name), world.clock.now())
    return _form(request, "Code", _code_field(session))


def idp(world: World, request: Request) -> wire.Reply:
    """/idp: another provider's page, which takes anybody's word for who they are."""
    authorization = authorizations.read(world, request.target.partition("?")[2])
    provider = html.escape(authorization.identity_provider)
    if request.method == "GET":
        field = '<input id="email" name="email" autofocus>'
        return _form(request, f"Sign in with {provider}", field)
    email = _posted(request).get("email", "")
    if "@" not in email:
        raise Denied(authorization, "access_denied", f"{provider} Error - 400 no such user")
    pool = authorization.client.pool
    name = f"{authorization.identity_provider}_{email}"
    user = pool.users.get(name)
    if user is None:
        user = User(name, str(uuid.uuid4()), pool.suffix, email, status="EXTERNAL_PROVIDER")
        pool.users[name] = user
    return _signed_in(world, authorization, user)


def logout(world: World, request: Request) -> wire.Reply:
    """GET /logout: end the browser's session; `logout_uri` has to be registered.

    With what /login takes instead, the person is asked anew who they are.
    """
    query = request.target.partition("?")[2]
    given = dict(parse_qsl(query))
    if "redirect_uri" in given:
        authorizations.read(world, query)
        world.page_sessions.pop(_cookies(request).get("cognito", ""), None)
        return _redirect(f"/login?{query}")
    client = world.clients.get(given.get("client_id", ""))
    if client is None or given.get("logout_uri") not in client.logout_urls:
        raise PageError("invalid_request: a required parameter is missing or not registered")
    world.page_sessions.pop(_cookies(request).get("cognito", ""), None)
    return _redirect(given["logout_uri"])


def _code(
    world: World, request: Request, authorization: Authorization, typed: dict[str, str]
) -> wire.Reply:
    try:
        session = world.sessions.find(typed["session"], "PAGE_MFA", world.clock.now())
    except ServiceError as error:
        return _form(request, "Sign in", _fields(""), error.message)
    assert session.user.token
    match session.user.token.check(typed.get("code", ""), world.clock.now()):
        case Check.WRONG:
            return _form(request, "Code", _code_field(typed["session"]), "Invalid code")
        case Check.USED:
            return _form(request, "Code", _code_field(typed["session"]), "Code was used before")
        case Check.GOOD:
            session.used = True
    return _signed_in(world, authorization, session.user)


def _signed_in(world: World, authorization: Authorization, user: User) -> wire.Reply:
    try:
        user.admit(world.clock.now())
    except ServiceError as error:
        raise Denied(authorization, "access_denied", error.message) from None
    cookie = secrets.token_urlsafe(32)
    until = world.clock.now() + SESSION_SECONDS
    world.page_sessions[cookie] = (user, authorization.client.pool, until)
    location = authorizations.grant(world, authorization, user)
    return _redirect(location, f"cognito={cookie}; Path=/; HttpOnly; SameSite=Lax")


def _remembered(world: World, request: Request, authorization: Authorization) -> User | None:
    user, pool, until = world.page_sessions.get(
        _cookies(request).get("cognito", ""), (None, None, 0.0)
    )
    live = pool is authorization.client.pool and world.clock.now() < until
    wanted = authorization.identity_provider in {"", "COGNITO"}
    return user if live and wanted else None


def _posted(request: Request) -> dict[str, str]:
    """The form's fields, sent by the page that was shown to this browser."""
    if request.headers.get("content-type", "").partition(";")[0] != wire.FORM:
        raise PageError("not a form")
    typed = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
    shown = _cookies(request).get("XSRF-TOKEN", "")
    if not shown or not hmac.compare_digest(shown.encode(), typed.get("_csrf", "").encode()):
        raise PageError("the page was not shown to this browser")
    return typed


def _cookies(request: Request) -> dict[str, str]:
    try:
        found = SimpleCookie(request.headers.get("cookie", ""))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in found.items()}


def _form(request: Request, title: str, fields: str, trouble: str = "") -> wire.Reply:
    token = _cookies(request).get("XSRF-TOKEN") or secrets.token_urlsafe(24)
    page = (
        f"{_HEAD % title}<h1>{title}</h1><p id='trouble'>{html.escape(trouble)}</p>"
        f"<form method='post'><input type='hidden' name='_csrf' value='{html.escape(token)}'>"
        f"{fields}<button id='submit'>Sign in</button></form></body></html>"
    )
    headers = {**_NO_STORE, "Set-Cookie": f"XSRF-TOKEN={token}; Path=/; HttpOnly; SameSite=Lax"}
    return wire.Reply(200, "text/html; charset=utf-8", page.encode(), None, headers)


def _fields(username: str) -> str:
    return (
        f"<input id='username' name='username' value='{html.escape(username, quote=True)}'>"
        "<input id='password' name='password' type='password'>"
    )


def _code_field(session: str) -> str:
    return (
        f"<input type='hidden' name='session' value='{html.escape(session)}'>"
        "<input id='code' name='code' autofocus>"
    )


def _redirect(location: str, cookie: str = "") -> wire.Reply:
    headers = {**_NO_STORE, "Location": location, **({"Set-Cookie": cookie} if cookie else {})}
    return wire.Reply(302, "text/plain", b"", None, headers)


def error(_world: World, request: Request) -> wire.Reply:
    """GET /error: what is wrong with a request, for the person."""
    text = ": ".join(value for _, value in parse_qsl(request.target.partition("?")[2]))
    page = f"{_HEAD % 'Error'}<h1>An error was encountered</h1><p>{html.escape(text)}</p>"
    return wire.Reply(400, "text/html; charset=utf-8", page.encode(), text.partition(":")[0])


PAGES: dict[str, Callable[[World, Request], wire.Reply]] = {
    "/oauth2/authorize": authorize,
    "/login": login,
    "/idp": idp,
    "/logout": logout,
    "/error": error,
}
NAMES = {
    ("GET", "/oauth2/authorize"): "Authorize",
    ("GET", "/login"): "LoginPage",
    ("POST", "/login"): "Login",
    ("GET", "/idp"): "ProviderPage",
    ("POST", "/idp"): "Provider",
    ("GET", "/logout"): "Logout",
    ("GET", "/error"): "ErrorPage",
    ("POST", "/oauth2/token"): "Token",
}


def page(world: World, request: Request) -> wire.Reply:
    """The page that a browser asks for; the caller holds the world's lock."""
    try:
        return PAGES[request.target.partition("?")[0]](world, request)
    except PageError as shown:
        code, _, text = str(shown).partition(": ")
        told = {"error": code, **({"error_description": text} if text else {})}
        return dataclasses.replace(_redirect(f"/error?{urlencode(told)}"), error=code)
    except Denied as denied:
        return _redirect(denied.location)
