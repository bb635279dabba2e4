"""The challenges of a remembered device, which proves itself in place of a second factor.

Source: Amazon Cognito developer guide, "Signing in with a device".
"""

from cognito_credproc.flows.attempt import Challenge, SignIn, UnknownChallengeError, respond
from cognito_credproc.flows.device import Device
from cognito_credproc.flows.flow import Answer, Flow
from cognito_credproc.flows.password_challenges import claim


def device_srp_auth(sign_in: SignIn, challenge: Challenge) -> Flow[Answer]:
    """Begin the proof."""
    _device(sign_in)
    return (yield from respond(sign_in, challenge, {"SRP_A": sign_in.public()}))


def device_password_verifier(sign_in: SignIn, challenge: Challenge) -> Flow[Answer]:
    """Prove the device's own password."""
    device = _device(sign_in)
    proof = claim(sign_in, challenge, device.identity, device.password)
    return (yield from respond(sign_in, challenge, proof))


def _device(sign_in: SignIn) -> Device:
    if sign_in.device is None:
        raise UnknownChallengeError("cognito asks for the proof of a device that was not named")
    return sign_in.device
