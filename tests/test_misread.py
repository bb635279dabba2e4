"""Lines of the config file that no tool reads as they are meant."""

from pathlib import Path

import pytest

from cognito_credproc.settings.aws_config import profiles
from cognito_credproc.settings.settings import Settings
from cognito_credproc.values.errors import SettingsError
from tests.fakes import PROFILE

KEYS = [f"{key} = {value}" for key, value in PROFILE.items()]
LINE = "credential_process = cognito-credproc --profile dev"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config"


def refused(file: Path, *lines: str, profile: str = "dev") -> tuple[str, str | None]:
    file.write_text("\n".join(lines) + "\n")
    with pytest.raises(SettingsError) as caught:
        Settings.load(profile, profiles(file), file)
    message = caught.value.message.removeprefix(f"{file}: ")
    return message, (caught.value.hint or "").removesuffix(f", in an editor: {file}")


def test_an_indented_key_belongs_to_the_line_above(file: Path) -> None:
    first, *others = KEYS
    found = refused(file, "[profile dev]", "# mine", LINE, f"  {first}", *others)
    assert found == (
        "line 4 is indented, so it belongs to line 3",
        "remove the spaces before it",
    )
    found = refused(file, "[profile dev]", LINE, *(f"\t{key}" for key in KEYS))
    assert found[0] == "lines 3 to 6 are indented, so they belong to line 2"
    assert found[1] == "remove the spaces before them"


def test_indented_keys_where_no_profile_was_named(file: Path) -> None:
    found = refused(file, "[profile dev]", LINE, f" {KEYS[0]}", profile="default")
    assert found[0] == "line 3 is indented, so it belongs to line 2"


def test_an_indented_key_that_need_not_be_there(file: Path) -> None:
    role = "cognito_role_arn = arn:aws:iam::111122223333:role/Admin"
    found = refused(file, "[profile dev]", *KEYS, f"    {role}")
    assert found[0] == "line 6 is indented, so it belongs to line 5"


def test_an_indented_key_of_the_profile_that_settings_come_from(file: Path) -> None:
    base = ["[profile base]", LINE, *(f" {key}" for key in KEYS)]
    found = refused(file, *base, "[profile dev]", "cognito_settings_from = base")
    assert found[0] == "lines 3 to 6 are indented, so they belong to line 2"


def test_keys_of_a_nested_section_are_indented_rightly(file: Path) -> None:
    nested = ["s3 =", "  max_queue_size = 7"]
    found = refused(file, "[profile dev]", *nested, *KEYS[1:])
    assert found[0] == "profile dev: cognito_user_pool_id is missing"


@pytest.mark.parametrize(
    ("header", "profile", "wanted"),
    [
        ("dev", "dev", "profile dev"),
        ("two words", "two words", 'profile "two words"'),
        ("dev", "default", "profile dev"),  # nothing was named, and nothing else is there
    ],
)
def test_a_section_without_the_word_profile(
    file: Path, header: str, profile: str, wanted: str
) -> None:
    found = refused(file, f"[{header}]", *KEYS, profile=profile)
    assert found == (f"line 1: [{header}] must be [{wanted}]", f"write [{wanted}] there")


def test_other_sections_are_left_alone(file: Path) -> None:
    other = ["[sso-session dev]", "sso_region = x", "[plugins]", "cli_legacy_plugin_path = x"]
    assert "has no profile dev" in refused(file, *other)[0]
