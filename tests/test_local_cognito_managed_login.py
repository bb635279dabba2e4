"""The pages of the local Cognito's domain and its token endpoint: as strict as the service's."""

import base64
import hashlib
import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import pyotp
import pytest

from tests.local_cognito import AppClient, LocalCognito, User, jwt
from tests.web_browser import WebBrowser

BACK = "http://localhost:8976/"
NAME, PASSWORD = "istio@example.com", "Correct-horse-1"
VERIFIER = "v" * 43
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
)


@pytest.fixture
def cognito() -> Iterator[LocalCognito]:
    with LocalCognito() as running:
        yield running


class Place:
    """A pool with a user, a client and a browser."""

    def __init__(self, cognito: LocalCognito, *, secret: bool = False, mfa: str = "OFF") -> None:
        self.cognito = cognito
        self.pool = cognito.create_user_pool(mfa=mfa)
        self.client: AppClient = self.pool.create_client(
            secret=secret, callback_urls=(BACK,), logout_urls=("http://localhost:8976/bye",)
        )
        self.user: User = self.pool.create_user(NAME, password=PASSWORD)
        self.browser = WebBrowser(cognito)

    def link(self, **changes: str | None) -> str:
        """Where a browser is sent to."""
        parameters = {
            "response_type": "code",
            "client_id": self.client.id,
            "redirect_uri": BACK,
            "state": "the state",
            "nonce": "the-nonce",
            "scope": "openid",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **changes,
        }
        given = {name: value for name, value in parameters.items() if value is not None}
        return f"{self.cognito.endpoint}/oauth2/authorize?{urlencode(given)}"

    def code(self, **changes: str | None) -> str:
        """A code of a sign-in."""
        return WebBrowser(self.cognito).signs_in(self.link(**changes), NAME, PASSWORD).query["code"]

    def redeems(
        self, given: str, *, proof: str | None = None, **changes: str | None
    ) -> dict[str, Any]:
        """Ask the token endpoint."""
        form = {
            "grant_type": "authorization_code",
            "client_id": self.client.id,
            "code": given,
            "redirect_uri": BACK,
            "code_verifier": VERIFIER,
            **changes,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if proof is not None:
            headers["Authorization"] = f"Basic {base64.b64encode(proof.encode()).decode()}"
        connection = http.client.HTTPConnection(urlsplit(self.cognito.endpoint).netloc, timeout=10)
        body = urlencode({name: value for name, value in form.items() if value is not None})
        connection.request("POST", "/oauth2/token", body, headers)
        reply = connection.getresponse()
        found: dict[str, Any] = json.loads(reply.read())
        connection.close()
        assert (reply.status == 200) == ("error" not in found)
        return found


@pytest.fixture
def place(cognito: LocalCognito) -> Place:
    return Place(cognito)


def test_password_leads_back_with_a_code_and_the_state(place: Place) -> None:
    browser = place.browser.signs_in(place.link(), NAME, PASSWORD)
    assert browser.url.startswith(f"{BACK}?")
    assert browser.query.keys() == {"code", "state"}
    assert browser.query["state"] == "the state"
    found = place.redeems(browser.query["code"])
    assert found.keys() == {
        "id_token",
        "access_token",
        "refresh_token",
        "expires_in",
        "token_type",
    }
    claims = jwt.verified(found["id_token"], "id")
    assert claims["nonce"] == "the-nonce"
    assert (claims["aud"], claims["token_use"]) == (place.client.id, "id")
    assert [call.operation for call in place.cognito.calls] == [
        "Authorize",
        "LoginPage",
        "Login",
        "Token",
    ]


def test_wrong_password_is_said_on_the_page_and_counts(place: Place) -> None:
    browser = place.browser.signs_in(place.link(), NAME, "wrong")
    assert browser.trouble == "Incorrect username or password."
    assert place.user.wrong_passwords == 1
    browser.fills_in(username="nobody", password=PASSWORD)
    assert browser.trouble == "Incorrect username or password."
    assert "code" in browser.fills_in(username=NAME, password=PASSWORD).query


def test_second_factor_is_checked_once(cognito: LocalCognito) -> None:
    place = Place(cognito, mfa="ON")
    seed = place.pool.enable_totp(place.user)
    browser = place.browser.signs_in(place.link(), NAME, PASSWORD)
    code = pyotp.TOTP(seed).now()
    browser.fills_in(code=f"{(int(code) + 1) % 1_000_000:06d}")
    assert browser.trouble == "Invalid code"
    assert "code" in browser.fills_in(code=code).query
    again = WebBrowser(cognito).signs_in(place.link(), NAME, PASSWORD)
    assert again.fills_in(code=code).trouble == "Code was used before"


def test_browser_that_signed_in_is_not_asked_again(place: Place) -> None:
    place.browser.signs_in(place.link(), NAME, PASSWORD)
    assert "code" in place.browser.goes(place.link()).query
    place.browser.goes(
        f"{place.cognito.endpoint}/logout?client_id={place.client.id}"
        "&logout_uri=http://localhost:8976/bye"
    )
    assert place.browser.url == "http://localhost:8976/bye"
    assert "password" in place.browser.goes(place.link()).page


def test_logout_may_lead_to_another_sign_in(place: Place) -> None:
    place.browser.signs_in(place.link(), NAME, PASSWORD)
    place.browser.goes(place.link().replace("/oauth2/authorize", "/logout"))
    assert "password" in place.browser.page
    place.browser.goes(place.link(redirect_uri="x").replace("/oauth2/authorize", "/logout"))
    assert place.browser.status == 400


def test_logout_leads_nowhere_else(place: Place) -> None:
    place.browser.goes(f"{place.cognito.endpoint}/logout?client_id={place.client.id}&logout_uri=x")
    assert place.browser.status == 400


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"client_id": "nobody"}, "invalid_request"),
        ({"client_id": None}, "invalid_request"),
        ({"redirect_uri": BACK + "x"}, "redirect_mismatch"),
        ({"redirect_uri": BACK.rstrip("/")}, "redirect_mismatch"),
        ({"redirect_uri": "http://127.0.0.1:8976/"}, "redirect_mismatch"),
        ({"redirect_uri": None}, "redirect_mismatch"),
        ({"identity_provider": "Okta"}, "unauthorized"),
    ],
)
def test_faults_that_are_shown_to_the_person(
    place: Place, changes: dict[str, str | None], text: str
) -> None:
    assert place.browser.goes(place.link(**changes)).trouble.startswith(text)
    assert place.browser.status == 400
    assert place.browser.url.startswith(place.cognito.endpoint)


