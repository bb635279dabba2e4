"""The stored factors and how often each is sent: the password, the TOTP seed, one being set up.

Two promises are kept here. A stored password or seed that was refused is not sent again before a
person signs in: twenty processes with one wrong password would lock the account in a second. That
it was sent is written down before it leaves, so that a run which is killed before the answer comes
counts as well. And no TOTP code is sent twice: the last step used is written down in the same way.

A code called wrong says that its seed is wrong only if the code was surely good by the service's
clock. Cognito takes the code of one step either side; one sent ahead of its step, early in the one
before, came too early if the clocks differ by more than was measured, or were never compared. Such
a seed is not refused yet: its next code is sent in its own step, and that decides.
"""

from collections.abc import Callable, Mapping

from cognito_credproc.answers import totp
from cognito_credproc.flows.flow import NOT_WRONG, Item
from cognito_credproc.people.terminal import Person
from cognito_credproc.storage.state import Account
from cognito_credproc.values.breaker import Pause, Trouble, lengthened
from cognito_credproc.values.clock import CorrectedClock
from cognito_credproc.values.errors import TooEarlyError

CODES = 5  # in one sign-in; more are called used only where others use this seed all the time
SEEDS = (Item.PENDING_TOTP_SEED, Item.TOTP_SEED)  # in the order of preference
NAMES = {Item.PASSWORD: "password", Item.TOTP_SEED: "TOTP seed"}
UNATTENDED_WAIT = 5  # seconds for the next code where nobody is told why
PATIENCE = 5  # seconds: a longer wait for the next step is cut short by sending its code early
MARGIN = 3  # seconds into a step before the next one's code is sent: clocks differ a little


