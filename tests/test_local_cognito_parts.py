"""Local Cognito: arithmetic against other people's, and the command line."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pyotp
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from pycognito import aws_srp

from tests.local_cognito import LocalCognito, jwt, rsa, srp, totp
from tests.local_cognito.totp import Check, SoftwareToken

ROOT = Path(__file__).parents[1]


def test_rs256_agrees_with_a_library() -> None:
    signature = rsa.sign(b"message")
    key = RSAPublicNumbers(rsa.EXPONENT, rsa.MODULUS).public_key()
    assert key.key_size == 2_048
    key.verify(signature, b"message", padding.PKCS1v15(), hashes.SHA256())
    with pytest.raises(InvalidSignature):
        key.verify(signature, b"massage", padding.PKCS1v15(), hashes.SHA256())
    assert rsa.verify(b"message", signature)
    assert not rsa.verify(b"massage", signature)
    assert not rsa.verify(b"message", signature[:-1])


def test_tokens_are_for_one_use() -> None:
    token = jwt.issue({"sub": "x"}, "access")
    assert jwt.verified(token, "access") == {"sub": "x"}
    with pytest.raises(jwt.NotAToken):
        jwt.verified(token, "id")


def test_srp_constants_agree_with_pycognito() -> None:
    assert int(aws_srp.N_HEX, 16) == srp.N
    assert int(aws_srp.hex_hash("00" + aws_srp.N_HEX + "0" + aws_srp.G_HEX), 16) == srp.K
    for number in (0, 1, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, srp.N):
        assert srp.padded(number) == bytes.fromhex(aws_srp.pad_hex(number))


def test_verifier_knows_its_password() -> None:
    made = srp.verifier("suffixuser", "right")
    assert made.matches("right")
    assert not made.matches("wrong")
    assert "right" not in repr(made)


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_234_567_890, "005924"),
        (20_000_000_000, "353130"),
    ],
)
def test_totp_vectors_of_rfc_6238(at: int, code: str) -> None:
    # Appendix B, SHA-1, the last six of eight digits; the seed is "12345678901234567890".
    seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert totp.code(seed, at // 30) == code == pyotp.TOTP(seed).at(at)


def test_no_older_code_after_a_newer_one() -> None:
    token = SoftwareToken(totp.new_seed())
    older, newer = totp.code(token.seed, 100), totp.code(token.seed, 101)
    assert token.check(newer, 3_000) is Check.GOOD
    assert token.check(older, 3_000) is (Check.USED if older != newer else Check.GOOD)


def test_settings_that_the_service_would_not_take() -> None:
    with LocalCognito() as cognito:
        with pytest.raises(ValueError, match="mfa"):
            cognito.create_user_pool(mfa="MAYBE")
        pool = cognito.create_user_pool()
        with pytest.raises(ValueError, match="rotation_grace"):
            pool.create_client(rotation_grace=61)
        with pytest.raises(ValueError, match="session_minutes"):
            pool.create_client(session_minutes=2)
        with pytest.raises(ValueError, match="role"):
            cognito.create_identity_pool(pool.create_client(), role_arn="nonsense")
        with pytest.raises(ValueError, match="max_session_seconds"):
            cognito.create_role("arn:aws:iam::111122223333:role/A", max_session_seconds=900)
        with pytest.raises(ValueError, match="password"):
            pool.create_user("a@example.com")
        pool.create_user("a@example.com", password="x")
        with pytest.raises(ValueError, match="exists"):
            pool.create_user("A@example.com", password="x")
        with pytest.raises(KeyError):
            pool.user("b@example.com")


def test_package_needs_nothing_but_the_standard_library() -> None:
    program = (
        "import tests.local_cognito.__main__, tests.local_cognito as c; c.LocalCognito().stop()"
    )
    # -I -S: no site-packages, so that anything else could not be imported.
    path = f"import sys; sys.path.insert(0, {str(ROOT)!r}); {program}"
    subprocess.run([sys.executable, "-I", "-S", "-c", path], check=True, timeout=30)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for a child on Windows")
def test_by_hand() -> None:
    command = [
        sys.executable,
        "-m",
        "tests.local_cognito",
        "--user",
        "ada@example.com",
        "--client-secret",
        "--rotation-grace",
        "10",
    ]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout
        shown: list[str] = []
        while not shown or "Ctrl-C" not in shown[-1]:
            shown.append(child.stdout.readline())
            assert shown[-1], "it ended before it was ready"
        time.sleep(0.05)
        child.send_signal(signal.SIGINT)
        try:
            _, errors = child.communicate(timeout=10)
        finally:
            child.kill()  # whatever it did, the test goes on
    assert (child.returncode, errors) == (0, "")
    text = "".join(shown)
    assert "export AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER=http://127.0.0.1:" in text
    keys = ("user_pool_id", "client_id", "identity_pool_id", "username")
    assert [text.count(f"\ncognito_{key} = ") for key in keys] == [1, 1, 1, 1]
    assert "ada@example.com has the temporary password" in text
