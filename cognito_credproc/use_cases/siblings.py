"""Many profiles of one sign-in that renew at once: one gets tokens, the others use its ID token.

Without it each would refresh for itself, one after the other, and the last of thirty would find no
time left. Only where others wait is the ID token stored, as an item of the keyring beside the
refresh token, which is worth more and lives longer; only whoever has waited looks for it, and only
for as long as it takes to serve those who wait. A sign-in by hand or a sign-out ends it at once.
"""

import contextlib

from cognito_credproc.flows.flow import Item
from cognito_credproc.flows.tokens import Tokens
from cognito_credproc.process.debug import log
from cognito_credproc.settings.settings import Settings
from cognito_credproc.use_cases.performer import Performer
from cognito_credproc.values.clock import Clock
from cognito_credproc.values.errors import KeychainError

SHARED = 20  # seconds, which is as long as anybody waits


class Siblings:
    """The other processes of one sign-in; everything here is done under the user's lock."""

    def __init__(self, settings: Settings, performer: Performer, machine_clock: Clock) -> None:
        self._settings = settings
        self._performer = performer
        self._clock = machine_clock

    def tokens(self) -> Tokens | None:
        """Those that another process got while this one waited; with nothing but the ID token."""
        turn = self._performer.own_turn
        if turn is None or not turn.has_waited:
            return None
        try:
            stored = self._performer.read(Item.ID_TOKEN) or ""
        except KeychainError:
            return None
        got, _, rest = stored.partition(" ")
        signed_in, _, id_token = rest.partition(" ")
        if not got.isdecimal() or not 0 <= self._clock.now() - int(got) < SHARED:
            return None
        if signed_in != self._signed_in or not id_token:
            return None
        log.debug("the ID token of another process is used")
        return Tokens(id_token, "", None)

    def share(self, tokens: Tokens) -> None:
        """Leave the ID token to those who wait."""
        turn = self._performer.own_turn
        if turn is not None and (turn.has_waited or turn.is_waited_for):
            text = f"{int(self._clock.now())} {self._signed_in} {tokens.id_token}"
            with contextlib.suppress(KeychainError):  # they do without
                self._performer.store(Item.ID_TOKEN, text)

    @property
    def _signed_in(self) -> str:
        """Which sign-in it is: tokens of the one before may have other rights."""
        return str(self._performer.memory.signed_in.get(self._settings.client_id, 0))
