"""Pools that track devices: a machine that is remembered, forgotten, refreshed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.e2e.enrolling import DONE, RUN, last_code
from tests.e2e.machine import CREDENTIALS, MFA, PASSWORD, SRP, TOKENS, failed, good_document
from tests.e2e.test_codes import ASK_PASSWORD, ASK_SMS, LOGIN, LOGIN_HINT, PHONE, SIGNED_IN

if TYPE_CHECKING:
    from tests.e2e.conftest import NewMachine
    from tests.e2e.machine import Machine

RESPOND = "RespondToAuthChallenge"
DEVICE_PROOF = [RESPOND, RESPOND]
MAY_REMEMBER = "[dev] may cognito remember this machine and ask for fewer codes? [y/N] "


def tracking(
    new_machine: NewMachine, devices: str = "ALWAYS", *, secret: bool = False, **pool: bool
) -> Machine:
    kinds = {"mfa": "ON", "mfa_kinds": ("SMS_MFA",), "devices": devices, **pool}
    machine = new_machine(pool=kinds, client={"secret": secret})
    if secret:
        failed(machine.run([*RUN, "--client-secret-stdin"], f"{machine.client.secret}\n"), 3)
    machine.create_user().phone = PHONE
    return machine


def signs_in(machine: Machine, *, agrees: bool | None = None, kept: bool = False) -> None:
    """`login` with the password and a code; `agrees` to be remembered, if that is asked."""
    with machine.sits(*LOGIN) as person:
        if not kept:
            person.answers(ASK_PASSWORD, PASSWORD)
        person.sees(ASK_SMS)
        person.types(last_code(machine))
        if agrees is not None:
            person.answers(MAY_REMEMBER, "y" if agrees else "")
        person.sees(SIGNED_IN)
        assert person.ends() == 0


def comes_back(machine: Machine) -> None:
    """`login` with the password alone, since the machine is remembered."""
    with machine.sits(*LOGIN) as person:
        person.answers(ASK_PASSWORD, PASSWORD)
        person.sees(SIGNED_IN)
        assert person.ends() == 0
        assert "code" not in person.shown


def forget(machine: Machine) -> None:
    """As an administrator does it."""
    machine.user.devices.clear()


@pytest.mark.parametrize(
    ("sessions", "secret"), [(True, False), (False, True)], ids=["sessions", "client secret"]
)
def test_machine_is_remembered(new_machine: NewMachine, sessions: bool, secret: bool) -> None:
    machine = tracking(new_machine, device_sessions=sessions, secret=secret)
    signs_in(machine)
    assert machine.calls() == [*SRP, MFA, "ConfirmDevice", "GetId", CREDENTIALS]
    (device,) = machine.user.devices.values()
    assert device.remembered
    assert device.name.startswith("cognito-credproc on ")
    comes_back(machine)
    assert machine.calls() == [*SRP, *DEVICE_PROOF, CREDENTIALS]
    assert len(machine.pool.outbox) == 1
    machine.items.expire()
    good_document(machine.helper().stdout)
    assert machine.calls() == [TOKENS, CREDENTIALS]
    item = json.loads(machine.items.get("device"))
    assert (item["key"], item["group"]) == (device.key, device.group)
    wire = b"".join(machine.cognito.wire)
    assert item["password"].encode() not in wire


@pytest.mark.parametrize("agrees", [True, False])
def test_person_decides_where_the_pool_leaves_it_to_them(
    new_machine: NewMachine, agrees: bool
) -> None:
    machine = tracking(new_machine, "OPT_IN")
    signs_in(machine, agrees=agrees)
    if agrees:
        comes_back(machine)
    else:
        signs_in(machine)
    assert len(machine.user.devices) == 1
    assert len(machine.pool.outbox) == 2 - agrees
    machine.items.expire()
    machine.calls()
    good_document(machine.helper().stdout)
    assert machine.calls() == [TOKENS, CREDENTIALS]


def test_machine_that_the_pool_forgot_is_known_anew(new_machine: NewMachine) -> None:
    machine = tracking(new_machine)
    signs_in(machine)
    old = machine.items.get("device")
    forget(machine)
    machine.calls()
    with machine.sits(*LOGIN) as person:
        person.answers(ASK_PASSWORD, PASSWORD)
        person.sees(ASK_SMS)
        person.types(last_code(machine))
        person.sees(SIGNED_IN)
        assert person.ends() == 0
    assert machine.calls() == ["InitiateAuth", *SRP, MFA, "ConfirmDevice", CREDENTIALS]
    assert machine.items.get("device") != old
    comes_back(machine)


def test_nobody_has_a_code_sent_when_the_device_is_lost(new_machine: NewMachine) -> None:
    """A stored password and a remembered machine sign in without a person, and only then."""
    machine = tracking(new_machine)
    signs_in(machine)
    with machine.sits(*RUN, "--store-password") as person:
        person.answers(ASK_PASSWORD, PASSWORD)
        person.sees(DONE)
        assert person.ends() == 0
    machine.items.remove("session", "refresh-token")
    machine.calls()
    good_document(machine.helper().stdout)
    assert machine.calls() == [*SRP, *DEVICE_PROOF, CREDENTIALS]
    forget(machine)
    machine.items.expire()
    for _ in range(2):
        _, hint = failed(machine.helper(), 3)
        assert hint == LOGIN_HINT
    assert machine.calls() == [TOKENS]
    assert len(machine.pool.outbox) == 1
    assert not {"device", "refresh-token"} & machine.items.kinds()
    signs_in(machine, kept=True)
    machine.items.remove("session", "refresh-token")
    good_document(machine.helper().stdout)


def test_logout_keeps_the_machine_and_forget_does_not(new_machine: NewMachine) -> None:
    machine = tracking(new_machine)
    signs_in(machine)
    logout = [LOGIN[0], "logout", "--profile", "dev"]
    assert machine.run(logout).returncode == 0
    assert machine.items.kinds() == {"device"}
    comes_back(machine)
    assert machine.run([*logout, "--forget"]).returncode == 0
    assert machine.items.kinds() == set()
