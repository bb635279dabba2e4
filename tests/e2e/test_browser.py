"""Sign-ins by the browser: a real one, and a machine without one."""

from __future__ import annotations

import socket
import sys
import time
import urllib.request
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests import programs
from tests.e2e.chromium import chromium, missing
from tests.e2e.machine import (
    ARN,
    CREDENTIALS,
    HELPER,
    NAME,
    PASSWORD,
    SCRIPTS,
    Machine,
    failed,
    good_document,
)
from tests.local_cognito.clients import new_client_secret
from tests.test_loopback import free_port
from tests.web_browser import WebBrowser

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import NewMachine

GET = (HELPER, "--profile", "dev")
LOGIN = (HELPER, "login", "--profile", "dev")


class Opened:
    """The pages that were opened: BROWSER is a script that takes note of its words."""

    def __init__(self, machine: Machine, folder: Path) -> None:
        self._notes = folder / "opened"
        text = f'printf "%s\\n" "$*" >>"{self._notes}"'
        machine.environment["BROWSER"] = programs.shell(folder, text, "browser")

    @property
    def urls(self) -> list[str]:
        """All of them so far."""
        return self._notes.read_text().splitlines() if self._notes.exists() else []

    def next(self, number: int = 1) -> str:
        """The page that opens soon, as the first or another one."""
        deadline = time.monotonic() + 20
        while len(self.urls) < number:
            assert time.monotonic() < deadline, "no page was opened"
            time.sleep(0.02)
        return self.urls[-1]


@pytest.fixture
def by_browser(new_machine: NewMachine) -> Machine:
    """A profile that names no user, and signs in by the browser."""
    back = f"http://localhost:{free_port()}/"
    machine = new_machine(client={"callback_urls": (back,)})
    machine.write_config(
        cognito_username=None,
        cognito_auth_flow="BROWSER",
        cognito_domain=machine.cognito.endpoint,
        cognito_redirect_uri=back,
    )
    return machine


def comes_back(browser: WebBrowser) -> None:
    """The browser follows the last redirect, to where the helper listens."""
    urllib.request.urlopen(browser.url, timeout=10).close()  # noqa: S310 - to ourselves


def test_chromium_signs_in_while_the_aws_cli_waits(by_browser: Machine, tmp_path: Path) -> None:
    if absent := missing():
        pytest.skip(f"not installed: {', '.join(absent)}")
    opened = Opened(by_browser, tmp_path)
    by_browser.pool.enable_totp(by_browser.create_user())
    by_browser.client.secret = new_client_secret()
    by_browser.client.identity_providers = ("COGNITO", "Okta")
    keep = (HELPER, "configure", "--profile", "dev", "--offline", "--client-secret-stdin")
    assert by_browser.run(keep, by_browser.client.secret).returncode == 0
    log = tmp_path / "log"
    by_browser.environment["COGNITO_CREDPROC_DEBUG"] = str(log)
    who = ["sts", "get-caller-identity", "--query=Arn", "--output=text", "--profile=dev"]
    with (
        by_browser.sits(str(SCRIPTS / "aws"), *who) as person,
        chromium(tmp_path) as browser,
    ):
        person.sees("[dev] the sign-in page opens in your browser; if not, open this:")
        browser.opens(opened.next())
        browser.types("#username", NAME)
        browser.types("#password", PASSWORD)
        browser.presses("#submit")
        browser.types("#code", by_browser.code())
        browser.presses("#submit")
        browser.sees("The answer has arrived")
        code = browser.url.partition("code=")[2].partition("&")[0]
        person.sees(ARN)
        assert person.ends() == 0
        assert len(opened.urls) == 1
        assert by_browser.calls()[-4:] == ["Token", "GetId", CREDENTIALS, "GetCallerIdentity"]
        by_browser.items.expire()
        good_document(by_browser.helper().stdout)
        assert by_browser.calls() == ["Token", CREDENTIALS]
        token = by_browser.items.get("refresh-token")
        by_browser.config.write_text(
            f"{by_browser.config.read_text().strip()}\ncognito_identity_provider = Okta\n"
        )
        with by_browser.sits(*LOGIN) as federated:
            browser.opens(opened.next(number=2))
            browser.types("#email", "ann@example.org")
            browser.presses("#submit")
            browser.sees("The answer has arrived")
            federated.sees("[dev] signed in")
            assert federated.ends() == 0
    assert code
    assert "renewal by the browser" in log.read_text()
    for secret in (code, token):
        assert secret not in person.shown + log.read_text() + opened.urls[0]