def test_repeated_parameter(place: Place) -> None:
    browser = place.browser.goes(f"{place.link()}&state=other")
    assert (browser.status, browser.trouble[:15]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unauthorized_client"),
        ({"scope": "openid phone"}, "invalid_scope"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
    ],
)
def test_faults_that_are_told_to_the_redirect(
    place: Place, changes: dict[str, str | None], error: str
) -> None:
    query = place.browser.goes(place.link(**changes)).query
    assert (query["error"], query["state"]) == (error, "the state")
    assert place.browser.url.startswith(BACK)


def test_form_of_another_browser_is_not_taken(place: Place) -> None:
    place.browser.goes(place.link())
    del place.browser.cookies["XSRF-TOKEN"]
    assert place.browser.fills_in(username=NAME, password=PASSWORD).status == 400
    assert place.user.wrong_passwords_ever == 0


def test_user_of_another_provider(place: Place) -> None:
    place.client.identity_providers = ("COGNITO", "Okta")
    browser = place.browser.goes(place.link(identity_provider="Okta"))
    claims = jwt.unverified(
        place.redeems(browser.fills_in(email="ann@example.org").query["code"])["id_token"]
    )
    assert claims["cognito:username"] == "Okta_ann@example.org"
    query = browser.goes(place.link(identity_provider="Okta")).fills_in(email="x").query
    assert query == {
        "error": "access_denied",
        "error_description": "Okta Error - 400 no such user",
        "state": "the state",
    }


