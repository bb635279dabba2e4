"""How often a code may be guessed here."""

from cognito_credproc.values.guessing import FIRST, FREE, LONGEST, left, rest

DAY = 86_400
RIGHT = 3 / 1_000_000  # of all codes, at any moment


def test_the_first_are_free_and_each_after_them_waits_twice_as_long() -> None:
    assert [rest(failures) for failures in range(FREE + 3)] == [0, 0, 0, 300, 600, 1_200]
    assert rest(1_000_000) == LONGEST


def test_a_year_of_guesses_comes_to_nothing() -> None:
    now, failures = 0.0, 0
    while now < 365 * DAY:
        now += rest(failures)
        failures += 1
    assert failures * RIGHT < 1 / 800


def test_a_clock_that_is_moved_gives_no_try_and_takes_none() -> None:
    assert left(FREE, 1_000, 1_000 + FIRST) == 0
    assert left(FREE, 1_000, 1_001) == FIRST - 1
    assert left(FREE, 1_000, 10) == FIRST
    assert left(FREE - 1, 1_000, 1_000) == 0
