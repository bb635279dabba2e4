"""The soak in this process: real flows, state, locks and calls; a keyring in memory; time is moved.

A run is what a process does: a look into the cache as a hit has it, else a renewal; a renewal in
the background where the hit would start one. Processes are killed at any call and at any write to
the keyring, in the parts of an item too.
"""

from __future__ import annotations

import contextlib
import json
import random
import tempfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from unittest import mock

from cognito_credproc.aws.cognito import Cognito
from cognito_credproc.flows.flow import Answer, Call, Item
from cognito_credproc.storage.keychain import Keychain
from cognito_credproc.storage.lock import held
from cognito_credproc.use_cases.program import CALL_PATIENCE
from cognito_credproc.values.clock import CorrectedClock, Deadline
from cognito_credproc.values.errors import CredprocError
from tests.fakes import FakeClock, KilledError, MemoryKeyring, settings
from tests.faults.replays import replays
from tests.faults.site import NAME, PASSWORD, PATIENT, Site, Somebody
from tests.local_cognito import LocalCognito
from tests.soak.tally import DAY, FAULTS, OPERATIONS, RIGHT, Tally, gap, jump, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cognito_credproc.settings.settings import Settings
    from cognito_credproc.use_cases.renewal import Renewal

# How much must be left for an SDK to keep what it has, in seconds.
SDKS = {"botocore": 900, "javascript": 300, "ruby": 300, "java": 15, "go": 0}
WINDOWS = 1_280  # characters of an entry of the Credential Manager


class Moved(FakeClock):
    """The machine's clock: the service's, and by how much it is wrong."""

    def __init__(self, service: LocalCognito) -> None:
        super().__init__()
        self._service = service

    def now(self) -> float:
        """Seconds since the epoch, as the machine has it."""
        return self._service.clock.now() + self.set

    def elapsed(self) -> float:
        """Seconds that really go by."""
        return self._service.clock.now()

    def sleep(self, seconds: float) -> None:
        """Wait without waiting."""
        self._service.clock.advance(seconds)


class Reused(Cognito):
    """The real client, kept for process after process: building one takes most of a run."""

    def begin(self, clock: CorrectedClock, deadline: Deadline) -> None:
        """Another process begins."""
        self._clock = clock
        self._deadline = deadline


class Owner(Somebody):
    """The person, who knows the password as it is now."""

    def __init__(self, life: Life) -> None:
        super().__init__(life)
        self._life = life

    def ask(self, prompt: str, *, hidden: bool = False) -> str:
        """Answer."""
        answer = super().ask(prompt, hidden=hidden)
        return self._life.password if "password for" in prompt else answer


