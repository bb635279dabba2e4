"""Many profiles of one sign-in, all at once."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.e2e.machine import (
    CREDENTIALS,
    HELPER,
    MFA,
    REGION,
    ROLE,
    SCRIPTS,
    SRP,
    TOKENS,
    good_document,
)
from tests.local_cognito import Fault

if TYPE_CHECKING:
    from tests.e2e.conftest import NewMachine
    from tests.e2e.machine import Machine

BUSY = re.compile("^error: (another process is signing in|.*: there was no time left for it)")
WHO = [str(SCRIPTS / "aws"), "sts", "get-caller-identity", "--query=Arn", "--output=text"]


def run_at_once(machine: Machine, profiles: list[str], printed: dict[str, set[str]]) -> list[str]:
    """Run the helper for each; gives those that ran out of time on a machine that is too busy."""
    children = [
        subprocess.Popen(
            [HELPER, "--profile", profile],
            env=machine.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for profile in profiles
    ]
    late = []
    for profile, child in zip(profiles, children, strict=True):
        out, err = child.communicate()
        if child.returncode:
            assert BUSY.search(err), err
            late.append(profile)
        else:
            printed[profile].add(out)
    return late


@pytest.mark.slow
def test_ten_profiles_and_twenty_processes_make_one_sign_in(new_machine: NewMachine) -> None:
    """Every refresh token is good once: who missed the new one would sign in again."""
    machine = new_machine(client={"rotation_grace": 0}).enrolled()
    roles = {f"role-{number}": f"{ROLE}-{number}" for number in range(10)}
    for role in roles.values():
        machine.cognito.create_role(role)
    machine.user.roles = list(roles.values())
    machine.write_config(
        "\n".join(
            f"[profile {name}]\nregion = {REGION}\ncredential_process = {HELPER} --profile {name}\n"
            f"cognito_settings_from = dev\ncognito_role_arn = {role}\n"
            for name, role in roles.items()
        )
    )
    machine.items.remove("refresh-token", "session")
    machine.half_a_minute_passes()
    printed = {name: set[str]() for name in roles}
    late = run_at_once(machine, [*roles, *roles], printed)
    for name in late:
        assert run_at_once(machine, [name], printed) == []
    assert all(len(documents) == 1 for documents in printed.values())
    for (document,) in printed.values():
        good_document(document)
    calls = machine.calls()
    assert [call for call in calls if call in {*SRP, MFA}] == [*SRP, MFA]
    assert calls.count(TOKENS) <= 9 or late
    assert calls.count(CREDENTIALS) == 10
    assert calls.count("GetId") <= 1
    for name in ("role-2", "role-7"):
        who = machine.run([*WHO, f"--profile={name}"]).stdout
        assert f":assumed-role/Developers-{name[-1]}/" in who
    assert machine.calls() == ["GetCallerIdentity"] * 2
    machine.items.remove(f"session/role-7@{machine.config}")
    good_document(machine.helper("--profile", "role-7").stdout)
    assert machine.calls() == [TOKENS, CREDENTIALS]
    for name in ("role-2", "role-3"):
        assert machine.helper("--profile", name).stdout in printed[name]
    assert machine.calls() == []


@pytest.mark.slow
def test_profiles_that_wait_need_no_refresh_each(new_machine: NewMachine) -> None:
    """A refresh takes a second: twelve of them, one by one, are more than anybody waits."""
    machine = new_machine(client={"rotation_grace": 0}).enrolled(keep=False)
    names = [f"role-{number}" for number in range(12)]
    machine.write_config(
        "\n".join(
            f"[profile {name}]\ncredential_process = {HELPER} --profile {name}\n"
            "cognito_settings_from = dev\n"
            for name in names
        )
    )
    machine.cognito.faults.add(TOKENS, Fault.DRIP, times=None, seconds=1)
    printed = {name: set[str]() for name in names}
    assert run_at_once(machine, names, printed) == []
    calls = machine.calls()
    assert calls.count(TOKENS) < 6
    assert calls.count(CREDENTIALS) == 12
