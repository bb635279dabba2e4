"""Local Cognito: STS takes only credentials that were issued here, signed rightly, in time."""

from __future__ import annotations

import datetime
import hashlib
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.test_local_cognito_harness import REGION, Site, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

OTHER = "arn:aws:iam::444455556666:role/Other"


class Signed(Site):
    """A site with one set of issued credentials in `keys`."""

    def __init__(self) -> None:
        super().__init__()
        pool = self.cognito.create_identity_pool(self.client, classic_flow=True)
        self.identity = self.aws("cognito-identity")
        logins = {self.pool.provider: self.tokens()["IdToken"]}
        known = self.identity.get_id(IdentityPoolId=pool.id, Logins=logins)["IdentityId"]
        self.known = {"IdentityId": known, "Logins": logins}
        given = self.identity.get_credentials_for_identity(**self.known)
        self.keys: dict[str, Any] = given["Credentials"]

    def sts(self, **changed: str | None) -> Any:
        """STS with the keys, or with some of them changed."""
        keys = {
            "aws_access_key_id": self.keys["AccessKeyId"],
            "aws_secret_access_key": self.keys["SecretKey"],
            "aws_session_token": self.keys["SessionToken"],
        }
        return self.aws("sts", **{**keys, **changed})


@pytest.fixture
def site() -> Iterator[Signed]:
    with Signed() as site:
        yield site


def test_who_am_i(site: Signed) -> None:
    who = site.sts().get_caller_identity()
    assert who["UserId"].startswith("AROA")
    assert who["UserId"].endswith(":CognitoIdentityCredentials")


def test_unknown_key(site: Signed) -> None:
    assert refusal(site.sts(aws_access_key_id="ASIAQAAAAAAAAAAAAAAA").get_caller_identity) == (
        "InvalidClientTokenId",
        "The security token included in the request is invalid.",
    )


def test_session_token_is_needed_whole(site: Signed) -> None:
    for token in (None, "nonsense", site.keys["SessionToken"][:-1]):
        code, _ = refusal(site.sts(aws_session_token=token).get_caller_identity)
        assert code == "InvalidClientTokenId"


def test_wrong_secret(site: Signed) -> None:
    code, _ = refusal(site.sts(aws_secret_access_key="x" * 40).get_caller_identity)
    assert code == "SignatureDoesNotMatch"


def test_expired_credentials(site: Signed) -> None:
    site.clock.advance(3_601)
    assert refusal(site.sts().get_caller_identity) == (
        "ExpiredToken",
        "The security token included in the request is expired",
    )


def post(site: Site, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    """A request as it is; HTTP status and answer."""
    request = urllib.request.Request(site.cognito.endpoint + "/", body, headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request) as reply:  # noqa: S310
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def signed_headers(site: Signed, body: bytes, skew: int = 0, **more: str) -> dict[str, str]:
    """Headers for `body`, signed by botocore's parts as if `skew` seconds from now."""
    keys = Credentials(site.keys["AccessKeyId"], site.keys["SecretKey"], site.keys["SessionToken"])
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    request = AWSRequest("POST", site.cognito.endpoint + "/", {**headers, **more}, body)
    signer = SigV4Auth(keys, "sts", REGION)
    moment = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=skew)
    request.context["timestamp"] = f"{moment:%Y%m%dT%H%M%SZ}"
    request.headers["X-Amz-Date"] = request.context["timestamp"]
    request.headers["X-Amz-Security-Token"] = keys.token
    text = signer.string_to_sign(request, signer.canonical_request(request))
    signed = signer.signed_headers(signer.headers_to_sign(request))
    request.headers["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={signer.scope(request)}, SignedHeaders={signed}, "
        f"Signature={signer.signature(text, request)}"
    )
    return dict(request.headers.items())


BODY = b"Action=GetCallerIdentity&Version=2011-06-15"


