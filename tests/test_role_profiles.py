"""A profile for each role: what is offered, what is proposed, what is written."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from cognito_credproc.profiles.configuring import ConfigFile
from cognito_credproc.profiles.role_profiles import Role, changes, choose, found
from cognito_credproc.settings.forms import BASE
from cognito_credproc.settings.line import isolated_line
from cognito_credproc.values.errors import SettingsError
from tests.fakes import PROFILE, ScriptedPerson

ADMIN = "arn:aws:iam::111122223333:role/Admin"
OTHER_ADMIN = "arn:aws:iam::444455556666:role/team/Admin"
READER = "arn:aws:iam::111122223333:role/Reader"


def config(**profiles: Mapping[str, str]) -> ConfigFile:
    return ConfigFile(Path("/home/istio/.aws/config"), {"dev": PROFILE, **profiles}, Path("/lock"))


def test_roles_each_once_with_the_profile_that_has_it() -> None:
    here = config(
        admin={BASE: "dev", "cognito_role_arn": ADMIN},
        foreign={**PROFILE, "cognito_role_arn": READER},
        other={BASE: "foreign", "cognito_role_arn": OTHER_ADMIN},
    )
    allowed = [ADMIN, READER, "no role", ADMIN, OTHER_ADMIN]
    assert found(here, "dev", allowed) == [
        Role(ADMIN, "admin"),
        Role(READER, None),
        Role(OTHER_ADMIN, None),
    ]
    assert found(here, "admin", [ADMIN]) == [Role(ADMIN, "admin")], "the base is looked for"
    assert found(config(), "dev", []) == []


def test_a_person_names_them() -> None:
    person = ScriptedPerson("", " boss ", "-")
    roles = [Role(READER, None), Role(ADMIN, None), Role(OTHER_ADMIN, None)]
    assert choose(config(), "dev", roles, person) == {"dev-Reader": READER, "boss": ADMIN}
    assert person.told == [
        "[dev] your groups allow 3 roles",
        *(f"[dev] {arn}" for arn in (READER, ADMIN, OTHER_ADMIN)),
    ]
    assert person.asked[0] == ("[dev] profile for it [dev-Reader] (- for none): ", False)


def test_names_that_are_taken_or_none() -> None:
    here = config(**{"dev-Admin": {}, "dev-Admin-444455556666": {}})
    person = ScriptedPerson("dev", "a]b", "", "", "")
    roles = [Role(ADMIN, None), Role(OTHER_ADMIN, None), Role(READER, "reader")]
    chosen = choose(here, "dev", roles, person)
    assert chosen == {"dev-Admin-111122223333": ADMIN, "dev-Admin-2": OTHER_ADMIN}
    assert person.told == [
        "[dev] your groups allow 3 roles",
        f"[dev] {ADMIN}",
        "[dev] there is a profile dev already",
        "[dev] not all tools can read that name",
        f"[dev] {OTHER_ADMIN}",
        f"[dev] {READER} has the profile reader",
    ]


@pytest.mark.parametrize(
    ("profile", "arn", "name"),
    [
        ("default", ADMIN, "Admin"),
        ("two words", ADMIN, "two words-Admin"),
        ("default", "arn:aws:iam::111122223333:role/a=b,c", "a-b-c"),
    ],
)
def test_proposed_names(profile: str, arn: str, name: str) -> None:
    here = config(**{profile: PROFILE})
    assert choose(here, profile, [Role(arn, None)], ScriptedPerson("")) == {name: arn}


def test_what_is_written() -> None:
    here = config(admin={BASE: "dev", "cognito_role_arn": ADMIN})
    assert changes(here, "admin", {"two words": READER}, None) == {
        "two words": {
            "region": "ap-northeast-1",
            "credential_process": isolated_line("two words"),
            BASE: "dev",
            "cognito_role_arn": READER,
        }
    }


def test_a_base_that_is_not_there() -> None:
    with pytest.raises(SettingsError):
        changes(config(admin={BASE: "nobody"}), "admin", {"x": READER}, None)
