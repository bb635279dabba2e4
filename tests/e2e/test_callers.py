"""Callers: every SDK's way of running the helper, a hit, a renewal and a failure each."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest

from tests.e2e.machine import CREDENTIALS, TOKENS, Machine
from tests.e2e.sdks import SDKS, Errors, Outcome, Sdk, run
from tests.local_cognito import Fault

if TYPE_CHECKING:
    from pathlib import Path


LINE = "cognito-credproc --profile dev"
RENEWAL = [TOKENS, CREDENTIALS]
BOUND = 20  # seconds that nobody waits unasked
FAILED = (
    b"error: GetTokensFromRefreshToken: a web page came instead of an answer\n"
    b"hint: a sign-in page of this network may answer instead: open any web page, then try again\n"
)


ROWS = pytest.mark.parametrize("sdk", SDKS, ids=[sdk.name for sdk in SDKS])


def called(sdk: Sdk, standing: Machine, line: str = LINE, **environment: str) -> list[Outcome]:
    """Run it as the SDK does, within the bound."""
    began = time.monotonic()
    outcomes = run(sdk, standing, line, environment)
    assert time.monotonic() - began < min(BOUND, sdk.patience)
    return outcomes


def good(outcomes: list[Outcome]) -> str:
    """The one key that all runs gave, with no word beside it."""
    assert [(outcome.errors, outcome.status) for outcome in outcomes] == [(b"", 0)] * len(outcomes)
    documents = [outcome.document for outcome in outcomes]
    keys = {document["AccessKeyId"] for document in documents if document is not None}
    assert None not in documents
    (only,) = keys
    return str(only)


@ROWS
def test_a_hit(standing: Machine, sdk: Sdk) -> None:
    standing.items.expire(left=3_600)
    standing.calls()
    assert good(called(sdk, standing)) == good(called(sdk, standing))
    assert standing.calls() == []


@ROWS
def test_an_early_hit_leaves_a_renewal_that_holds_no_stream(standing: Machine, sdk: Sdk) -> None:
    """Its end of file comes while the renewal still waits for the service."""
    standing.items.expire(left=15 * 60 + 5)
    (standing.state / f"{standing.digest()}.renewal").unlink(missing_ok=True)
    standing.calls()
    before = len(standing.cognito.calls)
    standing.cognito.faults.add(TOKENS, Fault.DRIP, seconds=1.5)
    began = time.monotonic()
    key = good(called(sdk, standing))
    assert time.monotonic() - began < 1.5, "it was waited for"
    while len(standing.cognito.calls) - before < len(RENEWAL):
        assert time.monotonic() - began < BOUND
        time.sleep(0.02)
    assert standing.calls() == RENEWAL
    while key in standing.helper().stdout:  # it may be storing them still
        assert time.monotonic() - began < BOUND
    assert standing.calls() == []


@ROWS
def test_a_renewal(standing: Machine, sdk: Sdk) -> None:
    standing.items.expire(left=3_600)
    key = good(called(sdk, standing))
    standing.items.expire()
    standing.calls()
    assert good(called(sdk, standing)) != key
    assert standing.calls() == RENEWAL, "also where it is run twice at once"


@ROWS
def test_a_failure(standing: Machine, sdk: Sdk, tmp_path: Path) -> None:
    standing.items.expire()
    standing.cognito.faults.add(TOKENS, Fault.CAPTIVE_PORTAL, times=None)
    try:
        outcomes = called(sdk, standing, COGNITO_CREDPROC_STATE_DIR=str(tmp_path / "state"))
    finally:
        standing.cognito.faults.clear()
    assert [outcome.document for outcome in outcomes] == [None] * sdk.at_once
    assert [outcome.status for outcome in outcomes] == [1] * sdk.at_once
    said = [o.output if sdk.errors is Errors.MERGED else o.errors for o in outcomes]
    assert [o.output for o in outcomes if sdk.errors is not Errors.MERGED and o.output] == []
    if sdk.errors is Errors.DISCARDED:
        assert said == [b""]
        return
    assert FAILED in said
    for lines in said:  # of two at once, the second is told to leave the service alone
        assert re.fullmatch(rb"error: .+\nhint: .+\n", lines)
