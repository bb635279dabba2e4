"""Software tokens: seeds, codes (RFC 6238: SHA-1, 6 digits, 30 s), and their single use."""

from __future__ import annotations

import base64
import hmac
import secrets
from dataclasses import dataclass
from enum import Enum

STEP_SECONDS = 30


class Check(Enum):
    """What became of a code."""

    GOOD = "good"
    WRONG = "wrong"
    USED = "used"


def new_seed() -> str:
    """256 random bits as 52 characters of base32 without padding, as the service gives them."""
    return base64.b32encode(secrets.token_bytes(32)).decode().rstrip("=")


def code(seed: str, step: int) -> str:
    """The code of one 30-second step (RFC 4226 section 5.3)."""
    key = base64.b32decode(seed + "=" * (-len(seed) % 8))
    digest = hmac.digest(key, step.to_bytes(8, "big"), "sha1")
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


@dataclass
class SoftwareToken:
    """A seed and the last step whose code was used with it.

    The service takes a code once, across enrolment and sign-in. Whether it would still
    take an older unused one is not known; this does not (RFC 6238 section 5.2 asks only
    that the same code is not taken again).
    """

    seed: str
    last_step: int = -1

    def check(self, given: str, now: float) -> Check:
        """Try a code of this step or a neighbour; a good one is used up by it."""
        step = int(now) // STEP_SECONDS
        near = [at for at in (step - 1, step, step + 1) if at >= 0]
        matching = [at for at in near if hmac.compare_digest(code(self.seed, at), given)]
        if not matching:
            return Check.WRONG
        if matching[-1] <= self.last_step:
            return Check.USED
        self.last_step = matching[-1]
        return Check.GOOD
