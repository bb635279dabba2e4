"""TOTP (RFC 6238) by pyotp: SHA-1, six digits, steps of 30 seconds, as Cognito has it."""

import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyotp

STEP = 30  # seconds


class SeedError(ValueError):
    """What was given is no seed that Cognito can use."""


def step_at(now: float) -> int:
    """The number of the step that `now` (seconds since the epoch) lies in."""
    return int(now // STEP)


def code(seed: str, step: int) -> str:
    """The six digits of a step."""
    return _totp(seed).generate_otp(step)


def matching_step(seed: str, typed: str, now: float) -> int | None:
    """The step whose code was typed, one step either side of `now` allowed; None for no match."""
    here = step_at(now)
    for step in (here, here - 1, here + 1):
        if hmac.compare_digest(code(seed, step), typed):
            return step
    return None


def parsed_seed(text: str) -> str:
    """The seed in what a person pastes: base32, spaces and case as they come, or an otpauth link.

    Raises:
        SeedError: neither, or a kind of code that Cognito does not have.
    """
    text = text.strip()
    try:
        if text.lower().startswith("otpauth:"):
            text = _secret_of(text)
        seed = "".join(text.replace("-", "").split()).upper().rstrip("=")
        _totp(seed)  # checks the alphabet and the length
    except ValueError as error:
        if isinstance(error, SeedError):
            raise
        raise SeedError("it is neither a base32 key nor an otpauth:// link") from None
    return seed


def _secret_of(link: str) -> str:
    import pyotp  # as in `_totp`

    otp = pyotp.parse_uri(link)
    if not isinstance(otp, pyotp.TOTP) or (otp.interval, otp.digits) != (STEP, 6):
        raise SeedError("it is not for six-digit codes of 30 seconds")
    if otp.digest().name != "sha1":
        raise SeedError("it is not for SHA-1 codes")
    return otp.secret


def _totp(seed: str) -> "pyotp.TOTP":
    import pyotp  # most renewals need no code, and so not this

    return pyotp.TOTP(seed)


def provisioning_uri(seed: str, username: str, issuer: str) -> str:
    """The otpauth link that an authenticator app reads from a QR code (Key URI Format)."""
    return _totp(seed).provisioning_uri(name=username, issuer_name=issuer)