def test_tokens_of_a_page_are_of_no_device_and_rotate(by_browser: Machine, tmp_path: Path) -> None:
    """Even of a profile that signed in otherwise before, and has a device of then."""
    opened = Opened(by_browser, tmp_path)
    pool = by_browser.pool
    pool.mfa, pool.devices, pool.strict_devices = "OFF", "ALWAYS", True
    by_browser.client.rotation_grace = 0
    by_browser.create_user()
    by_page = by_browser.config.read_text()
    by_browser.write_config()
    with by_browser.sits(*LOGIN) as person:
        person.answers(f"[dev] password for {NAME}: ", PASSWORD)
        person.sees("[dev] signed in")
        assert person.ends() == 0
    assert "device" in by_browser.items.kinds()
    by_browser.config.write_text(f"{by_page.strip()}\ncognito_username = {NAME}\n")
    by_browser.items.expire()
    with by_browser.sits(*GET) as person:  # the refresh token of then is no use
        comes_back(WebBrowser(by_browser.cognito).signs_in(opened.next(), NAME, PASSWORD))
        person.sees('"AccessKeyId"')
        assert person.ends() == 0
    assert "device" not in by_browser.items.kinds()
    by_browser.calls()
    for _ in range(2):
        token = by_browser.items.get("refresh-token")
        by_browser.items.expire()
        good_document(by_browser.helper().stdout)
        assert by_browser.calls() == ["Token", CREDENTIALS]
        assert by_browser.items.get("refresh-token") != token


def test_many_tools_at_once_open_one_page(by_browser: Machine, tmp_path: Path) -> None:
    opened = Opened(by_browser, tmp_path)
    by_browser.pool.mfa = "OFF"
    by_browser.create_user()
    at_once = 'for _ in 1 2 3 4 5 6; do "$@" & done; wait; echo all done'
    with by_browser.sits("/bin/sh", "-c", at_once, "sh", *GET) as person:
        url = opened.next()
        landed = WebBrowser(by_browser.cognito).signs_in(url, NAME, PASSWORD)
        comes_back(landed)
        person.sees("all done")
        assert person.ends() == 0
    assert person.shown.count('"AccessKeyId"') == 6
    assert len(opened.urls) == 1
    assert by_browser.calls().count(CREDENTIALS) == 1


def test_time_limit_ends_the_wait(by_browser: Machine) -> None:
    """It is five minutes; here a moment, and a browser that never comes back."""
    text = (
        "import sys; from cognito_credproc import helper; "
        "from cognito_credproc.people.browsing import Browsing; "
        "Browsing.here = classmethod(lambda cls, _: cls(lambda url: True, patience=0.5)); "
        "sys.exit(helper.main('dev'))"
    )
    with by_browser.sits(sys.executable, "-c", text) as person:
        person.sees("error: profile dev: the browser did not come back within 0 minutes")
        person.sees("hint: if the page shows redirect_mismatch, register http://localhost:")
        assert person.ends() == 1
    error, _ = failed(by_browser.helper(), 3)
    assert "the sign-in page was opened, and nobody signed in" in error


