"""Which role comes out and for how long: chosen, refused, taken by the basic flow."""

from __future__ import annotations

import calendar
import time
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest

from tests.e2e.machine import (
    CREDENTIALS,
    MFA,
    NAME,
    REGION,
    ROLE,
    SCRIPTS,
    SRP,
    TOKENS,
    Machine,
    failed,
    good_document,
    words,
)
from tests.local_cognito import Rule
from tests.proxies import tls_proxy

if TYPE_CHECKING:
    from pathlib import Path

ADMIN = "arn:aws:iam::111122223333:role/team/Admin"
WHO = [str(SCRIPTS / "aws"), "sts", "get-caller-identity", "--query=Arn", "--output=text"]
BASIC = ["GetOpenIdToken", "AssumeRoleWithWebIdentity"]
BASIC_KEYS = {
    "cognito_role_arn": ROLE,
    "cognito_credential_flow": "basic",
    "cognito_duration_seconds": "43200",
}


@pytest.fixture
def classic(enrolled: Machine) -> Machine:
    """A machine whose profile takes the basic flow, which its identity pool allows."""
    enrolled.identity_pool.classic_flow = True
    enrolled.cognito.create_role(ROLE, 43_200, trusts=[enrolled.identity_pool.id])
    enrolled.write_config(**BASIC_KEYS)
    return enrolled


def mend(machine: Machine, hint: str) -> None:
    """Type the command of a hint."""
    command = words(hint.rpartition(": ")[2])
    done = machine.run(command)
    assert (done.returncode, done.stderr) == (0, "")


def left(document: dict[str, Any]) -> float:
    """For how many seconds credentials are good."""
    expiry = time.strptime(document["Expiration"], "%Y-%m-%dT%H:%M:%SZ")
    return calendar.timegm(expiry) - time.time()


def role_of(machine: Machine) -> str:
    """The name of the role whose credentials the helper gives."""
    keys = good_document(machine.helper().stdout)
    sts = botocore.session.Session().create_client(
        "sts",
        REGION,
        endpoint_url=machine.cognito.endpoint,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    return str(sts.get_caller_identity()["Arn"]).split("/")[1]


def test_ambiguous_roles_are_listed_and_the_hint_chooses_one(enrolled: Machine) -> None:
    enrolled.cognito.create_role(ADMIN)
    enrolled.identity_pool.role_type = "Token"
    enrolled.user.roles = [ADMIN, ROLE]
    enrolled.items.expire()
    error, hint = failed(enrolled.helper(), 1)
    assert error == f"error: the identity pool does not choose among your roles: {ADMIN}, {ROLE}"
    mend(enrolled, hint)
    assert enrolled.run([*WHO, "--profile=dev"]).stdout.startswith(
        "arn:aws:sts::111122223333:assumed-role/Admin/"
    )
    enrolled.user.roles = [ROLE]
    enrolled.items.expire()
    error, hint = failed(enrolled.helper(), 1)
    assert error == f"error: {ADMIN} is not among the roles of your sign-in; yours: {ROLE}"
    mend(enrolled, hint)
    good_document(enrolled.helper().stdout)


def test_preferred_role_and_the_role_of_a_rule(enrolled: Machine) -> None:
    enrolled.cognito.create_role(ADMIN)
    pool, user = enrolled.identity_pool, enrolled.user
    pool.role_type, user.roles, user.preferred_role = "Token", [ADMIN, ROLE], ADMIN
    enrolled.items.expire()
    assert role_of(enrolled) == "Admin"
    pool.role_type, user.roles, user.preferred_role = "Rules", [], None
    pool.rules = (
        Rule("email", "StartsWith", "nobody", ROLE),
        Rule("email", "Contains", "@", ADMIN),
    )
    enrolled.items.expire()
    assert role_of(enrolled) == "Admin"
    pool.rules = pool.rules[:1]
    enrolled.items.expire()
    error, hint = failed(enrolled.helper(), 1)
    assert error == "error: the identity pool has no role for you, and your sign-in names none"
    assert hint.endswith("a rule of the identity pool that fits the claims of your ID token")


def test_the_basic_flow_lasts_as_long_as_the_profile_says(classic: Machine) -> None:
    document = good_document(classic.helper().stdout)
    assert 43_100 < left(document) <= 43_200
    assert classic.calls() == [TOKENS, *BASIC]
    arn = f"arn:aws:sts::111122223333:assumed-role/Developers/{NAME}"
    assert classic.run([*WHO, "--profile=dev"]).stdout == f"{arn}\n"
    assert classic.calls() == ["GetCallerIdentity"]
    classic.identity_pool.forget_identities()
    classic.items.expire()
    good_document(classic.helper().stdout)
    assert classic.calls() == [TOKENS, "GetOpenIdToken", "GetId", *BASIC]


def test_a_basic_flow_that_the_pool_does_not_allow(classic: Machine) -> None:
    classic.identity_pool.classic_flow = False
    error, hint = failed(classic.helper(), 1)
    assert error.startswith(
        "error: GetOpenIdToken was refused: Basic (classic) flow is not enabled"
    )
    classic.user.roles = [ROLE]
    mend(classic, hint)
    assert left(good_document(classic.helper().stdout)) <= 3_600


def test_a_duration_above_the_roles_maximum(classic: Machine) -> None:
    classic.cognito.create_role(ROLE)
    error, hint = failed(classic.helper(), 1)
    assert "the requested durationseconds exceeds the maxsessionduration" in error.lower()
    mend(classic, hint)
    assert left(good_document(classic.helper().stdout)) <= 3_600


def test_a_role_that_does_not_let_the_pool_in(classic: Machine) -> None:
    classic.cognito.create_role(ROLE, trusts=[])
    error, hint = failed(classic.helper(), 1)
    assert error == (
        "error: AssumeRoleWithWebIdentity was refused: "
        "Not authorized to perform sts:AssumeRoleWithWebIdentity (AccessDenied)"
    )
    assert hint.startswith(f"the role's trust policy must let {classic.identity_pool.id} in; or: ")
    assert classic.calls() == [TOKENS, *BASIC]


def test_a_user_who_was_made_anew(enrolled: Machine) -> None:
    """The same name, another person to the identity pool."""
    del enrolled.pool.users[enrolled.user.username]
    user = enrolled.create_user()
    enrolled.items.set("totp-seed", enrolled.pool.enable_totp(user))
    enrolled.items.remove("refresh-token")
    enrolled.items.expire()
    enrolled.half_a_minute_passes()
    good_document(enrolled.helper().stdout)
    assert enrolled.calls() == [*SRP, MFA, CREDENTIALS, "GetId", CREDENTIALS]


def test_all_three_services_through_a_proxy(classic: Machine, tmp_path: Path) -> None:
    with tls_proxy(classic.cognito.endpoint, tmp_path) as tunnels:
        done = classic.helper(AWS_IGNORE_CONFIGURED_ENDPOINT_URLS="true", **tunnels.environment)
    assert (done.returncode, done.stderr) == (0, "")
    good_document(done.stdout)
    assert tunnels.asked == [
        f"{service}.{REGION}.amazonaws.com:443"
        for service in ("cognito-idp", "cognito-identity", "sts")
    ]
