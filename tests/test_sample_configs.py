"""`examples/aws-config`: every profile is one that the helper takes, and every way has a file."""

import re
import sys
from pathlib import Path

import pytest

from cognito_credproc.flows.entry import AUTH_FLOWS
from cognito_credproc.flows.managed_login import BROWSER
from cognito_credproc.settings import aws_config
from cognito_credproc.settings.forms import BASE, FORMS
from cognito_credproc.settings.line import faults
from cognito_credproc.settings.settings import Settings

FOLDER = Path(__file__).parent.parent / "examples" / "aws-config"
FILES = sorted(file for file in FOLDER.iterdir() if file.suffix != ".md")
# What a sample would only repeat: ids are in all, the others are for pools of a rare kind.
RARE = {"cognito_region", "cognito_redirect_uri", "cognito_logins_key"}


def own(file: Path) -> dict[str, dict[str, str]]:
    """The profiles that run this program."""
    profiles = aws_config.profiles(file)
    return {name: keys for name, keys in profiles.items() if "role_arn" not in keys}


@pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])
def test_the_helper_takes_every_profile(file: Path) -> None:
    config = aws_config.read(file)
    assert own(file)
    for name, keys in own(file).items():
        settings = Settings.load(name, config.profiles, file)
        assert settings.profile == name
        assert settings.region == settings.identity_region == keys["region"]
        found = faults(keys["credential_process"], name, str(Path(sys.executable).parent))
        assert [fault for fault in found if fault.broken] == []
    for keys in config.profiles.values():
        assert keys.get("source_profile", name) in config.profiles
    assert file.read_text().startswith("# ")


def test_every_way_and_every_key_has_a_sample() -> None:
    keys = [keys for file in FILES for keys in own(file).values()]
    ways = {values.get("cognito_auth_flow", "USER_SRP_AUTH") for values in keys}
    assert ways == {*AUTH_FLOWS, BROWSER}
    assert {key for values in keys for key in values if key.startswith("cognito_")} == {
        *FORMS,
        BASE,
    } - RARE


def test_the_table_lists_them() -> None:
    table = (FOLDER / "README.md").read_text("utf-8")
    listed = re.findall(r"^\| \[([\w-]+)\]\(\1\) \|", table, re.MULTILINE)
    assert sorted(listed) == [file.name for file in FILES]
