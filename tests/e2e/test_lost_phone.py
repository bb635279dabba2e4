"""Somebody lost the phone, or a computer: what an administrator does, and what comes of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest

from tests.e2e.enrolling import ASK_PASSWORD, RUN, SET_UP, keeps, shows_phone
from tests.e2e.machine import (
    CREDENTIALS,
    HELPER,
    NAME,
    PASSWORD,
    REGION,
    SRP,
    TOKENS,
    failed,
    good_document,
)

if TYPE_CHECKING:
    from tests.e2e.conftest import NewMachine
    from tests.e2e.machine import Machine

LOGIN = (HELPER, "login", "--profile", "dev")
ENROLL_HINT = "cognito-credproc-enroll --profile dev"
LOGIN_HINT = "cognito-credproc login --profile dev"


GUIDE = Path(__file__).parents[2] / "examples" / "administration.md"


def administrates(machine: Machine, *operations: str) -> None:
    """Make calls about the user, by boto3."""
    keys = machine.cognito.issue("arn:aws:iam::111122223333:role/Administrators")
    client = boto3.client(
        "cognito-idp",
        region_name=REGION,
        endpoint_url=machine.cognito.endpoint,
        aws_access_key_id=keys.access_key_id,
        aws_secret_access_key=keys.secret_key,
        aws_session_token=keys.session_token,
    )
    machine.calls()
    for operation in operations:
        getattr(client, operation)(UserPoolId=machine.pool.id, Username=NAME)
    assert len(machine.calls()) == len(operations)


@pytest.mark.parametrize("kept", [False, True], ids=["nothing-kept", "factors-kept"])
def test_the_enrolment_sets_up_another_app_for_the_same_person(
    new_machine: NewMachine, *, kept: bool
) -> None:
    machine = new_machine().enrolled(keep=kept)
    old = machine.items.get("totp-seed") if kept else ""
    administrates(machine, "admin_delete_software_token", "admin_user_global_sign_out")
    machine.items.expire()
    _, hint = failed(machine.helper(), 3)
    assert hint == (ENROLL_HINT if kept else LOGIN_HINT)
    assert machine.calls() == [TOKENS, *(SRP if kept else [])]
    with machine.sits(*LOGIN) as person:
        if not kept:
            person.answers(ASK_PASSWORD, PASSWORD)
        person.sees("this user has no authenticator app yet, and the pool demands one")
        person.sees(f"hint: {ENROLL_HINT}")
        assert person.ends() == 3
    assert machine.calls() == SRP
    with machine.sits(*RUN) as person:
        if not kept:
            person.answers(ASK_PASSWORD, PASSWORD)
        shows_phone(person, machine)
        answer = "" if kept else "n"
        keeps(person, answer, answer, kept=kept)
    # No GetId: to the identity pool, and to policies that name her, she is who she was.
    assert machine.calls() == [*SRP, *SET_UP, CREDENTIALS]
    good_document(machine.helper().stdout)
    if kept:
        assert machine.items.get("totp-seed") not in {"", old}


def test_a_lost_computer_that_keeps_both_factors_is_out_at_the_end_of_the_list(
    new_machine: NewMachine,
) -> None:
    """By the guide's order; the computer signs in whenever it can, and stays out afterwards."""
    lost = new_machine().enrolled(keep=True)
    _, _, section = GUIDE.read_text("utf-8").partition("### A lost computer\n")
    operations = re.findall(r"^\d\. `(admin-[a-z-]+)`", section, re.MULTILINE)
    assert len(operations) == 3
    statuses = []
    for operation in operations:
        administrates(lost, operation.replace("-", "_"))
        lost.half_a_minute_passes()
        lost.items.expire()
        statuses.append(lost.helper().returncode)
    assert statuses == [0, 0, 3], "a refresh token is good until it is revoked"
    lost.user.set_password("Another-horse-9")  # the owner is back, by the mailed code
    lost.half_a_minute_passes()
    error, _ = failed(lost.helper(), 3)
    assert "password" in error
