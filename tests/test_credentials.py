"""Credentials: the document as the SDKs want it, and the account inside a key."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito_credproc.values.credentials import Credentials, account_of_access_key, account_of_role
from tests.fakes import NOW

GIVEN = Credentials("ASIAQNZGKIQY56JQ7WML", "sec/ret+", "tok\"en'\\", int(NOW), "029608264753")


def test_document_is_what_the_sdks_read() -> None:
    document = GIVEN.document()
    assert json.loads(document) == {
        "Version": 1,
        "AccessKeyId": "ASIAQNZGKIQY56JQ7WML",
        "SecretAccessKey": "sec/ret+",
        "SessionToken": "tok\"en'\\",
        "Expiration": "2026-11-03T07:05:09Z",
        "AccountId": "029608264753",
    }
    assert document.isascii()
    assert document.count("\n") == 1
    assert document.endswith("}\n")


def test_document_without_an_account() -> None:
    keys = json.loads(Credentials("AKIA", "s", "t", 0).document())
    assert "AccountId" not in keys
    assert keys["Expiration"] == "1970-01-01T00:00:00Z"


@given(expiration=st.integers(0, 2**32))
def test_expiration_is_utc_whatever_the_second(expiration: int) -> None:
    text = json.loads(Credentials("a", "b", "c", expiration).document())["Expiration"]
    read = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert read.timestamp() == expiration


def test_secrets_have_no_repr() -> None:
    assert "sec/ret" not in repr(GIVEN)
    assert "tok" not in repr(GIVEN)


@pytest.mark.parametrize(
    ("key", "account"),
    [
        # Published with their accounts: by Tal Be'ery, Aidan Steele, and the canary lists.
        ("ASIAQNZGKIQY56JQ7WML", "029608264753"),
        ("ASIAY34FZKBOKMUTVV7A", "609629065308"),
        ("AKIASP2TPHJSQH3FJRUX", "171436882533"),
        ("AKIAYVP4CIPPERUVIFXG", "595918472158"),
        # Of the format before 2019, as AWS's own documents show it.
        ("AKIAIOSFODNN7EXAMPLE", None),
        ("AKIAI44QH8DHBEXAMPLE", None),
        ("", None),
        ("ASIA", None),
        ("ASIAQ", None),
        ("ASIAQNZGKIQY56JQ7WM", None),
        ("asiaqnzgkiqy56jq7wml", None),
        ("ASIAQNZGKIQY56JQ7WMé", None),
    ],
)
def test_account_of_a_key(key: str, account: str | None) -> None:
    assert account_of_access_key(key) == account


@given(st.text(max_size=24))
def test_account_of_anything_is_twelve_digits_or_none(key: str) -> None:
    account = account_of_access_key(key)
    assert account is None or (len(account) == 12 and account.isdecimal())


def test_account_that_no_account_can_have_is_none() -> None:
    assert account_of_access_key("ASIA7777777777777777") is None


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_account_of_a_role(partition: str) -> None:
    role = f"arn:{partition}:iam::111122223333:role/path/to/Dev"
    assert account_of_role(role) == "111122223333"


def test_a_document_is_read_as_it_was_written() -> None:
    credentials = Credentials("ASIA", "secret", "token", 1_793_689_509, "111122223333")
    assert Credentials.of_document(credentials.document()) == credentials
    without = replace(credentials, account_id=None)
    assert Credentials.of_document(without.document()) == without


KEYS = '"Version": 1, "AccessKeyId": "a", "SecretAccessKey": "b", "SessionToken": "c"'


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "null", '{"Version": 2, "AccessKeyId": "a"}', f"{{{KEYS}}}"),
        f'{{{KEYS}, "Expiration": "soon"}}',
        f'{{{KEYS}, "Expiration": 1793689509}}',
        f'{{{KEYS}, "Expiration": "2026-11-03T07:05:09Z"}}'.replace('"a"', "1"),
    ],
)
def test_what_is_no_document(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Credentials.of_document(text)
