"""No secret appears where others can read: failing runs, the state folder, the process list."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cognito_credproc import record
from cognito_credproc.settings.line import isolated_line
from tests.e2e.machine import HELPER, PASSWORD, Machine, failed
from tests.local_cognito import Fault
from tests.secret_forms import written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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


def test_a_hit_that_crashes_leaves_its_memory_out_of_the_dump(
    enrolled: Machine, tmp_path: Path
) -> None:
    """Killed where it holds the credentials: in writing them to a pipe that is full."""
    secrets = secrets_of(enrolled)
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    os.write(writing, bytes(1 << 20))  # as much as goes in
    os.set_blocking(writing, True)
    dumping = 'ulimit -S -c "$(ulimit -H -c)" && exec "$@"'
    with subprocess.Popen(
        ["/bin/bash", "-c", dumping, "", *shlex.split(isolated_line("dev"))],
        env=enrolled.environment,
        cwd=tmp_path,
        stdout=writing,
    ) as process:
        deadline = time.monotonic() + 20
        while not (held := found(secrets, list(memory(process.pid)))):
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        chosen = Path(f"/proc/{process.pid}/coredump_filter").read_text()
        process.send_signal(signal.SIGABRT)
    os.close(reading)
    os.close(writing)
    assert process.returncode == -signal.SIGABRT
    assert held, "it had them to lose"
    assert int(chosen, 16) == 0
    dumps = [file.read_bytes() for file in tmp_path.glob("core*")]
    pattern = Path("/proc/sys/kernel/core_pattern").read_text()
    assert dumps or "|" in pattern or "/" in pattern, "a dump is written here"
    assert found(secrets, dumps) == []


def memory(process: int) -> Iterator[bytes]:
    """What a process of ours has written into its memory so far."""
    with open(f"/proc/{process}/mem", "rb", buffering=0) as file:  # noqa: PTH123 - unbuffered
        for mapping in Path(f"/proc/{process}/maps").read_text().splitlines():
            span, rights, *_ = mapping.split()
            start, end = (int(part, 16) for part in span.split("-"))
            if rights.startswith("rw"):
                file.seek(start)
                with contextlib.suppress(OSError):  # gone by now
                    yield file.read(end - start)
