"""Secure Remote Password as Amazon Cognito speaks it: the proof of a password never sent.

Source: RFC 5054 (the protocol), RFC 3526 section 5 (the group of 3,072 bits), RFC 5869 (the key
derivation), and the service's own choices: g = 2, SHA-256, numbers hashed as signed big-endian
hexadecimal, the key info `Caldera Derived Key`.
"""

import base64
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass, field

from cognito_credproc.values.errors import UnreachableError

N = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74"
    "020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437"
    "4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF05"
    "98DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB"
    "9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718"
    "3995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33"
    "A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864"
    "D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E2"
    "08E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
G = 2
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True, repr=False)
class Ephemeral:
    """The client's one-time pair: `a`, which stays here, and A = g^a mod N, which is sent."""

    a: int = field(default_factory=lambda: secrets.randbits(1024) | 1 << 1023)

    @property
    def public(self) -> str:
        """A in hexadecimal, as `SRP_A` wants it."""
        return f"{pow(G, self.a, N):x}"


@dataclass(frozen=True, slots=True)
class Verifier:
    """What the service sends with a PASSWORD_VERIFIER challenge."""

    salt: str
    b: str
    secret_block: str


def claim_signature(
    ephemeral: Ephemeral, verifier: Verifier, *, identity: str, password: str, timestamp: str
) -> str:
    """The `PASSWORD_CLAIM_SIGNATURE`: proves the password and binds it to this challenge.

    `identity` is what follows `_` in the pool's id, then `USER_ID_FOR_SRP`.

    Raises:
        UnreachableError: the challenge is malformed, or its numbers would give the password away.
    """
    try:
        public_b = int(verifier.b, 16)
        signed_b, signed_salt = _signed(public_b), _signed(int(verifier.salt, 16))
        secret_block = base64.b64decode(verifier.secret_block, validate=True)
    except (ValueError, OverflowError):  # no number or no base64; a negative number
        raise UnreachableError("cognito's SRP challenge cannot be read") from None
    u = int.from_bytes(_hash(_signed(int(ephemeral.public, 16)) + signed_b))
    if public_b % N == 0 or u == 0:  # RFC 5054, 2.5.3: anybody could have sent these
        raise UnreachableError("cognito's SRP challenge is not safe to answer")
    x = _exponent(signed_salt, identity, password)
    k = int.from_bytes(_hash(b"\0" + N.to_bytes(384) + bytes([G])))
    shared = pow(public_b - k * pow(G, x, N), ephemeral.a + u * x, N)
    pseudo_random_key = _hmac(_signed(u), _signed(shared))
    key = _hmac(pseudo_random_key, b"Caldera Derived Key\x01")[:16]
    message = identity.encode() + secret_block + timestamp.encode()
    return base64.b64encode(_hmac(key, message)).decode()


def verifier(identity: str, password: str) -> tuple[str, str]:
    """A password's verifier g^x and a new salt, as ConfirmDevice wants them: base64 of both.

    Cognito reads the bytes as signed numbers (Java's BigInteger) and refuses negative ones.
    """
    salt = secrets.randbits(128)
    number = pow(G, _exponent(_signed(salt), identity, password), N)
    return base64.b64encode(_signed(number)).decode(), base64.b64encode(_signed(salt)).decode()


def timestamp(now: float) -> str:
    """`now` (seconds since the epoch) as Cognito wants it: `Tue Nov 3 07:05:09 UTC 2026`.

    English names whatever the locale, and a day without a leading zero; strftime gives neither.
    """
    t = time.gmtime(now)
    return (
        f"{DAYS[t.tm_wday]} {MONTHS[t.tm_mon - 1]} {t.tm_mday} "
        f"{t.tm_hour:02}:{t.tm_min:02}:{t.tm_sec:02} UTC {t.tm_year}"
    )


def _exponent(signed_salt: bytes, identity: str, password: str) -> int:
    """The x of SRP, which a password comes to under a salt."""
    return int.from_bytes(_hash(signed_salt + _hash(f"{identity}:{password}".encode())))


def _signed(number: int) -> bytes:
    """Big-endian two's complement of a positive number: a zero byte before a set top bit."""
    return number.to_bytes(number.bit_length() // 8 + 1)


def _hash(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")
