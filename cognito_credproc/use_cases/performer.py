"""Performs the steps of flows: calls go to Cognito, questions to `Answers`, secrets are kept."""

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

from cognito_credproc.answers.answers import Answers
from cognito_credproc.flows.flow import (
    Answer,
    Ask,
    Browse,
    Call,
    Drop,
    Flow,
    Item,
    RememberIdentity,
    Step,
    Store,
    T,
    run,
)
from cognito_credproc.people.waiting import SILENT, On, Waits
from cognito_credproc.process import debug
from cognito_credproc.settings.settings import Settings
from cognito_credproc.storage.keychain import Keychain
from cognito_credproc.storage.lock import Turn, held
from cognito_credproc.storage.refused_factors import RefusedFactors
from cognito_credproc.storage.state import Account, State
from cognito_credproc.use_cases.notes import note
from cognito_credproc.use_cases.safekeeping import Safekeeping
from cognito_credproc.values.clock import CorrectedClock, Deadline
from cognito_credproc.values.errors import CredprocError, KeychainError

Caller = Callable[[Call], Answer]
Visit = Callable[[Browse], Mapping[str, str]]
ANSWERING = {"sts": "AWS STS", "federation": "AWS"}  # all others are Cognito
NOTE_PATIENCE = 1.0  # seconds to wait for the lock, only to write something down


