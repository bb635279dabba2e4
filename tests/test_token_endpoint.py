"""The token endpoint, against the local Cognito: by TLS, proxies and faults as they come."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cognito_credproc.aws.cognito import Cognito, Limits
from cognito_credproc.flows.flow import Browse, Call, run
from cognito_credproc.flows.managed_login import (
    ManagedLogin,
    probe_sign_in_page,
    sign_in_by_browser,
)
from cognito_credproc.flows.tokens import claims
from cognito_credproc.settings.settings import Settings
from cognito_credproc.values.app_client import AppClient
from cognito_credproc.values.clock import CorrectedClock, Deadline
from cognito_credproc.values.errors import CredprocError, ServiceError, UnreachableError
from tests.fakes import PROFILE, FakeClock, config_text
from tests.local_cognito import AppClient as TheirClient
from tests.local_cognito import Fault, LocalCognito
from tests.proxies import closed_proxy, tls_proxy
from tests.web_browser import WebBrowser

BACK = "http://localhost:8976/"
NAME, PASSWORD = "istio@example.com", "Correct-horse-1"
SHORT = Limits(connect=1, read=0.5, call=3)


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Nothing of the caller's."""
    for name in ("AWS_PROFILE", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    return monkeypatch


class Place:
    """A pool, its client, the profile that names them, and the calls of one process."""

    def __init__(
        self,
        service: LocalCognito,
        folder: Path,
        domain: str = "",
        *,
        secret: bool = False,
        ca_bundle: str = "",
        limits: Limits = Limits(),  # noqa: B008 - it cannot be changed
    ) -> None:
        self.service = service
        pool = service.create_user_pool("ap-northeast-1", mfa="OFF")
        pool.create_user(NAME, password=PASSWORD)
        self.client: TheirClient = pool.create_client(secret=secret, callback_urls=(BACK,))
        profile = {
            **PROFILE,
            "cognito_user_pool_id": pool.id,
            "cognito_client_id": self.client.id,
            "cognito_auth_flow": "BROWSER",
            "cognito_domain": domain or service.endpoint,
        }
        (folder / "config").write_text(
            config_text({"profile dev": profile | ({"ca_bundle": ca_bundle} if ca_bundle else {})})
        )
        self.settings = Settings.load("dev", {"dev": profile}, folder / "config")
        clock = FakeClock()
        self.clock = clock
        self.call = Cognito(
            self.settings, CorrectedClock(clock), Deadline(clock, 99), limits=limits
        )

    def redeems(self, secret: str | None = None) -> dict[str, object]:
        """Sign in in a browser, and take the code to the endpoint; the ID token's claims."""
        app = AppClient(self.settings.user_pool_id, self.settings.client_id, secret)
        login = self.settings.managed_login
        assert login
        flow = sign_in_by_browser(app, login, "")
        step = next(flow)
        assert isinstance(step, Browse)
        url = step.url.replace(login.domain, self.service.endpoint)
        brought = WebBrowser(self.service).signs_in(url, NAME, PASSWORD).query
        call = flow.send(brought)
        assert isinstance(call, Call)
        return claims(str(self.call(call)["id_token"]))


@pytest.fixture
def service() -> Iterator[LocalCognito]:
    with LocalCognito() as running:
        yield running


@pytest.mark.usefixtures("environment")
def test_code_for_tokens(service: LocalCognito, tmp_path: Path) -> None:
    assert Place(service, tmp_path).redeems()["email"] == NAME


@pytest.mark.usefixtures("environment")
def test_client_secret_is_proven(service: LocalCognito, tmp_path: Path) -> None:
    place = Place(service, tmp_path, secret=True)
    assert place.redeems(place.client.secret)["email"] == NAME
    for wrong in (None, "x" * 24):
        with pytest.raises(ServiceError) as caught:
            place.redeems(wrong)
        assert (caught.value.operation, caught.value.code) == ("Token", "invalid_client")


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault.ERROR_500, "Token: HTTP status 500 instead of an answer"),
        (Fault.ERROR_503_HTML, "Token: HTTP status 503 instead of an answer"),
        (Fault.CAPTIVE_PORTAL, "Token: a web page came instead of an answer"),
        (Fault.GARBAGE, "Token: a web page came instead of an answer"),
        (Fault.TRUNCATED, "Token: a web page came instead of an answer"),
        (Fault.RESET_AFTER, "Token: no answer from"),
        (Fault.ENDLESS, "Token: the answer is longer than 1 MiB"),
        (Fault.SILENCE, "Token: no answer from"),
    ],
)
def test_no_answer(service: LocalCognito, tmp_path: Path, fault: Fault, message: str) -> None:
    """A code is good once, so that none of these is tried again."""
    limits = SHORT if fault is Fault.SILENCE else Limits()
    place = Place(service, tmp_path, limits=limits)
    service.faults.add("Token", fault)
    with pytest.raises(UnreachableError, match=message) as caught:
        place.redeems()
    assert caught.value.sent
    assert [call.operation for call in service.calls].count("Token") == 1