def test_port_in_use_is_said_and_forgotten(by_browser: Machine, tmp_path: Path) -> None:
    opened = Opened(by_browser, tmp_path)
    by_browser.pool.mfa = "OFF"
    by_browser.create_user()
    port = urlsplit(by_browser.client.callback_urls[0]).port
    with socket.create_server(("127.0.0.1", port or 0)), by_browser.sits(*GET) as person:
        person.sees(f"http://localhost:{port}/ cannot be listened on: its port is in use")
        person.sees("hint: end the program that uses it, or: cognito-credproc login --profile dev")
        assert person.ends() == 1
    assert opened.urls == []
    with by_browser.sits(*GET) as person:
        comes_back(WebBrowser(by_browser.cognito).signs_in(opened.next(), NAME, PASSWORD))
        person.sees('"AccessKeyId"')
        assert person.ends() == 0


def test_two_profiles_of_two_app_clients_at_once(by_browser: Machine, tmp_path: Path) -> None:
    """As a terraform with two providers starts them."""
    opened = Opened(by_browser, tmp_path)
    by_browser.pool.mfa = "OFF"
    by_browser.create_user()
    other = by_browser.pool.create_client(callback_urls=by_browser.client.callback_urls)
    by_browser.identity_pool.clients.append(other)
    dev = by_browser.config.read_text()
    two = dev.replace("profile dev", "profile two").replace(by_browser.client.id, other.id)
    by_browser.config.write_text(dev + two)
    at_once = f"{HELPER} --profile dev & {HELPER} --profile two & wait; echo all done"
    with by_browser.sits("/bin/sh", "-c", at_once) as person:
        person.sees("] waiting for another sign-in by the browser")
        browser = WebBrowser(by_browser.cognito)
        comes_back(browser.signs_in(opened.next(), NAME, PASSWORD))
        person.sees("the sign-in page opens in your browser")
        comes_back(browser.goes(opened.next(number=2)))
        person.sees("all done")
        assert person.ends() == 0
    assert person.shown.count('"AccessKeyId"') == 2


def test_page_that_is_left_open_does_not_open_again_for_a_tool_that_polls(
    by_browser: Machine, tmp_path: Path
) -> None:
    opened = Opened(by_browser, tmp_path)
    with by_browser.sits(*GET) as person:
        opened.next()
        person.kills()  # as an SDK does that has waited long enough
        person.ends()
    for _ in range(2):
        with by_browser.sits(*GET) as person:
            person.sees("hint: cognito-credproc login --profile dev")
            assert person.ends() == 3
    _, hint = failed(by_browser.helper(), 3)
    assert hint == "cognito-credproc login --profile dev"
    assert len(opened.urls) == 1


def test_machine_without_a_browser_takes_the_address_of_another_s(by_browser: Machine) -> None:
    by_browser.client.identity_providers = ("Okta",)
    by_browser.write_config(
        cognito_username=None,
        cognito_auth_flow="BROWSER",
        cognito_domain=by_browser.cognito.endpoint,
        cognito_redirect_uri=by_browser.client.callback_urls[0],
        cognito_identity_provider="Okta",
    )
    with by_browser.sits(*LOGIN, "--no-browser") as person:
        person.sees("open this page in any browser")
        person.sees("\r\n\r\n[dev] it ends at")
        url = next(line for line in person.shown.splitlines() if line.startswith("http"))
        browser = WebBrowser(by_browser.cognito).goes(url).fills_in(email="ann@example.org")
        person.answers("that address, from its address bar: ", "http://localhost/?code=x&state=y")
        person.sees("that is not the address of this sign-in")
        person.answers("that address, from its address bar: ", browser.url)
        person.sees("[dev] signed in")
        assert person.ends() == 0
    good_document(by_browser.helper().stdout)


def test_refusal_of_the_page_is_shown(by_browser: Machine, tmp_path: Path) -> None:
    opened = Opened(by_browser, tmp_path)
    by_browser.client.scopes = ("email",)
    with by_browser.sits(*LOGIN) as person:
        landed = WebBrowser(by_browser.cognito).goes(opened.next())
        comes_back(landed)
        person.sees("error: Authorize was refused: invalid_scope (invalid_scope)")
        person.sees("hint: allow the scope openid on the app client")
        assert person.ends() == 1