class Performer:
    """Performs the steps of one profile's flows and keeps what they say to keep."""

    def __init__(
        self,
        settings: Settings,
        call: Caller,
        keychain: Keychain,
        state: State,
        deadline: Deadline,
        prepare: Callable[[], None] = lambda: None,
        waits: Waits = SILENT,
    ) -> None:
        self.settings = settings
        self._call = call
        self._secrets = Safekeeping(settings, keychain, deadline)
        self._state = state
        self._deadline = deadline
        self.waits = waits
        self.prepare = prepare  # for calls: what takes long and should hold up nobody
        self.memory: Account = state.load(settings.user)
        self.refused = RefusedFactors(keychain, settings.user)
        self.calls: list[Call] = []  # since the memory was read or settled
        self._news: list[RememberIdentity] = []  # since the same
        self.asked_somebody = False
        self.own_turn: Turn | None = None  # with the user's lock, while it is held

    def run(self, flow: Flow[T], answers: Answers | None = None, visit: Visit | None = None) -> T:
        """Drive a flow to its end; questions go to `answers`, pages to `visit`."""

        def perform(step: Step) -> Any:
            match step:
                case Call():
                    self.calls.append(step)
                    debug.conceal(step.parameters)
                    what = ANSWERING.get(step.service, "Cognito")
                    with (
                        self.waits.told(On.NETWORK, lambda: what),
                        debug.timed("call %s", step.operation),
                    ):
                        answer = self._call(step)
                    debug.conceal(answer)
                    return answer
                case Ask():
                    if answers is None:
                        raise AssertionError("this flow was not expected to ask")
                    # Where nobody is asked, somebody waits: then an answer may not take for ever.
                    attended = answers.attended
                    waiting = self._deadline.paused() if attended else contextlib.nullcontext()
                    try:
                        with waiting, debug.timed("question: %s", step.field):
                            said = answers(step)
                    finally:
                        self.asked_somebody |= answers.asked_somebody
                    debug.conceal(said)
                    return said
                case Browse() if visit is not None:
                    self.asked_somebody = True
                    with self._deadline.paused(), debug.timed("browser"):
                        brought = visit(step)
                    debug.conceal(brought.get("code"))
                    return brought
                case Store(item, value):
                    self._keep(item, value)
                    if answers is not None:
                        answers.add(item, value)
                case Drop(item):
                    self.delete(item)
                case RememberIdentity():
                    self._news.append(step)
            return None

        return run(flow, perform)

    def read(self, item: Item) -> str | None:
        """A long-lived secret of this profile."""
        return self._secrets.read(item)

    def factors(self, items: Collection[Item]) -> dict[Item, str]:
        """The stored ones; the memory knows afterwards what the keyring says of them."""
        found = {item: value for item in items if (value := self.read(item))}
        if self.refused.recall(found, self.memory.refused) and self.own_turn:
            self.try_to_save()
        return found

    def store(self, item: Item, value: str) -> None:
        """Keep a long-lived secret of this profile."""
        self._secrets.store(item, value)

    def delete(self, item: Item) -> None:
        """Remove a long-lived secret of this profile."""
        self._secrets.delete(item)
        if item == Item.REFRESH_TOKEN:
            self._note_lost(lost=False)

    @property
    def unkept(self) -> KeychainError | None:
        """Why the keyring has not the last refresh token, or what it is good with."""
        return next((unkept.error for unkept in self._secrets.unkept.values()), None)

    def room(self) -> AbstractContextManager[None]:
        """Hold what the system must give to keep a refresh token that is to come."""
        return self._secrets.room()

    def keep_again(self) -> None:
        """Try once more to keep what the keyring did not take; under the user's lock."""
        if self._secrets.unkept:
            self._secrets.keep_again()
            self._note_lost(lost=Item.REFRESH_TOKEN in self._secrets.unkept)

    def _keep(self, item: Item, value: str) -> None:
        """Store what came up in a flow; what only costs the next run a sign-in is no error."""
        if item not in {Item.REFRESH_TOKEN, Item.DEVICE}:
            self.store(item, value)
            return
        self._secrets.keep(item, value)
        if item == Item.REFRESH_TOKEN:
            self._note_lost(lost=item in self._secrets.unkept)

    def _note_lost(self, *, lost: bool) -> None:
        """Remember whether the last refresh token was lost here, for the words of the next run."""
        client, clients = self.settings.client_id, self.memory.lost
        if lost != (client in clients):
            clients.append(client) if lost else clients.remove(client)
            self.try_to_save()

    def look_again(self) -> None:
        """Read the memory again, since another process may have written it."""
        self.refused.look_again()
        self.memory = self._state.load(self.settings.user)
        self.calls.clear()

    @contextlib.contextmanager
    def alone(self, timeout: float) -> Iterator[None]:
        """Hold the user's lock: passwords, codes, tokens and the memory are theirs.

        The memory is read again, since another process may have written it.
        """
        with held(self._state.lock_file(self.settings.user), timeout, waits=self.waits) as turn:
            self.look_again()
            self.own_turn = turn
            try:
                yield
            finally:
                self.own_turn = None

    def turn(self, timeout: float) -> AbstractContextManager[object]:
        """Hold the profile's lock: its record is made by one process at a time.

        Whoever needs the other lock too takes it after this one.
        """
        file = self._state.lock_file(f"{self.settings.user} {self.settings.profile}")
        return held(file, timeout, waits=self.waits)

    def port(self, number: int, timeout: float) -> AbstractContextManager[object]:
        """Hold the lock of a port of this machine, to which the browser comes back.

        It is the last to be taken: with both others held, and by whatever profile.
        """
        busy = f"another sign-in by the browser waits at port {number}"
        return held(self._state.lock_file(f"port {number}"), timeout, busy)

    @property
    def time_left(self) -> float:
        """Seconds within which a call may begin."""
        return self._deadline.left

    def postpone_background(self, digest: str, until: float) -> None:
        """No background renewal before `until` (seconds since the epoch)."""
        self._state.postpone_background(digest, until)

    @property
    def may_have_proven(self) -> bool:
        """Whether the last call held a proof of a factor: SRP's first call holds none."""
        last = self.calls[-1].operation if self.calls else None
        return last != "InitiateAuth" or self.settings.auth_flow != "USER_SRP_AUTH"

    def settle(
        self, error: CredprocError | None, clock: CorrectedClock, *, in_vain: bool = False
    ) -> None:
        """Note what the calls have shown: who answers, who does not, what time it is there.

        Whoever failed with `error`, or answered, was asked last. Takes the user's lock, for as long
        as that takes, where it is not held. That nothing can be written down is no reason to give
        up what was achieved.
        """
        calls, self.calls = self.calls, []
        news, self._news = self._news, []
        seen = (self.settings, calls, news, error, clock)
        if not note(self.memory, *seen, in_vain=in_vain):
            return
        if self.own_turn:
            self.try_to_save()
            return
        with contextlib.suppress(CredprocError), self.alone(NOTE_PATIENCE):
            note(self.memory, *seen, in_vain=in_vain)
            self.try_to_save()

    def save(self) -> None:
        """Write the memory, and in the keyring what it says of the factors there."""
        self.refused.keep(self.memory.refused)
        self._state.save(self.settings.user, self.memory)

    def try_to_save(self) -> None:
        """Write the memory, if that can be done: what only saves work is not worth an error."""
        with contextlib.suppress(CredprocError):
            self.save()

    @property
    def identity(self) -> str | None:
        """The identity that was kept for this profile's identity pool."""
        return self.memory.identities.get(self.settings.identity_pool_id)
