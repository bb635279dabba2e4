"""The sign-in by the browser: authorization code with proof key, at the pool's own pages.

    browser  GET  /oauth2/authorize   state, nonce, the challenge of a secret that stays here
             …    the person signs in; which factors or providers are asked for is the page's matter
    browser  GET  the redirect        state, and a code or an error
    here     POST /oauth2/token       the code, with the secret behind the challenge: the tokens

What the browser is sent with is no secret, and the code that it brings is worth nothing without
the secret that stays here.

Sources: RFC 6749, section 4.1; RFC 7636 (PKCE); RFC 8252 (native apps); OpenID Connect Core 1.0,
section 3.1.3.7; Amazon Cognito developer guide, "User pool endpoints and managed login reference".
"""

import base64
import contextlib
import hashlib
import hmac
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from cognito_credproc.flows.flow import Browse, Flow, Item, Store, call, member
from cognito_credproc.flows.refreshing import revoke
from cognito_credproc.flows.tokens import Tokens, claims
from cognito_credproc.values.app_client import AppClient
from cognito_credproc.values.errors import CredprocError, ServiceError

BROWSER = "BROWSER"  # the value of `cognito_auth_flow`
SCOPE = "openid"  # without it there is no ID token
AGAIN = "sign in once more; nothing of this sign-in was kept"
# The claims by which a profile may know its user.
NAMES = ("cognito:username", "email", "preferred_username", "phone_number", "sub")


@dataclass(frozen=True, slots=True)
class ManagedLogin:
    """Where the pages are, and what they are told."""

    domain: str  # https://, without a path
    redirect_uri: str
    identity_provider: str | None = None

    def sign_out(self, app: AppClient) -> str:
        """The page that ends the browser's session and asks anew who signs in.

        Source: Amazon Cognito developer guide, "The managed login sign-out endpoint".
        """
        back = {"response_type": "code", "redirect_uri": self.redirect_uri, "scope": SCOPE}
        return f"{self.domain}/logout?{urlencode({'client_id': app.client_id, **back})}"


def _random() -> str:
    """256 bits in 43 letters: what RFC 7636 asks of a verifier, and plenty for the others."""
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True, repr=False)
class Authorization:
    """One sign-in: what ties its answer to its question."""

    state: str = field(default_factory=_random)
    nonce: str = field(default_factory=_random)
    verifier: str = field(default_factory=_random)

    @property
    def challenge(self) -> str:
        """S256 of the verifier (RFC 7636, section 4.2)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def url(self, app: AppClient, login: ManagedLogin, username: str) -> str:
        """Where the browser goes."""
        parameters = {
            "response_type": "code",
            "client_id": app.client_id,
            "redirect_uri": login.redirect_uri,
            "scope": SCOPE,
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
        }
        if login.identity_provider:
            parameters["identity_provider"] = login.identity_provider
        if username:
            parameters["login_hint"] = username
        return f"{login.domain}/oauth2/authorize?{urlencode(parameters)}"

    def code(self, answer: Mapping[str, str]) -> str:
        """The code that the browser brought.

        Raises:
            ServiceError: the page refused.
            CredprocError: it is the answer to another question.
        """
        if not hmac.compare_digest(answer.get("state", "").encode(), self.state.encode()):
            raise CredprocError("the browser brought the answer to another sign-in", AGAIN)
        if answer.get("error"):
            raise _refused(answer)
        code: str = member(answer, "code")
        return code


def sign_in_by_browser(app: AppClient, login: ManagedLogin, username: str) -> Flow[Tokens]:
    """Have a person sign in on the pool's page; `username`, where there is one, has to be theirs.

    Raises:
        ServiceError: the page or the token endpoint refused.
        CredprocError: what came is not the answer, or somebody else signed in.
    """
    authorization = Authorization()
    url = authorization.url(app, login, username)
    answer = yield Browse(url, login.redirect_uri, authorization.state)
    parameters = {
        "ClientId": app.client_id,
        "AuthorizationCode": authorization.code(answer),
        "CodeVerifier": authorization.verifier,
        "RedirectUri": login.redirect_uri,
    }
    if app.secret is not None:
        parameters["ClientSecret"] = app.secret
    found = yield from call("managed-login", "Token", parameters)
    tokens = Tokens(
        member(found, "id_token"), member(found, "access_token"), found.get("refresh_token")
    )
    try:
        known = claims(tokens.id_token)
        _check(known, app, authorization.nonce)
        _check_person(known, username, login.sign_out(app))
    except CredprocError:
        if tokens.refresh_token:
            with contextlib.suppress(CredprocError):  # the first error is the one to tell
                yield from revoke(app, tokens.refresh_token)
        raise
    if tokens.refresh_token:
        yield Store(Item.REFRESH_TOKEN, tokens.refresh_token)
    return tokens


def probe_sign_in_page(app: AppClient, login: ManagedLogin, username: str) -> Flow[None]:
    """Ask for the page, and look where the browser is sent on to. Nobody signs in by that.

    Raises:
        ServiceError: the page shows an error, or sends the browser back with one.
    """
    url = Authorization().url(app, login, username)
    answer = yield from call("managed-login", "Authorize", {"Url": url})
    target = urlsplit(str(member(answer, "Location")))
    told = dict(parse_qsl(target.query))
    # Of a sign-in at another provider, the way there may hold anything.
    ours = f"{target.scheme}://{target.netloc}" in {login.domain, ""} or not target.netloc
    back = urlunsplit(target._replace(query="")) == login.redirect_uri
    if "error" in told and (back or (ours and target.path.endswith("/error"))):
        raise _refused(told)


def _refused(told: Mapping[str, str]) -> ServiceError:
    """The page's refusal, with its own description where it has one."""
    return ServiceError("Authorize", told["error"], told.get("error_description") or told["error"])


def _check(known: Mapping[str, Any], app: AppClient, nonce: str) -> None:
    """Whether an ID token is the answer to this sign-in.

    Its signature is not looked at: it came from the token endpoint itself, over TLS (OpenID Connect
    Core 1.0, section 3.1.3.7, point 6), and AWS checks it.
    """
    issuer = str(known.get("iss"))
    wrong = [
        name
        for name, is_good in (
            ("nonce", hmac.compare_digest(str(known.get("nonce")).encode(), nonce.encode())),
            ("aud", known.get("aud") == app.client_id),
            ("token_use", known.get("token_use") == "id"),
            # The host differs with partition and kind of issuer, the pool's id ends them all.
            ("iss", issuer.startswith("https://") and issuer.endswith(f"/{app.user_pool_id}")),
        )
        if not is_good
    ]
    if wrong:
        raise CredprocError(
            f"the ID token is not of this sign-in: its {' and '.join(wrong)} cannot be right",
            "check that cognito_user_pool_id, cognito_client_id and cognito_domain belong together",
        )


def _check_person(known: Mapping[str, Any], username: str, sign_out: str) -> None:
    names = list(_names(known))
    if username and username.casefold() not in (name.casefold() for name in names):
        raise CredprocError(
            f"in the browser, {names[0] if names else 'somebody'} signed in, not {username}",
            f"sign out there by {sign_out} and sign in again, or set cognito_username to that name",
        )


def _names(known: Mapping[str, Any]) -> Iterator[str]:
    """What the person is called: an e-mail address first, since people know that best."""
    for name in sorted(NAMES, key=lambda name: name != "email"):
        if value := known.get(name):
            yield str(value)
