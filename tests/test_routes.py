"""The way to an endpoint: the same as that of the calls, and nothing secret of it is shown."""

import socket
import ssl
import time
from pathlib import Path

import pytest
import trustme

from cognito_credproc.aws.routes import Routes
from cognito_credproc.values.clock import SystemClock
from cognito_credproc.values.credentials import Credentials
from cognito_credproc.values.errors import CredprocError, ServiceError, UnreachableError
from tests.fakes import PROFILE, config_text, settings
from tests.local_cognito import Fault, LocalCognito

VARIABLE = "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"
AWS = "https://cognito-idp.ap-northeast-1.amazonaws.com"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Routes:
    """A machine with a profile and nothing in its environment."""
    for name in ("AWS_PROFILE", "AWS_CA_BUNDLE", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", VARIABLE):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    config = tmp_path / "config"
    config.write_text(config_text({"profile dev": PROFILE}))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    return Routes(settings(), SystemClock())


def test_an_answer_and_the_time_there(here: Routes, monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalCognito() as service:
        monkeypatch.setenv(VARIABLE, service.endpoint)
        route = here.route("cognito-idp")
        assert (route.url, route.host, route.proxy) == (service.endpoint, "127.0.0.1", None)
        reply = here.get(route, "/")
        assert reply.status == 404
        assert reply.ahead is not None
        assert abs(reply.ahead) < 2
        service.clock.advance(600)
        ahead = here.get(route, "/").ahead
        assert ahead is not None
        assert 598 < ahead < 602
        pool = service.create_user_pool()
        about = here.get(route, f"/{pool.id}/.well-known/openid-configuration")
        assert about.status == 200
        assert pool.provider.encode() in about.body


def test_an_answer_that_never_ends(here: Routes, monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalCognito() as service:
        monkeypatch.setenv(VARIABLE, service.endpoint)
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", service.endpoint)
        service.faults.add("*", Fault.ENDLESS, None)
        with pytest.raises(UnreachableError, match="STS: the answer is longer than 1 MiB"):
            here.whose(Credentials("ASIA", "s", "t", 0))


def test_nobody_is_there(here: Routes, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv(VARIABLE, f"http://127.0.0.1:{closed.getsockname()[1]}")
    with pytest.raises(UnreachableError, match="no connection to http://127"):
        here.get(here.route("cognito-idp"), "/")


def test_an_authority_that_is_not_trusted_and_one_that_is(
    here: Routes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with LocalCognito(ssl_context=context) as service:
        monkeypatch.setenv(VARIABLE, service.endpoint)
        with pytest.raises(UnreachableError, match="not trusted here") as caught:
            here.get(here.route("cognito-idp"), "/")
        assert caught.value.hint is not None
        assert "AWS_CA_BUNDLE" in caught.value.hint
        bundle = tmp_path / "ca.pem"
        authority.cert_pem.write_to_path(str(bundle))
        monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
        again = Routes(settings(), SystemClock())
        route = again.route("cognito-idp")
        assert route.authorities == str(bundle)
        assert again.get(route, "/").status == 404
        monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "gone.pem"))
        gone = Routes(settings(), SystemClock())
        with pytest.raises(UnreachableError, match="cannot be read"):
            gone.get(gone.route("cognito-idp"), "/")


@pytest.mark.parametrize(
    ("proxy", "shown"),
    [
        ("http://me:s3cret@proxy.example:3128", "proxy.example:3128"),
        ("http://proxy.example", "proxy.example"),
        ("proxy.example:3128", "proxy.example:3128"),
        ("http://me:s3cret@proxy.example:port", "a proxy whose address cannot be read"),
    ],
)
def test_a_proxy_is_named_without_its_password(
    here: Routes, monkeypatch: pytest.MonkeyPatch, proxy: str, shown: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    route = here.route("cognito-idp")
    assert (route.url, route.proxy) == (AWS, shown)
    monkeypatch.setenv("NO_PROXY", ".amazonaws.com")
    assert here.route("cognito-idp").proxy is None


def test_a_proxy_that_is_not_there(here: Routes, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{closed.getsockname()[1]}"
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:s3cret@{address}")
    with pytest.raises(UnreachableError, match="the proxy refused") as caught:
        here.get(here.route("cognito-idp"), "/")
    assert "s3cret" not in caught.value.lines()


def test_names(here: Routes) -> None:
    assert here.addresses("localhost")
    with pytest.raises(UnreachableError, match=r"no-such-host\.invalid has no address"):
        here.addresses("no-such-host.invalid")
    with pytest.raises(UnreachableError, match="has no address"):
        here.addresses("x" * 300)


def test_a_name_server_that_is_silent(here: Routes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cognito_credproc.aws.routes.LOOKUP", 0.1)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(5))
    with pytest.raises(UnreachableError, match="no name server"):
        here.addresses("cognito")


def test_an_endpoint_that_is_no_address(here: Routes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "nonsense")
    with pytest.raises(CredprocError, match="nonsense"):
        here.route("cognito-idp")


def test_each_service_has_its_region(here: Routes) -> None:
    other = Routes(settings(identity_region="eu-west-1"), SystemClock())
    assert other.route("cognito-idp").url == AWS
    assert other.route("cognito-identity").host == "cognito-identity.eu-west-1.amazonaws.com"
    assert here.route("sts").host == "sts.ap-northeast-1.amazonaws.com"


@pytest.mark.usefixtures("here")
def test_the_pages_of_a_sign_in_by_the_browser() -> None:
    pages = Routes(settings(domain="https://team.example.com"), SystemClock())
    assert pages.route("managed-login").url == "https://team.example.com"


def test_whose_credentials(here: Routes, monkeypatch: pytest.MonkeyPatch) -> None:
    good = Credentials("ASIAQWERTYUIOPASDFGH", "s3cret", "t0ken", 0)
    with LocalCognito() as service:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", service.endpoint)
        # Whoever looked for other credentials would find these.
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x" * 40)
        with pytest.raises(ServiceError, match="GetCallerIdentity was refused") as caught:
            here.whose(good)
        assert "s3cret" not in caught.value.lines()
        service.faults.add("GetCallerIdentity", "garbage")
        with pytest.raises(CredprocError):
            here.whose(good)
    with pytest.raises(UnreachableError, match="no connection to AWS STS"):
        here.whose(good)


def test_whose_credentials_is_asked_of_nobody_where_others_could_read_them(
    here: Routes, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = Credentials("ASIAQWERTYUIOPASDFGH", "s3cret", "t0ken", 0)
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://sts.example.com")
    with pytest.raises(CredprocError, match="has no TLS, and it is not on this machine"):
        here.whose(good)
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example.com:3128")
    monkeypatch.setenv("NO_PROXY", "")
    with pytest.raises(CredprocError, match="a proxy would read what is sent to it"):
        here.whose(good)
