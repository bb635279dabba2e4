"""The calls to AWS, against the local Cognito: faults, repeats, deadline, endpoints."""

import contextlib
import socket
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cognito_credproc.aws.cognito import ATTEMPTS, REPEATABLE, Cognito
from cognito_credproc.flows.flow import Call
from cognito_credproc.settings.settings import Settings
from cognito_credproc.values.clock import CorrectedClock, Deadline, SystemClock
from cognito_credproc.values.errors import (
    CredprocError,
    NoTimeError,
    ServiceError,
    UnreachableError,
)
from tests.fakes import PROFILE, FakeClock, config_text
from tests.local_cognito import Fault, LocalCognito
from tests.script import identity

NAME, PASSWORD = "istio@example.com", "Correct-horse-1"
ROLE = "arn:aws:iam::111122223333:role/Developers"
SILENT = {Fault.SILENCE, Fault.RESET_BEFORE, Fault.RESET_AFTER}
BROKEN = {Fault.ERROR_500, Fault.ERROR_503_HTML}


class Site:
    """A local Cognito, and the calls of one profile to it."""

    def __init__(self, service: LocalCognito, folder: Path) -> None:
        self.service = service
        pool = service.create_user_pool(mfa="OFF")
        client = pool.create_client(flows=("ALLOW_USER_PASSWORD_AUTH",))
        identities = service.create_identity_pool(client, ROLE, classic_flow=True)
        pool.create_user(NAME, password=PASSWORD)
        profile = {
            **PROFILE,
            "cognito_user_pool_id": pool.id,
            "cognito_client_id": client.id,
            "cognito_identity_pool_id": identities.id,
            # Whoever looked for credentials would start this, and leave a trace.
            "credential_process": f"touch {folder / 'started'}",
        }
        self.trace = folder / "started"
        self.config = folder / "config"
        self.config.write_text(config_text({"profile dev": profile}))
        self.settings = Settings.load("dev", {"dev": profile}, self.config)
        self.clock = FakeClock()
        self.cognito = self.new()
        self.sign_in = Call(
            "cognito-idp",
            "InitiateAuth",
            {
                "ClientId": client.id,
                "AuthFlow": "USER_PASSWORD_AUTH",
                "AuthParameters": {"USERNAME": NAME, "PASSWORD": PASSWORD},
            },
        )
        self.get_id = Call("cognito-identity", "GetId", {"IdentityPoolId": identities.id})
        self.get_credentials = self.get_open_id_token = self.assume_role = self.get_id
        self.pool = pool

    def new(self, seconds: float = 1e9) -> Cognito:
        """Calls with clients of their own, as the environment is now."""
        return Cognito(self.settings, CorrectedClock(self.clock), Deadline(self.clock, seconds))

    def log_in(self) -> None:
        """Get the tokens that the calls to the identity pool and to STS are made with."""
        token = self.cognito(self.sign_in)["AuthenticationResult"]["IdToken"]
        logins = {self.pool.provider: token}
        self.get_id = identity("GetId", **self.get_id.parameters, Logins=logins)
        known = {"IdentityId": self.cognito(self.get_id)["IdentityId"], "Logins": logins}
        self.get_credentials = identity("GetCredentialsForIdentity", **known)
        self.get_open_id_token = identity("GetOpenIdToken", **known)
        token = self.cognito(self.get_open_id_token)["Token"]
        parameters = {"RoleArn": ROLE, "RoleSessionName": NAME, "WebIdentityToken": token}
        self.assume_role = Call("sts", "AssumeRoleWithWebIdentity", parameters)


@pytest.fixture(scope="module")
def whole_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with LocalCognito() as service, pytest.MonkeyPatch.context() as patch:
        site = Site(service, tmp_path_factory.mktemp("site"))
        for name, value in service.environment().items():
            patch.setenv(name, value)
        patch.setenv("AWS_CONFIG_FILE", str(site.config))
        for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ACCESS_KEY_ID", "HTTPS_PROXY"):
            patch.delenv(name, raising=False)
        site.log_in()
        yield site


@pytest.fixture
def site(whole_site: Site) -> Iterator[Site]:
    """The site as it was, with clients that are built once, since that is slow."""
    yield whole_site
    whole_site.service.faults.clear()
    whole_site.clock.slept.clear()
    assert not whole_site.trace.exists(), "the profile's own credential_process was started"


def operations(site: Site, before: int) -> list[str]:
    return [call.operation for call in site.service.calls[before:]]


def refused(site: Site, call: Call, fault: Fault, times: int) -> tuple[CredprocError, list[str]]:
    """What a fault becomes, and what was sent."""
    site.service.faults.add(call.operation, fault, times, seconds=0.05)
    before = len(site.service.calls)
    with pytest.raises(CredprocError) as caught:
        site.cognito(call)
    return caught.value, operations(site, before)


