"""The refresh token where the newer call is not to be had, and its rotation, end to end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.machine import CREDENTIALS, MFA, SRP, TOKENS, good_document

if TYPE_CHECKING:
    from tests.e2e.conftest import NewMachine


@pytest.mark.parametrize("code", ["UnknownOperationException", "OperationNotEnabledException"])
@pytest.mark.parametrize("secret", [True, False])
def test_older_call(new_machine: NewMachine, code: str, secret: bool) -> None:
    machine = new_machine(client={"secret": secret, "get_tokens_refusal": code}).enrolled()
    token = machine.items.get("refresh-token")
    machine.items.expire()
    good_document(machine.helper().stdout)
    assert machine.calls() == [TOKENS, "InitiateAuth", CREDENTIALS]
    assert machine.items.get("refresh-token") == token


def test_neither_call(new_machine: NewMachine) -> None:
    """The stored factors sign in each time; nobody is told, since nothing is wrong."""
    client = {"get_tokens_refusal": "ForbiddenException", "flows": ("ALLOW_USER_SRP_AUTH",)}
    machine = new_machine(client=client).enrolled()
    machine.items.expire()
    machine.half_a_minute_passes()
    good_document(machine.helper().stdout)
    assert machine.calls() == [TOKENS, "InitiateAuth", *SRP, MFA, CREDENTIALS]


@pytest.mark.parametrize("grace", [0, 60])
def test_rotation(new_machine: NewMachine, grace: int) -> None:
    """Each token is used once, whatever the grace; its end comes when the first one's does."""
    client = {"rotation_grace": grace, "refresh_token_seconds": 7_200}
    machine = new_machine(client=client).enrolled()
    seen = {machine.items.get("refresh-token")}
    for _ in range(3):
        machine.items.expire()
        good_document(machine.helper().stdout)
        seen.add(machine.items.get("refresh-token"))
    assert machine.calls() == [TOKENS, CREDENTIALS] * 3
    assert len(seen) == 4
    machine.cognito.clock.advance(7_201)
    machine.items.expire()
    machine.half_a_minute_passes()
    machine.helper()
    assert machine.calls()[:3] == [TOKENS, *SRP]
