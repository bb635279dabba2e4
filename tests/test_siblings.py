"""Many profiles of one sign-in that renew at once, where a refresh takes long."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cognito_credproc.flows.flow import Answer, Call, Item
from cognito_credproc.storage.session import Session
from cognito_credproc.use_cases.renewal import Renewal
from tests.fakes import settings
from tests.machine import (
    DIGEST,
    EXCHANGE,
    GET_ID,
    GET_ID_OK,
    NEW_KEYS,
    REFRESH,
    Machine,
    tokens,
)

PROFILES = 30
SLOW = 2.0  # seconds of a refresh, by the clock of all
HOLD = 0.3  # seconds that it really takes, so that all others come to wait


class Crowd(Machine):
    """Profiles with a session each; every refresh token is good once."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.good_token = "token 0"
        self.store(Item.REFRESH_TOKEN, self.good_token)
        self._one = threading.Lock()

    def session(self) -> Session:
        """The one of the profile."""
        return Session(self.keychain, self.settings.profile, "file", DIGEST)

    def call(self, step: Call) -> Answer:
        """Answer; a refresh takes its time."""
        with self._one:
            self.called.append(step)
            if step.operation == GET_ID:
                return GET_ID_OK[1]
            if step.operation == EXCHANGE:
                return NEW_KEYS[1]
            assert step.parameters["RefreshToken"] == self.good_token, "it was spent"
            self.good_token = f"token {len(self.called)}"
        time.sleep(HOLD)
        self.clock.time += SLOW
        return tokens(RefreshToken=self.good_token)

    def of(self, number: int) -> Renewal:
        """The process of one profile."""
        return self.renewal(settings(auth_flow="USER_PASSWORD_AUTH", profile=f"role-{number}"))

    def count(self, operation: str) -> int:
        """How often it was called."""
        return [step.operation for step in self.called].count(operation)


def test_thirty_profiles_at_once_are_served_by_one_refresh_or_two(tmp_path: Path) -> None:
    """One by one they would take a minute, and nobody waits twenty seconds."""
    here = Crowd(tmp_path)
    processes = [here.of(number) for number in range(PROFILES)]
    began, really = here.clock.elapsed(), time.monotonic()
    with ThreadPoolExecutor(PROFILES) as pool:
        documents = list(pool.map(lambda process: process.document(), processes))
    assert all("ASIANEW" in document for document in documents)
    assert here.count(REFRESH) <= 2
    assert here.count(EXCHANGE) == PROFILES, "each has credentials of its own role"
    assert here.clock.elapsed() - began < 20
    assert time.monotonic() - really < 20
    assert here.read(Item.REFRESH_TOKEN) == here.good_token


def test_one_alone_leaves_no_id_token(tmp_path: Path) -> None:
    here = Crowd(tmp_path)
    here.of(1).document()
    assert here.read(Item.ID_TOKEN) is None


def waits(here: Crowd, number: int) -> None:
    """A profile renews that has waited for the user's lock."""
    thread = threading.Thread(target=here.of(number).document)
    here.of(99)
    with here.performer.alone(timeout=0):
        thread.start()
        time.sleep(0.2)
    thread.join()


@pytest.mark.parametrize(
    ("what", "refreshes"),
    [("nothing", 0), ("half a minute", 1), ("a sign-in", 1), ("a sign-out", 0), ("damage", 1)],
)
def test_an_id_token_serves_those_who_wait_and_nobody_later(
    tmp_path: Path, what: str, refreshes: int
) -> None:
    here = Crowd(tmp_path)
    waits(here, 1)
    assert here.count(REFRESH) == 1
    assert (here.read(Item.ID_TOKEN) or "").endswith(tokens()["AuthenticationResult"]["IdToken"])
    renewal = here.of(1)
    if what == "half a minute":
        here.clock.time += 20
    elif what == "a sign-in":
        with here.performer.alone(timeout=0):
            here.performer.memory.signed_in[here.settings.client_id] = 5
            here.performer.save()
    elif what == "damage":
        here.store(Item.ID_TOKEN, "x")
    elif what == "a sign-out":
        here.keychain.delete(Item.REFRESH_TOKEN, here.settings.account)
        renewal.logout(forget=False)
        assert here.read(Item.ID_TOKEN) is None
        return
    waits(here, 2)
    assert here.count(REFRESH) == 1 + refreshes
    assert here.count(EXCHANGE) == 2
