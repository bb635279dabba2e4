"""A team's whole way in a pool with the very settings of the CloudFormation example."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.enrolling import (
    ASK_MAILED,
    ASK_PASSWORD,
    RUN,
    SET_UP,
    TEMPORARY,
    chooses_password,
    keeps,
    last_code,
    shows_phone,
)
from tests.e2e.machine import (
    CREDENTIALS,
    MFA,
    PASSWORD,
    SCRIPTS,
    SRP,
    TOKENS,
    failed,
    good_document,
)
from tests.infrastructure.template import Template

if TYPE_CHECKING:
    from tests.e2e.conftest import NewMachine
    from tests.e2e.machine import Machine

SECONDS = {"minutes": 60, "days": 86_400}
DEVELOPERS = "arn:aws:iam::111122223333:role/team-DeveloperRole-1"


def team(new_machine: NewMachine, **parameters: str) -> Machine:
    """A machine beside a local Cognito that is set up as the template says."""
    template = Template(parameters)
    pool, client, identities, roles = (
        template.properties(name)
        for name in ("UserPool", "UserPoolClient", "IdentityPool", "IdentityPoolRoles")
    )
    assert client["EnableTokenRevocation"] is True
    assert identities["AllowUnauthenticatedIdentities"] is False  # the local one knows no guests
    mappings = list(roles.get("RoleMappings", {}).values())

    def seconds(token: str) -> int:
        return int(client[f"{token}Validity"]) * SECONDS[client["TokenValidityUnits"][token]]

    identity_pool: dict[str, Any] = {"classic_flow": identities["AllowClassicFlow"]}
    if mappings:
        identity_pool["role_type"] = mappings[0]["Type"]
        identity_pool["ambiguous"] = mappings[0]["AmbiguousRoleResolution"]
    return new_machine(
        pool={
            "mfa": pool["MfaConfiguration"],
            "mfa_kinds": tuple(pool["EnabledMfas"]),
            "admin_create_only": pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"],
            "email_as_username": pool["UsernameAttributes"] == ["email"],
            "prevent_user_existence_errors": client["PreventUserExistenceErrors"] == "ENABLED",
            "minimum_password_length": pool["Policies"]["PasswordPolicy"]["MinimumLength"],
            "recovery": ("email",),
        },
        client={
            "secret": client["GenerateSecret"],
            "flows": tuple(client["ExplicitAuthFlows"]),
            "session_minutes": client["AuthSessionValidity"],
            "rotation_grace": client["RefreshTokenRotation"]["RetryGracePeriodSeconds"],
            "access_token_seconds": seconds("AccessToken"),
            "id_token_seconds": seconds("IdToken"),
            "refresh_token_seconds": seconds("RefreshToken"),
        },
        identity_pool=identity_pool,
    )


def test_whom_an_administrator_created_enrols_and_is_renewed_with_rotation(
    new_machine: NewMachine,
) -> None:
    machine = team(new_machine)
    machine.create_user(temporary_password=TEMPORARY)
    with machine.sits(*RUN) as person:
        person.answers(ASK_PASSWORD, TEMPORARY)
        chooses_password(person)
        shows_phone(person, machine)
        keeps(person, "n", "n")
    assert machine.calls() == [*SRP, MFA, *SET_UP, "GetId", CREDENTIALS]
    for _ in range(2):
        before = machine.items.get("refresh-token")
        machine.items.remove("session")
        good_document(machine.helper().stdout)
        assert machine.calls()[0] == TOKENS
        assert machine.items.get("refresh-token") != before


def test_nobody_signs_up_unless_the_stack_allows_it(new_machine: NewMachine) -> None:
    closed = team(new_machine)
    with closed.sits(*RUN, "--sign-up") as person:
        chooses_password(person)
        person.sees("error: SignUp was refused: SignUp is not permitted for this user pool")
        assert person.ends() != 0
    machine = team(new_machine, SelfSignUpDomains="example.com")
    with machine.sits(*RUN, "--sign-up") as person:
        chooses_password(person)
        person.sees(ASK_MAILED)
        person.types(last_code(machine))
        shows_phone(person, machine)
        keeps(person, "y", "n")
    assert machine.items.get("password") == PASSWORD


@pytest.mark.parametrize("member", [True, False])
def test_groups_decide_the_role(new_machine: NewMachine, *, member: bool) -> None:
    machine = team(new_machine, GroupRoles="true")
    machine.cognito.create_role(DEVELOPERS, trusts=[machine.identity_pool.id])
    user = machine.create_user()
    if member:
        user.groups, user.roles, user.preferred_role = ["developers"], [DEVELOPERS], DEVELOPERS
    seed = machine.pool.enable_totp(user)
    given = ["--password-stdin", "--totp-seed-stdin", "--store-password", "--store-totp"]
    done = machine.run([*RUN, *given], f"{PASSWORD}\n{seed}\n")
    if member:
        assert (done.stderr, done.returncode) == ("", 0)
        who = machine.run([str(SCRIPTS / "aws"), "sts", "get-caller-identity", "--profile=dev"])
        assert ":assumed-role/team-DeveloperRole-1/" in json.loads(who.stdout)["Arn"]
    else:
        error, _ = failed(done, 1)
        assert "the identity pool has no role for you" in error
