"""`status` on a real terminal and for programs; it changes nothing and calls nobody."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import golden
from tests.e2e.machine import HELPER, NAME, PASSWORD, ROLE, Machine, failed, machine_for_screens
from tests.e2e.person import Person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.conftest import Keyrings

STATUS = (HELPER, "status")
TEAM = f"""\
[profile admin]
cognito_settings_from = dev
cognito_role_arn = {ROLE}

[profile other]
cognito_settings_from = dev
cognito_username = other@example.com

[profile broken]
cognito_settings_from = dev
cognito_user_pool_id = nonsense

[profile plain]
region = ap-northeast-1
"""


@pytest.fixture
def home(keyrings: Keyrings) -> Iterator[Machine]:
    """An enrolled machine whose folder has a path of the length that golden screens have."""
    with machine_for_screens(keyrings.environment()) as home:
        yield home.enrolled()


def screen(machine: Machine, *command: str, **environment: str) -> str:
    """What a command shows on a terminal of 80 columns; it must succeed."""
    with Person(command, {**machine.environment, **environment}, columns=80) as person:
        assert person.ends() == 0, person.shown
        return person.shown


def left(machine: Machine) -> dict[str, object]:
    """All that a command could have changed."""
    files = {
        str(path): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else None)
        for path in machine.config.parent.rglob("*")
    }
    return {**files, **machine.items.all()}


def test_the_table(home: Machine) -> None:
    home.write_config(TEAM)
    before = left(home)
    golden.check("status", screen(home, *STATUS), home.config.parent)
    assert left(home) == before
    assert home.calls() == []


def test_one_profile(home: Machine) -> None:
    shown = screen(home, *STATUS, "--profile", "dev")
    golden.check("status-dev", shown, home.config.parent)
    assert PASSWORD not in shown
    assert not any(secret in shown for secret in home.items.all().values())


def test_a_password_that_was_refused(home: Machine) -> None:
    """What stops the sign-in is shown, with the mend."""
    home.pool.user(NAME).set_password("Another+horse/1&")
    home.items.remove("session", "refresh-token")
    home.helper()
    golden.check("status-refused", screen(home, *STATUS), home.config.parent)
    assert home.calls().count("InitiateAuth") == 1


def test_a_keyring_that_is_locked_is_named_and_the_rest_is_shown(home: Machine) -> None:
    address = home.environment["DBUS_SESSION_BUS_ADDRESS"]
    dbus = ["dbus-send", f"--bus={address}", "--print-reply", "--dest=org.freedesktop.secrets"]
    lock = [*dbus, "/org/freedesktop/secrets", "org.freedesktop.Secret.Service.Lock"]
    lock += ["array:objpath:/org/freedesktop/secrets/collection/login"]
    subprocess.run(lock, check=True, capture_output=True)
    began = time.monotonic()
    # With a display a window would come up, that asks to unlock it.
    golden.check("status-locked", screen(home, *STATUS, DISPLAY=":0"), home.config.parent)
    assert time.monotonic() - began < 5
    found = json.loads(home.helper("status", "--json").stdout)
    assert found["keyring"]["error"] == "the keyring is locked"
    [dev] = found["profiles"]
    assert dev["credentials"] == {"state": "unknown", "expires_at": None}
    assert dev["stored"] is None
    assert dev["breaker"]["open"] is False


def test_json_for_programs(home: Machine) -> None:
    home.write_config(TEAM)
    done = home.helper("status", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert found["config_file"] == str(home.config)
    assert found["state_folder"] == str(home.state)
    assert found["keyring"] == {"name": "Secret Service", "error": None}
    profiles = {profile["profile"]: profile for profile in found["profiles"]}
    assert list(profiles) == ["dev", "admin", "other", "broken"]
    dev, admin, other, broken = profiles.values()
    document = json.loads(home.helper().stdout)
    # The config file was written anew, so that the items are those of other settings no longer.
    assert dev["credentials"] == {"state": "good", "expires_at": document["Expiration"]}
    assert dev["account_id"] == "111122223333"
    assert dev["stored"] == ["password", "refresh-token", "totp-seed"]
    assert dev["refresh_token"]["stored"] is True
    assert abs(_seconds(dev["refresh_token"]["since"]) - time.time()) < 60
    assert admin["role_arn"] == ROLE
    assert admin["credentials"] == {"state": "none", "expires_at": None}
    assert admin["stored"] == dev["stored"]
    assert other["stored"] == []
    assert "nonsense" in broken["error"]
    assert set(broken) == {"profile", "error"}


def test_credentials_that_are_no_longer_served(home: Machine) -> None:
    home.write_config(cognito_role_arn=ROLE)
    [dev] = json.loads(home.helper("status", "--json").stdout)["profiles"]
    assert dev["credentials"]["state"] == "outdated"
    home.write_config()
    home.items.expire()
    [dev] = json.loads(home.helper("status", "--json").stdout)["profiles"]
    assert dev["credentials"]["state"] == "expired"


def test_a_profile_that_is_not_there(home: Machine) -> None:
    error, hint = failed(home.helper("status", "--profile", "nope"), 1)
    assert error.endswith("has no profile nope")
    assert hint == "cognito-credproc status --profile dev"


def test_no_profile_of_ours(home: Machine) -> None:
    home.config.write_text("[profile plain]\nregion = ap-northeast-1\n")
    done = home.helper("status")
    assert done.stdout == f"no profile in {home.config} has cognito settings\n"
    assert done.returncode == 0


def _seconds(text: str) -> float:
    return time.mktime(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ")) - time.timezone


def test_goldens_are_all_of_screens_that_are_tested() -> None:
    tested = "".join(file.read_text("utf-8") for file in Path(__file__).parent.glob("test_*.py"))
    for file in golden.FOLDER.glob("*.txt"):
        # One by its name, or one of several with a name that goes on from there.
        named = (f'"{file.stem}"', f'f"{file.stem.rpartition("-")[0]}-{{')
        assert any(name in tested for name in named), file
