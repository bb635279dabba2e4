"""What the helper does without a person: serves, refreshes, signs in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.machine import (
    CREDENTIALS,
    MFA,
    PASSWORD,
    SRP,
    TOKENS,
    Machine,
    good_document,
)
from tests.local_cognito import Fault
from tests.secret_forms import written

if TYPE_CHECKING:
    from tests.e2e.conftest import NewMachine


def test_the_first_use_and_the_next_cost_no_call(enrolled: Machine) -> None:
    first, second = enrolled.helper(), enrolled.helper()
    assert (first.returncode, first.stderr) == (0, "")
    good_document(first.stdout)
    assert second.stdout == first.stdout
    assert enrolled.calls() == []


def test_expired_credentials_cost_two_calls(enrolled: Machine) -> None:
    before = enrolled.helper().stdout
    enrolled.items.expire()
    after = enrolled.helper()
    assert (after.returncode, after.stderr) == (0, "")
    assert good_document(after.stdout) != good_document(before)
    assert enrolled.calls() == [TOKENS, CREDENTIALS]
    assert enrolled.helper().stdout == after.stdout
    assert enrolled.calls() == []


def test_credentials_with_less_than_15_minutes_are_renewed(enrolled: Machine) -> None:
    enrolled.items.expire(left=14 * 60)
    good_document(enrolled.helper().stdout)
    assert enrolled.calls() == [TOKENS, CREDENTIALS]


def test_good_credentials_are_served_where_the_renewal_fails(enrolled: Machine) -> None:
    stored = enrolled.helper().stdout
    enrolled.items.expire(left=10 * 60)
    enrolled.cognito.faults.add(TOKENS, Fault.ERROR_500)
    done = enrolled.helper()
    assert (done.returncode, done.stdout, done.stderr) == (0, stored, "")
    assert enrolled.calls() == [TOKENS]


def test_a_rotated_refresh_token_is_stored(new_machine: NewMachine) -> None:
    machine = new_machine(client={"rotation_grace": 0}).enrolled()
    seen = {machine.items.get("refresh-token")}
    for _ in range(3):
        machine.items.expire()
        good_document(machine.helper().stdout)
        assert machine.calls() == [TOKENS, CREDENTIALS]
        seen.add(machine.items.get("refresh-token"))
    assert len(seen) == 4


@pytest.mark.parametrize("how", ["absent", "unknown", "revoked"])
def test_stored_factors_sign_in_and_the_password_stays_here(enrolled: Machine, how: str) -> None:
    enrolled.items.expire()
    refused = [TOKENS]
    if how == "absent":
        enrolled.items.remove("refresh-token")
        refused = []
    elif how == "unknown":
        enrolled.items.set("refresh-token", "x" * 1_700)
    else:
        enrolled.revoke()
    done = enrolled.helper()
    assert (done.returncode, done.stderr) == (0, "")
    good_document(done.stdout)
    assert enrolled.calls() == [*refused, *SRP, MFA, CREDENTIALS]
    wire = b"\n".join(enrolled.cognito.wire)
    assert not [form for form in written(PASSWORD) if form in wire]
    enrolled.items.expire()
    good_document(enrolled.helper().stdout)
    assert enrolled.calls() == [TOKENS, CREDENTIALS]
