"""The federation endpoint of AWS Sign-In, against the stand-in: refusals, faults, TLS, proxies."""

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from cognito_credproc.aws.cognito import Cognito, Limits
from cognito_credproc.flows.console import Console, sign_in_link
from cognito_credproc.flows.flow import Call, Step, run
from cognito_credproc.settings.settings import Settings
from cognito_credproc.values.clock import CorrectedClock, Deadline
from cognito_credproc.values.credentials import Credentials
from cognito_credproc.values.errors import CredprocError, ServiceError, UnreachableError
from tests.fakes import PROFILE, FakeClock, config_text
from tests.local_cognito import Fault, LocalCognito
from tests.proxies import tls_proxy
from tests.web_browser import WebBrowser

ROLE = "arn:aws:iam::111122223333:role/Developers"
HOSTS = {
    "us-east-1": "signin.aws.amazon.com",
    "ap-northeast-1": "ap-northeast-1.signin.aws.amazon.com",
    "us-gov-west-1": "signin.amazonaws-us-gov.com",
    "cn-north-1": "signin.amazonaws.cn",
    "eusc-de-east-1": "eusc-de-east-1.signin.amazonaws-eusc.eu",
}


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Nothing of the caller's."""
    for name in ("AWS_PROFILE", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    (tmp_path / "config").write_text(config_text({"profile dev": PROFILE}))
    return monkeypatch


@pytest.fixture
def service() -> Iterator[LocalCognito]:
    with LocalCognito() as running:
        yield running


def link(
    service: LocalCognito,
    endpoint: str = "",
    *,
    region: str = "eu-west-1",
    seconds: int | None = None,
    limits: Limits = Limits(),  # noqa: B008 - it cannot be changed
) -> str:
    """The link for credentials that the service issued, as a process gets it that starts now."""
    issued = service.issue(ROLE)
    credentials = Credentials(
        issued.access_key_id, issued.secret_key, issued.session_token, int(time.time()) + 3_600
    )
    settings = Settings.load("dev", {"dev": PROFILE}, Path("config"))
    clock = FakeClock()
    call = Cognito(settings, CorrectedClock(clock), Deadline(clock, 99), limits=limits)

    def perform(step: Step) -> object:
        assert isinstance(step, Call)
        return call(step)

    page = Console.of(region).destination(None)
    flow = sign_in_link(credentials, endpoint or service.endpoint, page, seconds)
    return run(flow, perform)


@pytest.mark.usefixtures("environment")
def test_credentials_go_into_the_body_and_the_link_signs_in(service: LocalCognito) -> None:
    found = link(service)
    assert [call.operation for call in service.calls] == ["GetSigninToken"]
    assert b"sessionKey" in service.wire[0]  # the body
    browser = WebBrowser(service).goes(found)
    assert browser.url == "https://eu-west-1.console.aws.amazon.com/console/home?region=eu-west-1"
    [(arn, _)] = service.console_sessions
    assert arn == "arn:aws:sts::111122223333:assumed-role/Developers/elsewhere"


@pytest.mark.usefixtures("environment")
def test_a_duration_that_aws_does_not_allow(service: LocalCognito) -> None:
    with pytest.raises(ServiceError) as caught:
        link(service, seconds=3_600)
    assert caught.value.message == (
        "GetSigninToken was refused: AWS Sign-In does not take these credentials (HTTP status 400)"
    )


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault.ERROR_503_HTML, "HTTP status 503 instead of an answer"),
        (Fault.CAPTIVE_PORTAL, "a web page came instead of an answer"),
        (Fault.GARBAGE, "a web page came instead of an answer"),
        (Fault.RESET_AFTER, "no answer from"),
        (Fault.ENDLESS, "GetSigninToken: the answer is longer than 1 MiB"),
        (Fault.SILENCE, "no answer from"),
    ],
)
def test_no_answer(service: LocalCognito, fault: Fault, message: str) -> None:
    """It is asked again, since a token more does no harm."""
    limits = Limits(connect=1, read=0.3, call=3) if fault is Fault.SILENCE else Limits()
    service.faults.add("GetSigninToken", fault, times=3)
    with pytest.raises(UnreachableError, match=message):
        link(service, limits=limits)
    assert len(service.calls) == 3
    assert link(service)


@pytest.mark.usefixtures("environment")
def test_throttled_call_is_repeated(service: LocalCognito) -> None:
    service.faults.add("GetSigninToken", Fault.THROTTLE_429, times=2)
    assert link(service)


@pytest.mark.usefixtures("environment")
def test_nothing_is_sent_without_tls(service: LocalCognito) -> None:
    with pytest.raises(CredprocError, match=r"http://signin\.example\.com has no TLS"):
        link(service, "http://signin.example.com")
    with pytest.raises(CredprocError, match="with a name or a password"):
        link(service, "https://me:secret@signin.example.com")
    assert service.calls == []


@pytest.mark.parametrize("region", HOSTS)
def test_every_cloud_by_a_proxy_with_an_authority_of_its_own(
    service: LocalCognito, tmp_path: Path, environment: pytest.MonkeyPatch, region: str
) -> None:
    with tls_proxy(service.endpoint, tmp_path) as tunnels:
        for name, value in tunnels.environment.items():
            environment.setenv(name, value)
        found = link(service, Console.of(region).endpoint, region=region)
    assert tunnels.asked == [f"{HOSTS[region]}:443"]
    parts = urlsplit(found)
    assert parts.netloc == HOSTS[region]
    own = found.replace(f"https://{HOSTS[region]}", service.endpoint)
    page = dict(parse_qsl(parts.query))["Destination"]
    assert WebBrowser(service).goes(own).url == page
