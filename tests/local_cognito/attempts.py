"""SRP attempts: the challenge behind a SECRET_BLOCK, and the check of its proof."""

from __future__ import annotations

import base64
import binascii
import datetime
import hmac
import re
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.local_cognito import srp
from tests.local_cognito.errors import invalid_parameter, not_authorized, wrong_name_or_password
from tests.local_cognito.fields import required
from tests.local_cognito.steps import open_session

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.local_cognito.clients import AppClient
    from tests.local_cognito.sessions import Passage
    from tests.local_cognito.users import Device, User
    from tests.local_cognito.world import World

SKEW_SECONDS = 300
PROOF_SECONDS = 10  # "within a few seconds" (API reference, RespondToAuthChallenge)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FORM = re.compile(
    rf"(?:{'|'.join(_DAYS)}) ({'|'.join(_MONTHS)}) (\d\d?) (\d\d):(\d\d):(\d\d) UTC (\d{{4}})"
)


@dataclass
class Attempt:
    """One SRP exchange that waits for its proof."""

    client: AppClient
    user: User
    passage: Passage
    exchange: srp.Exchange = field(repr=False)
    expires_at: float
    known: bool = True
    device_key: str = ""
    """Whose proof it is, where it is a device's and not the user's."""
    used: bool = False


def begin(world: World, client: AppClient, passage: Passage, srp_a: str) -> dict[str, str]:
    """The PASSWORD_VERIFIER challenge's parameters for the passage's name, known or not.

    Raises:
        ServiceError: SRP_A is no number, too long, or a multiple of N; UserNotFound
            where the pool says so.
    """
    found = client.pool.find(passage.name)
    user = found or client.pool.imagined(passage.name)
    if user.verifier is None:
        raise wrong_name_or_password()
    attempt = _attempt(world, client, user, passage, user.verifier, srp_a)
    attempt.known = found is not None
    return {**_shown(world, attempt), "USER_ID_FOR_SRP": user.username}


def begin_device(
    world: World, client: AppClient, user: User, passage: Passage, device: Device, srp_a: str
) -> dict[str, str]:
    """The DEVICE_PASSWORD_VERIFIER challenge's parameters.

    Raises:
        ServiceError: as `begin`.
    """
    if device.verifier is None:
        raise wrong_name_or_password()
    attempt = _attempt(world, client, user, passage, device.verifier, srp_a)
    attempt.device_key = device.key
    return {**_shown(world, attempt), "DEVICE_KEY": device.key}


def _attempt(
    world: World,
    client: AppClient,
    user: User,
    passage: Passage,
    verifier: srp.Verifier | srp.GivenVerifier,
    srp_a: str,
) -> Attempt:
    if not re.fullmatch(r"[0-9A-Fa-f]{1,800}", srp_a):
        raise invalid_parameter("Invalid SRP_A")
    try:
        exchange = srp.begin(verifier, int(srp_a, 16))
    except ValueError:
        raise invalid_parameter("Invalid SRP_A") from None
    expires_at = world.clock.now() + PROOF_SECONDS
    return Attempt(client, user, passage, exchange, expires_at)


def _shown(world: World, attempt: Attempt) -> dict[str, str]:
    block = base64.b64encode(secrets.token_bytes(1_024)).decode()
    world.attempts[block] = attempt
    return {
        # Numbers go out without leading zeros, as Java's BigInteger writes them.
        "SALT": f"{attempt.exchange.verifier.salt:x}",
        "SECRET_BLOCK": block,
        "SRP_B": f"{attempt.exchange.public:x}",
        "USERNAME": attempt.user.username,
    }


def finish(world: World, client: AppClient, responses: Mapping[str, str], session: str) -> Attempt:
    """The attempt whose password has been proved; it is used up, right or wrong.

    Raises:
        ServiceError: the form is wrong, the attempt unknown, used, or too old, the proof
            does not fit, or the account may not sign in.
    """
    attempt, good = _claim(world, client, responses)
    if attempt.passage.through_srp:
        open_session(world, client, session, "PASSWORD_VERIFIER", responses).used = True
    if attempt.device_key or not attempt.known:
        raise wrong_name_or_password()
    attempt.user.prove(good, world.clock.now())
    return attempt


def finish_device(world: World, client: AppClient, responses: Mapping[str, str]) -> Attempt:
    """The attempt whose device has been proved; a wrong proof counts against nobody.

    Raises:
        ServiceError: as `finish`.
    """
    attempt, good = _claim(world, client, responses)
    if not attempt.device_key or attempt.device_key != required(responses, "DEVICE_KEY"):
        raise wrong_name_or_password()
    if not good():
        raise wrong_name_or_password()
    attempt.user.admit(world.clock.now())
    return attempt


def _claim(
    world: World, client: AppClient, responses: Mapping[str, str]
) -> tuple[Attempt, Callable[[], bool]]:
    """The attempt that a claim is for, now used up, and the check of its proof."""
    block = required(responses, "PASSWORD_CLAIM_SECRET_BLOCK")
    given = _bytes(required(responses, "PASSWORD_CLAIM_SIGNATURE"))
    timestamp = required(responses, "TIMESTAMP")
    shape = _FORM.fullmatch(timestamp)
    if shape is None:
        raise invalid_parameter("TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.")
    attempt = world.attempts.get(block)
    if attempt is None or attempt.client is not client:
        raise wrong_name_or_password()
    now = world.clock.now()
    _spend(attempt, now)
    if responses["USERNAME"] != attempt.user.username:
        # The real user name is documented; whether an alias is taken here is not.
        raise wrong_name_or_password()

    def good() -> bool:
        fresh = _is_canonical(timestamp, shape) and abs(_epoch(shape) - now) <= SKEW_SECONDS
        proof = attempt.exchange.proof(base64.b64decode(block), timestamp)
        return hmac.compare_digest(proof, given) and fresh

    return attempt, good


def _spend(attempt: Attempt, now: float) -> None:
    if attempt.used:
        raise not_authorized("Invalid session for the user, session can only be used once.")
    if now >= attempt.expires_at:
        raise not_authorized("Invalid session for the user, session is expired.")
    attempt.used = True


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise invalid_parameter("PASSWORD_CLAIM_SIGNATURE is not base64") from None


def _epoch(shape: re.Match[str]) -> float:
    month, day, hour, minute, second, year = shape.groups()
    try:
        moment = datetime.datetime(
            int(year),
            _MONTHS.index(month) + 1,
            int(day),
            int(hour),
            int(minute),
            int(second),
            tzinfo=datetime.UTC,
        )
    except ValueError:
        return 0.0
    return moment.timestamp()


def _is_canonical(timestamp: str, shape: re.Match[str]) -> bool:
    """Whether the service would write this moment in the same way.

    It signs its own writing of the moment, so a leading zero in the day or a wrong
    weekday shows as a wrong password (public reports on live pools).
    """
    moment = datetime.datetime.fromtimestamp(_epoch(shape), datetime.UTC)
    text = (
        f"{_DAYS[moment.weekday()]} {_MONTHS[moment.month - 1]} {moment.day} "
        f"{moment:%H:%M:%S} UTC {moment.year:04d}"
    )
    return text == timestamp
