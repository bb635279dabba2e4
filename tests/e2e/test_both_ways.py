"""Anything odd falls back to `keyring`, which gives the same answer: every scenario, both ways.

A scenario prepares the machine; then the helper runs, once with our own reader and once with it
bypassed. Whatever comes out, and whatever is asked of Cognito, has to be the same.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import pytest

from cognito_credproc import record
from tests.e2e.machine import CREDENTIALS, HELPER, ROLE, TOKENS, Machine

if TYPE_CHECKING:
    from collections.abc import Callable

    Scenario = Callable[[Machine], "list[str] | None"]

KEYRING = {"PYTHON_KEYRING_BACKEND": "keyring.backends.SecretService.Keyring"}
RENEWAL = [TOKENS, CREDENTIALS]
ERROR = 1
PERSON = 3


class Outcome(NamedTuple):
    """What a run came to: served what was stored, or something new, or nothing."""

    status: int
    served: str
    error: str
    calls: list[str]


def fresh(machine: Machine) -> None:
    machine.items.expire(left=3600)


def nearly_old(machine: Machine) -> None:
    machine.items.expire(left=16 * 60)


def old(machine: Machine) -> None:
    machine.items.expire(left=14 * 60)


def expired(machine: Machine) -> None:
    machine.items.expire()


def missing(machine: Machine) -> None:
    machine.items.remove("session")


def empty(machine: Machine) -> None:
    machine.items.set("session", "")


def foreign(machine: Machine) -> None:
    machine.items.set("session", json.dumps({"Version": 1, "AccessKeyId": "ASIASOMEBODYELSES"}))


def cut_short(machine: Machine) -> None:
    machine.items.set("session", machine.items.get("session")[:-100])


def of_a_later_version(machine: Machine) -> None:
    text = machine.items.get("session")
    machine.items.set("session", text.replace(record.MAGIC, "cognito-credproc 2", 1))


def with_wide_characters(machine: Machine) -> None:
    stored = record.parse(machine.items.get("session"))
    assert stored is not None
    stored.document = stored.document.rstrip("\n") + " " * 20_000 + "\n"
    machine.items.set("session", stored.text())


def from_far_ahead(machine: Machine) -> None:
    machine.items.expire(left=365 * 86_400)


def config_touched(machine: Machine) -> None:
    machine.write_config(more="# a comment")


def role_changed(machine: Machine) -> None:
    machine.user.roles.append(ROLE + "2")
    machine.identity_pool.role_type = "Token"
    machine.cognito.create_role(ROLE + "2")
    machine.write_config(cognito_role_arn=ROLE + "2")


def another_identity_pool(machine: Machine) -> None:
    pool = machine.cognito.create_identity_pool(machine.client, ROLE)
    machine.cognito.create_role(ROLE)  # which any identity pool may give
    machine.write_config(cognito_identity_pool_id=pool.id)


def config_broken(machine: Machine) -> None:
    machine.write_config(more="no section and no key")


def config_gone(machine: Machine) -> None:
    machine.config.unlink()


def another_profile(machine: Machine) -> list[str]:
    machine.write_config(more="[profile other]\nregion = eu-west-1")
    return ["--profile", "other"]


def no_such_profile(_machine: Machine) -> list[str]:
    return ["--profile", "nonsense"]


def signed_out(machine: Machine) -> None:
    machine.items.remove("session", "refresh-token", "password", "totp-seed")


def signed_out_with_time_left(machine: Machine) -> None:
    machine.items.expire(left=14 * 60)
    machine.items.remove("refresh-token", "password", "totp-seed")


SERVED = (0, "stored")
RENEWED = (0, "new")
FAILED = (ERROR, "nothing")
SCENARIOS: dict[str, tuple[Scenario, tuple[int, str]]] = {
    scenario.__name__.replace("_", " "): (scenario, outcome)
    for scenario, outcome in (
        (fresh, SERVED),
        (nearly_old, SERVED),
        (old, RENEWED),
        (expired, RENEWED),
        (missing, RENEWED),
        (empty, RENEWED),
        (foreign, RENEWED),
        (cut_short, RENEWED),
        (of_a_later_version, RENEWED),
        (with_wide_characters, SERVED),
        (from_far_ahead, RENEWED),
        (config_touched, SERVED),
        (role_changed, RENEWED),
        (another_identity_pool, RENEWED),
        (config_broken, FAILED),
        (config_gone, FAILED),
        (another_profile, FAILED),
        (no_such_profile, FAILED),
        (signed_out, (PERSON, "nothing")),
        (signed_out_with_time_left, SERVED),
    )
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_both_ways_give_the_same_answer(enrolled: Machine, name: str) -> None:
    scenario, expected = SCENARIOS[name]
    config, items = enrolled.config.read_bytes(), enrolled.items.snapshot()
    outcomes = []
    for way in ({}, KEYRING):
        enrolled.config.write_bytes(config)
        enrolled.items.restore(items)
        before = enrolled.helper().stdout  # the config file was written: the item is stamped anew
        # No background renewal may come between: this is about the answer.
        (enrolled.state / f"{enrolled.digest()}.renewal").touch()
        enrolled.calls()
        arguments = scenario(enrolled) or ["--profile", "dev"]
        run = enrolled.run([HELPER, *arguments], **way)
        same = run.stdout.split() == before.split()
        served = "nothing" if not run.stdout else "stored" if same else "new"
        outcomes.append(Outcome(run.returncode, served, run.stderr, enrolled.calls()))
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][:2] == expected, outcomes[0].error
    calls = [call for call in outcomes[0].calls if call != "GetId"]
    assert calls == (RENEWAL if expected == RENEWED else [])
