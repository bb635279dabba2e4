"""What `status` says of each state that a profile can be in."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cognito_credproc.flows.flow import Item
from cognito_credproc.storage.state import Account, State
from cognito_credproc.use_cases.program import load_settings
from cognito_credproc.values.breaker import Pause, Trouble
from cognito_credproc.words.layout import Screen
from cognito_credproc.words.report import as_json, details, table
from tests.fakes import NOW, PROFILE
from tests.test_standing import House

SCREEN = Screen(80, colour=False)
PAUSE = Pause(Trouble.OUTAGE, 3, NOW + 90, "InitiateAuth: HTTP status 503 instead of an answer")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        house = House(tmp_path)
        house.keep()
        house.store(Item.REFRESH_TOKEN, Item.PASSWORD)
        yield house
    time.tzset()


def remember(house: House, **memory: Any) -> None:
    """What is remembered of the user of `dev`."""
    settings, _ = load_settings("dev", house.environment)
    State(house.folder / "state").save(settings.user, Account(**memory))


def row(house: House) -> str:
    """The line of `dev` in the table."""
    lines = table(house.look(), SCREEN, NOW).splitlines()
    return next(line for line in lines if line.startswith("dev "))


def members(house: House) -> dict[str, Any]:
    """What the JSON says of `dev`."""
    [found] = json.loads(as_json(house.look(), NOW))["profiles"]
    return dict(found)


def particulars(house: House) -> str:
    """Everything about `dev`."""
    return " ".join(details(house.look("dev"), SCREEN, NOW).split())


def test_nothing_stops_it(house: House) -> None:
    assert " ".join(row(house).split()) == "dev 08:05 (1 h) by pool yes password closed"
    assert members(house)["breaker"] == {
        "open": False,
        "refused": {},
        "paused_until": None,
        "reason": None,
    }
    assert members(house)["clock_skew_seconds"] == 0
    assert "clock" not in particulars(house)


def test_a_pause(house: House) -> None:
    remember(house, pauses={"cognito-idp": PAUSE})
    assert row(house).endswith("  paused")
    shown = table(house.look(), SCREEN, NOW)
    assert "instead of an answer; the next try is in" in " ".join(shown.split())
    assert "  hint: cognito-credproc login --profile dev" in shown
    assert members(house)["breaker"]["paused_until"] == "2026-11-03T07:06:39Z"
    assert members(house)["breaker"]["reason"] == PAUSE.reason
    assert "breaker paused for 1 min" in particulars(house)


def test_what_is_wrong_with_a_sign_in_is_said_once(house: House) -> None:
    house.delete(Item.REFRESH_TOKEN, Item.PASSWORD)
    roles = {f"profile r{n}": {"cognito_settings_from": "dev"} for n in range(20)}
    house.write({"profile dev": PROFILE, **roles, "profile bad": {"cognito_mfa": "x"}})
    shown = table(house.look(), SCREEN, NOW)
    assert shown.count("hint:") == 2
    assert (
        "\ndev and 20 more: nobody has signed in yet\n"
        "  hint: cognito-credproc login --profile dev\n\nbad:"
    ) in shown
    remember(house, signed_in={PROFILE["cognito_client_id"]: int(NOW)})
    assert "dev and 20 more: not signed in, and no" in table(house.look(), SCREEN, NOW)


def test_a_pause_that_is_over(house: House) -> None:
    remember(house, pauses={"cognito-idp": PAUSE})
    assert "paused" not in table(house.look(), SCREEN, NOW + 100)


def test_a_refusal_outweighs_a_pause(house: House) -> None:
    remember(house, pauses={"cognito-idp": PAUSE}, refused={"password": "no"})
    assert row(house).endswith("  open")
    assert "breaker open: password refused" in particulars(house)


def test_a_clock_that_is_wrong(house: House) -> None:
    remember(house, skew=-130.04)
    assert members(house)["clock_skew_seconds"] == -130.0
    assert "2 min ahead of Cognito's, which is made up for here" in particulars(house)
    remember(house, skew=7_200)
    assert "2 h behind Cognito's, which is too much for AWS tools" in particulars(house)


def test_a_pause_that_has_its_own_hint(house: House) -> None:
    """Such as one of a clock that has to be set: a sign-in would only fail again."""
    remember(house, pauses={"cognito-idp": replace(PAUSE, hint="set the clock")})
    assert "hint: set the clock" in particulars(house)


def test_since_when(house: House) -> None:
    remember(house, signed_in={PROFILE["cognito_client_id"]: int(NOW)})
    assert "2026-11-03" in row(house)
    assert members(house)["refresh_token"] == {"stored": True, "since": "2026-11-03T07:05:09Z"}
    assert "refresh token in the keyring, since 2026-11-03 07:05" in particulars(house)
