"""The refresh token: from it to new tokens, and its end."""

from cognito_credproc.app_client import AppClient
from cognito_credproc.flow import Flow, Item, Store, call
from cognito_credproc.tokens import Tokens


def refresh(app: AppClient, refresh_token: str) -> Flow[Tokens]:
    """New tokens for a refresh token, by GetTokensFromRefreshToken.

    With rotation the old refresh token is dying as the answer arrives, so the new one is stored
    before anything else is looked at.
    """
    parameters = {"ClientId": app.client_id, "RefreshToken": refresh_token}
    if app.secret is not None:
        parameters["ClientSecret"] = app.secret
    answer = yield from call("cognito-idp", "GetTokensFromRefreshToken", parameters)
    rotated = answer.get("AuthenticationResult", {}).get("RefreshToken")
    if rotated:
        yield Store(Item.REFRESH_TOKEN, rotated)
    return Tokens.of(answer)


def revoke(app: AppClient, refresh_token: str) -> Flow[None]:
    """RevokeToken: this refresh token and all tokens of its sign-in end."""
    parameters = {"ClientId": app.client_id, "Token": refresh_token}
    if app.secret is not None:
        parameters["ClientSecret"] = app.secret
    yield from call("cognito-idp", "RevokeToken", parameters)