def test_signature_covers_body_and_headers(site: Signed) -> None:
    good = signed_headers(site, BODY)
    assert post(site, BODY, good)[0] == 200
    host_moved = good["Authorization"].replace("host;", "")
    date_moved = {**good, "X-Amz-Date": good["X-Amz-Date"][:-2] + "~Z"}
    for body, headers in (
        (BODY + b"&Extra=1", good),
        (BODY, {**good, "X-Amz-Extra": "not signed"}),
        (BODY, {**good, "Authorization": host_moved}),
        (BODY, {**good, "Content-Type": "application/x-www-form-urlencoded"}),
        (BODY, date_moved),
        (BODY, {**good, "Authorization": good["Authorization"].replace("/sts/", "/s3/")}),
    ):
        status, text = post(site, body, headers)
        assert status == 403
        assert "<Code>SignatureDoesNotMatch</Code>" in text
    unsigned = {name: text for name, text in good.items() if name != "Authorization"}
    status, text = post(site, BODY, unsigned)
    assert (status, "<Code>MissingAuthenticationToken</Code>" in text) == (403, True)


def test_declared_digest_is_the_bodys(site: Signed) -> None:
    for text, wanted in ((BODY, 200), (b"other", 403)):
        digest = hashlib.sha256(text).hexdigest()
        headers = signed_headers(site, BODY, 0, **{"X-Amz-Content-Sha256": digest})
        assert post(site, BODY, headers)[0] == wanted


def test_signature_is_of_now(site: Signed) -> None:
    for skew in (-290, 290):
        assert post(site, BODY, signed_headers(site, BODY, skew))[0] == 200
    for skew in (-310, 310):
        status, text = post(site, BODY, signed_headers(site, BODY, skew))
        assert (status, "Signature expired" in text) == (403, True)
    # The service's clock is ahead; an SDK that signs by this machine's goes on working.
    site.clock.advance(3_000)
    site.sts().get_caller_identity()


def test_assume_role_and_again_with_what_it_gave(site: Signed) -> None:
    assume = site.sts().assume_role
    who = {"RoleArn": OTHER, "RoleSessionName": "chained"}
    assert refusal(assume, **who)[0] == "AccessDenied"
    site.cognito.create_role(OTHER, max_session_seconds=43_200)
    reply = assume(**who, DurationSeconds=900)
    keys = reply["Credentials"]
    assert reply["AssumedRoleUser"]["Arn"] == (
        "arn:aws:sts::444455556666:assumed-role/Other/chained"
    )
    chained = site.sts(
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    assert chained.get_caller_identity()["Account"] == "444455556666"
    chained.assume_role(**who)
    assert refusal(chained.assume_role, **who, DurationSeconds=3_601)[0] == "ValidationError"
    assert refusal(chained.assume_role, RoleArn=OTHER, RoleSessionName="no spaces")[0] == (
        "ValidationError"
    )
    site.clock.advance(901)
    assert refusal(chained.get_caller_identity)[0] == "ExpiredToken"


def test_operations_that_are_not_there(site: Signed) -> None:
    assert refusal(site.sts().get_session_token)[0] == "InvalidAction"
    assert site.cognito.calls[-1][:3] == ("sts", "GetSessionToken", "InvalidAction")


def open_id_token(site: Signed) -> str:
    token: str = site.identity.get_open_id_token(**site.known)["Token"]
    return token


def test_duration_below_the_least(site: Signed) -> None:
    # botocore knows the lower bound itself and would not send it.
    body = (
        b"Action=AssumeRoleWithWebIdentity&Version=2011-06-15&DurationSeconds=899"
        b"&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2FDevelopers"
        b"&RoleSessionName=istio&WebIdentityToken=" + open_id_token(site).encode()
    )
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    status, text = post(site, body, kind)
    assert (status, "<Code>ValidationError</Code>" in text) == (400, True)
    assert post(site, body.replace(b"=899", b"=900"), kind)[0] == 200
