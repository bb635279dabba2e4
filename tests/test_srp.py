"""SRP: against pycognito, whose authors did not know this implementation, and at the edges."""

import base64
import hmac
import locale

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pycognito.aws_srp import AWSSRP

from cognito_credproc.flows import srp
from cognito_credproc.values.errors import UnreachableError
from tests.fakes import NOW

POOL = "ap-northeast-1_AbCdEfGhI"
USER = "11111111-2222-3333-4444-555555555555"
IDENTITY = f"AbCdEfGhI{USER}"
BLOCK = base64.b64encode(bytes(range(256)) * 4).decode()
WHEN = "Tue Nov 3 07:05:09 UTC 2026"
A = int("7f" * 128, 16)
B = pow(3, 12345, srp.N)


def ours(a: int, b: int, salt: str, password: str) -> str:
    return srp.claim_signature(
        srp.Ephemeral(a),
        srp.Verifier(salt, f"{b:x}", BLOCK),
        identity=IDENTITY,
        password=password,
        timestamp=WHEN,
    )


def theirs(a: int, b: int, salt: str, password: str) -> str:
    other = AWSSRP(USER, password, POOL, "client", client=object())
    other.small_a_value = a
    other.large_a_value = other.calculate_a()
    key = other.get_password_authentication_key(USER, password, b, salt)
    message = f"AbCdEfGhI{USER}".encode() + base64.b64decode(BLOCK) + WHEN.encode()
    return base64.b64encode(hmac.digest(key, message, "sha256")).decode()


@settings(max_examples=10)
@given(
    a=st.integers(1, 2**64 - 1),  # short, for the sake of time; the examples have the real length
    b=st.integers(1, srp.N - 1),
    salt=st.integers(0, 2**128 - 1),
    password=st.text(min_size=1, max_size=256).filter(lambda text: text.isprintable()),
)
@example(A, B, 0x80 << 120, "first bit of the salt set")
@example(A, B, 1 << 127 >> 9, "the salt's first byte is zero")
@example(A, B, 0xF, "an odd number of digits")
@example(A, srp.N - 1, 1, "B as long as N")
@example(A, 2, 0, "B and salt as short as can be")
@example(A, B, 0xABCDEF, "pässwörd 日本語 \N{LOCK}")
@example(A, B, 0xABCDEF, "colon:colon")
def test_signature_is_that_of_another_implementation(
    a: int, b: int, salt: int, password: str
) -> None:
    assert ours(a, b, f"{salt:x}", password) == theirs(a, b, f"{salt:x}", password)


def test_salt_is_a_number_so_its_leading_zeros_mean_nothing() -> None:
    assert ours(7, B, "000000abcdef", "secret") == ours(7, B, "abcdef", "secret")


@pytest.mark.parametrize("change", ["a", "b", "salt", "password", "identity", "block", "time"])
def test_signature_depends_on_everything(change: str) -> None:
    def signature(changed: str = "") -> str:
        return srp.claim_signature(
            srp.Ephemeral(7 + (changed == "a")),
            srp.Verifier(
                "abc" if changed == "salt" else "abcdef",
                f"{B + (changed == 'b'):x}",
                BLOCK[4:] if changed == "block" else BLOCK,
            ),
            identity=IDENTITY + ("x" if changed == "identity" else ""),
            password="other" if changed == "password" else "secret",
            timestamp=WHEN.replace("09", "10") if changed == "time" else WHEN,
        )

    assert signature() == signature()
    assert signature(change) != signature()


@pytest.mark.parametrize("times", [0, 1, 2, 3])
def test_b_that_is_a_multiple_of_n_is_refused(times: int) -> None:
    with pytest.raises(UnreachableError, match="not safe to answer"):
        ours(A, srp.N * times, "abcdef", "secret")


@pytest.mark.parametrize(
    ("salt", "b", "block"),
    [
        ("xyz", "abc", BLOCK),
        ("", "abc", BLOCK),
        ("abc", "", BLOCK),
        ("abc", "<html>", BLOCK),
        ("abc", "abc", "no base64!"),
        ("abc", "abc", "é"),
        ("abc", "-abc", BLOCK),
        ("-abc", "abc", BLOCK),
    ],
)
def test_challenge_that_cannot_be_read_is_refused(salt: str, b: str, block: str) -> None:
    with pytest.raises(UnreachableError):
        srp.claim_signature(
            srp.Ephemeral(A),
            srp.Verifier(salt, b, block),
            identity=IDENTITY,
            password="secret",
            timestamp=WHEN,
        )


def test_ephemeral_is_new_each_time_long_and_not_shown() -> None:
    first, second = srp.Ephemeral(), srp.Ephemeral()
    assert first.a != second.a
    assert first.a.bit_length() == 1024
    assert int(first.public, 16) == pow(2, first.a, srp.N)
    assert str(first.a) not in repr(first)


@pytest.mark.parametrize(
    ("now", "text"),
    [
        (NOW, "Tue Nov 3 07:05:09 UTC 2026"),
        (NOW + 0.999, "Tue Nov 3 07:05:09 UTC 2026"),
        (NOW + 9 * 86_400, "Thu Nov 12 07:05:09 UTC 2026"),
        (1_772_323_199, "Sat Feb 28 23:59:59 UTC 2026"),
        (1_772_323_200, "Sun Mar 1 00:00:00 UTC 2026"),
        (1_830_297_599, "Fri Dec 31 23:59:59 UTC 2027"),
    ],
)
def test_timestamp(now: float, text: str) -> None:
    assert srp.timestamp(now) == text


def test_timestamp_speaks_english_in_every_locale(capfd: pytest.CaptureFixture[str]) -> None:
    before = locale.setlocale(locale.LC_TIME)
    found = 0
    try:
        for name in ("ja_JP.UTF-8", "de_DE.UTF-8", "fr_FR.UTF-8", "C"):
            try:
                locale.setlocale(locale.LC_TIME, name)
            except locale.Error:
                continue  # not installed here; C always is
            found += 1
            assert srp.timestamp(NOW) == "Tue Nov 3 07:05:09 UTC 2026"
    finally:
        locale.setlocale(locale.LC_TIME, before)
    assert found
    assert capfd.readouterr() == ("", "")