def test_answers_come_as_they_are(site: Site) -> None:
    assert site.cognito(site.sign_in)["AuthenticationResult"]["TokenType"] == "Bearer"
    assert site.cognito(site.get_id)["IdentityId"].startswith("ap-northeast-1:")


def test_refusal_has_code_and_sentence(site: Site) -> None:
    wrong = {"USERNAME": NAME, "PASSWORD": "Wrong-horse-1"}
    before = len(site.service.calls)
    with pytest.raises(ServiceError) as caught:
        site.cognito(
            Call(
                "cognito-idp", "InitiateAuth", {**site.sign_in.parameters, "AuthParameters": wrong}
            )
        )
    error = caught.value
    assert (error.operation, error.code, error.detail) == (
        "InitiateAuth",
        "NotAuthorizedException",
        "Incorrect username or password.",
    )
    assert operations(site, before) == ["InitiateAuth"], "a refusal is final"
    assert "Wrong-horse-1" not in error.lines()


@pytest.mark.parametrize("fault", [Fault.THROTTLE, Fault.THROTTLE_429])
@pytest.mark.parametrize("which", ["sign_in", "get_id", "assume_role"])
def test_throttled_calls_are_repeated_after_a_while(site: Site, fault: Fault, which: str) -> None:
    call: Call = getattr(site, which)
    site.service.faults.add(call.operation, fault, 2)
    before = len(site.service.calls)
    assert site.cognito(call)
    assert operations(site, before) == [call.operation] * 3
    first, second = site.clock.slept
    assert 0.4 <= first <= 0.8 <= second <= 1.6


def test_throttling_without_end(site: Site) -> None:
    error, sent = refused(site, site.sign_in, Fault.THROTTLE, 99)
    assert isinstance(error, ServiceError)
    assert error.code == "TooManyRequestsException"
    assert len(sent) == ATTEMPTS


@pytest.mark.parametrize("fault", sorted(SILENT | BROKEN))
def test_single_use_calls_are_never_repeated(site: Site, fault: Fault) -> None:
    """The service may have done the work: a second sending would spend a code or a session."""
    error, sent = refused(site, site.sign_in, fault, 1)
    assert isinstance(error, UnreachableError)
    assert error.sent
    assert sent == ["InitiateAuth"]
    assert error.message.startswith("InitiateAuth: ")
    assert PASSWORD not in error.lines()


@pytest.mark.parametrize("fault", sorted(SILENT | BROKEN))
def test_calls_that_change_nothing_are_repeated(site: Site, fault: Fault) -> None:
    site.service.faults.add("GetId", fault, 2, seconds=0.05)
    before = len(site.service.calls)
    assert site.cognito(site.get_id)["IdentityId"]
    assert operations(site, before) == ["GetId"] * 3


@pytest.mark.parametrize("which", ["get_credentials", "get_open_id_token", "assume_role"])
@pytest.mark.parametrize("fault", [Fault.ERROR_503_HTML, Fault.RESET_AFTER])
def test_credentials_may_be_got_twice(site: Site, which: str, fault: Fault) -> None:
    call: Call = getattr(site, which)
    site.service.faults.add(call.operation, fault, 2)
    before = len(site.service.calls)
    assert {"Credentials", "Token"} & set(site.cognito(call))
    assert operations(site, before) == [call.operation] * 3


@pytest.mark.parametrize("fault", sorted(SILENT | BROKEN))
def test_but_not_for_ever(site: Site, fault: Fault) -> None:
    error, sent = refused(site, site.get_id, fault, 99)
    assert isinstance(error, UnreachableError)
    assert sent == ["GetId"] * ATTEMPTS


@pytest.mark.parametrize("which", ["sign_in", "get_id", "assume_role"])
def test_an_answer_that_never_ends_is_not_read_for_ever(site: Site, which: str) -> None:
    call: Call = getattr(site, which)
    times = ATTEMPTS if call.operation in REPEATABLE else 1
    site.service.faults.add(call.operation, Fault.ENDLESS, times)
    began = time.monotonic()
    tracemalloc.start()
    try:
        with pytest.raises(UnreachableError) as caught:
            site.cognito(call)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.message == f"{call.operation}: the answer is longer than 1 MiB"
    assert caught.value.sent
    assert caught.value.hint
    assert most < 8 << 20, "an answer has one megabyte, and here are client and server"
    assert time.monotonic() - began < 20
    assert set(site.cognito(call)) > {"ResponseMetadata"}, "the next one is read as ever"


