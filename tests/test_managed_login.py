"""The sign-in by the browser, driven by hand."""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from cognito_credproc.flows.flow import Browse, Call, Item, Store
from cognito_credproc.flows.managed_login import (
    ManagedLogin,
    probe_sign_in_page,
    sign_in_by_browser,
)
from cognito_credproc.flows.tokens import Tokens
from cognito_credproc.values.app_client import AppClient
from cognito_credproc.values.errors import CredprocError, ServiceError, UnreachableError
from tests.machine import ISSUER
from tests.script import Expected, id_token, idp, play, refusal

BACK = "http://localhost:8976/"
LOGIN = ManagedLogin("https://login.example.com", BACK)
APP = AppClient("ap-northeast-1_AbCdEfGhI", "1example23456789")
OTHER_APP = AppClient(APP.user_pool_id, APP.client_id, "the-secret")


class Visit:
    """What the browser was sent with, and what it brings back."""

    def __init__(self, **brings: str) -> None:
        self.brings = brings
        self.answer: dict[str, str] = {}
        self.url = ""
        self.redeemed: Call | None = None
        self.found: Found | None = None

    @property
    def sent(self) -> dict[str, str]:
        """The parameters of the page's address."""
        return dict(parse_qsl(urlsplit(self.url).query, strict_parsing=True))

    def browse(self, step: Browse) -> None:
        """Take the browser there."""
        assert isinstance(step, Browse)
        assert step.redirect_uri == BACK
        self.url = step.url
        assert step.state == self.sent["state"]
        self.answer.update({"state": step.state, **self.brings})

    def redeem(self, step: Call) -> None:
        """Take the code to the token endpoint."""
        assert isinstance(step, Call)
        self.redeemed = step
        verifier = step.parameters["CodeVerifier"]
        assert len(verifier) == 43
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        assert self.sent["code_challenge"] == challenge
        assert verifier not in self.url
        if self.found is not None:
            self.found.fill(self.sent["nonce"])


class Found(dict[str, Any]):
    """The token endpoint's answer, once the browser's question is known."""

    def __init__(self, visit: Visit, **claims: object) -> None:
        super().__init__(access_token="an-access-token", refresh_token="a-refresh-token")
        self._claims = claims
        visit.found = self

    def fill(self, nonce: str) -> None:
        """The ID token, with good claims but for those that the test names."""
        good = {
            "iss": ISSUER,
            "aud": APP.client_id,
            "token_use": "id",
            "nonce": nonce,
            "email": "istio@example.com",
        }
        self["id_token"] = id_token(**{**good, **self._claims})


def signed_in(
    visit: Visit,
    *more: tuple[Expected, object],
    app: AppClient = APP,
    login: ManagedLogin = LOGIN,
    username: str = "",
) -> Tokens:
    """Sign in."""
    return play(sign_in_by_browser(app, login, username), (visit.browse, visit.answer), *more)


def test_code_becomes_tokens() -> None:
    visit = Visit(code="the-code")
    store = Store(Item.REFRESH_TOKEN, "a-refresh-token")
    tokens = signed_in(visit, (visit.redeem, Found(visit)), (store, None))
    assert tokens.refresh_token == "a-refresh-token"
    assert visit.url.startswith("https://login.example.com/oauth2/authorize?")
    sent = visit.sent
    assert {
        name: sent[name] for name in sent if name not in {"state", "nonce", "code_challenge"}
    } == {
        "response_type": "code",
        "client_id": APP.client_id,
        "redirect_uri": BACK,
        "scope": "openid",
        "code_challenge_method": "S256",
    }
    assert len({sent["state"], sent["nonce"], sent["code_challenge"]}) == 3
    assert visit.redeemed
    parameters = dict(visit.redeemed.parameters)
    del parameters["CodeVerifier"]
    assert (visit.redeemed.service, visit.redeemed.operation) == ("managed-login", "Token")
    assert parameters == {
        "ClientId": APP.client_id,
        "AuthorizationCode": "the-code",
        "RedirectUri": BACK,
    }


def test_each_sign_in_is_another() -> None:
    visits = [Visit(code="x"), Visit(code="x")]
    for visit in visits:
        signed_in(visit, (visit.redeem, Found(visit)), (lambda _: None, None))
    for name in ("state", "nonce", "code_challenge"):
        assert visits[0].sent[name] != visits[1].sent[name]
        assert len(visits[0].sent[name]) == 43


def test_provider_and_user_are_handed_on() -> None:
    visit = Visit(code="x")
    login = ManagedLogin(LOGIN.domain, BACK, "Okta & Söhne")
    more = ((visit.redeem, Found(visit)), (lambda _: None, None))
    signed_in(visit, *more, login=login, username="istio@example.com")
    assert visit.sent["identity_provider"] == "Okta & Söhne"
    assert visit.sent["login_hint"] == "istio@example.com"


def test_client_secret_goes_to_the_token_endpoint_alone() -> None:
    visit = Visit(code="x")
    signed_in(visit, (visit.redeem, Found(visit)), (lambda _: None, None), app=OTHER_APP)
    assert "the-secret" not in visit.url
    assert visit.redeemed
    assert visit.redeemed.parameters["ClientSecret"] == "the-secret"


@pytest.mark.parametrize("state", ["", "other", "é"])
def test_answer_to_another_question(state: str) -> None:
    with pytest.raises(CredprocError, match="the answer to another sign-in") as caught:
        signed_in(Visit(code="x", state=state))
    assert not isinstance(caught.value, ServiceError)


