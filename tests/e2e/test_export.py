"""`export`: the lines that shells read, and what tools then find in their environment."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.e2e.machine import ARN, HELPER, MFA, PASSWORD, REGION, SRP, failed, good_document

if TYPE_CHECKING:
    from tests.e2e.conftest import NewMachine
    from tests.e2e.machine import Machine

EXPORT = f"{HELPER} export --profile dev"
LOADED = {
    "bash": f'eval "$({EXPORT})"',
    "sh": f'eval "$({EXPORT})"',
    "zsh": f'eval "$({EXPORT})"',
    "fish": f"{EXPORT} --format fish | source",
}


@pytest.mark.parametrize("shell", LOADED)
def test_shells(standing: Machine, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"not installed: {shell}")
    document = good_document(standing.helper().stdout)
    done = standing.run([shell, "-c", f"{LOADED[shell]}; env"])
    assert done.stderr == ""
    found = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    assert {name: value for name, value in found.items() if name.startswith("AWS_")} == {
        **{name: text for name, text in standing.environment.items() if name.startswith("AWS_")},
        "AWS_ACCESS_KEY_ID": document["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": document["SecretAccessKey"],
        "AWS_SESSION_TOKEN": document["SessionToken"],
        "AWS_CREDENTIAL_EXPIRATION": document["Expiration"],
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
    }


def test_a_tool_that_knows_no_profiles(standing: Machine) -> None:
    call = "aws sts get-caller-identity --query Arn --output text"
    done = standing.run(["sh", "-c", f"{LOADED['sh']}; AWS_CONFIG_FILE=/dev/null {call}"])
    assert (done.stdout, done.stderr) == (f"{ARN}\n", "")


def test_json_is_the_document(standing: Machine) -> None:
    done = standing.helper("export", "--profile", "dev", "--format", "json")
    assert json.loads(done.stdout) == good_document(standing.helper().stdout)


def test_no_region_where_the_profile_has_none(enrolled: Machine) -> None:
    enrolled.write_config(region=None)
    done = enrolled.helper("export", "--profile", "dev")
    assert "AWS_REGION" not in done.stdout
    assert len(done.stdout.splitlines()) == 4


def test_what_has_to_be_typed_is_asked_for_on_the_terminal(new_machine: NewMachine) -> None:
    machine = new_machine().enrolled(keep=False)
    machine.items.remove("session", "refresh-token")
    error, hint = failed(machine.helper("export", "--profile", "dev"), 3)
    assert "the sign-in has run out" in error
    assert hint == "cognito-credproc login --profile dev"
    machine.half_a_minute_passes()
    typed = f'{LOADED["bash"]}; echo "got ${{#AWS_SESSION_TOKEN}}"'
    with machine.sits("bash", "-c", typed) as person:
        person.answers("password for", PASSWORD)
        person.answers("code", machine.code())
        assert person.ends() == 0
        assert "got 2" in person.shown
        assert "AWS_" not in person.shown
    assert machine.calls()[-4:-1] == [*SRP, MFA]
