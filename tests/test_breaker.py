"""The breaker: which failures open a pause, how pauses grow, and when one is not believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito_credproc.values.breaker import (
    FORGOTTEN,
    GROWTH,
    Pause,
    Trouble,
    lengthened,
    open_pause,
    trouble_of,
)
from cognito_credproc.values.errors import (
    CredprocError,
    KeychainError,
    NoTimeError,
    UnreachableError,
)
from tests.fakes import NOW
from tests.script import refusal


def lengths(trouble: Trouble, failures: int, jitter: float = 1) -> list[float]:
    """The pauses after so many failures in a row, each when the one before has ended."""
    pause, now, found = None, NOW, []
    for _ in range(failures):
        pause = lengthened(pause, trouble, "no", now, jitter)
        found.append(pause.until - now)
        now = pause.until
    return found


def test_pauses_double_up_to_a_cap() -> None:
    assert lengths(Trouble.NETWORK, 5) == [5, 10, 20, 30, 30]
    assert lengths(Trouble.OUTAGE, 6) == [15, 30, 60, 120, 240, 300]
    assert lengths(Trouble.THROTTLED, 5) == [30, 60, 120, 240, 480]
    assert lengths(Trouble.UNANSWERED, 5) == [0, 0, 60, 180, 540]


def test_a_person_who_mends_the_network_waits_least_and_the_throttled_most() -> None:
    for failures in range(1, 12):
        network, outage, throttled = (
            lengths(trouble, failures)[-1]
            for trouble in (Trouble.NETWORK, Trouble.OUTAGE, Trouble.THROTTLED)
        )
        assert network < outage < throttled


@given(st.sampled_from(Trouble), st.integers(0, 10**9), st.floats(0, 1), st.floats(0, 4e9))
def test_no_pause_is_shorter_than_half_or_longer_than_the_longest(
    trouble: Trouble, failures: int, jitter: float, now: float
) -> None:
    before = Pause(trouble, failures, now, "no")
    pause = lengthened(before, trouble, "no", now, jitter)
    whole = GROWTH[trouble].length(failures + 1)
    assert whole / 2 <= pause.until - now + 1e-6
    assert pause.until - now <= whole + 1e-6
    assert whole <= GROWTH[trouble].longest


def test_those_who_failed_together_come_back_apart() -> None:
    ends = {lengthened(None, Trouble.OUTAGE, "no", NOW, jitter / 10).until for jitter in range(10)}
    assert len(ends) == 10


def test_another_kind_of_trouble_starts_anew() -> None:
    network = Pause(Trouble.NETWORK, 9, NOW, "no")
    assert lengthened(network, Trouble.THROTTLED, "slower", NOW, 1).failures == 1


def test_what_was_not_tried_for_long_starts_anew() -> None:
    long_ago = Pause(Trouble.THROTTLED, 9, NOW, "no")
    assert lengthened(long_ago, Trouble.THROTTLED, "no", NOW + FORGOTTEN - 1, 1).failures == 10
    assert lengthened(long_ago, Trouble.THROTTLED, "no", NOW + FORGOTTEN, 1).failures == 1


@pytest.mark.parametrize("trouble", Trouble)
def test_it_is_open_until_its_end(trouble: Trouble) -> None:
    longest = GROWTH[trouble].longest
    pause = Pause(trouble, 1, NOW, "no")
    assert [pause.is_open(NOW - before) for before in (0, 0.1, longest)] == [False, True, True]


@pytest.mark.parametrize("trouble", Trouble)
def test_a_clock_that_was_set_back_keeps_none_open(trouble: Trouble) -> None:
    longest = GROWTH[trouble].longest
    assert not Pause(trouble, 1, NOW, "no").is_open(NOW - longest - 1)


def test_words_say_when() -> None:
    pause = Pause(Trouble.OUTAGE, 1, NOW + 14.2, "GetId: HTTP status 500")
    assert pause.words(NOW) == "GetId: HTTP status 500; the next try is in 15 s"


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (UnreachableError("no connection", sent=False, here=True), Trouble.NETWORK),
        (UnreachableError("no answer"), Trouble.OUTAGE),
        (NoTimeError("GetId"), None),
        (refusal("GetId", "TooManyRequestsException"), Trouble.THROTTLED),
        (refusal("InitiateAuth", "LimitExceededException"), Trouble.THROTTLED),
        (refusal("AssumeRoleWithWebIdentity", "Throttling"), Trouble.THROTTLED),
        (refusal("InitiateAuth", "NotAuthorizedException"), None),
        (refusal("GetId", "ResourceNotFoundException"), None),
        (KeychainError("locked"), None),
        (CredprocError("other"), None),
        (None, None),
    ],
)
def test_what_passes_by_itself(error: CredprocError | None, trouble: Trouble | None) -> None:
    assert trouble_of(error) == trouble


def test_the_last_to_end_of_those_that_are_asked_for() -> None:
    pauses = {
        "ended": Pause(Trouble.OUTAGE, 1, NOW - 1, "a"),
        "short": Pause(Trouble.NETWORK, 1, NOW + 5, "b"),
        "long": Pause(Trouble.OUTAGE, 1, NOW + 50, "c"),
        "other": Pause(Trouble.OUTAGE, 1, NOW + 90, "d"),
    }
    assert open_pause(pauses, ["ended", "short", "long", "absent"], NOW) == pauses["long"]
    assert open_pause(pauses, ["ended", "absent"], NOW) is None
