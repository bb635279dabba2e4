"""One attempt to sign in, the challenges that come in it, and the call that answers each."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cognito_credproc.flows import srp
from cognito_credproc.flows.device import Device
from cognito_credproc.flows.flow import FORGOTTEN, Answer, Field, Flow, ask, call
from cognito_credproc.values.app_client import AppClient
from cognito_credproc.values.clock import Clock
from cognito_credproc.values.errors import CredprocError, PersonNeededError, UnreachableError

REAL_NAME = ("USER_ID_FOR_SRP", "USERNAME")  # the parameters that may tell it


@dataclass(slots=True)
class SignIn:
    """What holds through one attempt, whatever challenges come; what they tell is added."""

    app: AppClient
    username: str
    clock: Clock
    device: Device | None = None  # this machine, if the pool knows it
    password: str | None = field(default=None, repr=False)  # once it was needed
    wrong: str | None = None  # why the password before it was not good
    news: str | None = None  # why another code is wanted, for whoever is asked for it
    ephemeral: srp.Ephemeral = field(default_factory=srp.Ephemeral, repr=False)
    user_id: str | None = None  # the real user name, once a challenge has told it
    question: tuple[str, ...] = ()  # the last one of a custom challenge
    stage: str = ""  # the challenge that is being answered
    restarted: bool = False  # once because a session had run out
    chosen: str | None = field(default=None, repr=False)  # a new password, not yet refused
    attributes: dict[str, str] = field(default_factory=dict, repr=False)  # not yet refused
    may_be_forgotten: bool = False  # the password: then another can be chosen

    def again(self, *, wrong: str | None = None, news: str | None = None) -> "SignIn":
        """The attempt after this one; the password is kept unless it was `wrong`."""
        known = None if wrong else self.password
        after = SignIn(self.app, self.username, self.clock, self.device, known, wrong, news)
        after.restarted = self.restarted
        after.chosen, after.attributes = self.chosen, self.attributes
        return after

    @property
    def device_key(self) -> dict[str, str]:
        """`DEVICE_KEY`, as a mapping to merge."""
        return {"DEVICE_KEY": self.device.key} if self.device else {}

    def learn(self, challenge: "Challenge") -> None:
        """Keep where the sign-in stands, and the real user name if the challenge tells it."""
        self.stage = challenge.name
        names = map(challenge.parameters.get, REAL_NAME)
        self.user_id = next(filter(None, names), self.user_id)

    def public(self) -> str:
        """`SRP_A` of a new pair: each is sent once."""
        self.ephemeral = srp.Ephemeral()
        return self.ephemeral.public


@dataclass(frozen=True, slots=True)
class Challenge:
    """One challenge as the service sent it."""

    name: str
    session: str | None = field(repr=False)
    parameters: Mapping[str, str] = field(repr=False)
    available: tuple[str, ...] = ()  # the first factors to choose from, in SELECT_CHALLENGE

    @classmethod
    def of(cls, answer: Answer) -> "Challenge":
        """Read it from an answer that holds no tokens."""
        return cls(
            answer["ChallengeName"],
            answer.get("Session"),
            answer.get("ChallengeParameters", {}),
            tuple(map(str, answer.get("AvailableChallenges", ()))),
        )

    def names(self, parameter: str, default: str) -> list[str]:
        """A parameter that is a JSON string which holds a list.

        Raises:
            UnreachableError: it is not.
        """
        try:
            found = json.loads(self.parameters.get(parameter, default))
        except ValueError:
            found = None
        if not isinstance(found, list):
            raise UnreachableError(f"cognito's {parameter} cannot be read")
        return [str(name) for name in found]


Responder = Callable[[SignIn, Challenge], Flow[Answer]]
# What makes a sign-in possible that was not; returns the new password if there is one.
Remedy = Callable[[AppClient, str], Flow[str | None]]
NO_REMEDIES: Mapping[str, Remedy] = {}


class EnrolmentNeededError(PersonNeededError):
    """The pool demands a second factor and this user has none yet."""


class BrowserNeededError(PersonNeededError):
    """What the pool asks for, a browser alone can give."""


class AnswerRefusedError(CredprocError):
    """The answer to a question of the pool's own was not accepted, and is not asked for again."""


class ForgottenError(CredprocError):
    """Whoever answers has forgotten the password. It never leaves the sign-in."""


class UnknownChallengeError(CredprocError):
    """A challenge that this version cannot answer."""


class StartOverError(CredprocError):
    """The sign-in is to begin again, because of what whoever answers said; the message is news.

    It never leaves the sign-in.
    """


def password_of(sign_in: SignIn) -> Flow[str]:
    """The password; asked for when it is needed first.

    Raises:
        ForgottenError: it was said to be forgotten, where that may be said.
    """
    if sign_in.password is None:
        options = (FORGOTTEN,) if sign_in.may_be_forgotten else ()
        said = yield from ask(Field.PASSWORD, sign_in.wrong, options=options)
        if not said and options:
            raise ForgottenError("the password is forgotten")
        sign_in.password = said
    return sign_in.password


def respond(
    sign_in: SignIn,
    challenge: Challenge,
    responses: Mapping[str, str],
    *,
    session: str | None = None,
) -> Flow[Answer]:
    """RespondToAuthChallenge; the name that the service knows the user by goes with it."""
    username = sign_in.user_id or sign_in.username
    parameters: dict[str, Any] = {
        "ClientId": sign_in.app.client_id,
        "ChallengeName": challenge.name,
        "ChallengeResponses": {
            "USERNAME": username,
            **sign_in.app.secret_hash(username),
            **sign_in.device_key,
            **responses,
        },
    }
    if session or challenge.session:
        parameters["Session"] = session or challenge.session
    return (yield from call("cognito-idp", "RespondToAuthChallenge", parameters))
