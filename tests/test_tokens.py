"""Tokens and the claims inside them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cognito_credproc.flows.tokens import Tokens, claims, logins_key, roles
from cognito_credproc.values.errors import UnreachableError
from tests.script import TOKENS, id_token, jwt


@settings(max_examples=30)
@given(st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.text())))
def test_claims_of_any_length_and_alphabet(found: dict[str, object]) -> None:
    assert claims(id_token(**{f"_{name}": value for name, value in found.items()})) == {
        f"_{name}": value for name, value in found.items()
    }


@pytest.mark.parametrize(
    "token",
    [
        "",
        "no token",
        "a.b.c",
        "a.é.c",
        jwt(b"[1]"),
        jwt(b"null"),
        jwt(b"{"),
        jwt(b"\xff\xfe"),
    ],
)
def test_token_that_cannot_be_read(token: str) -> None:
    with pytest.raises(UnreachableError, match="ID token cannot be read"):
        claims(token)


@pytest.mark.parametrize("issuer", [None, 7, "", "http://plain.example.com"])
def test_token_without_an_issuer(issuer: object) -> None:
    with pytest.raises(UnreachableError, match="names no issuer"):
        logins_key(id_token(iss=issuer))


def test_logins_key_is_the_issuer_without_its_scheme() -> None:
    assert logins_key(id_token(iss="https://issuer.example.com/pool")) == "issuer.example.com/pool"


def test_tokens_have_no_repr() -> None:
    assert "token" not in repr(Tokens.of(TOKENS)).replace("tokens.Tokens", "")


@pytest.mark.parametrize(
    ("claim", "found"),
    [
        ([], []),
        (["arn:1", "arn:2"], ["arn:1", "arn:2"]),
        (["arn:1", 7, None], ["arn:1"]),
        ("arn:1", []),
        (None, []),
    ],
)
def test_roles_of_a_token(claim: object, found: list[str]) -> None:
    assert roles(id_token(**{"cognito:roles": claim})) == found
    assert roles(id_token()) == []
