"""The end of a sign-in: the refresh token is revoked, and what came of it is removed here."""

import contextlib
from typing import NamedTuple

from cognito_credproc.flows.flow import Item
from cognito_credproc.flows.refreshing import revoke
from cognito_credproc.storage.session import Session
from cognito_credproc.use_cases.performer import Performer
from cognito_credproc.values.app_client import AppClient

FORGOTTEN = (Item.PASSWORD, Item.TOTP_SEED, Item.PENDING_TOTP_SEED, Item.CLIENT_SECRET)


class SignedOut(NamedTuple):
    """What came of it."""

    was_in: bool  # a refresh token or credentials were there
    revoked: bool  # the sign-in is over at Cognito as well: some app clients cannot revoke
    forgotten: tuple[Item, ...]  # what was stored of `FORGOTTEN`, and is not any more


def sign_out(app: AppClient, performer: Performer, session: Session, *, forget: bool) -> SignedOut:
    """Revoke the refresh token at Cognito and remove the profile's items; both locks are held.

    With `forget`, the stored password, seed and client secret as well. The items go even where
    Cognito cannot be told; the error of that is raised at the end.

    Raises:
        CredprocError: Cognito cannot be told, or the keyring fails.
    """
    with contextlib.ExitStack() as afterwards:
        for item in Item if forget else (Item.REFRESH_TOKEN, Item.ID_TOKEN):
            afterwards.callback(performer.delete, item)
        if forget:
            afterwards.callback(performer.refused.delete)
        afterwards.callback(session.delete)
        was_in = session.is_there
        forgotten = tuple(item for item in FORGOTTEN if forget and performer.read(item))
        if refresh_token := performer.read(Item.REFRESH_TOKEN):
            return SignedOut(True, performer.run(revoke(app, refresh_token)), forgotten)
    return SignedOut(was_in, True, forgotten)