class Life(Site):
    """One machine's days."""

    def __init__(self, folder: Path, service: LocalCognito, client: Reused, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - reproducible
        flow = self._chance.choice(["USER_SRP_AUTH", "USER_PASSWORD_AUTH"])
        said = {"auth_flow": flow}
        super().__init__(folder, service, client, client={"rotation_grace": 0}, said=said)
        self.tally = Tally(seed)
        self._client_of_all = client
        self.clock: Moved = Moved(service)
        if self._chance.random() < 0.5:
            self.keyring = MemoryKeyring(WINDOWS)
            self.keychain = Keychain(self.keyring, part_length=1_200)
        self.password = PASSWORD
        self.pool.create_user(NAME, password=PASSWORD)
        self.has_factors()
        self.has_refresh_token()
        self._seed_of_codes = self.read(Item.TOTP_SEED)
        self._held = dict.fromkeys(SDKS, 0.0)
        self._changes = 0  # of the password, elsewhere
        self._excused = False  # the refresh token may be lost: a run was cut off, or it was ended
        self._killed_at: int | None = None
        self._seen = 0

    @classmethod
    @contextlib.contextmanager
    def begun(cls, seed: int) -> Iterator[Self]:
        """A machine of its own; the choice of its kind is the seed's."""
        with tempfile.TemporaryDirectory() as folder, LocalCognito() as service:
            config = Path(folder) / "config"
            config.write_text("[profile dev]\n")
            clock = CorrectedClock(Moved(service))
            variables = {"PATH": "", "AWS_CONFIG_FILE": str(config), **service.environment()}
            with mock.patch.dict("os.environ", variables, clear=True):
                client = Reused(settings(), clock, Deadline(clock, 1e9), limits=PATIENT)
                client.prepare()
                yield cls(Path(folder), service, client, seed)

    def run(self, runs: int) -> Tally:
        """So many runs, the invariants after each."""
        tally = self.tally
        while tally.runs < runs:
            self._time_goes_by()
            sdk = self._chance.choice(list(SDKS))
            if self._held[sdk] - SDKS[sdk] > self.clock.now():
                continue  # it uses what it has
            tally.runs += 1
            tally.done[sdk] += 1
            before = len(self.called)
            excused = self._something_happens()
            self._asks(sdk, excused=excused)
            tally.hits += len(self.called) == before
            self.service.faults.clear()
            self._killed_at = self.keyring.writes_left = None
            self._excused |= excused
            self._keeps_everything()
        twice = replays(self.service.calls[self._first :], self.service.wire[self._first :])
        tally.check(not twice, "sent twice:", twice)
        return tally

    def renewal(self, of: Settings | None = None) -> Renewal:
        """A new process."""
        renewal = super().renewal(of)
        self._client_of_all.begin(self.corrected, Deadline(self.corrected, CALL_PATIENCE))
        return renewal

    def call(self, step: Call) -> Answer:
        """Call, and die of it if that is due: before the service has worked, or after."""
        due = self._killed_at is not None and self._killed_at // 2 == 0
        after = self._killed_at is not None and self._killed_at % 2
        if self._killed_at is not None:
            self._killed_at -= 2
        if due and not after:
            raise KilledError
        answer = super().call(step)
        if due:
            raise KilledError
        return answer

    def _time_goes_by(self) -> None:
        seconds = gap(self._chance)
        self.service.clock.advance(seconds)
        self.tally.days += seconds / DAY
        before, self.clock.set = self.clock.set, jump(self._chance, self.clock.set)
        self.tally.done["clock jumps"] += before != self.clock.set

    def _something_happens(self) -> bool:
        """Plan a fault or a death, or let somebody do something; whether the run may fail."""
        chance, done = self._chance, self.tally.done
        kind = chance.random()
        if kind < 0.15:
            times = chance.choice([1, 1, 2, 3, None])
            self.service.faults.add(chance.choice(OPERATIONS), chance.choice(FAULTS), times)
            done["faults"] += 1
            return True
        if kind < 0.23:
            if chance.random() < 0.6:
                self._killed_at = chance.randrange(8)
            else:
                self.keyring.writes_left = chance.randrange(6)
            done["killed"] += 1
            return True
        if kind < 0.25:
            for sign_in in self.pool.world.sign_ins.values():
                sign_in.revoked = True
            done["sign-outs elsewhere"] += 1
            self._excused = True
        elif kind < 0.26:
            self.password = f"{PASSWORD}-{self._changes}"
            self.user.set_password(self.password)
            self._changes += 1
            done["passwords changed elsewhere"] += 1
        elif kind < 0.29:
            self._person_signs_in()
        elif kind < 0.36:
            self.session().delete()
        return False

    def _person_signs_in(self) -> None:
        self.person = Owner(self)
        try:
            self.renewal().login()
            self.tally.done["sign-ins by hand"] += 1
        except CredprocError as error:
            self._is_said(error, excused=abs(self.clock.set) > 0)
        finally:
            self.person = None

    def _asks(self, sdk: str, *, excused: bool) -> None:
        """What one process does, and what the SDK makes of its output."""
        try:
            text = self._document()
        except KilledError:
            return
        except CredprocError as error:
            self._is_said(error, excused=excused)
            return
        document: dict[str, Any] = json.loads(text)
        ends = datetime.strptime(document["Expiration"], "%Y-%m-%dT%H:%M:%S%z").timestamp()
        texts = ("AccessKeyId", "SecretAccessKey", "SessionToken")
        check = self.tally.check
        check(document["Version"] == 1 and all(document[name] for name in texts), "bad output")
        check(ends > self.clock.now() - 5, "expired credentials", document)
        self._held[sdk] = ends

    def _document(self) -> str:
        """A hit, with the renewal that it starts; else a renewal."""
        stored, now = self.keychain.session("dev"), self.clock.now()
        if stored and stored.is_fresh(now):
            if stored.expiry - now <= stored.early and self.state.claim_background(
                stored.digest, now
            ):
                with contextlib.suppress(CredprocError, KilledError):
                    self.renewal().in_background()
            return stored.document
        return self.renewal().document()

    def _is_said(self, error: CredprocError, *, excused: bool) -> None:
        lines = error.lines().splitlines()
        check = self.tally.check
        check(len(lines) in {1, 2} and lines[0].startswith("error: "), lines)
        self.tally.errors[kind_of(lines[0])] += 1
        refused = Item.PASSWORD in self.memory.refused  # its owner alone knows the new one
        check(excused or refused or RIGHT.search(lines[0]), "an error without a cause:", lines)

    def _keeps_everything(self) -> None:
        """Nothing is lost, nobody is locked out, no lock is left."""
        check, user, memory = self.tally.check, self.user, self.memory
        with held(self.state.lock_file(self.settings.user), 0):
            pass
        check(self.read(Item.TOTP_SEED) == self._seed_of_codes, "the seed is lost")
        password = self.read(Item.PASSWORD)
        known = {PASSWORD, *(f"{PASSWORD}-{number}" for number in range(self._changes))}
        check(password in known, "the password is lost")
        check(user.wrong_passwords_ever <= self._changes, "a wrong password was sent twice")
        token = self.pool.world.refresh_tokens.get(self.read(Item.REFRESH_TOKEN) or "")
        now = self.service.clock.now()
        if token and token.dies_at is None and not token.sign_in.revoked:
            self._excused = token.expires_at <= now
        else:
            refused = Item.PASSWORD in memory.refused
            check(self._excused or refused, "the refresh token is lost")
        check(memory.totp_step <= (now + abs(self.clock.set) + 60) // 30 + 1, "a step far ahead")
