"""Checks run one after the other, each on its own, each in bounded time."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cognito_credproc.checks.examination import CHECKS, examine
from cognito_credproc.checks.finding import BlockedError, Check, Finding, State, broken, good
from cognito_credproc.checks.subject import Subject
from cognito_credproc.values.errors import CredprocError
from tests.patient import Patient


@pytest.fixture
def subject(tmp_path: Path) -> Subject:
    return Patient(tmp_path).subject()


def fails(error: Exception) -> Check:
    def run(_subject: Subject) -> Iterator[Finding]:
        yield good("the first half")
        raise error

    return Check("fails", run, "why")


def fine(_subject: Subject) -> Iterator[Finding]:
    yield good("fine")


FINE = Check("fine", fine, "why")


@pytest.mark.parametrize(
    ("error", "state", "words"),
    [
        (CredprocError("it failed", "chmod 0700 x"), State.BROKEN, "it failed"),
        (BlockedError("the keyring"), State.SKIPPED, "needs the keyring"),
        (KeyError("s3cret"), State.BROKEN, "the check itself failed: KeyError at test_examination"),
    ],
)
def test_a_check_that_raises_is_a_finding_and_the_next_one_runs(
    subject: Subject, error: Exception, state: State, words: str
) -> None:
    first, second = examine(subject, [fails(error), FINE], fix=False)
    assert first.finding.state is state
    assert first.finding.what.startswith(words)
    assert "s3cret" not in str(first.finding)
    assert second.finding.what == "fine"


def test_the_hint_of_an_error_is_the_mend(subject: Subject) -> None:
    [result] = examine(subject, [fails(CredprocError("no", "chmod 0700 x"))], fix=False)
    assert (result.finding.command, result.finding.mend) == ("chmod 0700 x", "")
    [result] = examine(subject, [fails(CredprocError("no", "ask somebody"))], fix=False)
    assert (result.finding.command, result.finding.mend) == ("", "ask somebody")


def test_a_check_that_hangs_is_given_up(subject: Subject) -> None:
    def hang(_subject: Subject) -> Iterator[Finding]:
        time.sleep(20)
        yield good("never")

    began = time.monotonic()
    first, second = examine(subject, [Check("hangs", hang, "why", seconds=0.1), FINE], fix=False)
    assert time.monotonic() - began < 5
    assert first.finding.state is State.BROKEN
    assert "no answer" in first.finding.what
    assert second.finding.state is State.GOOD


def test_all_together_have_a_bound(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cognito_credproc.checks.examination.PATIENCE", 0.0)
    results = list(examine(subject, CHECKS, fix=False))
    assert {result.finding.state for result in results} == {State.SKIPPED}


class Sick:
    """A check that can be mended, unless the cure is no good."""

    def __init__(self, cure: Exception | None = None, *, works: bool = True) -> None:
        self.ill, self.cure, self.works, self.mended = True, cure, works, 0

    def run(self, _subject: Subject) -> Iterator[Finding]:
        """Find it."""
        if self.ill:
            yield broken("ill", fix=self.mend)
        else:
            yield good("well")

    def mend(self) -> None:
        """Mend it."""
        self.mended += 1
        if self.cure:
            raise self.cure
        self.ill = not self.works


def states_of(sick: Sick, subject: Subject, *, fix: bool) -> list[tuple[State, str]]:
    check = Check("sick", sick.run, "why")
    return [(r.finding.state, r.finding.what) for r in examine(subject, [check], fix=fix)]


def test_nothing_is_mended_unasked(subject: Subject) -> None:
    sick = Sick()
    assert states_of(sick, subject, fix=False) == [(State.BROKEN, "ill")]
    assert sick.mended == 0


def test_what_is_mended_is_looked_at_again(subject: Subject) -> None:
    assert states_of(Sick(), subject, fix=True) == [(State.MENDED, "ill"), (State.GOOD, "well")]


def test_a_cure_that_does_not_work_is_no_cure(subject: Subject) -> None:
    found = states_of(Sick(works=False), subject, fix=True)
    assert found == [(State.BROKEN, "ill")]


@pytest.mark.parametrize(
    "error", [CredprocError("cannot be written"), PermissionError(1, "cannot be written")]
)
def test_a_cure_that_fails_says_so(subject: Subject, error: Exception) -> None:
    found = states_of(Sick(error), subject, fix=True)
    assert found[-1] == (State.BROKEN, "ill")
    assert "cannot be written" in found[0][1]
    assert found[0][0] is State.BROKEN


def test_each_check_is_announced_before_it_runs(subject: Subject) -> None:
    begun: list[str] = []
    for result in examine(subject, [FINE, FINE], fix=False, begin=lambda c: begun.append(c.name)):
        assert begun[-1] == result.check.name
    assert begun == ["fine", "fine"]


def test_names_fit_their_column_and_every_check_says_why() -> None:
    assert all(len(check.name) < 10 and check.why for check in CHECKS)
    assert len({check.name for check in CHECKS}) == len(CHECKS)
