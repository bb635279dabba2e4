"""The bare command where the quickest kind of hit was not to be had."""

import pytest

from cognito_credproc import helper
from cognito_credproc.record import Record
from tests.fakes import NOW


def test_credentials_are_handed_out_even_if_no_process_can_be_started(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    stored = Record(int(NOW), "1-2-3-4", "0123456789abcdef", '{"Version": 1}\n')
    monkeypatch.setattr(helper, "_stored", lambda *_: stored)
    monkeypatch.setattr(helper, "_renew_in_background", refused)
    helper.print_credentials("dev", {})
    assert capfd.readouterr().out == stored.document
