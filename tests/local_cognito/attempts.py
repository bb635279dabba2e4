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
    from collections.abc import Mapping

    from tests.local_cognito.clients import AppClient
    from tests.local_cognito.sessions import Passage
    from tests.local_cognito.users import User
    from tests.local_cognito.world import World

SKEW_SECONDS = 300
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
    known: bool
    passage: Passage
    exchange: srp.Exchange = field(repr=False)
    expires_at: float
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
    if not re.fullmatch(r"[0-9A-Fa-f]{1,800}", srp_a):
        raise invalid_parameter("Invalid SRP_A")
    try:
        exchange = srp.begin(user.verifier, int(srp_a, 16))
    except ValueError:
        raise invalid_parameter("Invalid SRP_A") from None
    block = base64.b64encode(secrets.token_bytes(1_024)).decode()
    expires_at = world.clock.now() + 60 * client.session_minutes
    known = found is not None
    world.attempts[block] = Attempt(client, user, known, passage, exchange, expires_at)
    return {
        # Numbers go out without leading zeros, as Java's BigInteger writes them.
        "SALT": f"{user.verifier.salt:x}",
        "SECRET_BLOCK": block,
        "SRP_B": f"{exchange.public:x}",
        "USERNAME": user.username,
        "USER_ID_FOR_SRP": user.username,
    }


def finish(world: World, client: AppClient, responses: Mapping[str, str], session: str) -> Attempt:
    """The attempt whose password has been proved; it is used up, right or wrong.

    Raises:
        ServiceError: the form is wrong, the attempt unknown, used, or too old, the proof
            does not fit, or the account may not sign in.
    """
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
    if attempt.passage.through_srp:
        open_session(world, client, session, "PASSWORD_VERIFIER", responses).used = True
    if responses["USERNAME"] != attempt.user.username:
        # The real user name is documented; whether an alias is taken here is not.
        raise wrong_name_or_password()

    def good() -> bool:
        fresh = _is_canonical(timestamp, shape) and abs(_epoch(shape) - now) <= SKEW_SECONDS
        proof = attempt.exchange.proof(base64.b64decode(block), timestamp)
        return hmac.compare_digest(proof, given) and fresh

    if not attempt.known:
        raise wrong_name_or_password()
    attempt.user.prove(good, now)
    return attempt


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