class Factors:
    """The stored factors of one sign-in of one profile.

    `stored` holds those that the keyring has; `save` writes `memory` to disk.
    """

    def __init__(
        self,
        profile: str,
        stored: Mapping[Item, str],
        memory: Account,
        save: Callable[[], None],
        clock: CorrectedClock,
        person: Person | None,
    ) -> None:
        self._profile = profile
        self._stored = dict(stored)
        self.malformed: dict[Item, str] = {}  # what is stored as a seed and is none, and why
        for seed in SEEDS:
            self._parse(seed)
        self._memory = memory
        self._save = save
        self._clock = clock
        self._person = person
        self._new: set[Item] = set()  # came into being in this very sign-in
        self._early = False  # whether the last code may have come before it was good
        self.codes = 0  # that were asked for
        self.given: set[Item] = set()

    def _parse(self, item: Item) -> None:
        """What makes no codes is found out before a password or a step is spent on it."""
        if item in self._stored:
            try:
                self._stored[item] = totp.parsed_seed(self._stored[item])
            except totp.SeedError as error:
                self.malformed[item] = str(error)
                del self._stored[item]

    def __getitem__(self, item: Item) -> str | None:
        """A factor, whatever became of it."""
        return self._stored.get(item)

    def add(self, item: Item, value: str) -> None:
        """A factor that came into being during the sign-in."""
        self._stored[item] = value
        self._new.add(item)

    def usable(self, item: Item) -> str | None:
        """A factor that may be sent: it was not refused, and its pause is not open."""
        if item in self._memory.refused or self.pause(item):
            return None
        return self._stored.get(item)

    def pause(self, item: Item) -> Pause | None:
        """The factor's pause, if it is open: it was sent, and sent again, without an answer."""
        pause = self._memory.pauses.get(item)
        return pause if pause and pause.is_open(self._clock.machine.now()) else None

    def password(self, because: str | None) -> str | None:
        """The stored password, unless it is known to be wrong; then it is remembered as that."""
        if because and Item.PASSWORD in self.given:
            self._refuse(Item.PASSWORD, because)
        password = self.usable(Item.PASSWORD)
        if password is not None:
            self._sent(Item.PASSWORD)
        return password

    def code(self, because: str | None) -> str | None:
        """A code that was never sent; `because` says why the one before was not good."""
        self.heard(Item.TOTP_SEED)
        if because is not None and because not in NOT_WRONG:
            self._code_was_wrong(because)
        self.codes += 1
        if self.codes > CODES:
            return None
        for item in SEEDS:
            if seed := self.usable(item):
                self._memory.totp_step = step = self._fresh_step()
                self._sent(item)
                return totp.code(seed, step)
        return None

    def makes(self, code: str) -> bool:
        """Whether the stored seed makes this code now."""
        seed = self[Item.TOTP_SEED]
        return seed is not None and totp.matching_step(seed, code, self._clock.now()) is not None

    def typed(self, code: str) -> None:
        """A person typed a code, and it leaves: it counts as used, whatever the service says."""
        seed, now = self[Item.TOTP_SEED], self._clock.now()
        step = (totp.matching_step(seed, code, now) if seed else None) or totp.step_at(now)
        self._memory.totp_step = max(self._memory.totp_step, step)
        self._save()

    def believe(self, *items: Item) -> None:
        """A person proved these; and a code that was accepted clears its seed of all doubt."""
        memory = self._memory
        before = (dict(memory.refused), dict(memory.pauses), memory.totp_doubt)
        for item in items:
            memory.refused.pop(item, None)
            memory.pauses.pop(item, None)
        if Item.TOTP_SEED in items or self.given & set(SEEDS):
            memory.totp_doubt = False
        if before != (memory.refused, memory.pauses, memory.totp_doubt):
            self._save()

    def heard(self, *items: Item) -> None:
        """The service has answered to these, or they never reached it."""
        found = [item for item in items if item in self.given and item in self._memory.pauses]
        for item in found:
            del self._memory.pauses[item]
        if found:
            self._save()

    def refuse_given(self, reason: str) -> None:
        """The service refused what was stored and sent; it is not sent again."""
        for item in self.given:
            self._refuse(item, reason)

    def locked(self, reason: str) -> Pause | None:
        """The user is locked: what was sent was not looked at, and rests until that is over."""
        if Item.PASSWORD not in self.given:
            return None
        now = self._clock.machine.now()
        pause = lengthened(None, Trouble.LOCKED, reason, now, jitter=1)
        self._memory.pauses[Item.PASSWORD] = pause
        self._save()
        return pause

    def _refuse(self, item: Item, reason: str) -> None:
        self._memory.refused[item] = reason
        self._memory.pauses.pop(item, None)
        self._save()

    def _sent(self, item: Item) -> None:
        """It leaves now; where that cannot be written down, it stays."""
        self.given.add(item)
        if item in NAMES:
            self._memory.pauses[item] = lengthened(
                self._memory.pauses.get(item),
                Trouble.UNANSWERED,
                f"the stored {NAMES[item]} was sent, and no answer came",
                self._clock.machine.now(),
                jitter=1,
            )
        self._save()

    def _code_was_wrong(self, because: str) -> None:
        """Whether that says anything of its seed: see above."""
        item = next((item for item in SEEDS if item in self.given), None)
        if item is None:
            return
        if self._early:
            self._memory.totp_doubt = True
        elif item == Item.TOTP_SEED:
            self._refuse(item, because)
        elif item not in self._new:
            # Left behind by an enrolment that was overtaken by another one.
            self.given.discard(item)
            del self._stored[item]

    def obey_ledger(self) -> None:
        """Where a code is sure to be asked for, and none comes in time, begin no sign-in.

        Raises:
            TooEarlyError: nobody waits so long; the hint says until when.
        """
        if any(map(self.usable, SEEDS)):
            _, wait, ahead = self._next_step()
            if wait - ahead > UNATTENDED_WAIT:  # a code is asked for later, but how much later?
                self.wait(wait - ahead)

    def _next_step(self) -> tuple[int, float, float]:
        """A step whose code was never sent: the present one, or the one after the last used.

        With it, in how many seconds it begins, and how many before that its code may be sent:
        Cognito takes that of one step ahead as well, so nobody waits half a minute for it.
        """
        here, used = totp.step_at(self._clock.now()), self._memory.totp_step
        # A step far ahead was written while the clock was wrong.
        step = max(here, used + 1) if used <= here + 1 else here
        ahead = 0 if self._memory.totp_doubt else totp.STEP - self._margin
        return step, step * totp.STEP - self._clock.now(), ahead

    def _fresh_step(self) -> int:
        """The same, once its code may be sent."""
        step, wait, ahead = self._next_step()
        if wait > ahead:
            self.wait(wait - ahead)
        elif 0 < wait <= PATIENCE:
            self._clock.sleep(wait)
        into = self._clock.now() - (step - 1) * totp.STEP
        self._early = into < min(self._clock.error, totp.STEP)
        return step

    @property
    def _margin(self) -> float:
        return max(MARGIN, self._clock.error) if self._clock.known else MARGIN

    def wait(self, seconds: float) -> None:
        """Wait for the next code: a person is told, an SDK would give up first."""
        if self._person is None and seconds > UNATTENDED_WAIT:
            raise TooEarlyError(
                f"profile {self._profile}: the codes of this half minute are used",
                f"run the same command again in {seconds:.0f} seconds",
            )
        if self._person is not None and seconds > MARGIN:
            self._person.say(f"[{self._profile}] waiting {seconds:.0f} s for the next code")
        self._clock.sleep(seconds)