@pytest.mark.parametrize("fault", [Fault.CAPTIVE_PORTAL, Fault.GARBAGE, Fault.TRUNCATED])
def test_what_is_no_answer_is_an_error_or_holds_nothing(site: Site, fault: Fault) -> None:
    site.service.faults.add("InitiateAuth", fault)
    before = len(site.service.calls)
    try:
        answer = site.cognito(site.sign_in)
    except UnreachableError:
        assert fault != Fault.TRUNCATED
    else:
        assert fault == Fault.TRUNCATED
        assert not set(answer) - {"ResponseMetadata"}
    assert operations(site, before) == ["InitiateAuth"]


def test_slow_answer_is_an_answer(site: Site) -> None:
    site.service.faults.add("InitiateAuth", Fault.DRIP, seconds=0.2)
    assert "AuthenticationResult" in site.cognito(site.sign_in)


def test_malformed_value_is_not_told(site: Site) -> None:
    call = Call("cognito-idp", "VerifySoftwareToken", {"UserCode": "54321", "Session": "x" * 20})
    before = len(site.service.calls)
    with pytest.raises(CredprocError, match="too short, too long or malformed") as caught:
        site.cognito(call)
    assert "54321" not in caught.value.lines()
    assert operations(site, before) == []


def test_no_call_after_the_deadline(site: Site) -> None:
    late = site.new(seconds=5)
    site.clock.time += 5.1
    before = len(site.service.calls)
    with pytest.raises(NoTimeError, match="no time left") as caught:
        late(site.sign_in)
    assert not caught.value.sent
    assert operations(site, before) == []


