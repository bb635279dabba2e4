"""The end of a sign-in: the refresh token is revoked, and what came of it is removed here."""

import contextlib
import shlex
from typing import NamedTuple

from cognito_credproc.flows.flow import Item
from cognito_credproc.flows.refreshing import revoke
from cognito_credproc.storage.account import SIGNED_OUT
from cognito_credproc.storage.session import Session
from cognito_credproc.use_cases.performer import Performer
from cognito_credproc.values.app_client import AppClient
from cognito_credproc.values.errors import INTERRUPTED, CredprocError

FORGOTTEN = (Item.PASSWORD, Item.TOTP_SEED, Item.PENDING_TOTP_SEED, Item.CLIENT_SECRET)


class SignedOut(NamedTuple):
    """What came of it."""

    was_in: bool  # a refresh token or credentials were there
    revoked: bool  # the sign-in is over at Cognito as well: some app clients cannot revoke
    forgotten: tuple[Item, ...]  # what was stored of `FORGOTTEN`, and is not any more
    stays: tuple[Item, ...] = ()  # what is still stored of it


class HereAloneError(CredprocError):
    """Signed out on this machine, and Cognito could not be told.

    The token is not kept for another try: whoever signs out of a machine leaves it, and the token
    is what must not stay. Nor does Ctrl-C keep it: then the exit status is that of an interruption.
    """

    def __init__(
        self,
        cause: CredprocError | KeyboardInterrupt | SystemExit,
        performer: Performer,
        done: SignedOut,
    ) -> None:
        self.is_interrupted = not isinstance(cause, CredprocError)
        reason = cause.message if isinstance(cause, CredprocError) else "RevokeToken: interrupted"
        settings = performer.settings
        words = {
            "--user-pool-id": settings.user_pool_id,
            "--username": performer.memory.username or settings.username or "NAME",
            "--region": settings.region,
        }
        options = " ".join(f"{option} {shlex.quote(word)}" for option, word in words.items())
        super().__init__(
            "signed out on this machine, but not at Cognito, where the refresh token stays valid"
            f" until it expires or an administrator ends it: {reason}",
            f"an administrator ends it: aws cognito-idp admin-user-global-sign-out {options}",
        )
        self.done = done
        if isinstance(cause, KeyboardInterrupt):
            self.exit_status = INTERRUPTED
        elif isinstance(cause, SystemExit) and isinstance(cause.code, int):
            self.exit_status = cause.code  # by a signal


def sign_out(app: AppClient, performer: Performer, session: Session, *, forget: bool) -> SignedOut:
    """Revoke the refresh token at Cognito and remove the profile's items; both locks are held.

    With `forget`, the stored password, seed and client secret as well. The items go even where
    Cognito cannot be told; the error of that is raised at the end. The memory has afterwards that
    the last word was a sign-out, and no sign-in that ran out.

    Raises:
        HereAloneError: Cognito cannot be told.
        CredprocError: the keyring fails.
    """
    untold: CredprocError | KeyboardInterrupt | SystemExit | None = None
    revoked = True
    with contextlib.ExitStack() as afterwards:
        for item in Item if forget else (Item.REFRESH_TOKEN, Item.ID_TOKEN):
            afterwards.callback(performer.delete, item)
        if forget:
            afterwards.callback(performer.refused.delete)
        afterwards.callback(session.delete)
        try:
            was_in = session.is_there
            stored = _stored(performer)
            refresh_token = performer.read(Item.REFRESH_TOKEN)
        except (KeyboardInterrupt, SystemExit):
            afterwards.pop_all()  # all is there still, and Cognito can be told the next time
            raise
        signed_in = performer.memory.signed_in
        if refresh_token or app.client_id in signed_in:
            signed_in[app.client_id] = SIGNED_OUT
            performer.try_to_save()
        forgotten, stays = (stored, ()) if forget else ((), stored)
        try:
            if refresh_token:
                revoked = performer.run(revoke(app, refresh_token))
        except (CredprocError, KeyboardInterrupt, SystemExit) as error:
            untold, revoked = error, False
            performer.calls.clear()  # whoever leaves opens no pause for whoever signs in
    done = SignedOut(was_in or bool(refresh_token), revoked, forgotten, stays)
    if untold is not None:
        raise HereAloneError(untold, performer, done) from untold
    return done


def _stored(performer: Performer) -> tuple[Item, ...]:
    return tuple(item for item in FORGOTTEN if performer.read(item))
