"""`doctor` on a machine that is broken in each way that a check knows.

Each row breaks one thing; doctor must name it, and what it says must mend it: `--fix`, the command
as it is printed, or the words.
"""

from __future__ import annotations

import contextlib
import json
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from cognito_credproc.settings.line import isolated_line
from tests.e2e.keyring_session import keyring_session, missing
from tests.e2e.machine import PASSWORD, SCRIPTS, Machine
from tests.local_cognito.clients import DEFAULT_FLOWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.conftest import Keyrings

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
Finding = dict[str, Any]
Mend = Callable[["Patient", Finding], None]
HOLD = """
import sys, time
from pathlib import Path
from cognito_credproc.storage.lock import held
with held(Path(sys.argv[1]), 0):
    print("held", flush=True)
    time.sleep(60)
"""
KEYS = "[dev]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = s3cret\n"


class Patient:
    """A machine, and what a row changes of its environment."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.environment: dict[str, str] = {}
        self.processes: list[subprocess.Popen[str]] = []
        self.factors = {
            name: value
            for name, value in machine.items.all().items()
            if name.startswith(("password/", "totp-seed/"))
        }

    def restore(self) -> None:
        """Let it be as it was, as far as the next row needs that, whichever that is."""
        self.environment.clear()
        self.reap()
        self.write()
        for file in self.machine.state.glob("*.json"):
            file.write_text(json.dumps({**json.loads(file.read_text()), "pauses": {}}))
        service = self.machine.environment["COGNITO_CREDPROC_KEYRING_SERVICE"]
        for name in self.factors.keys() - self.machine.items.all().keys():
            owner = name.partition("/")[2]
            words = [str(SCRIPTS / "keyring"), "set", f"{service}/{name}", owner]
            assert self.machine.run(words, self.factors[name]).returncode == 0

    def write(self, **changes: str | None) -> None:
        """Write the config file, with the isolated line unless told."""
        line = changes.pop("credential_process", isolated_line("dev"))
        self.machine.write_config("", credential_process=line, **changes)

    def doctor(self, *options: str) -> list[Finding]:
        """What doctor finds; nothing of it may be a secret."""
        # Without a PATH there are no tools to be tried, which takes time.
        found = {**self.environment, "PATH": "/nowhere"}
        done = self.machine.helper("doctor", "--json", *options, **found)
        assert done.stderr == ""
        for secret in [PASSWORD, "s3cret", *self.machine.items.all().values()]:
            assert secret not in done.stdout
        found = json.loads(done.stdout)
        broken = any(finding["state"] == "broken" for finding in found["checks"])
        assert (done.returncode, found["ok"]) == (int(broken), not broken)
        return list(found["checks"])

    def shell(self, command: str) -> None:
        """Type a command."""
        done = self.machine.run(["/bin/sh", "-c", command], **self.environment)
        assert (done.returncode, done.stderr) == (0, ""), command

    def reap(self) -> None:
        """End what a row has started; it may have ended already."""
        while self.processes:
            with self.processes.pop() as process:
                process.kill()

    def hold_the_lock(self) -> None:
        """Another process signs in, without end."""
        [lock] = [file.with_suffix(".lock") for file in self.machine.state.glob("*.json")]
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(lock)], stdout=subprocess.PIPE, text=True
        )
        self.processes.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"


@pytest.fixture(scope="module")
def patient(keyrings: Keyrings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Patient]:
    """One machine for all rows, since each row mends what it breaks."""
    folder = tmp_path_factory.mktemp("machine")
    keyring = keyrings.environment()
    with Machine(folder, keyring, pool={}, client={}, identity_pool={}) as machine:
        patient = Patient(machine.enrolled())
        patient.write()
        machine.config.chmod(0o600)
        yield patient


@pytest.fixture(autouse=True)
def as_it_was(patient: Patient) -> Iterator[None]:
    """A row that fails leaves little behind for the next one."""
    yield
    patient.restore()


# What mends


def by_command(patient: Patient, finding: Finding) -> None:
    """The command, as it is printed."""
    patient.shell(finding["command"])


def by_fix(patient: Patient, _finding: Finding) -> None:
    """`doctor --fix`."""
    mended = [finding for finding in patient.doctor("--fix") if finding["state"] == "mended"]
    assert len(mended) == 1


def by_value(key: str) -> Mend:
    """The command, with the right value in the place of VALUE."""

    def mend(patient: Patient, finding: Finding) -> None:
        assert "VALUE" in finding["command"]
        patient.shell(finding["command"].replace("VALUE", patient.machine.settings()[key]))

    return mend


def by_sign_in(patient: Patient, finding: Finding) -> None:
    """The command, which asks."""
    program, *arguments = shlex.split(finding["command"])
    with patient.machine.sits(str(SCRIPTS / program), *arguments) as person:
        person.answers("password for", PASSWORD)
        if "totp-seed" not in patient.machine.items.kinds():
            person.answers("code from", patient.machine.code())
        assert person.ends() == 0, person.shown


def by_environment(patient: Patient, _finding: Finding) -> None:
    """What the row put into the environment is taken out again."""
    patient.environment.clear()


def by_undoing(undo: Callable[[Patient], object]) -> Mend:
    """What the words say, done by hand."""

    def mend(patient: Patient, _finding: Finding) -> None:
        undo(patient)

    return mend


# What breaks


def exports(**variables: str) -> Callable[[Patient], None]:
    """Put something into the environment."""
    return lambda patient: patient.environment.update(variables)


def writes(**changes: str | None) -> Callable[[Patient], None]:
    """Write another value into the profile."""
    return lambda patient: patient.write(**changes)


def credentials(text: str) -> Callable[[Patient], object]:
    """Write the file of keys."""

    def write(patient: Patient) -> None:
        folder = patient.machine.config.parent / ".aws"
        folder.mkdir(exist_ok=True)
        (folder / "credentials").write_text(text)

    return write


def refuse(patient: Patient) -> None:
    """The stored password is refused, since the user has another one now."""
    machine = patient.machine
    machine.user.set_password("Another+horse/1&")
    machine.items.remove("session", "refresh-token")
    machine.helper()
    machine.user.set_password(PASSWORD)


class Row(NamedTuple):
    """One fault: how it comes about, which check finds it, what it says, what mends it."""

    breaks: Callable[[Patient], object]
    check: str
    words: str
    mends: Mend
    state: str = "broken"


CLOSED = "http://127.0.0.1:9"  # discard: nobody listens there
IDENTITY = "ap-northeast-1:99999999-2222-3333-4444-555555555555"
ROWS = {
    "config-writable": Row(
        lambda p: p.machine.config.chmod(0o666), "config", "others may write", by_command, "note"
    ),
    "config-value": Row(
        writes(cognito_region="Tokyo"),
        "config",
        "cognito_region = Tokyo is malformed",
        by_undoing(lambda p: p.write()),
    ),
    "config-region": Row(writes(region=None), "config", "has no region", by_command, "note"),
    "line-moved": Row(
        writes(credential_process=isolated_line("dev", "/opt/python3.10/bin/python")),
        "line",
        "not there any more",
        by_fix,
    ),
    "line-tilde": Row(
        writes(credential_process="~/bin/cognito-credproc --profile dev"),
        "line",
        "only a shell gives a meaning to",
        by_command,
    ),
    "keys-in-file": Row(
        credentials(KEYS), "shadowing", "wins over the config file", by_undoing(credentials(""))
    ),
    "keys-in-environment": Row(
        exports(AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE", AWS_SECRET_ACCESS_KEY="s3cret"),
        "shadowing",
        "AWS_ACCESS_KEY_ID in the environment",
        by_environment,
    ),
    "no-keyring": Row(
        exports(DBUS_SESSION_BUS_ADDRESS="unix:path=/nowhere"),
        "keyring",
        "no OS keyring answers",
        by_environment,
    ),
    "state-mode": Row(lambda p: p.machine.state.chmod(0o500), "state", "mode 0500", by_fix),
    "state-link": Row(
        lambda p: (p.machine.state / "x.lock").symlink_to("/etc/passwd"),
        "state",
        "is a symbolic link",
        by_command,
    ),
    "clock": Row(
        lambda p: p.machine.cognito.clock.advance(600),
        "clock",
        "behind Cognito's",
        by_undoing(lambda p: p.machine.cognito.clock.advance(-600)),
    ),
    "network": Row(
        exports(AWS_ENDPOINT_URL_COGNITO_IDENTITY=CLOSED),
        "network",
        "no connection",
        by_environment,
    ),
    "name": Row(
        exports(AWS_ENDPOINT_URL_COGNITO_IDENTITY="https://no-such-host.invalid"),
        "network",
        "no-such-host.invalid has no address",
        by_environment,
    ),
    "proxy": Row(
        exports(AWS_ENDPOINT_URL_COGNITO_IDENTITY="https://cognito.invalid", HTTPS_PROXY=CLOSED),
        "network",
        "by the proxy 127.0.0.1:9: the proxy refused or did not answer",
        by_environment,
    ),
    "tls": Row(
        lambda p: p.environment.update(
            AWS_ENDPOINT_URL_COGNITO_IDENTITY=p.machine.cognito.endpoint.replace("http:", "https:")
        ),
        "network",
        "does not speak TLS",
        by_environment,
    ),
    "user-pool": Row(
        writes(cognito_user_pool_id="ap-northeast-1_Nope"),
        "user pool",
        "knows no user pool",
        by_value("cognito_user_pool_id"),
    ),
    "client-id": Row(
        writes(cognito_client_id="nosuchclient"),
        "client",
        "does not exist",
        by_value("cognito_client_id"),
    ),
    "client-flow": Row(
        lambda p: setattr(p.machine.client, "flows", ("ALLOW_USER_PASSWORD_AUTH",)),
        "client",
        "USER_SRP_AUTH flow not enabled",
        by_undoing(lambda p: setattr(p.machine.client, "flows", DEFAULT_FLOWS)),
    ),
    "identity-pool": Row(
        writes(cognito_identity_pool_id=IDENTITY),
        "identity",
        "not found",
        by_value("cognito_identity_pool_id"),
    ),
    "identity-provider": Row(
        lambda p: p.machine.identity_pool.clients.clear(),
        "identity",
        "not from a supported provider",
        by_undoing(lambda p: p.machine.identity_pool.clients.append(p.machine.client)),
    ),
    "refused": Row(refuse, "breaker", "the stored password was refused", by_sign_in),
    "signed-out": Row(
        lambda p: p.machine.items.remove("session", "refresh-token", "password", "totp-seed"),
        "stored",
        "nobody is signed in",
        by_sign_in,
    ),
    "caller": Row(
        exports(AWS_ENDPOINT_URL_STS=CLOSED), "caller", "no connection to AWS STS", by_environment
    ),
    "line-fails": Row(
        exports(AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER=CLOSED),
        "run",
        "the line ends with status 1: ",
        by_environment,
    ),
    "command": Row(
        writes(cognito_totp_command="no-such-program --otp"),
        "commands",
        "cognito_totp_command runs no-such-program",
        by_undoing(lambda p: p.write(cognito_totp_command="/bin/echo 123456")),
    ),
    "locked": Row(Patient.hold_the_lock, "lock", "held by process", by_command),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ROWS)
def test_it_is_named_and_what_is_said_mends_it(patient: Patient, name: str) -> None:
    row = ROWS[name]
    row.breaks(patient)
    [finding] = [f for f in patient.doctor() if f["check"] == row.check and f["state"] != "good"]
    assert finding["state"] == row.state
    assert row.words in finding["what"]
    assert finding["why"]
    assert finding["mend"] or finding["command"]
    row.mends(patient, finding)
    patient.reap()
    assert {f["state"] for f in patient.doctor() if f["check"] == row.check} == {"good"}


SHELLS = {"bash": ("bash", "--norc", "--noprofile", "-i"), "zsh": ("zsh", "-f", "-i")}
KEYRING_PASSWORD = "a password for this test alone"


def lock_keyring(machine: Machine) -> None:
    """Lock the keyring, as a session does that was left alone."""
    address = machine.environment["DBUS_SESSION_BUS_ADDRESS"]
    dbus = ["dbus-send", f"--bus={address}", "--print-reply", "--dest=org.freedesktop.secrets"]
    lock = ["/org/freedesktop/secrets", "org.freedesktop.Secret.Service.Lock"]
    lock += ["array:objpath:/org/freedesktop/secrets/collection/login"]
    subprocess.run([*dbus, *lock], check=True, capture_output=True)


def keyring_error(machine: Machine) -> str | None:
    """What `status` says of the keyring."""
    error = json.loads(machine.helper("status", "--json").stdout)["keyring"]["error"]
    return None if error is None else str(error)


@pytest.mark.slow
def test_a_locked_keyring_is_named_and_the_line_as_it_is_typed_unlocks_it() -> None:
    """In a session of its own, since the command replaces the daemon."""
    if absent := missing():
        pytest.skip(f"not installed: {', '.join(absent)}")
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="credproc-")))
        keyring = stack.enter_context(keyring_session(folder))
        (home := folder / "home").mkdir()
        machine = stack.enter_context(
            Machine(home, keyring, pool={}, client={}, identity_pool={})
        ).enrolled()
        patient = Patient(machine)
        lock_keyring(machine)
        told = machine.helper("doctor", "--json", PATH="/nowhere").stdout
        found = {finding["check"]: finding for finding in json.loads(told)["checks"]}
        assert found["keyring"]["what"] == "the keyring is locked"
        assert found["stored"]["what"] == "needs the keyring"
        line = found["keyring"]["command"]
        assert f"\n    {line}\n" in README
        for name in filter(shutil.which, ("dash", *SHELLS)):
            lock_keyring(machine)
            works = name in SHELLS
            assert type_the_line(machine, SHELLS.get(name, (name, "-i")), line) is works
            assert keyring_error(machine) == (None if works else "the keyring is locked")
        patient.write()
        assert {finding["state"] for finding in patient.doctor()} == {"good"}


def type_the_line(machine: Machine, shell: tuple[str, ...], line: str) -> bool:
    """Type it as people do, then the password where it is read, unseen; tells whether it was."""
    with machine.sits(*shell, environment={"PS1": "ready> "}) as person:
        person.answers("ready> ", line)
        person.sees("unset P")
        until = time.monotonic() + 3
        while not (read := person.hides) and time.monotonic() < until:
            time.sleep(0.05)
        if read:
            person.types(KEYRING_PASSWORD)
        person.sees("ready> ")
        assert KEYRING_PASSWORD not in person.shown
    return read
