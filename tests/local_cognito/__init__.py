"""A small, strict stand-in for Cognito user pools, identity pools and STS on loopback.

Standard library only. Where the service's behaviour is not known, this takes the way
that is harder for the client.
"""

from __future__ import annotations

from tests.local_cognito.clients import AppClient
from tests.local_cognito.faults import Fault
from tests.local_cognito.identity_pools import IdentityPool, Rule
from tests.local_cognito.journal import Call
from tests.local_cognito.lambdas import CustomAuth, Question
from tests.local_cognito.pools import Mail, UserPool
from tests.local_cognito.service import LocalCognito
from tests.local_cognito.users import User

__all__ = [
    "AppClient",
    "Call",
    "CustomAuth",
    "Fault",
    "IdentityPool",
    "LocalCognito",
    "Mail",
    "Question",
    "Rule",
    "User",
    "UserPool",
]
