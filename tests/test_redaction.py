"""A log shows no secret: not by its name, not by its value in any form, not by its shape."""

import base64
import html
import json
import urllib.parse
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito_credproc.process.redaction import HIDDEN, SHOWN, Redactor
from tests.script import id_token
from tests.secret_forms import written

SECRET = "Corr\u00e9ct+horse/1&"
SECRETS = st.text(st.characters(codec="utf-8"), min_size=6, max_size=300)


def told(*secrets: object) -> Redactor:
    redactor = Redactor()
    for secret in secrets:
        redactor.conceal(secret)
    return redactor


@given(SECRETS)
def test_a_known_secret_is_hidden_in_whatever_it_is_written_into(secret: str) -> None:
    redactor = told(secret)
    document = json.dumps({"message": f"it is {secret}!"})
    for line in (
        f"params: {document}",
        f"params: {document.encode()!r}",
        f"page: {html.escape(secret)}",
        f"url: https://x/?{urllib.parse.urlencode({'code': secret})}",
        f"hex: {secret.encode().hex()}",
    ):
        shown = redactor.text(line)
        assert HIDDEN in shown
        assert not [form for form in written(secret) if form.decode() in shown.replace(HIDDEN, "")]


@given(SECRETS, st.binary(max_size=5), st.binary(max_size=5))
def test_a_known_secret_is_hidden_inside_base64(secret: str, before: bytes, after: bytes) -> None:
    """A proxy's password, for one, goes into a header together with its user's name."""
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        whole = encode(before + secret.encode() + after).decode()
        shown = told(secret).text(whole)
        assert HIDDEN in shown
        # Of its bits, those at its two ends may share a character with their neighbours.
        assert (
            len(shown.replace(HIDDEN, "")) <= -(-len(before) * 4 // 3) + -(-len(after) * 4 // 3) + 4
        )


@pytest.mark.parametrize(
    "line",
    [
        f"Bearer {id_token(sub='x' * 20)}",
        "eyJjdHkiOiJKV1QiLCJlbmMiOiJBMjU2R0NNIn0.abc",
        "key ASIARTX3GSDSY267L5QV",
        "through http://istio:hunter22@proxy:3128",
        "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "SRP_A=" + "0f" * 384,
        "QkJBU0U2NA" * 4 + "==",
    ],
)
def test_what_looks_like_a_secret_is_hidden(line: str) -> None:
    shown = Redactor().text(line)
    assert HIDDEN in shown
    for word in ("eyJ", "ASIARTX3", "hunter22", "GEZDGNBV", "wJalrX", "0f0f", "QkJB"):
        assert word not in shown


@pytest.mark.parametrize(
    "line",
    [
        "POST / HTTP/1.1 200 2375",
        "X-Amz-Target: AWSCognitoIdentityProviderService.RespondToAuthChallenge",
        "x-amzn-RequestId: 83bc2231-3803-4efd-81ab-2f422527812b",
        "ap-northeast-1:11111111-2222-3333-4444-555555555555",
        "/usr/lib/python3/dist-packages/botocore/data/cognito-idp/2016-04-18/service-2.json",
        "https://cognito-idp.ap-northeast-1.amazonaws.com/",
        "arn:aws:iam::111122223333:role/Developers",
    ],
)
def test_what_helps_is_shown(line: str) -> None:
    assert Redactor().text(line) == line


def test_members_are_shown_by_their_names_alone() -> None:
    request = {
        "url": "https://idp.example/?code=4711",
        "headers": {"Authorization": "Basic x", "X-Amz-Target": "Service.InitiateAuth"},
        "body": b'{"AuthFlow": "USER_SRP_AUTH", "AuthParameters": {"USERNAME": "i", "NEW": "n"}}',
        "context": {"auth_type": None, "number": 123456},
    }
    assert str(Redactor().shown(request)) == (
        "{url: https://idp.example/, headers: {Authorization: [hidden], "
        "X-Amz-Target: Service.InitiateAuth}, body: {AuthFlow: USER_SRP_AUTH, "
        "AuthParameters: {USERNAME: [hidden], NEW: [hidden]}}, "
        "context: {auth_type: None, number: [hidden]}}"
    )


NAMES = st.text().filter(lambda name: name.lower() not in SHOWN)
JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.just("S3cret-of-old"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(NAMES, JSON, max_size=4))
def test_no_member_of_an_unknown_name_is_shown(members: dict[str, Any]) -> None:
    for value in (members, json.dumps(members), json.dumps(members).encode()):
        shown = Redactor().shown(value)
        assert "S3cret-of-old" not in str(shown)
        assert "S3cret-of-old" not in repr(shown)


@pytest.mark.parametrize(
    "value", [b"<html>S3cret", b'{"IdToken": "S3cr', OSError("S3cret"), object(), lambda: "S3cret"]
)
def test_what_cannot_be_looked_into_is_named(value: object) -> None:
    shown = str(Redactor().shown(value))
    assert shown
    assert "S3cr" not in shown


def test_harmless_members_do_not_blind_the_log() -> None:
    redactor = told(
        {
            "ClientId": "1example23456789",
            "USERNAME": "istio",
            "ANSWER": "SOFTWARE_TOKEN_MFA",
            "ChallengeName": "SELECT_MFA_TYPE",
        }
    )
    line = "/home/istio: 1example23456789 chose SOFTWARE_TOKEN_MFA of SELECT_MFA_TYPE"
    assert redactor.text(line) == line


def test_members_of_a_document_are_secrets_each() -> None:
    redactor = told('{"Version": 1, "SecretAccessKey": "K7MDENG", "AccountId": "111122223333"}')
    assert redactor.text("K7MDENG of 111122223333") == f"{HIDDEN} of 111122223333"


@given(st.text(max_size=400))
def test_any_text_can_be_shown(text: str) -> None:
    redactor = told(SECRET)
    assert isinstance(redactor.text(text), str)
    assert isinstance(str(redactor.shown(text)), str)