def test_disabled_user_is_told_to_the_redirect(place: Place) -> None:
    place.client.identity_providers = ("Okta",)
    link = place.link(identity_provider="Okta")
    WebBrowser(place.cognito).goes(link).fills_in(email="ann@example.org")
    place.pool.users["Okta_ann@example.org"].disabled = True
    query = place.browser.goes(link).fills_in(email="ann@example.org").query
    assert query["error_description"] == "User is disabled."


def test_code_is_good_once_and_for_five_minutes(place: Place) -> None:
    code = place.code()
    assert "id_token" in place.redeems(code)
    assert place.redeems(code) == {"error": "invalid_grant"}
    late = place.code()
    place.cognito.clock.advance(300)
    assert place.redeems(late) == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_grant"),
        ({"redirect_uri": BACK + "x"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"code": "other"}, "invalid_grant"),
        ({"grant_type": None}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_id": "other"}, "invalid_client"),
        ({"client_id": None}, "invalid_client"),
        ({"client_secret": "x"}, "invalid_client"),
    ],
)
def test_refusals(place: Place, changes: dict[str, str | None], error: str) -> None:
    assert place.redeems(place.code(), **changes) == {"error": error}


def test_wrong_verifier_spends_the_code(place: Place) -> None:
    code = place.code()
    place.redeems(code, code_verifier="w" * 43)
    assert place.redeems(code) == {"error": "invalid_grant"}


def test_code_of_a_request_without_a_challenge_wants_no_verifier(place: Place) -> None:
    plain = {"code_challenge": None, "code_challenge_method": None}
    assert "error" in place.redeems(place.code(**plain))
    assert "id_token" in place.redeems(place.code(**plain), code_verifier=None)


def test_without_openid_there_is_no_id_token(place: Place) -> None:
    assert "id_token" not in place.redeems(place.code(scope="email"))
    assert "id_token" in place.redeems(place.code(scope=None))


def test_client_with_a_secret_proves_it(cognito: LocalCognito) -> None:
    place = Place(cognito, secret=True)
    proof = f"{place.client.id}:{place.client.secret}"
    assert place.redeems(place.code()) == {"error": "invalid_client"}
    for wrong in (f"{place.client.id}:x", "x", f"other:{place.client.secret}"):
        assert place.redeems(place.code(), proof=wrong) == {"error": "invalid_client"}
    secret = place.client.secret
    assert place.redeems(place.code(), client_secret=secret) == {"error": "invalid_client"}
    assert "id_token" in place.redeems(place.code(), proof=proof)
    assert "id_token" in place.redeems(place.code(), proof=proof, client_id=None)


def test_client_without_a_secret_has_none_to_prove(place: Place) -> None:
    assert place.redeems(place.code(), proof=f"{place.client.id}:") == {"error": "invalid_client"}


def test_refresh_token_has_no_nonce(place: Place) -> None:
    refresh_token = place.redeems(place.code())["refresh_token"]
    found = place.redeems("", grant_type="refresh_token", refresh_token=refresh_token)
    assert "refresh_token" not in found
    assert "nonce" not in jwt.unverified(found["id_token"])
    place.client.rotation_grace = 0
    found = place.redeems("", grant_type="refresh_token", refresh_token=refresh_token)
    assert "refresh_token" in found
    assert place.redeems("", grant_type="refresh_token", refresh_token=refresh_token) == {
        "error": "invalid_grant"
    }


def test_other_pages_are_not_there(place: Place) -> None:
    for method, path in (("GET", "/"), ("GET", "/oauth2/token"), ("POST", "/oauth2/authorize")):
        connection = http.client.HTTPConnection(urlsplit(place.cognito.endpoint).netloc, timeout=10)
        connection.request(method, path, b"" if method == "POST" else None)
        assert connection.getresponse().status == 404
        connection.close()
