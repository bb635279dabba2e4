"""Questions to Cognito that no secret is needed for: whether what a profile names is there.

Nothing is counted against anybody: the user name is one that nobody has, the token is none.
"""

import secrets

from cognito_credproc.flows.flow import Flow, call
from cognito_credproc.flows.refusals import is_wrong_password
from cognito_credproc.flows.srp import Ephemeral
from cognito_credproc.values.app_client import AppClient
from cognito_credproc.values.errors import ServiceError

NOBODY = "cognito-credproc-probe-"
# What a service says that has looked at the token, and so has found the pool and the provider.
LOOKED_AT_THE_TOKEN = ("Invalid login token", "Not a valid")


def probe_app_client(app: AppClient, auth_flow: str) -> Flow[None]:
    """A sign-in that cannot succeed. It ends well where it would go on for somebody else.

    Raises:
        ServiceError: there is no such app client, it does not allow the flow, or it has another
            secret.
    """
    name = NOBODY + secrets.token_hex(8)
    proof = {}  # the other flows begin without one
    if auth_flow == "USER_PASSWORD_AUTH":
        proof = {"PASSWORD": secrets.token_urlsafe(16)}
    elif auth_flow == "USER_SRP_AUTH":
        proof = {"SRP_A": Ephemeral().public}
    try:
        yield from call(
            "cognito-idp",
            "InitiateAuth",
            {
                "ClientId": app.client_id,
                "AuthFlow": auth_flow,
                "AuthParameters": {"USERNAME": name, **app.secret_hash(name), **proof},
            },
        )
    except ServiceError as error:
        # A pool that hides who its users are asks nobody as well for a proof. What its own
        # functions say to nobody is no matter of the client.
        known = error.code == "UserNotFoundException" or "Lambda" in error.code
        if not (known or is_wrong_password(error)):
            raise


def probe_identity_pool(identity_pool_id: str, logins_key: str) -> Flow[None]:
    """GetId with a token that is none. It ends well where the pool is there and knows the provider.

    Raises:
        ServiceError: there is no such pool, or no such provider in it.
    """
    parameters = {"IdentityPoolId": identity_pool_id, "Logins": {logins_key: "not.a.token"}}
    try:
        yield from call("cognito-identity", "GetId", parameters)
    except ServiceError as error:
        if not error.detail.startswith(LOOKED_AT_THE_TOKEN):
            raise
