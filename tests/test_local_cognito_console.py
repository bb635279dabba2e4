"""The stand-in for AWS Sign-In: right credentials, in the body, in time; each token once."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from tests.local_cognito import LocalCognito
from tests.web_browser import WebBrowser

if TYPE_CHECKING:
    from collections.abc import Iterator

ROLE = "arn:aws:iam::111122223333:role/Developers"
PAGE = "https://console.aws.amazon.com/"
FORM = "application/x-www-form-urlencoded"


class Site:
    """A service and credentials that it issued."""

    def __init__(self, cognito: LocalCognito) -> None:
        self.cognito = cognito
        issued = cognito.issue(ROLE)
        self.session = {
            "sessionId": issued.access_key_id,
            "sessionKey": issued.secret_key,
            "sessionToken": issued.session_token,
        }

    def posts(self, *, query: str = "", kind: str = FORM, **changes: str) -> str:
        """Ask for a token; its text, or what the page says."""
        form = {"Action": "getSigninToken", "Session": json.dumps(self.session), **changes}
        request = urllib.request.Request(  # noqa: S310 - to ourselves
            f"{self.cognito.endpoint}/federation{query}",
            urlencode(form).encode(),
            {"Content-Type": kind},
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - the same
                return str(json.load(answer)["SigninToken"])
        except urllib.error.HTTPError as error:
            with error:
                return error.read().decode()

    def opens(self, token: str, page: str = PAGE, **more: str) -> WebBrowser:
        """Open the link."""
        query = {"Action": "login", "Destination": page, "SigninToken": token, **more}
        return WebBrowser(self.cognito).goes(
            f"{self.cognito.endpoint}/federation?{urlencode(query)}"
        )


@pytest.fixture
def site() -> Iterator[Site]:
    with LocalCognito() as cognito:
        yield Site(cognito)


def test_a_token_is_good_once(site: Site) -> None:
    token = site.posts()
    assert site.opens(token).url == PAGE
    assert "login link were invalid" in site.opens(token).page
    assert len(site.cognito.console_sessions) == 1


def test_a_token_is_good_for_a_quarter_of_an_hour(site: Site) -> None:
    token, other = site.posts(), site.posts()
    site.cognito.clock.advance(899)
    assert site.opens(token).url == PAGE
    site.cognito.clock.advance(2)
    assert "login link were invalid" in site.opens(other).page


@pytest.mark.parametrize("member", ["sessionId", "sessionKey", "sessionToken"])
def test_wrong_credentials(site: Site, member: str) -> None:
    site.session[member] += "x"
    assert "security token included in the request is invalid" in site.posts()


def test_expired_credentials(site: Site) -> None:
    site.cognito.clock.advance(3_601)
    assert "security token included in the request is invalid" in site.posts()


def test_forms_that_are_refused(site: Site) -> None:
    assert "do not belong there" in site.posts(query="?Action=getSigninToken")
    assert "Not a form" in site.posts(kind="text/plain")
    assert "Invalid action" in site.posts(Action="getToken")
    assert "Invalid action" in site.posts(DurationSeconds="900")
    assert "Invalid credentials parameter" in site.posts(Session="{}")
    assert "Invalid credentials parameter" in site.posts(Session="[")
    # Only what AssumeRole… issued may have another length.
    assert "Invalid credentials parameter" in site.posts(SessionDuration="3600")


def test_pages_that_are_refused(site: Site) -> None:
    token = site.posts()
    assert "Invalid destination" in site.opens(token, "https://example.com/").page
    assert "Invalid destination" in site.opens(token, "http://console.aws.amazon.com/").page
    assert "Invalid action" in site.opens(token, Session="{}").page
    assert site.cognito.console_sessions == []
