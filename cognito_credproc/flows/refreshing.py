"""The refresh token: from it to new tokens, and its end.

    tokens of a page in the browser    POST /oauth2/token    where they came from
    all others                         GetTokensFromRefreshToken, with the device that they are
                                       bound to; where there is no such call, InitiateAuth

Where a pool tracks devices, both calls want the key of one, and a page hands out none. The token
endpoint wants none, and takes no tokens that are bound to one (public reports on live pools).

Source: Amazon Cognito developer guide, "Refresh tokens" and "The token issuer endpoint".
"""

from cognito_credproc.flows.device import Device
from cognito_credproc.flows.flow import Answer, Flow, Item, Store, call, member
from cognito_credproc.flows.tokens import Tokens
from cognito_credproc.values.app_client import AppClient
from cognito_credproc.values.errors import ServiceError

# GetTokensFromRefreshToken is of 2025: some services have no such call, some firewalls none but
# those that they were told of.
NO_SUCH_CALL = {
    "AccessDeniedException",
    "ForbiddenException",
    "InvalidParameterException",
    "OperationNotEnabledException",
    "UnknownOperationException",
    "UnsupportedOperationException",
}
NO_REVOCATION = {"OperationNotEnabledException", "UnsupportedOperationException"}
# The token endpoint's refusals that say nothing about the token (RFC 6749, section 5.2).
NO_SUCH_GRANT = {"invalid_request", "unauthorized_client", "unsupported_grant_type"}


def refresh_at_the_domain(app: AppClient, refresh_token: str, username: str) -> Flow[Tokens]:
    """New tokens for a refresh token that a page in the browser gave.

    As in `refresh`, a new refresh token is stored first. Where the endpoint refreshes nothing, or
    gives no ID token, the calls of the API are tried, and never with a token that was spent.
    """
    parameters = {"ClientId": app.client_id, "RefreshToken": refresh_token}
    if app.secret is not None:
        parameters["ClientSecret"] = app.secret
    try:
        answer = yield from call("managed-login", "Token", parameters)
    except ServiceError as error:
        if error.code not in NO_SUCH_GRANT:
            raise
        return (yield from refresh(app, refresh_token, username))
    rotated = answer.get("refresh_token")
    if rotated:
        yield Store(Item.REFRESH_TOKEN, rotated)
    access_token = member(answer, "access_token")
    if not answer.get("id_token"):  # of a sign-in without the scope openid
        return (yield from refresh(app, rotated or refresh_token, username))
    return Tokens(answer["id_token"], access_token, rotated)


def refresh(
    app: AppClient, refresh_token: str, username: str, device: Device | None = None
) -> Flow[Tokens]:
    """New tokens for a refresh token; `username` is the real one, which a secret hash is over.

    With rotation the old refresh token is dying as the answer arrives, so the new one is stored
    before anything else is looked at.
    """
    try:
        answer = yield from _get_tokens(app, refresh_token, device)
    except ServiceError as error:
        if error.code not in NO_SUCH_CALL:
            raise
        answer = yield from _initiate(app, refresh_token, username, device)
    rotated = answer.get("AuthenticationResult", {}).get("RefreshToken")
    if rotated:
        yield Store(Item.REFRESH_TOKEN, rotated)
    return Tokens.of(answer)


def revoke(app: AppClient, refresh_token: str) -> Flow[bool]:
    """RevokeToken: this refresh token and all tokens of its sign-in end.

    Tells whether they did: an app client may have token revocation switched off.
    """
    parameters = {"ClientId": app.client_id, "Token": refresh_token}
    if app.secret is not None:
        parameters["ClientSecret"] = app.secret
    try:
        yield from call("cognito-idp", "RevokeToken", parameters)
    except ServiceError as error:
        if error.code not in NO_REVOCATION:
            raise
        return False
    return True


def _get_tokens(app: AppClient, refresh_token: str, device: Device | None) -> Flow[Answer]:
    """GetTokensFromRefreshToken, which wants the client's secret itself."""
    parameters = {"ClientId": app.client_id, "RefreshToken": refresh_token}
    if app.secret is not None:
        parameters["ClientSecret"] = app.secret
    if device is not None:
        parameters["DeviceKey"] = device.key
    return (yield from call("cognito-idp", "GetTokensFromRefreshToken", parameters))


def _initiate(
    app: AppClient, refresh_token: str, username: str, device: Device | None
) -> Flow[Answer]:
    """InitiateAuth with REFRESH_TOKEN_AUTH, the older call: it never rotates."""
    named = {"DEVICE_KEY": device.key} if device else {}
    parameters = {
        "ClientId": app.client_id,
        "AuthFlow": "REFRESH_TOKEN_AUTH",
        "AuthParameters": {
            "REFRESH_TOKEN": refresh_token,
            **app.secret_hash(username),
            **named,
        },
    }
    return (yield from call("cognito-idp", "InitiateAuth", parameters))
