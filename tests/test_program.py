"""The wiring of one profile."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from cognito_credproc.record import ENDPOINTS, stamp
from cognito_credproc.use_cases.program import load_settings
from cognito_credproc.values.errors import SettingsError
from tests.fakes import PROFILE, config_text


def test_settings_come_with_the_stamp_of_their_file(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(config_text({"profile dev": PROFILE}))
    found, stamped = load_settings("dev", {"AWS_CONFIG_FILE": str(file)})
    assert found.username == PROFILE["cognito_username"]
    assert stamped == stamp(file.stat(), [""] * len(ENDPOINTS))


@pytest.mark.parametrize("name", ENDPOINTS)
def test_other_endpoints_are_other_settings(tmp_path: Path, name: str) -> None:
    """Nothing that was made there is served here: not by a hit, not after a look at the digest."""
    file = tmp_path / "config"
    file.write_text(config_text({"profile dev": PROFILE}))
    environment = {"AWS_CONFIG_FILE": str(file)}
    found, stamped = load_settings("dev", environment)
    other, other_stamp = load_settings("dev", {**environment, name: "true"})
    assert other.digest != found.digest
    assert other_stamp != stamped
    assert replace(other, endpoints="") == found


def test_missing_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "config"
    with pytest.raises(SettingsError, match=str(file)):
        load_settings("dev", {"AWS_CONFIG_FILE": str(file)})


def test_file_of_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(config_text({"default": PROFILE}))
    assert load_settings("default", {})[0].profile == "default"
    assert os.environ["HOME"] == str(tmp_path)
