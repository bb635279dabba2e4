"""Local Cognito: faults on demand, the journal, TLS, and the HTTP side's own rules."""

from __future__ import annotations

import http.client
import json
import ssl
import threading
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    HTTPClientError,
    ReadTimeoutError,
)

from tests.local_cognito import Fault, LocalCognito
from tests.test_local_cognito_harness import NAME, PASSWORD, Site, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BROKEN = (ConnectionClosedError, HTTPClientError)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


def failed(act: Any) -> ClientError:
    with pytest.raises(ClientError) as caught:
        act()
    return caught.value


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (Fault.THROTTLE, 400, "TooManyRequestsException"),
        (Fault.THROTTLE_429, 429, "TooManyRequestsException"),
        (Fault.ERROR_500, 500, "InternalErrorException"),
    ],
)
def test_errors(site: Site, fault: Fault, status: int, code: str) -> None:
    site.cognito.faults.add("InitiateAuth", fault)
    error = failed(site.send_password)
    assert error.response["Error"]["Code"] == code
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert site.cognito.calls[-1].error == code
    site.send_password()


def test_503_as_a_page(site: Site) -> None:
    site.cognito.faults.add("*", "error_503_html")
    error = failed(site.send_password)
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 503


@pytest.mark.parametrize("fault", [Fault.CAPTIVE_PORTAL, Fault.TRUNCATED])
def test_answers_that_are_no_json(site: Site, fault: Fault) -> None:
    # botocore takes the text for a message and raises nothing: the members are missing.
    site.cognito.faults.add("InitiateAuth", fault)
    assert set(site.send_password()) == {"ResponseMetadata"}
    assert site.cognito.calls[-1].error == f"fault:{fault}"


def test_answer_that_is_no_text(site: Site) -> None:
    site.cognito.faults.add("InitiateAuth", Fault.GARBAGE)
    with pytest.raises(UnicodeDecodeError):
        site.send_password()
    assert site.cognito.calls[-1].error == "fault:garbage"


def test_reset_before_and_after_the_work(site: Site) -> None:
    mail = site.pool.outbox
    who = {"ClientId": site.client.id, "Username": NAME}
    site.cognito.faults.add("ForgotPassword", Fault.RESET_BEFORE)
    with pytest.raises(BROKEN):
        site.idp.forgot_password(**who)
    assert mail == []
    site.cognito.faults.add("ForgotPassword", Fault.RESET_AFTER)
    with pytest.raises(BROKEN):
        site.idp.forgot_password(**who)
    assert len(mail) == 1
    site.idp.forgot_password(**who)
    assert [call.error for call in site.cognito.calls] == [
        "fault:reset_before",
        "fault:reset_after",
        None,
    ]


def test_silence_is_bounded_and_does_no_work(site: Site) -> None:
    site.cognito.faults.add("InitiateAuth", Fault.SILENCE, seconds=0.2)
    begun = time.monotonic()
    with pytest.raises(BROKEN):
        site.send_password("wrong")
    assert 0.2 <= time.monotonic() - begun < 2
    assert site.user.wrong_passwords == 0


def test_silence_ends_with_the_service() -> None:
    site = Site()
    site.cognito.faults.add("*", Fault.SILENCE)
    errors: list[BaseException] = []

    def ask() -> None:
        try:
            site.send_password()
        except BROKEN as error:
            errors.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    while not site.cognito.calls:
        time.sleep(0.005)
    site.cognito.stop()
    asking.join(2)
    assert len(errors) == 1


def test_drip(site: Site) -> None:
    site.cognito.faults.add("InitiateAuth", Fault.DRIP, seconds=0.2)
    begun = time.monotonic()
    assert "AuthenticationResult" in site.send_password()
    assert time.monotonic() - begun >= 0.19


def test_slow_answers_meet_the_clients_own_bound(site: Site) -> None:
    connection = http.client.HTTPConnection(
        "127.0.0.1", int(site.cognito.endpoint[17:]), timeout=0.1
    )
    site.cognito.faults.add("*", Fault.SILENCE, seconds=1)
    connection.request("POST", "/", b"{}", {})
    with pytest.raises(TimeoutError):
        connection.getresponse()
    connection.close()
    assert issubclass(ReadTimeoutError, HTTPClientError)


def test_faults_by_operation_and_number(site: Site) -> None:
    faults = site.cognito.faults
    faults.add("GetUser", Fault.THROTTLE)
    faults.add("InitiateAuth", Fault.THROTTLE, times=2)
    access = refusal(site.send_password), refusal(site.send_password)
    assert {code for code, _ in access} == {"TooManyRequestsException"}
    token = site.tokens()["AccessToken"]
    assert refusal(site.idp.get_user, AccessToken=token)[0] == "TooManyRequestsException"
    faults.add("*", Fault.ERROR_500, times=None)
    for _ in range(3):
        assert refusal(site.send_password)[0] == "InternalErrorException"
    faults.clear()
    site.send_password()
    with pytest.raises(ValueError, match="no_such_fault"):
        faults.add("*", "no_such_fault")


