"""The faults of the service, and what a person reads of each."""

from __future__ import annotations

from typing import NamedTuple

from tests.faults.site import BRIEF
from tests.local_cognito import Fault

TROUBLE = "the service is in trouble"
NETWORK = "check the network and the proxy settings, then run the same command again"
PORTAL = "a sign-in page of this network may answer instead"
THROTTLED = r"was refused: Rate exceeded \((TooManyRequestsException|Throttling)\)"
LONG = 2.0  # seconds of a fault that outlasts the hasty client


class Harm(NamedTuple):
    """A fault of the service: what the person reads of it, and whether a repeat is allowed."""

    fault: Fault
    error: str
    hint: str = NETWORK
    repeated: bool = False  # whatever the call does
    lasting: bool = False


FAULTS = {
    "throttled once": Harm(Fault.THROTTLE, "", repeated=True),
    "429 once": Harm(Fault.THROTTLE_429, "", repeated=True),
    "throttled": Harm(Fault.THROTTLE, THROTTLED, "wait a few minutes", lasting=True),
    "429": Harm(Fault.THROTTLE_429, THROTTLED, "wait a few minutes", lasting=True),
    "500": Harm(Fault.ERROR_500, "HTTP status 500 instead of an answer", TROUBLE),
    "503 as a page": Harm(Fault.ERROR_503_HTML, "HTTP status 503 instead of an answer", TROUBLE),
    "captive portal": Harm(Fault.CAPTIVE_PORTAL, "a web page came instead of an answer", PORTAL),
    "garbage": Harm(Fault.GARBAGE, "the answer cannot be read"),
    "truncated": Harm(Fault.TRUNCATED, "the answer holds no ", PORTAL),
    "reset before": Harm(Fault.RESET_BEFORE, "no answer from http://127"),
    "reset after": Harm(Fault.RESET_AFTER, "no answer from http://127"),
    "silence": Harm(Fault.SILENCE, "no answer from http://127"),
    "slow drip": Harm(Fault.DRIP, f"no answer within {BRIEF.call} seconds"),
}
# Calls whose answer is not needed: that it came tells enough.
WITHOUT_MEMBERS = {
    "RevokeToken",
    "ConfirmSignUp",
    "ResendConfirmationCode",
    "SetUserMFAPreference",
    "ForgotPassword",
    "ConfirmForgotPassword",
}
