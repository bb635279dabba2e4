"""The set-up where people sign in by the browser: the client's secret, the first credentials."""

from pathlib import Path

import pytest

from cognito_credproc.flows.flow import Item
from cognito_credproc.people.terminal import unbroken
from cognito_credproc.use_cases.browser_enrolment import enrol
from cognito_credproc.values.errors import ServiceError
from tests.fakes import ScriptedPerson
from tests.machine import Machine
from tests.script import refusal
from tests.test_browser_way import TOKEN, Browser, machine, redeemed

MISSING = (TOKEN, refusal(TOKEN, "invalid_client", "invalid_client"))


def run(here: Machine, person: ScriptedPerson | None, secret: str | None = None) -> None:
    """Set up."""
    here.person = person
    renewal = here.renewal()
    enrol("dev", here.performer, renewal, person, secret)


def test_first_credentials(tmp_path: Path) -> None:
    here, person = machine(tmp_path), ScriptedPerson()
    redeemed(here)
    run(here, person)
    assert here.read(Item.REFRESH_TOKEN) == "first"
    command = unbroken("aws sts get-caller-identity --profile dev")
    assert person.told == [f"[dev] done; next: {command}"]


def test_secret_that_is_given_is_used_at_once(tmp_path: Path) -> None:
    here = machine(tmp_path)
    redeemed(here)
    run(here, None, "the-secret")
    assert here.read(Item.CLIENT_SECRET) == "the-secret"
    assert here.called[0].parameters["ClientSecret"] == "the-secret"


def test_secret_that_is_missing_is_asked_for(tmp_path: Path) -> None:
    here, person = machine(tmp_path, MISSING), ScriptedPerson("", " the-secret ")
    redeemed(here)
    run(here, person)
    assert person.asked == [("[dev] client secret: ", True)] * 2
    assert here.called[1].parameters["ClientSecret"] == "the-secret"
    assert len(here.visited) == 2  # a code is good once


def test_secret_that_is_missing_and_nobody_there(tmp_path: Path) -> None:
    here = machine(tmp_path, MISSING)
    Browser(here)
    with pytest.raises(ServiceError, match="invalid_client"):
        run(here, None)


def test_other_refusals_ask_for_nothing(tmp_path: Path) -> None:
    here = machine(tmp_path, (TOKEN, refusal(TOKEN, "invalid_grant", "x")))
    Browser(here)
    with pytest.raises(ServiceError, match="invalid_grant"):
        run(here, ScriptedPerson())
