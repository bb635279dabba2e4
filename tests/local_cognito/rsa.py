"""RS256 (RFC 8017, PKCS #1 v1.5 with SHA-256) in plain Python, under one published key.

The key below was made for these tests. It is public, signs nothing but tokens of the
local stand-in, and protects nothing.
"""

from __future__ import annotations

import hashlib
import hmac

_P = int(
    "d33bd33e35f3f4c49c1c50dad07f0bc249ca5d661e168716781da359794f9c81f5dfaa4d24f9ece7a7fce533"
    "6ed95bb207acd36eacec02aefb98f1149d9965d4404d2da10b532b3514bb16def47631460aaabefc1b1990aa"
    "da81d8f90532ec6dc9b7f29da174a53ebcd534f760729d6d4b45d814a364cbab7f9c711f800633e9",
    16,
)
_Q = int(
    "ba77702a24d8abb5d8f6402406781e6a2dc3e149ba85f7a4c467083a5a69b0b72a140699b949560afd534435"
    "9a460856af30276eee6113c61aef0f8f945b029db64357e46f05361d26e96c6630b3c5f9af387ac4aedabae2"
    "73b678c7b72a45217f5ff8ef2c541a76a6483935f8b40ec55521d0fa010300058d1dc1d583094ceb",
    16,
)
MODULUS = _P * _Q
EXPONENT = 65_537
_SIZE = 256
_PRIVATE = pow(EXPONENT, -1, (_P - 1) * (_Q - 1))
# The ASN.1 prefix of a SHA-256 digest, RFC 8017 section 9.2, note 1.
_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


def _encoded(message: bytes) -> bytes:
    tail = b"\0" + _DIGEST_INFO + hashlib.sha256(message).digest()
    return b"\0\1" + b"\xff" * (_SIZE - 2 - len(tail)) + tail


def sign(message: bytes) -> bytes:
    """The 256-byte signature; by the Chinese remainder theorem, four times as fast as without."""
    number = int.from_bytes(_encoded(message), "big")
    by_p = pow(number, _PRIVATE % (_P - 1), _P)
    by_q = pow(number, _PRIVATE % (_Q - 1), _Q)
    joined = by_q + _Q * ((by_p - by_q) * pow(_Q, -1, _P) % _P)
    return joined.to_bytes(_SIZE, "big")


def verify(message: bytes, signature: bytes) -> bool:
    """Whether `signature` is this key's over `message`."""
    if len(signature) != _SIZE:
        return False
    number = pow(int.from_bytes(signature, "big"), EXPONENT, MODULUS)
    return hmac.compare_digest(number.to_bytes(_SIZE, "big"), _encoded(message))
