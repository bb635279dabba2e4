"""No secret appears where others can read: failing runs, the state folder, the process list."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cognito_credproc import record
from tests.e2e.machine import HELPER, PASSWORD, Machine, failed
from tests.local_cognito import Fault
from tests.secret_forms import written

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.e2e.conftest import NewMachine


def secrets_of(machine: Machine) -> list[bytes]:
    """Every secret of the machine, in every way in which it might be written."""
    stored = record.parse(machine.items.get("session"))
    assert stored is not None
    document = json.loads(stored.document)
    lasting = machine.items.lasting().values()
    client = [machine.client.secret] if machine.client.secret else []
    plain = {
        PASSWORD,
        document["SecretAccessKey"],
        document["SessionToken"],
        *lasting,
        *client,
    }
    return [form for secret in plain if secret for form in written(secret)]


def found(secrets: Iterable[bytes], places: Iterable[bytes]) -> list[bytes]:
    """The secrets that are in one of the places."""
    return [secret for secret in secrets for place in places if secret in place]


@pytest.mark.parametrize(
    ("operation", "fault"),
    [
        ("GetTokensFromRefreshToken", Fault.GARBAGE),
        ("InitiateAuth", Fault.CAPTIVE_PORTAL),
        ("RespondToAuthChallenge", Fault.TRUNCATED),
        ("RespondToAuthChallenge", Fault.RESET_AFTER),
        ("GetCredentialsForIdentity", Fault.TRUNCATED),
        ("GetCredentialsForIdentity", Fault.CAPTIVE_PORTAL),
    ],
)
def test_failures_show_no_secret(enrolled: Machine, operation: str, fault: Fault) -> None:
    secrets = secrets_of(enrolled)
    enrolled.items.remove("session")
    if operation in {"InitiateAuth", "RespondToAuthChallenge"}:
        enrolled.items.remove("refresh-token")
    enrolled.cognito.faults.add(operation, fault, times=None)
    done = enrolled.helper()
    failed(done, 1)
    assert operation in done.stderr or "it is not from cognito" in done.stderr
    assert "bug" not in done.stderr
    state = [file.read_bytes() for file in enrolled.state.iterdir()]
    assert state
    assert found(secrets, [done.stderr.encode(), *state]) == []


def test_a_service_that_quotes_a_password_of_letters(enrolled: Machine) -> None:
    """Some words of a request are names; what is sent as a password never is."""
    enrolled.write_config(cognito_auth_flow="USER_PASSWORD_AUTH")
    enrolled.items.remove("session", "refresh-token")
    enrolled.items.set("password", "hunterpassword")
    enrolled.cognito.faults.add("InitiateAuth", Fault.ECHO)
    log = enrolled.state / "log"
    done = enrolled.helper(COGNITO_CREDPROC_DEBUG=str(log))
    error, _ = failed(done, 1)
    assert "Value 'USER_PASSWORD_AUTH' failed; " in error
    assert "Value '[hidden]' failed" in error
    left = [file.read_bytes() for file in enrolled.state.iterdir()]
    assert b"[hidden]" in log.read_bytes()
    assert found([b"hunterpassword"], [done.stderr.encode(), *left]) == []


def test_a_running_helper_shows_no_secret(new_machine: NewMachine) -> None:
    machine = new_machine().enrolled()
    secrets = secrets_of(machine)
    machine.items.expire()
    machine.items.remove("refresh-token")
    called = threading.Event()
    machine.cognito.listen(lambda _call: called.set(), lambda _mail: None)
    machine.cognito.faults.add("InitiateAuth", Fault.SILENCE)
    with machine.sits(HELPER, "--profile", "dev", pipes=True) as person:
        assert called.wait(20)
        process = Path("/proc") / str(person.process.pid)
        shown = [(process / name).read_bytes() for name in ("cmdline", "environ")]
        assert b"cognito-credproc" in shown[0]
        person.kills()
        person.ends()
    assert found(secrets, [*shown, person.shown.encode()]) == []
