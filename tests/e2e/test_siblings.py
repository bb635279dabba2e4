"""Many profiles of one sign-in, all at once."""

from __future__ import annotations

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

if TYPE_CHECKING:
    from tests.e2e.conftest import NewMachine

WHO = [str(SCRIPTS / "aws"), "sts", "get-caller-identity", "--query=Arn", "--output=text"]


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
    children = [
        (name, subprocess.Popen([HELPER, "--profile", name], env=machine.environment, stdout=-1))
        for name in [*roles, *roles]
    ]
    printed: dict[str, set[bytes]] = {name: set() for name in roles}
    for name, child in children:
        printed[name].add(child.communicate()[0])
    assert [child.returncode for _, child in children] == [0] * 20
    assert all(len(documents) == 1 for documents in printed.values())
    for (document,) in printed.values():
        good_document(document.decode())
    calls = machine.calls()
    assert [call for call in calls if call in {*SRP, MFA}] == [*SRP, MFA]
    assert calls.count(TOKENS) == 9
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
        assert machine.helper("--profile", name).stdout.encode() in printed[name]
    assert machine.calls() == []
