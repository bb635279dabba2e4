"""When a page opens by itself, and when it does not."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from cognito_credproc.answers.asked_once import PAGE, REASONS
from cognito_credproc.flows.flow import Answer, Browse, Item
from cognito_credproc.storage.lock import LockedError
from cognito_credproc.use_cases import browser_way
from cognito_credproc.values.errors import (
    CredprocError,
    PersonNeededError,
    ServiceError,
    UsageError,
)
from tests.fakes import ScriptedPerson, settings
from tests.machine import EXCHANGE, GET_ID_OK, ISSUER, NEW_KEYS, Machine, keys
from tests.script import id_token, refusal

TOKEN = "Token"
BY_BROWSER = settings(auth_flow="BROWSER", domain="https://login.example.com", username="")
ENROLL = "cognito-credproc-enroll --profile dev"
LOGIN = "cognito-credproc login --profile dev"


class Browser:
    """A browser that comes back with a code, or as a test says."""

    def __init__(self, machine: Machine, fails: CredprocError | None = None) -> None:
        machine.browser = self
        self._fails = fails
        self.nonce = ""

    def __call__(self, step: Browse) -> Mapping[str, str]:
        """Sign in there."""
        if self._fails:
            raise self._fails
        self.nonce = dict(parse_qsl(urlsplit(step.url).query))["nonce"]
        return {"code": "the-code", "state": step.state}

    def tokens(self) -> Answer:
        """What the token endpoint says."""
        claims = {"iss": ISSUER, "aud": BY_BROWSER.client_id, "token_use": "id"}
        return {
            "id_token": id_token(**claims, nonce=self.nonce, email="istio@example.com"),
            "access_token": "access",
            "refresh_token": "first",
        }


def machine(folder: Path, *script: tuple[str, object], person: bool = True) -> Machine:
    """A machine with a profile that signs in by the browser."""
    found = Machine(folder, *script)
    found.settings = BY_BROWSER
    found.person = ScriptedPerson() if person else None
    return found


def redeemed(here: Machine) -> Browser:
    """The script of one good sign-in."""
    browser = Browser(here)
    here.script += [(TOKEN, browser.tokens), GET_ID_OK, NEW_KEYS]
    return browser


def test_login_by_hand(tmp_path: Path) -> None:
    here = machine(tmp_path)
    redeemed(here)
    here.renewal().login()
    assert here.read(Item.REFRESH_TOKEN) == "first"
    assert here.memory.signed_in == {BY_BROWSER.client_id: int(here.clock.now())}
    [(step, person, paste)] = here.visited
    assert step.redirect_uri == "http://localhost:8976/"
    assert person is here.person
    assert not paste
    assert "ASIANEW" in here.renewal().document()


def test_login_from_another_machine(tmp_path: Path) -> None:
    here = machine(tmp_path)
    redeemed(here)
    here.renewal().login(paste=True)
    assert here.visited[0][2]


def test_only_a_browser_can_be_elsewhere(tmp_path: Path) -> None:
    here = machine(tmp_path)
    with pytest.raises(UsageError) as caught:
        here.renewal(settings()).login(paste=True)
    assert caught.value.lines() == (
        f"error: --no-browser is for profiles with cognito_auth_flow = BROWSER\nhint: {LOGIN}\n"
    )


def test_login_needs_no_terminal(tmp_path: Path) -> None:
    here = machine(tmp_path, person=False)
    redeemed(here)
    here.renewal().login()
    assert here.visited[0][1] is None


def test_refresh_token_needs_no_page(tmp_path: Path) -> None:
    found = {"id_token": id_token(iss=ISSUER), "access_token": "access"}
    here = machine(tmp_path, (TOKEN, found), GET_ID_OK, NEW_KEYS, person=False)
    here.store(Item.REFRESH_TOKEN, "first")
    assert "ASIANEW" in here.renewal().document()
    assert here.visited == []


def test_tool_at_a_terminal_opens_one(tmp_path: Path) -> None:
    here = machine(tmp_path)
    redeemed(here)
    assert "ASIANEW" in here.renewal().document()
    assert len(here.visited) == 1
    assert here.memory.refused == {}


def test_tool_without_a_terminal_opens_none(tmp_path: Path) -> None:
    here = machine(tmp_path, person=False)
    for _ in range(3):
        with pytest.raises(PersonNeededError) as caught:
            here.renewal().document()
        assert caught.value.message == "profile dev: nobody has signed in yet"
        assert caught.value.hint == LOGIN
    assert here.visited == []


def test_renewal_in_the_background_opens_none(tmp_path: Path) -> None:
    here = machine(tmp_path)
    here.keep(left=1_000)
    with pytest.raises(PersonNeededError):
        here.renewal().in_background()
    assert here.visited == []
    assert here.asked_for_person == 0


def test_good_credentials_are_served_rather_than_a_page_opened(tmp_path: Path) -> None:
    here = machine(tmp_path)
    here.keep(left=600)
    assert "ASIAOLD" in here.renewal().document()
    assert here.visited == []


def test_page_that_nobody_finishes_does_not_open_again_by_itself(tmp_path: Path) -> None:
    here = machine(tmp_path)
    Browser(here, CredprocError("the browser did not come back within 5 minutes", LOGIN))
    with pytest.raises(CredprocError, match="did not come back"):
        here.renewal().document()
    for _ in range(3):
        with pytest.raises(PersonNeededError) as caught:
            here.renewal().document()
        assert caught.value.message == f"profile dev: {REASONS[PAGE]}"
        assert caught.value.hint == LOGIN
    assert len(here.visited) == 1
    redeemed(here)
    here.renewal().login()
    assert here.memory.refused == {}
    here.clock.time += 3_600
    here.script += [(TOKEN, refusal(TOKEN, "invalid_grant"))]
    redeemed(here)
    here.script[-2:] = [(EXCHANGE, keys(expires=here.clock.now() + 3_600))]
    here.renewal().document()
    assert len(here.visited) == 3


@pytest.mark.parametrize(
    "answer", [{"error": "server_error"}, {"code": "the-code"}], ids=["page", "token endpoint"]
)
def test_page_that_brought_an_answer_was_not_left(
    tmp_path: Path, answer: Mapping[str, str]
) -> None:
    here = machine(tmp_path)
    here.browser = lambda step: {**answer, "state": step.state}
    here.script = [(TOKEN, refusal(TOKEN, "invalid_grant"))] if "code" in answer else []
    with pytest.raises(ServiceError):
        here.renewal().document()
    assert here.memory.refused == {}
    redeemed(here)
    assert "ASIANEW" in here.renewal().document()
    assert len(here.visited) == 2


def test_page_that_could_not_open_was_not_left(tmp_path: Path) -> None:
    here = machine(tmp_path)
    here.port_in_use = True
    for _ in range(2):
        with pytest.raises(CredprocError, match="its port is in use"):
            here.renewal().document()
    here.port_in_use = False
    redeemed(here)
    assert "ASIANEW" in here.renewal().document()


def test_sign_ins_that_come_back_to_one_port_go_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = machine(tmp_path), machine(tmp_path)
    redeemed(here)
    there.settings = settings(
        auth_flow="BROWSER", domain="https://login.example.com", username="", client_id="other"
    )
    there.browser = lambda step: {"error": "server_error", "state": step.state}
    first = here.browser

    def meanwhile(step: Browse) -> Mapping[str, str]:
        with pytest.raises(LockedError, match="another sign-in by the browser waits at port 8976"):
            there.renewal().login()
        assert there.visited == []
        return first(step)

    monkeypatch.setattr(browser_way, "UNATTENDED", 0.1)
    here.browser = meanwhile
    there.person = None
    here.renewal().login()
    there.person = ScriptedPerson()
    with pytest.raises(ServiceError):
        there.renewal().login()
    assert len(there.visited) == 1


def test_it_is_written_down_before_the_page_opens(tmp_path: Path) -> None:
    """The tool may end this process while the page is open."""
    here = machine(tmp_path)
    seen: list[Mapping[str, str]] = []

    def killed(_step: Browse) -> Mapping[str, str]:
        seen.append(here.memory.refused)
        raise KeyboardInterrupt

    here.browser = killed
    with pytest.raises(KeyboardInterrupt):
        here.renewal().document()
    assert seen == [{PAGE: REASONS[PAGE]}]
    assert here.memory.refused == seen[0]


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        (
            "invalid_client",
            "give the app client's secret, which is asked for by: " + ENROLL,
        ),
        ("invalid_grant", LOGIN),
        (
            "unauthorized_client",
            "allow the authorization code grant on the app client, then: " + LOGIN,
        ),
    ],
)
def test_refusals_of_the_token_endpoint_lead_on(tmp_path: Path, code: str, hint: str) -> None:
    attended = code != "invalid_client"  # whoever is there is asked for the secret
    here = machine(tmp_path, (TOKEN, refusal(TOKEN, code, code)), person=attended)
    Browser(here)
    with pytest.raises(ServiceError) as caught:
        here.renewal().login()
    assert caught.value.hint == hint


def test_refusals_of_the_page_lead_on(tmp_path: Path) -> None:
    here = machine(tmp_path)
    here.browser = lambda step: {"error": "invalid_scope", "state": step.state}
    with pytest.raises(ServiceError) as caught:
        here.renewal().login()
    assert caught.value.lines() == (
        "error: Authorize was refused: invalid_scope (invalid_scope)\n"
        f"hint: allow the scope openid on the app client, then: {LOGIN}\n"
    )


def test_logout_revokes_and_forgets(tmp_path: Path) -> None:
    here = machine(tmp_path, ("RevokeToken", {}))
    here.store(Item.REFRESH_TOKEN, "first")
    here.renewal().logout(forget=False)
    assert here.read(Item.REFRESH_TOKEN) is None


def test_whoever_signs_in_is_kept_apart_by_client_and_provider() -> None:
    same = settings(auth_flow="BROWSER", username="", role_arn="arn:aws:iam::111122223333:role/A")
    assert (same.account, same.user) == (BY_BROWSER.account, BY_BROWSER.user)
    others = [
        BY_BROWSER,
        settings(auth_flow="BROWSER", username="", client_id="other"),
        settings(auth_flow="BROWSER", username="", identity_provider="Okta"),
        settings(auth_flow="BROWSER", username="", user_pool_id="eu-west-1_Other"),
        settings(auth_flow="BROWSER", username="istio@example.com"),
    ]
    assert len({one.account for one in others}) == len({one.user for one in others}) == 5
    assert settings(auth_flow="BROWSER").account == settings().account  # the same user, the same
