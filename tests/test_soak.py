"""The soak in this process, and that it finds what it looks for; the longer form is by hand."""

import pytest

from cognito_credproc.answers.factors import Factors
from cognito_credproc.storage.state import State
from cognito_credproc.use_cases.performer import Performer
from tests.soak.life import Life
from tests.soak.tally import kind_of

RUNS, SEED = 500, 20_261_124


@pytest.mark.slow
def test_days_of_runs_lose_nothing_and_lock_nobody_out() -> None:
    with Life.begun(SEED) as life:
        tally = life.run(RUNS)
    print(tally.lines())
    assert tally.days > 5
    # Otherwise nothing was tried.
    for what in ("faults", "killed", "clock jumps", "passwords changed elsewhere"):
        assert tally.done[what] >= 5, what
    assert tally.runs > tally.hits > RUNS / 4


@pytest.mark.slow
@pytest.mark.parametrize(
    ("where", "name", "instead", "words"),
    [
        (Performer, "_keep", lambda *_: None, "the refresh token is lost"),
        (Factors, "_refuse", lambda *_: None, "a wrong password was sent twice"),
        (State, "save", lambda *_: None, "sent twice|without a cause"),
    ],
    ids=["tokens are not kept", "refusals are not noted", "nothing is remembered"],
)
def test_what_is_wrong_is_found(
    monkeypatch: pytest.MonkeyPatch, where: type, name: str, instead: object, words: str
) -> None:
    monkeypatch.setattr(where, name, instead)
    with Life.begun(SEED) as life, pytest.raises(AssertionError, match=words) as found:
        life.run(RUNS)
    assert f"seed {SEED}, run {life.tally.runs}: " in str(found.value)


def test_errors_are_counted_by_their_kind() -> None:
    assert kind_of("error: profile dev: x; the next try is in 7 s") == "breaker open"
    assert kind_of("error: GetId: HTTP status 500 instead") == "GetId: HTTP status N instead"