@pytest.mark.usefixtures("environment")
def test_throttled_call_is_repeated(service: LocalCognito, tmp_path: Path) -> None:
    place = Place(service, tmp_path)
    service.faults.add("Token", Fault.THROTTLE_429, times=2)
    assert place.redeems()["email"] == NAME


def test_proxy_and_private_authority_hold_here_too(
    service: LocalCognito, tmp_path: Path, environment: pytest.MonkeyPatch
) -> None:
    with tls_proxy(service.endpoint, tmp_path, user="me:pa%40ss") as tunnels:
        for name, value in tunnels.environment.items():
            environment.setenv(name, value)
        place = Place(service, tmp_path, "login.example.com")
        assert place.settings.domain == "https://login.example.com"
        assert place.redeems()["email"] == NAME
    assert tunnels.asked[0] == "login.example.com:443"
    assert tunnels.proven[0].startswith("Basic ")


def test_proxy_that_refuses(
    service: LocalCognito, tmp_path: Path, environment: pytest.MonkeyPatch
) -> None:
    with closed_proxy() as tunnels:
        for name, value in tunnels.environment.items():
            environment.setenv(name, value)
        place = Place(service, tmp_path, "login.example.com")
        with pytest.raises(UnreachableError, match="Token: the proxy opened no way") as caught:
            place.redeems()
    assert not caught.value.sent
    assert tunnels.asked == ["login.example.com:443"] * 3  # nothing was sent, so it may be tried


@pytest.mark.parametrize("said_in", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "ca_bundle", ""])
def test_certificate_of_a_private_authority(
    service: LocalCognito, tmp_path: Path, environment: pytest.MonkeyPatch, said_in: str
) -> None:
    with tls_proxy(service.endpoint, tmp_path) as tunnels:
        bundle = tunnels.environment.pop("AWS_CA_BUNDLE")
        for name, value in tunnels.environment.items():
            environment.setenv(name, value)
        if said_in.isupper():
            environment.setenv(said_in, bundle)
        place = Place(
            service,
            tmp_path,
            "login.example.com",
            ca_bundle=bundle if said_in == "ca_bundle" else "",
        )
        if said_in:
            assert place.redeems()["email"] == NAME
            return
        with pytest.raises(UnreachableError, match="authority that is not trusted here"):
            place.redeems()


@pytest.mark.usefixtures("environment")
def test_nobody_there(service: LocalCognito, tmp_path: Path) -> None:
    place = Place(service, tmp_path, "http://127.0.0.1:1")
    before = time.monotonic()
    with pytest.raises(UnreachableError, match=r"Token: no connection to http://127.0.0.1:1"):
        place.redeems()
    assert time.monotonic() - before < 5
    assert len(place.clock.slept) == 2


@pytest.mark.usefixtures("environment")
def test_no_error_holds_what_was_sent(service: LocalCognito, tmp_path: Path) -> None:
    place = Place(service, tmp_path, secret=True)
    for fault in (None, Fault.ERROR_500, Fault.CAPTIVE_PORTAL, Fault.RESET_AFTER):
        if fault:
            service.faults.add("Token", fault)
        with pytest.raises(CredprocError) as caught:
            place.redeems("s3cret" * 4)
        assert "s3cret" not in caught.value.lines()
        assert "code" not in caught.value.lines()


@pytest.mark.usefixtures("environment")
def test_look_at_the_page(service: LocalCognito, tmp_path: Path) -> None:
    place = Place(service, tmp_path)
    login = place.settings.managed_login
    assert login
    app = AppClient(place.settings.user_pool_id, place.settings.client_id)

    def look(at: ManagedLogin) -> None:
        run(probe_sign_in_page(app, at, ""), place.call)  # type: ignore[arg-type]

    look(login)
    with pytest.raises(ServiceError, match="redirect_mismatch"):
        look(replace(login, redirect_uri="http://localhost:1/"))
    with pytest.raises(ServiceError, match="Login option is not available"):
        look(replace(login, identity_provider="Okta"))
    place.client.scopes = ("email",)
    with pytest.raises(ServiceError, match="invalid_scope"):
        look(login)
    service.faults.add("Authorize", Fault.ERROR_503_HTML, times=3)
    with pytest.raises(UnreachableError, match="HTTP status 503, and not the way"):
        look(login)
