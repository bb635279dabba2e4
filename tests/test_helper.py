"""The bare command where the quickest kind of hit was not to be had."""

import time

import pytest

from cognito_credproc import helper
from cognito_credproc.record import Record


def record(left: float) -> Record:
    """Credentials that are good for so many seconds."""
    return Record(int(time.time() + left), "1-2-3-4", "0123456789abcdef", '{"Version": 1}\n')


def test_credentials_are_handed_out_even_if_no_process_can_be_started(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    stored = record(left=1_000)
    monkeypatch.setattr(helper, "_stored", lambda *_: stored)
    monkeypatch.setattr(helper, "_renew_in_background", refused)
    helper.print_credentials("dev", {})
    assert capfd.readouterr().out == stored.document


@pytest.mark.parametrize("error", [MemoryError(), RecursionError(), OSError(), RuntimeError()])
@pytest.mark.parametrize("at_hand", [True, False])
def test_whatever_fails_the_good_ones_are_handed_out(
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    error: Exception,
    *,
    at_hand: bool,
) -> None:
    """They were found by the quick kind of hit, or by `keyring`."""

    def renewed(*_: object) -> str:
        raise error

    monkeypatch.setattr(helper, "_renewed", renewed)
    for left, is_good in ((600, True), (-1, False)):
        found = record(left)
        monkeypatch.setattr(helper, "_stored", lambda *_, found=found: None if at_hand else found)
        if is_good:
            helper.print_credentials("dev", {}, found if at_hand else None)
            assert capfd.readouterr().out == found.document
        else:
            with pytest.raises(type(error)):
                helper.print_credentials("dev", {}, found if at_hand else None)
            assert capfd.readouterr().out == ""


def test_a_signal_ends_it_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def terminated(*_: object) -> str:
        raise SystemExit(143)

    monkeypatch.setattr(helper, "_renewed", terminated)
    monkeypatch.setattr(helper, "_stored", lambda *_: record(left=600))
    with pytest.raises(SystemExit):
        helper.print_credentials("dev", {})
