"""The service's half of SRP, in the form that Cognito uses.

The group is the 3072-bit one of RFC 3526 with g = 2, the protocol SRP-6a (RFC 5054)
with SHA-256, and the key comes from an HKDF of one block (RFC 5869) with the info
"Caldera Derived Key". Numbers enter a hash as signed big-endian bytes: a leading zero
byte wherever the first bit would otherwise be set.

    k = H(N | g)        x = H(salt | H(pool suffix | user id | ":" | password))
    v = g^x             B = k*v + g^b
    u = H(A | B)        S = (A * v^u)^b
    key = HKDF(salt = u, input = S)[:16]
    proof = HMAC(key, pool suffix | user id | secret block | timestamp)
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

N = int(
    "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a0879"
    "8e3404ddef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b"
    "0bff5cb6f406b7edee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf0598da4836"
    "1c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804"
    "f1746c08ca18217c32905e462e36ce3be39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6"
    "955817183995497cea956ae515d2261898fa051015728e5a8aaac42dad33170d04507a33a85521abdf1cba64"
    "ecfb850458dbef0a8aea71575d060c7db3970f85a6e1e4c7abf5ae8cdb0933d71e8c94e04a25619dcee3d226"
    "1ad2ee6bf12ffa06d98a0864d87602733ec86a64521f2b18177b200cbbe117577a615d6c770988c0bad946e2"
    "08e24fa074e5ab3143db5bfce0fd108e4b82d120a93ad2caffffffffffffffff",
    16,
)
G = 2


def padded(number: int) -> bytes:
    """The number as signed big-endian bytes (two's complement of a positive number)."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _hash(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha256(b"".join(parts)).digest(), "big")


K = _hash(padded(N), bytes([G]))


@dataclass(frozen=True)
class Verifier:
    """What the service keeps in place of a password."""

    identity: str = field(repr=False)
    """Pool suffix and user id, run together as SRP hashes them."""
    salt: int
    exponent: int = field(repr=False)

    @functools.cached_property
    def number(self) -> int:
        """The verifier itself; made when SRP wants it, since that takes a while."""
        return pow(G, self.exponent, N)

    def matches(self, password: str) -> bool:
        """Whether `password` gives this verifier; for flows that send the password itself."""
        again = verifier(self.identity, password, self.salt)
        return hmac.compare_digest(padded(again.exponent), padded(self.exponent))


@dataclass(frozen=True)
class GivenVerifier:
    """A verifier that a client has made, so that nobody here knows its exponent."""

    identity: str = field(repr=False)
    """Device group key and device key, run together."""
    salt: int
    number: int = field(repr=False)


def verifier(identity: str, password: str, salt: int | None = None) -> Verifier:
    """A new password's verifier, under a random 128-bit salt unless one is given."""
    salt = secrets.randbits(128) | 1 if salt is None else salt
    inner = hashlib.sha256(f"{identity}:{password}".encode()).digest()
    return Verifier(identity, salt, _hash(padded(salt), inner))


@dataclass(frozen=True)
class Exchange:
    """One attempt: the client's public number, and the service's pair for this attempt alone."""

    verifier: Verifier | GivenVerifier
    client_public: int
    private: int = field(repr=False)
    public: int

    def proof(self, secret_block: bytes, timestamp: str) -> bytes:
        """The HMAC that only somebody who knows the password can give."""
        scramble = _hash(padded(self.client_public), padded(self.public))
        shared = pow(self.client_public * pow(self.verifier.number, scramble, N), self.private, N)
        early = hmac.digest(padded(scramble), padded(shared), "sha256")
        key = hmac.digest(early, b"Caldera Derived Key\x01", "sha256")[:16]
        return hmac.digest(
            key, self.verifier.identity.encode() + secret_block + timestamp.encode(), "sha256"
        )


def begin(of: Verifier | GivenVerifier, client_public: int) -> Exchange:
    """The service's answer to SRP_A.

    Raises:
        ValueError: A mod N is 0, which would make the shared number known to anybody.
    """
    if client_public % N == 0:
        msg = "SRP_A is a multiple of N"
        raise ValueError(msg)
    while True:
        private = secrets.randbits(256)
        public = (K * of.number + pow(G, private, N)) % N
        if public and _hash(padded(client_public), padded(public)):
            return Exchange(of, client_public, private, public)
