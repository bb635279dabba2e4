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
        ("profiledev", "dev", "profile dev"),
        ("profiledev", "profiledev", "profile dev"),
        ("profiledev", "default", "profile dev"),
        ("Profile dev", "dev", "profile dev"),
        (" dev ", "dev", "profile dev"),
        (" profile dev ", "default", "profile dev"),
        (" default ", "default", "default"),
        ("profile two words", "two words", 'profile "two words"'),
        ("profile two words", "default", 'profile "two words"'),
        ('profile "dev', "dev", "profile dev"),
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


def test_a_section_with_our_line_alone(file: Path) -> None:
    found = refused(file, "[dev]", "credential_process=/usr/bin/cognito-credproc --profile dev")
    assert found[0] == "line 1: [dev] must be [profile dev]"


@pytest.mark.parametrize("name", ["preview", "plugins", "dev"])
def test_a_section_without_our_keys_is_no_profile(file: Path, name: str) -> None:
    for key in ("cloudsearch = true", "credential_process = other"):
        message, hint = refused(file, f"[{name}]", key, profile=name)
        assert message.endswith(f"has no profile {name}")
        assert hint == f"cognito-credproc configure --profile {name}"


@pytest.mark.parametrize(
    ("other", "counts", "profile"),
    [
        ("dev", "profile dev", "dev"),
        ("profile default", "default", "default"),
        ("default", "profile default", "default"),
        ('profile "dev"', "profile dev", "dev"),
    ],
)
def test_two_sections_for_one_profile(file: Path, other: str, counts: str, profile: str) -> None:
    found = refused(file, f"[{other}]", *KEYS, f"[{counts}]", "region = x", profile=profile)
    both = f"[{other}] (line 1) and [{counts}] (line 6) are two sections for one profile"
    assert found[0] == f"{both}; the AWS CLI reads [{counts}]"
    assert found[1] == f"move the lines of [{other}] into [{counts}]"


def test_a_bare_section_below_the_one_that_counts(file: Path) -> None:
    found = refused(file, "[profile dev]", "region = x", "[dev]", *KEYS)
    assert found[0].endswith("; the AWS CLI reads [profile dev]")


def test_a_section_that_has_no_more_than_the_one_that_counts_is_left_alone(file: Path) -> None:
    found = refused(file, "[dev]", KEYS[0], "[profile dev]", *KEYS[:-1])
    assert found[0].startswith("profile dev: ")
    assert found[0].endswith(" is missing")


@pytest.mark.parametrize(
    ("sections", "words", "at"),
    [
        ({"dev": "dev"}, "the profile itself", "dev"),
        ({"dev": "base"}, "base, which is not there", "dev"),
        ({"dev": "two words"}, '"two words", which is not there', "dev"),
        ({"dev": "a", "a": "b"}, "b, which is not there", "a"),
        ({"dev": "a", "a": "dev"}, "dev, which takes its credentials from a", "a"),
        ({"dev": "a", "a": "b", "b": "a"}, "a, which takes its credentials from b", "b"),
    ],
)
def test_credentials_from_nowhere(
    file: Path, sections: dict[str, str], words: str, at: str
) -> None:
    lines = [[f"[profile {name}]", f"source_profile = {to}"] for name, to in sections.items()]
    message, hint = refused(file, *(line for pair in lines for line in pair))
    assert message == f"profile {at}: source_profile names {words}"
    assert hint == f"name the profile that signs in there, under {at}"


def test_a_source_that_has_keys(file: Path) -> None:
    """Such a one may name itself; it has credentials, which are not of this program."""
    keys = "aws_access_key_id = AKIA"
    found = refused(file, "[profile dev]", "source_profile = dev", keys)
    assert found[0] == "profile dev: cognito_user_pool_id is missing"
