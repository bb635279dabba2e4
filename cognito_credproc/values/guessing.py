"""How often a code may be guessed at this machine's own door, over all runs.

Where Cognito checks a code, it counts. Here nobody does but us. Of a million codes three are right
at any moment, so that whoever may try a thousand times a day is likely to be in within a year. So a
few tries are free; each one after them has to wait, twice as long as the one before, up to a day.
Time forgives nothing; a right code does.
"""

FREE = 3
FIRST, LONGEST = 300.0, 86_400.0  # seconds


def rest(failures: int) -> float:
    """Seconds between the last of so many failures and the next try."""
    if failures < FREE:
        return 0
    return min(LONGEST, FIRST * 2.0 ** min(failures - FREE, 30))


def left(failures: int, last: float, now: float) -> float:
    """Seconds until the next try, where the last one was at `last`; 0 for none.

    A clock that was set back makes nobody wait longer than that, and nobody less.
    """
    return max(0, min(rest(failures), last + rest(failures) - now))
