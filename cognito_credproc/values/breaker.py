"""The breaker: after which failures, and for how long, nobody calls Cognito unasked.

Theory. A stored factor that Cognito refuses is marked as refused (`Account.refused`), for good,
until a person signs in. What fails otherwise may work in a while: a network that is away, a service
that is down or asks for less, a role or an app client that is not as it should be. Each such
failure opens a pause, and each in a row a longer one. During a pause tools get the credentials that
are still good, or an error at once; a person who runs `login` waits for nothing. Any answer of the
service closes its pause; one after a rejection is for the same settings alone, and good credentials
close it.

    trouble      who waits for what                             the pauses
    network      a person mends the connection here             short, for that person's sake
    outage       the service comes back                         growing, to some minutes
    throttled    everybody else who asks too much               longest: it is not over soon
    locked       the user is locked, by whoever typed or        the longest time that Cognito locks
                 stored a wrong password                        a user: tries lengthen the end of it
    rejected     somebody changes something at AWS, or a        growing, to some minutes
                 person answers what no tool can
    unanswered   a stored factor was sent and nothing is        none twice, then up to the same
                 known of it: the process or the network died

The last is what keeps a wrong stored password from locking the account where no process lives long
enough to hear that it is wrong: Cognito locks after five (developer guide, "Lockout behavior for
failed sign-in attempts").
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from cognito_credproc.values.errors import (
    CredprocError,
    NoTimeError,
    ServiceError,
    UnreachableError,
)

# Both services' and STS' words for "too much": all say that the work was not done.
THROTTLED = {
    "LimitExceededException",
    "RequestLimitExceeded",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
NO_IDENTITY_PROVIDER = "IDPCommunicationError"  # STS could not reach the issuer of the token


class Trouble(StrEnum):
    """The kinds of failure that pass by themselves."""

    NETWORK = "network"
    OUTAGE = "outage"
    THROTTLED = "throttled"
    REJECTED = "rejected"
    UNANSWERED = "unanswered"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Growth:
    """How pauses grow with the failures in a row; all lengths in seconds."""

    first: float
    factor: float
    longest: float
    free: int = 0  # failures that open no pause

    def length(self, failures: int) -> float:
        """The longest that the pause after so many failures may be."""
        if failures <= self.free:
            return 0
        # No account has a thousand failures in a row, but a file may say so.
        return min(self.longest, self.first * self.factor ** min(failures - self.free - 1, 30))


# That of throttling is chosen by `python -m tests.scale`: where a quota bears but few of those who
# ask, pauses that grow faster leave much of it unused, since most are asleep when there is room.
GROWTH: Mapping[Trouble, Growth] = {
    Trouble.NETWORK: Growth(5, 2, 30),
    Trouble.OUTAGE: Growth(15, 2, 300),
    Trouble.THROTTLED: Growth(30, 2, 600),
    Trouble.REJECTED: Growth(20, 2, 300),
    Trouble.UNANSWERED: Growth(60, 3, 900, free=2),
    Trouble.LOCKED: Growth(900, 1, 900),
}
FORGOTTEN = 3_600  # seconds after a pause in which nothing was tried: the count starts anew


@dataclass(frozen=True, slots=True)
class Pause:
    """One open or ended pause; `until` in seconds since the epoch, by this machine's clock.

    Whoever is stopped by it gets the failure's own hint and exit status, where it had some.
    """

    trouble: Trouble
    failures: int
    until: float
    reason: str
    hint: str | None = None
    status: int = CredprocError.exit_status

    def is_open(self, now: float) -> bool:
        """Whether it is too early for a try.

        An end that is further away than the longest pause was written before the clock was set
        back, and is not believed.
        """
        return now < self.until <= now + GROWTH[self.trouble].longest

    def words(self, now: float) -> str:
        """What failed, and when the next try may come."""
        return self.after(self.reason, now)

    def after(self, what: str, now: float) -> str:
        """The same, of what failed just now."""
        return f"{what}; the next try is in {math.ceil(self.until - now)} s"


def trouble_of(error: BaseException | None) -> Trouble | None:
    """The kind of failure; None for one that a repetition would not mend."""
    if isinstance(error, NoTimeError):
        return None
    if isinstance(error, UnreachableError):
        return Trouble.NETWORK if error.here else Trouble.OUTAGE
    if isinstance(error, ServiceError):
        if error.code in THROTTLED:
            return Trouble.THROTTLED
        if error.code == NO_IDENTITY_PROVIDER:
            return Trouble.OUTAGE
    return None


def lengthened(
    before: Pause | None, trouble: Trouble, reason: str, now: float, jitter: float
) -> Pause:
    """The pause that one more failure opens.

    `jitter` is between 0 and 1, at random: the pause is half of its greatest length or more, so
    that those who failed together do not come back together.
    """
    in_a_row = before is not None and before.trouble == trouble and now < before.until + FORGOTTEN
    failures = before.failures + 1 if before is not None and in_a_row else 1
    length = GROWTH[trouble].length(failures) * (1 + jitter) / 2
    return Pause(trouble, failures, now + length, reason)


def backoff(attempt: int, jitter: float) -> float:
    """Seconds before one call is tried again by the run that waits for it, after so many tries.

    `jitter` as in `lengthened`.
    """
    return (1 + jitter) * 0.2 * float(2**attempt)


def asked(identity_pool_id: str, digest: str) -> tuple[str, ...]:
    """Whose pauses concern a profile: an identity pool may fail by itself, and so may settings."""
    return ("cognito-idp", "managed-login", identity_pool_id, "sts", digest)


def open_pause(pauses: Mapping[str, Pause], names: Iterable[str], now: float) -> Pause | None:
    """The last to end of the named pauses that are open."""
    found = [pause for name in names if (pause := pauses.get(name)) and pause.is_open(now)]
    return max(found, key=lambda pause: pause.until, default=None)
