"""Drives a flow by hand: a list of (expected step, reply or error), and how it ends.

    tokens = play(
        sign_in(...),
        (Ask(Field.PASSWORD), "secret"),
        (idp("InitiateAuth", ClientId=…), refusal("InitiateAuth", "UserNotFoundException")),
    )

An expected step is the step itself, or a function that is given the step and checks it. Consent to
a code that may be sent is given without being in the script.
"""

import base64
import json
from collections.abc import Callable
from typing import Any

from cognito_credproc.flows.flow import Ask, Call, Field, Flow, Step, T
from cognito_credproc.values.errors import CredprocError, ServiceError

CONSENT = Ask(Field.CONSENT)
Expected = Step | Callable[[Any], object]


def play(flow: Flow[T], *script: tuple[Expected, object]) -> T:
    """Drive a flow through the whole script; return its result, or raise what ends it."""
    left = list(script)
    come = 0
    try:
        step = next(flow)
        while True:
            come += 1
            if step == CONSENT and not (left and left[0][0] == CONSENT):
                step = flow.send("")
                continue
            assert left, f"step {come}, unexpected: {shown(step)}"
            expected, reply = left.pop(0)
            if callable(expected):
                expected(step)
            else:
                assert step == expected, (
                    f"step {come}: expected {shown(expected)}, came {shown(step)}"
                )
            step = flow.throw(reply) if isinstance(reply, CredprocError) else flow.send(reply)
    except StopIteration as stop:
        assert not left, f"it ended without {shown(left[0][0])}"
        result: T = stop.value
        return result
    except CredprocError:
        assert not left, f"it failed without {shown(left[0][0])}"
        raise


def shown(step: object) -> str:
    """A step with the parameters that its repr leaves out; there are no secrets in tests."""
    return f"{step} {dict(step.parameters)}" if isinstance(step, Call) else str(step)


def idp(operation: str, **parameters: object) -> Call:
    """A call to the user pool."""
    return Call("cognito-idp", operation, parameters)


def identity(operation: str, **parameters: object) -> Call:
    """A call to the identity pool."""
    return Call("cognito-identity", operation, parameters)


def refusal(operation: str, code: str, detail: str = "") -> ServiceError:
    """The service's refusal of a call."""
    return ServiceError(operation, code, detail)


def challenged(name: str, session: str | None = "session", **parameters: str) -> dict[str, Any]:
    """The service's answer that holds a challenge."""
    answer: dict[str, Any] = {"ChallengeName": name, "ChallengeParameters": parameters}
    return answer if session is None else {**answer, "Session": session}


def jwt(payload: bytes) -> str:
    """A JSON Web Token with nothing but its middle part."""
    return f"header.{base64.urlsafe_b64encode(payload).decode().rstrip('=')}.signature"


def id_token(**claims: object) -> str:
    """An ID token with these claims, unsigned."""
    return jwt(json.dumps(claims).encode())


TOKENS = {
    "AuthenticationResult": {
        "IdToken": "an-id-token",
        "AccessToken": "an-access-token",
        "RefreshToken": "a-refresh-token",
    }
}
