"""`env -i`: no HOME, no address of the bus, only PATH, as cron jobs and services have it.

Everything is found as the system has it: the home in the password database, the bus in /run/user.
Both are made up for one process at a time, in a mount namespace of its own.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.e2e.items import Items
from tests.e2e.machine import (
    CREDENTIALS,
    ENROLL,
    HELPER,
    PASSWORD,
    TOKENS,
    Machine,
    good_document,
)
from tests.e2e.surroundings import need_mounts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.conftest import Keyrings

BARE = """\
mount -t tmpfs tmpfs /run && mkdir -p "/run/user/$(id -u)" &&
ln -s "$BUS" "/run/user/$(id -u)/bus" && mount --bind "$PASSWD" /etc/passwd &&
cd / && exec env -i PATH="$PATH" "$@"
"""


class Bare:
    """A machine whose processes know nothing but PATH."""

    def __init__(self, machine: Machine, home: Path, bus: str) -> None:
        self.machine = machine
        self.home = home
        self.bus = bus
        passwd = home / "passwd"
        passwd.write_text(f"istio:x:{os.getuid()}:0:Istio:{home}:/bin/sh\n")
        (home / ".aws").mkdir()
        machine.write_config(endpoint_url=machine.cognito.endpoint)
        (home / ".aws" / "config").write_text(machine.config.read_text())
        self._own = {"PATH": machine.environment["PATH"], "PASSWD": str(passwd)}

    def run(self, *command: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command with nothing but PATH."""
        return subprocess.run(
            ["unshare", "--mount", "sh", "-c", BARE, "sh", *command],
            env={**self._own, "BUS": self.bus},
            input=typed,
            capture_output=True,
            text=True,
            start_new_session=True,
            timeout=30,
            check=False,
        )


@pytest.fixture
def bare(tmp_path: Path, keyrings: Keyrings) -> Iterator[Bare]:
    need_mounts()
    keyring = keyrings.environment()
    address = keyring["DBUS_SESSION_BUS_ADDRESS"]
    path = re.match(r"unix:path=([^,]+)", address)
    assert path is not None
    home = tmp_path / "home"
    home.mkdir()
    folder = tmp_path / "machine"
    folder.mkdir()
    with Machine(folder, keyring, pool={}, client={}, identity_pool={}) as machine:
        machine.items.close()
        machine.items = Items(address, "cognito-credproc")  # closed with the machine
        yield Bare(machine, home, path[1])


def test_enrolment_hit_renewal_and_failure(bare: Bare) -> None:
    machine = bare.machine
    seed = machine.pool.enable_totp(machine.create_user())
    stored = ["--password-stdin", "--totp-seed-stdin", "--no-store-password", "--no-store-totp"]
    done = bare.run(ENROLL, "--profile=dev", *stored, typed=f"{PASSWORD}\n{seed}\n")
    assert (done.stderr, done.returncode) == ("", 0)
    assert machine.items.kinds() == {"session", "refresh-token"}
    assert (bare.home / ".local" / "state" / "cognito-credproc").is_dir()
    machine.calls()

    hit = bare.run(HELPER, "--profile", "dev")
    assert (hit.stderr, hit.returncode) == ("", 0)
    good_document(hit.stdout)
    assert machine.calls() == []

    machine.items.expire()
    renewal = bare.run(HELPER, "--profile", "dev")
    assert (renewal.stderr, renewal.returncode) == ("", 0)
    assert good_document(renewal.stdout) != json.loads(hit.stdout)
    assert machine.calls() == [TOKENS, CREDENTIALS]
    assert bare.run(HELPER, "--profile", "dev").stdout == renewal.stdout, "it was stored"

    machine.items.expire()
    machine.items.remove("refresh-token")
    failure = bare.run(HELPER, "--profile", "dev")
    assert (failure.stdout, failure.returncode) == ("", 3)
    assert failure.stderr == (
        "error: profile dev: the sign-in has run out\nhint: cognito-credproc login --profile dev\n"
    )
    assert machine.calls() == []


def test_where_no_bus_is_the_keyring_is_named(bare: Bare) -> None:
    bare.bus = str(bare.home / "none")
    done = bare.run(HELPER, "--profile=dev")
    error, hint = done.stderr.splitlines()
    assert (done.stdout, done.returncode) == ("", 1)
    assert error == "error: no OS keyring answers here, and secrets are not kept in plain files"
    assert hint.endswith(": dbus-run-session -- bash")
    assert bare.machine.calls() == []
