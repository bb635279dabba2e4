"""The way by the refresh token, and what becomes of one that was spent."""

from collections.abc import Callable

from cognito_credproc.flows.device import Device
from cognito_credproc.flows.flow import Item
from cognito_credproc.flows.refreshing import refresh, refresh_at_the_domain
from cognito_credproc.flows.refusals import is_dead_refresh_token, is_unknown_refresh_token
from cognito_credproc.flows.tokens import Tokens
from cognito_credproc.process.debug import log
from cognito_credproc.process.signals import held_back
from cognito_credproc.settings.settings import Settings
from cognito_credproc.storage.account import SIGNED_OUT
from cognito_credproc.use_cases.performer import Performer
from cognito_credproc.values.app_client import AppClient
from cognito_credproc.values.errors import ServiceError

RUN_OUT = "the sign-in has run out"
NOBODY_YET = "nobody has signed in yet"
NOBODY = "nobody is signed in"  # since a person signed out
REUSED = "the refresh token was used before: by a run that was stopped, or by somebody else"
LOST = "the keyring did not take the last refresh token, so the sign-in is lost"
FINISHING = (
    "finishing the refresh, or you would have to sign in again; Ctrl-C once more ends it now"
)


class RefreshWay:
    """Trades the refresh token; `lost` says why there is none, as far as that is known."""

    def __init__(
        self,
        settings: Settings,
        performer: Performer,
        app_client: Callable[[], AppClient],
        device: Callable[[], Device | None],
    ) -> None:
        self._settings = settings
        self._performer = performer
        self._app_client = app_client
        self._device = device
        self.lost = RUN_OUT

    def tokens(self) -> Tokens | None:
        """New tokens; None where there is no refresh token, or no live one.

        Raises:
            CredprocError: it failed, and no other way is to be tried.
        """
        performer = self._performer
        lost_here = self._settings.client_id in performer.memory.lost
        self.lost = LOST if lost_here else RUN_OUT
        if not (refresh_token := performer.read(Item.REFRESH_TOKEN)):
            since = performer.memory.signed_in.get(self._settings.client_id)
            if not since and not lost_here:
                self.lost = NOBODY if since == SIGNED_OUT else NOBODY_YET
            return None
        log.debug("renewal by the refresh token")
        try:
            return self._refreshed(refresh_token)
        except ServiceError as error:
            if is_dead_refresh_token(error):
                performer.delete(Item.REFRESH_TOKEN)
                if is_unknown_refresh_token(error):  # or the device that it was bound to
                    performer.delete(Item.DEVICE)
            elif error.code != "InvalidParameterException":  # no token, or no such flow here
                raise
            if error.code == "RefreshTokenReuseException" and not lost_here:
                self.lost = REUSED
        return None

    def _refreshed(self, refresh_token: str) -> Tokens:
        """Trade the refresh token for new tokens.

        Where the app client rotates it, the old one dies with the answer: then no signal comes
        between that and the keyring, and a keyring that takes nothing is found out before.
        """
        performer, client = self._performer, self._settings.client_id
        if client in performer.memory.rotating:
            performer.store(Item.REFRESH_TOKEN, refresh_token)
        with performer.room(), held_back(lambda: performer.waits.say(FINISHING)):
            username = performer.memory.username or self._settings.username
            if self._settings.managed_login:
                flow = refresh_at_the_domain(self._app_client(), refresh_token, username)
            else:
                flow = refresh(self._app_client(), refresh_token, username, self._device())
            tokens = performer.run(flow)
        if tokens.refresh_token and client not in performer.memory.rotating:
            performer.memory.rotating.append(client)
            performer.try_to_save()
        return tokens
