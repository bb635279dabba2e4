"""What a flow may ask for, and how it is driven.

A flow is a generator. It yields a step and is sent the answer: a `Call` is answered by the
service's reply, an `Ask` by what a person or the keyring says, a `Browse` by what the browser
brings back, a `Store`, `Drop` or `RememberIdentity` by None once that is done. A flow knows no
network, clock, keyring or terminal, so a test drives it by hand: a list of expected steps and their
replies.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, TypeVar

from cognito_credproc.values.errors import CredprocError, UnreachableError

Service = Literal["cognito-idp", "cognito-identity", "sts", "managed-login", "federation"]
Answer = Mapping[str, Any]


class Item(StrEnum):
    """The long-lived secrets that the keyring may hold, each apart from the others."""

    REFRESH_TOKEN = "refresh-token"  # noqa: S105 - the name of an item
    PASSWORD = "password"  # noqa: S105 - the name of an item
    TOTP_SEED = "totp-seed"
    PENDING_TOTP_SEED = "pending-totp-seed"
    CLIENT_SECRET = "client-secret"  # noqa: S105 - the name of an item
    DEVICE = "device"
    ID_TOKEN = "id-token"  # noqa: S105 - the name of an item; short-lived, for others who wait


class Field(StrEnum):
    """What a flow may have to be told."""

    PASSWORD = "password"  # noqa: S105 - the name of a question
    NEW_PASSWORD = "new password"  # noqa: S105 - the name of a question
    TOTP_CODE = "code"
    SENT_CODE = "code that was sent"
    CONFIRMATION_CODE = "confirmation code"
    ATTRIBUTE = "attribute"
    CHALLENGE_ANSWER = "answer"
    FIRST_FACTOR = "choice of how to sign in"
    MFA_TYPE = "choice of a second factor"
    REMEMBER_DEVICE = "consent to remember this machine"
    CONSENT = "consent"  # to a step that may have a code sent; there is nothing to say but yes


@dataclass(frozen=True, slots=True)
class Call:
    """One operation of one service, named as in the AWS API reference."""

    service: Service
    operation: str
    parameters: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ask:
    """A question. `because` says why the previous answer to it was not good."""

    field: Field
    because: str | None = None
    detail: str = ""  # where a code was sent to, or the name of an attribute
    options: tuple[str, ...] = ()  # what there is to choose from, or the lines of a question


@dataclass(frozen=True, slots=True)
class Store:
    """Put a secret into the keyring before anything else is done."""

    item: Item
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Drop:
    """Remove a secret from the keyring: it is of no use any more."""

    item: Item


@dataclass(frozen=True, slots=True)
class Browse:
    """Send the person to a page; the answer is what the browser brings to the redirect.

    `state` is the parameter that tells that answer from others.
    """

    url: str = field(repr=False)
    redirect_uri: str
    state: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RememberIdentity:
    """Keep an identity id; None forgets the one that was kept."""

    identity_id: str | None


WRONG_CODE = "that code is wrong"
USED_CODE = "that code was used before"
ONCE_MORE = "the same is asked once more; the answer may have been wrong"
RESENT = "a new code is on its way"
RAN_OUT = "the sign-in had run out"
RAN_OUT_RESENT = f"{RAN_OUT}; {RESENT}"
NOT_WRONG = {USED_CODE, RESENT, RAN_OUT, RAN_OUT_RESENT}  # these say nothing against an answer
CERTAIN = "certain"  # consent: a code will be sent, not may be
KNOWN_DEVICE = "known device"  # consent: it may make a code unnecessary
YES = "yes"
RESEND = "r"  # the answer that asks for another code
FORGOTTEN = "forgotten"  # what may be said instead of a password, by an empty one
WEB_PAGE = "a sign-in page of this network may answer instead: open any web page, then try again"

Step = Call | Ask | Browse | Store | Drop | RememberIdentity
T = TypeVar("T")
Flow = Generator[Step, Any, T]


def run(flow: Flow[T], perform: Callable[[Step], Any]) -> T:
    """Drive a flow to its end. Our own errors go back into the flow, which may know better."""
    try:
        step = next(flow)
        while True:
            try:
                answer = perform(step)
            except CredprocError as error:
                step = flow.throw(error)
            else:
                step = flow.send(answer)
    except StopIteration as stop:
        result: T = stop.value
        return result


def call(service: Service, operation: str, parameters: Mapping[str, Any]) -> Flow[Answer]:
    """Yield a call; return the service's reply."""
    answer: Answer = yield Call(service, operation, parameters)
    return answer


def ask(
    what: Field,
    because: str | None = None,
    detail: str = "",
    options: tuple[str, ...] = (),
) -> Flow[str]:
    """Yield a question; return what was said."""
    said: str = yield Ask(what, because, detail, options)
    return said


def member(answer: Answer, name: str) -> Any:
    """A member that the service model promises; a captive portal's answer has none of them.

    Raises:
        UnreachableError: it is not there, or empty.
    """
    found = answer.get(name)
    if found in (None, ""):
        raise UnreachableError(
            f"the answer holds no {name}: it is not from cognito",
            WEB_PAGE,
            here=True,
        )
    return found