def test_refusal_of_the_page() -> None:
    with pytest.raises(ServiceError) as caught:
        signed_in(Visit(error="access_denied", error_description="User is\nnot assigned."))
    assert (caught.value.operation, caught.value.code) == ("Authorize", "access_denied")
    assert caught.value.lines() == (
        "error: Authorize was refused: User is\N{REPLACEMENT CHARACTER}not assigned"
        " (access_denied)\n"
    )
    with pytest.raises(ServiceError, match="Authorize was refused: server_error"):
        signed_in(Visit(error="server_error"))


def test_answer_without_a_code() -> None:
    with pytest.raises(UnreachableError, match="holds no code"):
        signed_in(Visit())


def test_token_endpoint_s_refusal() -> None:
    visit = Visit(code="x")
    with pytest.raises(ServiceError, match="invalid_grant"):
        signed_in(visit, (visit.redeem, refusal("Token", "invalid_grant", "invalid_grant")))


def test_no_refresh_token_is_no_trouble() -> None:
    visit = Visit(code="x")
    found = Found(visit)
    del found["refresh_token"]
    assert signed_in(visit, (visit.redeem, found)).refresh_token is None


@pytest.mark.parametrize(
    ("claims", "named"),
    [
        ({"nonce": "other"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"aud": "other"}, "aud"),
        ({"aud": [APP.client_id]}, "aud"),
        ({"token_use": "access"}, "token_use"),
        ({"iss": ISSUER.replace("https", "http")}, "iss"),
        ({"iss": ISSUER + "x"}, "iss"),
        ({"iss": "https://evil.example.com/ap-northeast-1_Other"}, "iss"),
        ({"iss": None}, "iss"),
        ({"aud": "x", "iss": 7}, "aud and iss"),
    ],
)
def test_token_of_another_sign_in_is_given_back(claims: dict[str, object], named: str) -> None:
    visit = Visit(code="x")
    revoke = idp("RevokeToken", ClientId=APP.client_id, Token="a-refresh-token")
    with pytest.raises(CredprocError, match=f"its {named} cannot be right"):
        signed_in(visit, (visit.redeem, Found(visit, **claims)), (revoke, {}))


def test_other_kinds_of_issuers() -> None:
    for host in ("issuer-cognito-idp.us-east-1.amazonaws.com", "cognito-idp.x.amazonaws.eu"):
        visit = Visit(code="x")
        found = Found(visit, iss=f"https://{host}/{APP.user_pool_id}")
        assert signed_in(visit, (visit.redeem, found), (lambda _: None, None))


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "Istio@Example.com"},
        {"email": "x", "cognito:username": "istio@example.com"},
        {"email": "x", "preferred_username": "istio@example.com"},
        {"email": "x", "sub": "istio@example.com"},
    ],
)
def test_user_of_the_profile_by_any_of_their_names(claims: dict[str, object]) -> None:
    visit = Visit(code="x")
    more = ((visit.redeem, Found(visit, **claims)), (lambda _: None, None))
    assert signed_in(visit, *more, username="istio@example.com")


@pytest.mark.parametrize("revoked", [{}, refusal("RevokeToken", "UnsupportedOperationException")])
def test_somebody_else_signed_in(revoked: object) -> None:
    visit = Visit(code="x")
    revoke = idp("RevokeToken", ClientId=APP.client_id, Token="a-refresh-token")
    with pytest.raises(CredprocError) as caught:
        signed_in(
            visit,
            (visit.redeem, Found(visit, email="ann@example.org")),
            (revoke, revoked),
            username="istio@example.com",
        )
    assert caught.value.message == (
        "in the browser, ann@example.org signed in, not istio@example.com"
    )
    assert caught.value.hint == (
        "sign out there by https://login.example.com/logout?client_id=1example23456789"
        "&response_type=code&redirect_uri=http%3A%2F%2Flocalhost%3A8976%2F&scope=openid"
        " and sign in again, or set cognito_username to that name"
    )


def test_nothing_of_it_shows_itself() -> None:
    visit = Visit(code="the-code")
    shown: list[str] = []
    browse = visit.browse

    def noted(step: Browse) -> None:
        shown.append(repr(step))
        browse(step)

    play(
        sign_in_by_browser(OTHER_APP, LOGIN, ""),
        (noted, visit.answer),
        (visit.redeem, Found(visit)),
        (lambda _: None, None),
    )
    shown.append(repr(visit.redeemed))
    for secret in (visit.sent["state"], "the-code", "the-secret"):
        assert secret not in "".join(shown)


@pytest.mark.parametrize(
    "location",
    [
        "https://login.example.com/login?client_id=x&error=none",
        "/login?client_id=x",
        "https://okta.example.com/error?error=of-another-page",
        "https://okta.example.com/sign-in",
    ],
)
def test_page_that_is_open(location: str) -> None:
    def asked(step: Call) -> None:
        assert (step.service, step.operation) == ("managed-login", "Authorize")
        assert step.parameters["Url"].startswith("https://login.example.com/oauth2/authorize?")

    play(probe_sign_in_page(APP, LOGIN, "istio@example.com"), (asked, {"Location": location}))


@pytest.mark.parametrize(
    ("location", "code", "detail"),
    [
        (
            "https://login.example.com/error?error=redirect_mismatch&client_id=x",
            "redirect_mismatch",
            "redirect_mismatch",
        ),
        ("/error?error=a&error_description=no+such+client", "a", "no such client"),
        (f"{BACK}?error=invalid_scope&state=x", "invalid_scope", "invalid_scope"),
    ],
)
def test_page_that_shows_an_error(location: str, code: str, detail: str) -> None:
    with pytest.raises(ServiceError) as caught:
        play(probe_sign_in_page(APP, LOGIN, ""), (lambda _: None, {"Location": location}))
    assert (caught.value.operation, caught.value.code, caught.value.detail) == (
        "Authorize",
        code,
        detail,
    )
