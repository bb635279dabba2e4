"""The screens of `configure`, on a terminal of 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cognito_credproc.settings.line import isolated_line
from tests import golden
from tests.e2e.machine import HELPER, NAME, Machine, machine_for_screens
from tests.e2e.person import Person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.conftest import Keyrings

CONFIGURE = (HELPER, "configure")
TEAM = """\
[profile admin]
cognito_settings_from = dev
cognito_role_arn = arn:aws:iam::111122223333:role/Admin
credential_process = /opt/python3.10/bin/python -I -S /opt/cognito_credproc/run.py --profile admin

[profile vault]
cognito_settings_from = dev
credential_process = aws-vault export --format=json vault
"""


@pytest.fixture
def home(keyrings: Keyrings) -> Iterator[Machine]:
    """A machine in a folder for golden screens."""
    with machine_for_screens(keyrings.environment()) as home:
        yield home


def test_a_new_profile(home: Machine) -> None:
    home.config.unlink()
    given = (f"--user-pool-id={home.pool.id}", f"--identity-pool-id={home.identity_pool.id}")
    with Person((*CONFIGURE, "--profile=dev", *given), home.environment, columns=80) as person:
        person.answers("[dev] client id, such as ", "not an id")
        person.answers("[dev] client id, such as ", "mistyped")
        person.answers("[dev] username, such as ", NAME)
        person.answers("[dev] client id [mistyped]: ", home.client.id)
        person.answers("[dev] region [", "")
        assert person.ends() == 0
        golden.check("configure-new", person.shown, home.config.parent)


def test_the_list_and_the_mending(home: Machine) -> None:
    home.write_config(TEAM, credential_process=isolated_line("dev"))
    change = (
        "--profile=dev",
        "--offline",
        "--dry-run",
        "--mfa=SOFTWARE_TOKEN_MFA",
        "--region=us-east-1",
    )
    with Person((*CONFIGURE, *change), home.environment, columns=80) as person:
        assert person.ends() == 0
        golden.check("configure-dry-run", person.shown, home.config.parent, 400)
    with Person(CONFIGURE, home.environment, columns=80) as person:
        assert person.ends() == 0
        golden.check("configure-list", person.shown, home.config.parent)
    assert home.run([*CONFIGURE, "--all"]).returncode == 0
    with Person(CONFIGURE, home.environment, columns=80) as person:
        assert person.ends() == 0
        golden.check("configure-mended", person.shown, home.config.parent)


def test_a_profile_for_each_role(home: Machine) -> None:
    home.enrolled().user.roles = [
        f"arn:aws:iam::111122223333:role/{name}" for name in ("Admin", "Reader", "Auditor")
    ]
    home.write_config(TEAM)
    with Person(
        (*CONFIGURE, "--profile=dev", "--list-roles"), home.environment, columns=80
    ) as person:
        person.answers("[dev-Reader] (- for none): ", "reader")
        person.answers("[dev-Auditor] (- for none): ", "-")
        assert person.ends() == 0
        golden.check("configure-roles", person.shown, home.config.parent)
