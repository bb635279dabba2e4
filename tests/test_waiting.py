"""Long waits on the terminal: a line that says what is waited for, and goes."""

import os
import pty
import re
import select
import termios
import time
from collections.abc import Iterator, Mapping

import pytest

from cognito_credproc.flows.flow import Item
from cognito_credproc.people.terminal import Terminal
from cognito_credproc.people.waiting import ERASED, On, Waits, shortened
from cognito_credproc.process.bounded import Patience
from cognito_credproc.storage.guest import Guest
from cognito_credproc.storage.keychain import Keychain
from tests.fakes import MemoryKeyring

NAMES: dict[int, str] = {}  # of the terminals, by their other side
XTERM = {"TERM": "xterm"}


class Ours(Terminal):
    """A terminal that is in the foreground, which a test's own seldom is."""

    ours = True

    @property
    def is_ours(self) -> bool:
        """As a test has it."""
        return self.ours


@pytest.fixture
def terminal() -> Iterator[int]:
    """The other side of a terminal of 40 columns."""
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (20, 40))
    Ours.ours = True
    NAMES[master] = os.ttyname(slave)
    yield master
    os.close(master)
    os.close(slave)


def waits(
    terminal: int,
    environment: Mapping[str, str] = XTERM,
    on: On | None = On.NETWORK,
    after: float = 0.02,
) -> Waits:
    """Those of somebody who is told soon."""

    def opened() -> Terminal:
        slave = os.open(NAMES[terminal], os.O_RDWR | os.O_NOCTTY)
        return Ours(slave, slave)

    return Waits("dev", environment, {on} if on else set(), after, opened)


def shown(terminal: int) -> str:
    found = b""
    while select.select([terminal], [], [], 0.05)[0]:
        found += os.read(terminal, 4_096)
    return found.decode()


def test_a_long_wait_is_told_with_its_seconds_and_the_line_goes(terminal: int) -> None:
    with waits(terminal).told(On.NETWORK, lambda: "Cognito"):
        time.sleep(1.3)
    line = re.escape(ERASED) + r"\[dev\] waiting for Cognito, {} s"
    pattern = line.format(0) + line.format(1) + f"({line.format('[2-9]')})*" + re.escape(ERASED)
    assert re.fullmatch(pattern, shown(terminal))


def test_a_short_wait_and_one_of_another_kind_are_silent(terminal: int) -> None:
    def never() -> str:
        raise AssertionError

    with waits(terminal, after=60).told(On.NETWORK, never):
        pass
    with waits(terminal, on=None).told(On.NETWORK, never):
        time.sleep(0.1)
    assert shown(terminal) == ""


@pytest.mark.parametrize("environment", [{"TERM": "dumb"}, {}, {**XTERM, "NO_COLOR": "1"}])
def test_a_terminal_that_draws_nothing_gets_a_line_that_stays(
    terminal: int, environment: Mapping[str, str]
) -> None:
    with waits(terminal, environment).told(On.NETWORK, lambda: "Cognito"):
        time.sleep(0.2)
    assert shown(terminal) == "[dev] waiting for Cognito\r\n"


def test_the_line_is_cut_where_the_terminal_ends_and_paints_nothing(terminal: int) -> None:
    with waits(terminal).told(On.NETWORK, lambda: "\x1b[31m" + "x" * 80):
        time.sleep(0.2)
    (line,) = filter(None, shown(terminal).split(ERASED))
    assert len(line) == 39
    assert line.endswith("x, 0 s")
    assert "\x1b" not in line


def test_a_terminal_that_others_use_is_left_alone(terminal: int) -> None:
    Ours.ours = False
    with waits(terminal).told(On.NETWORK, lambda: "Cognito"):
        time.sleep(0.2)
    assert shown(terminal) == ""


def test_where_no_terminal_is_nothing_is_done() -> None:
    none = Waits("dev", XTERM, set(On), 0.0, lambda: None)
    with none.told(On.NETWORK, lambda: "Cognito"):
        time.sleep(0.05)
    none.say("it is over")


def test_the_wait_ends_as_it_would_have(terminal: int) -> None:
    def interrupted() -> None:
        with waits(terminal).told(On.NETWORK, lambda: "Cognito"):
            time.sleep(0.2)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert shown(terminal).endswith(ERASED)


class SlowKeyring(MemoryKeyring):
    """A keyring that takes its time."""

    def get_password(self, service: str, username: str) -> str | None:
        """Read an entry, in a while."""
        time.sleep(0.2)
        return super().get_password(service, username)


def test_a_slow_keyring_is_named(terminal: int) -> None:
    slow = Keychain(SlowKeyring(), waits=waits(terminal, on=On.KEYRING))
    assert slow.read(Item.PASSWORD, "istio") is None
    assert "[dev] waiting for the keyring; is" in shown(terminal)


def test_a_keyring_that_may_ask_in_this_terminal_is_left_alone_with_it(terminal: int) -> None:
    guest = Guest(SlowKeyring(), Patience(5))
    Keychain(guest, waits=waits(terminal, on=On.KEYRING)).read(Item.PASSWORD, "istio")
    assert shown(terminal) == ""


def test_a_line_now(terminal: int) -> None:
    waits(terminal).say("finishing the refresh")
    assert shown(terminal) == "\r\n[dev] finishing the refresh\r\n"


def test_tools_hear_later_and_nothing_of_other_processes() -> None:
    people = Waits.of("dev", XTERM, at_terminal=True)
    tools = Waits.of("dev", XTERM, at_terminal=False)
    assert vars(people)["_on"] == set(On)
    assert vars(tools)["_on"] == {On.KEYRING, On.NETWORK}
    assert vars(people)["_after"] < vars(tools)["_after"]


@pytest.mark.parametrize(
    ("room", "shown"),
    [
        (80, "waiting for another sign-in: process 17 (aws s3 ls (x))"),
        (50, "waiting for another sign-in: process 17"),
        (40, "waiting for another sign-in: process 17"),
        (30, "waiting for another sign-in:"),
        (5, "waiti"),
    ],
)
def test_a_wait_that_does_not_fit_ends_with_a_word(room: int, shown: str) -> None:
    assert shortened("waiting for another sign-in: process 17 (aws s3 ls (x))", room) == shown
