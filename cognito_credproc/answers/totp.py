"""TOTP (RFC 6238) by pyotp: SHA-1, six digits, steps of 30 seconds, as Cognito has it."""

import hmac
import urllib.parse
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pyotp

STEP = 30  # seconds
LONGEST = 512  # characters of a seed; Cognito's have 52


NO_CODES = "makes no codes: "  # what is said of one that is stored, before the reason


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
        if len(seed) > LONGEST:
            raise SeedError("it is longer than any key")
        _totp(seed)  # checks the alphabet, and that it is long enough
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


SHORT_LABEL = 18  # characters of a link that make a code of 33 modules, the smallest for such keys


class Entry(NamedTuple):
    """What an authenticator app is to know: the entry's name there, and the link in pieces."""

    name: str
    link: tuple[str, ...]


def entries(seed: str, username: str, profile: str) -> list[Entry]:
    """The links for an app, the fullest first; those without the user's name make smaller codes.

    Source: the Key URI Format of Google Authenticator.
    """
    issuer = f"AWS {profile}"
    short = profile
    while len(urllib.parse.quote(short)) > SHORT_LABEL:
        short = short[:-1]
    return [
        Entry(issuer, _pieces(seed, username, issuer)),
        Entry(issuer, _pieces(seed, issuer)),
        Entry(short, _pieces(seed, short)),
    ]


def _pieces(seed: str, name: str, issuer: str | None = None) -> tuple[str, ...]:
    """A link before, at and after its key, which takes less room in a code if it stands alone."""
    link = _totp(seed).provisioning_uri(name=name, issuer_name=issuer)
    # A path may hold this as it is (RFC 3986, section 3.3), and a code gets smaller by it.
    before, key, after = link.replace("%40", "@").partition(seed)
    return tuple(filter(None, (before, key, after)))