def test_what_spends_nothing_may_come_a_little_later_and_has_less_time(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refresh that was spent in time is made use of; nobody waits longer for it."""
    bounds = []

    def noted(operation: Callable[[], object], seconds: float) -> object:
        bounds.append(round(seconds, 3))
        return operation()

    monkeypatch.setattr("cognito_credproc.aws.cognito.bounded", noted)
    late = site.new(seconds=9)
    site.clock.time += 15
    with pytest.raises(NoTimeError):
        late(site.sign_in)
    late(site.get_id)
    assert bounds[-1] == 4, "9 + 6 + 4 seconds are all that anybody waits"
    site.clock.time += 1.1
    with pytest.raises(NoTimeError):
        late(site.get_id)


def test_a_limit_of_attempts_is_not_gone_in_a_moment(site: Site) -> None:
    """Another try would be one more of those that were too many."""
    forgot = Call(
        "cognito-idp",
        "ForgotPassword",
        {"ClientId": site.sign_in.parameters["ClientId"], "Username": NAME},
    )

    before = 0

    def ask_often() -> None:
        nonlocal before
        for _ in range(20):
            before = len(site.service.calls)
            site.cognito(forgot)

    with pytest.raises(ServiceError, match="LimitExceededException"):
        ask_often()
    assert operations(site, before) == ["ForgotPassword"]


def test_no_repeat_after_the_deadline(site: Site) -> None:
    site.service.faults.add("InitiateAuth", Fault.THROTTLE, 99)
    before = len(site.service.calls)
    with pytest.raises(ServiceError, match="Rate exceeded"):  # the reason, not the deadline
        site.new(seconds=1)(site.sign_in)
    assert operations(site, before) == ["InitiateAuth"] * 2


def test_what_a_person_takes_does_not_count() -> None:
    clock = FakeClock()
    deadline = Deadline(clock, 5)
    clock.time += 4
    with deadline.paused():
        clock.time += 600
    assert not deadline.passed
    with contextlib.suppress(ZeroDivisionError), deadline.paused():
        clock.time += 600
        raise ZeroDivisionError
    clock.time += 0.9
    assert not deadline.passed
    clock.time += 0.2
    assert deadline.passed


def test_profile_of_the_callers_means_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nonexistent")
    monkeypatch.setenv("AWS_DEFAULT_PROFILE", "nonexistent")
    assert site.new()(site.sign_in)


@pytest.mark.parametrize(
    "url",
    [
        "http://cognito.example.com",
        "http://192.0.2.1:8080",
        "http://localhost.example.com",
        "http://cognito.localhost:8080",  # a name server may say where that is
    ],
)
def test_plain_http_leaves_this_machine_for_nobody(
    site: Site, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", url)
    with pytest.raises(CredprocError, match="has no TLS") as caught:
        site.new()(site.sign_in)
    assert url in caught.value.message
    assert "https://" in str(caught.value.hint)


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy"])
def test_plain_http_goes_through_no_proxy(
    site: Site, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.settimeout(0)
        monkeypatch.setenv(variable, f"http://me:s3cret@127.0.0.1:{proxy.getsockname()[1]}")
        with pytest.raises(CredprocError, match="a proxy would read what is sent") as caught:
            site.new()(site.sign_in)
        with pytest.raises(BlockingIOError):
            proxy.accept()
    assert caught.value.hint == "leave the proxy out for it: export NO_PROXY=127.0.0.1"
    assert "s3cret" not in caught.value.lines()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert site.new()(site.sign_in)


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def test_nobody_listens(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was sent, so it is tried again whatever it is."""
    url = f"http://localhost:{unused_port()}"
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", url)
    with pytest.raises(UnreachableError, match=f"no connection to {url}") as caught:
        site.new()(site.sign_in)
    assert not caught.value.sent
    assert len(site.clock.slept) == ATTEMPTS - 1


def test_no_tls_where_there_should_be(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    url = site.service.endpoint.replace("http:", "https:")
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", url)
    with pytest.raises(UnreachableError, match="does not speak TLS") as caught:
        site.new()(site.sign_in)
    assert "sign-in page" in str(caught.value.hint)


def test_proxy_that_is_not_there(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:s3cret@127.0.0.1:{unused_port()}")
    url = "https://cognito.example.com"
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", url)
    with pytest.raises(UnreachableError, match="the proxy refused") as caught:
        site.new()(site.sign_in)
    assert "s3cret" not in caught.value.lines()


def test_certificates_that_are_not_there(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    url = site.service.endpoint.replace("http:", "https:")
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY", url)
    monkeypatch.setenv("AWS_CA_BUNDLE", "/nonexistent/ca.pem")
    with pytest.raises(UnreachableError, match="AWS_CA_BUNDLE cannot be read") as caught:
        site.new()(site.get_id)
    assert "AWS_CA_BUNDLE" in str(caught.value.hint)


def test_endpoint_that_is_no_url(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY", "no url")
    with pytest.raises(CredprocError, match="Invalid endpoint: no url") as caught:
        site.new()(site.get_id)
    assert "AWS_ENDPOINT_URL" in str(caught.value.hint)


def test_requests_are_unsigned_and_name_the_program(site: Site) -> None:
    seen: list[Any] = []
    cognito = site.new()
    cognito(site.sign_in)
    client = next(iter(vars(cognito)["_clients"].values()))
    client.meta.events.register("before-send", lambda request, **_: seen.append(request.headers))
    cognito(site.sign_in)
    [headers] = seen
    assert "Authorization" not in headers
    assert b"cognito-credproc/" in headers["User-Agent"]


def test_no_part_of_a_request_waits_for_another_to_arrive(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nagle's algorithm would cost each call a whole way to the service and back (RFC 896)."""
    undelayed: list[int] = []

    class Connected(socket.socket):
        def connect(self, address: Any) -> None:
            undelayed.append(self.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            super().connect(address)

    cognito = site.new()
    monkeypatch.setattr(socket, "socket", Connected)
    cognito(site.sign_in)
    assert [option > 0 for option in undelayed] == [True]


# What time it is there


@pytest.fixture
def clock(site: Site) -> Iterator[CorrectedClock]:
    """A clock that is as the service's and goes on as that does; each test moves the service's."""
    yield CorrectedClock(SystemClock())
    site.service.clock.advance(-site.service.clock.offset)


def cognito(site: Site, clock: CorrectedClock) -> Cognito:
    return Cognito(site.settings, clock, Deadline(clock, 1e9))


@pytest.mark.parametrize("minutes", [10, -10])
def test_an_answer_tells_the_time(site: Site, clock: CorrectedClock, minutes: int) -> None:
    site.service.clock.advance(minutes * 60)
    cognito(site, clock)(site.sign_in)
    assert clock.skew == pytest.approx(minutes * 60, abs=3)


def test_a_refusal_tells_the_time(site: Site, clock: CorrectedClock) -> None:
    site.service.clock.advance(600)
    with pytest.raises(ServiceError):
        cognito(site, clock)(Call("cognito-idp", "RevokeToken", {"ClientId": "x", "Token": "y"}))
    assert clock.skew == pytest.approx(600, abs=3)


@pytest.mark.parametrize(
    "fault", [Fault.ERROR_503_HTML, Fault.CAPTIVE_PORTAL, Fault.GARBAGE, Fault.RESET_AFTER]
)
def test_what_is_no_answer_tells_nothing(site: Site, clock: CorrectedClock, fault: Fault) -> None:
    site.service.clock.advance(600)
    site.service.faults.add("InitiateAuth", fault)
    with pytest.raises(UnreachableError):
        cognito(site, clock)(site.sign_in)
    assert not clock.known


def test_a_slow_answer_tells_it_less_exactly(site: Site, clock: CorrectedClock) -> None:
    site.service.faults.add("InitiateAuth", Fault.DRIP, seconds=0.2)
    cognito(site, clock)(site.sign_in)
    assert clock.skew == 0
    assert clock.error >= clock.DOUBT + 0.1, "half of what it took"