def test_faults_reach_the_other_services(site: Site) -> None:
    site.cognito.faults.add("GetId", Fault.THROTTLE)
    get_id = site.aws("cognito-identity").get_id
    assert refusal(get_id, IdentityPoolId="a:0")[0] == "TooManyRequestsException"
    site.cognito.faults.add("GetCallerIdentity", Fault.THROTTLE)
    sts = site.aws("sts", aws_access_key_id="x", aws_secret_access_key="y")
    assert refusal(sts.get_caller_identity)[0] == "Throttling"


def test_date_follows_the_services_clock(site: Site) -> None:
    site.clock.advance(86_400)
    stamp = site.send_password()["ResponseMetadata"]["HTTPHeaders"]["date"]
    assert abs(parsedate_to_datetime(stamp).timestamp() - site.clock.now()) < 3
    assert site.clock.now() - time.time() > 86_399
    assert site.cognito.calls[-1].at - time.time() > 86_390


def test_wire_holds_every_body_as_it_came(site: Site) -> None:
    site.srp()
    assert PASSWORD.encode() not in b"".join(site.cognito.wire)
    site.cognito.faults.add("*", Fault.RESET_BEFORE)
    with pytest.raises(BROKEN):
        site.send_password()
    assert PASSWORD.encode() in site.cognito.wire[-1]
    assert len(site.cognito.wire) == len(site.cognito.calls) == 3


def request(
    site: Site, body: bytes, headers: dict[str, str], method: str = "POST", path: str = "/"
) -> tuple[int, dict[str, Any]]:
    """A raw request; status, and the answer if it is JSON."""
    connection = http.client.HTTPConnection("127.0.0.1", int(site.cognito.endpoint[17:]))
    connection.request(method, path, body, headers)
    reply = connection.getresponse()
    text = reply.read()
    connection.close()
    return reply.status, json.loads(text) if text.startswith(b"{") else {}


def test_what_a_user_pool_publishes(site: Site) -> None:
    path = "/{}/.well-known/openid-configuration"
    status, found = request(site, b"", {}, "GET", path.format(site.pool.id))
    assert (status, found["issuer"]) == (200, f"https://{site.pool.provider}")
    status, found = request(site, b"", {}, "GET", path.format("eu-west-1_Nope"))
    assert (status, found) == (400, {"message": "User pool eu-west-1_Nope does not exist."})


def test_requests_that_no_sdk_sends(site: Site) -> None:
    kind = {"Content-Type": "application/x-amz-json-1.1"}
    target = {"X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth"}
    assert request(site, b"{}", kind)[0] == 404
    assert request(site, b"{}", kind | {"X-Amz-Target": "A.InitiateAuth"})[0] == 404
    assert request(site, b"{}", target | {"Content-Type": "application/json"})[0] == 404
    assert request(site, b"{}", kind | target, path="/other")[0] == 404
    assert request(site, b"", {}, method="GET")[0] == 404
    signed = kind | target | {"Authorization": "AWS4-HMAC-SHA256 ..."}
    assert request(site, b"{}", signed)[1]["__type"] == "UnrecognizedClientException"
    for body in (b"", b"[]", b"{"):
        assert request(site, body, kind | target)[1]["__type"] == "SerializationException"
    wrong: list[object] = [{"USERNAME": 1}, {"USERNAME": None}, [], "text"]
    for parameters in wrong:
        members = {
            "ClientId": site.client.id,
            "AuthFlow": "USER_SRP_AUTH",
            "AuthParameters": parameters,
        }
        status, answer = request(site, json.dumps(members).encode(), kind | target)
        assert (status, answer["__type"]) == (400, "SerializationException")


def test_many_at_once(site: Site) -> None:
    threads = [threading.Thread(target=refusal, args=(site.send_password, "no")) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Twenty processes with one wrong stored password lock a person out in a moment.
    assert site.user.wrong_passwords == 5
    assert len(site.cognito.calls) == 20


def test_tls(tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    with LocalCognito(ssl_context=context) as cognito, Site() as site:
        assert cognito.endpoint.startswith("https://127.0.0.1:")
        client = site.aws("cognito-idp", endpoint_url=cognito.endpoint, verify=str(bundle))
        assert refusal(client.get_user, AccessToken="x")[1] == "Invalid Access Token"
        cognito.faults.add("*", Fault.RESET_AFTER)
        with pytest.raises(BROKEN):
            client.get_user(AccessToken="x")


def test_port_is_free_again_and_only_loopback_listens() -> None:
    with LocalCognito() as cognito:
        port = int(cognito.endpoint.rpartition(":")[2])
        assert cognito.endpoint == f"http://127.0.0.1:{port}"
    with LocalCognito(port=port) as again:
        assert again.endpoint == f"http://127.0.0.1:{port}"
