"""The checks of what is on the machine itself: broken in each way, named, and mended."""

import os
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest
from keyring.errors import KeyringLocked

from cognito_credproc.answers.asked_once import PAGE, REASONS, WINDOW
from cognito_credproc.checks import (
    app_client,
    breaker,
    commands,
    config_file,
    config_line,
    interpreter,
    keyring,
    lock,
    sign_in_page,
    state,
    stored,
)
from cognito_credproc.checks.examination import examine
from cognito_credproc.checks.finding import Finding, State
from cognito_credproc.flows.flow import Item
from cognito_credproc.settings import line
from cognito_credproc.storage.lock import held
from cognito_credproc.storage.state import State as Folder
from cognito_credproc.values.breaker import Pause, Trouble
from tests.fakes import NOW, PROFILE, FailingKeyring, MemoryKeyring
from tests.patient import Patient, mode, states
from tests.systems import posix_only

BROKEN, GOOD, MENDED, NOTE, SKIPPED = (
    State.BROKEN,
    State.GOOD,
    State.MENDED,
    State.NOTE,
    State.SKIPPED,
)


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    return Patient(tmp_path)


def complete(finding: Finding) -> None:
    """What, why and how to mend it, and no secret."""
    assert finding.what
    assert finding.mend or finding.command
    assert "s3cret" not in str(finding)


# Python


def test_this_python_is_good(patient: Patient) -> None:
    finding = patient.one(interpreter.CHECK)
    assert finding.state is GOOD
    assert sys.prefix in finding.what


def test_an_old_python(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "LEAST", (9, 9))
    finding = patient.found(interpreter.CHECK)[0]
    assert finding.state is BROKEN
    complete(finding)


def test_a_package_that_is_not_installed(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "PACKAGE", "no-such-package")
    finding = patient.one(interpreter.CHECK)
    assert finding.state is BROKEN
    assert finding.command.startswith(sys.executable)


def test_a_dependency_that_is_too_old(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    real = metadata.version
    monkeypatch.setattr(
        metadata, "version", lambda name: "1.9.20" if name == "boto3" else real(name)
    )
    finding = patient.one(interpreter.CHECK)
    assert (finding.state, finding.what) == (BROKEN, "boto3 is 1.9.20, and 1.40 is the least")


def test_a_dependency_that_cannot_be_loaded(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "segno", None)
    finding = patient.one(interpreter.CHECK)
    assert (finding.state, finding.what) == (
        BROKEN,
        "segno cannot be loaded: ModuleNotFoundError",
    )
    assert "--force-reinstall" in finding.command


# The config file


def test_good_settings(patient: Patient) -> None:
    finding = patient.one(config_file.CHECK)
    assert finding.state is GOOD
    assert PROFILE["cognito_username"] in finding.what


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "there is no AWS config file"),
        ("nonsense\n", "line 1 comes before any [section]"),
        ("[profile other]\nregion = x\n", "has no profile dev"),
        ("[profile dev]\nregion = x\ncognito_user_pool_id = x\n", "is missing"),
    ],
)
def test_a_config_file_that_is_wrong(patient: Patient, text: str | None, words: str) -> None:
    if text is None:
        patient.config.unlink()
    else:
        patient.config.write_text(text)
    finding = patient.one(config_file.CHECK)
    assert finding.state is BROKEN
    assert words in finding.what
    complete(finding)


def test_a_profile_that_is_not_there(patient: Patient) -> None:
    patient.config.write_text("[profile prod]\nregion = x\ncognito_username = x\n")
    command = patient.one(config_file.CHECK).command
    assert command == "cognito-credproc doctor --profile prod"


@posix_only
def test_a_config_file_that_others_may_write(patient: Patient) -> None:
    patient.config.chmod(0o620)
    finding, other = patient.found(config_file.CHECK)
    assert (finding.state, other.state) == (NOTE, GOOD)
    subprocess.run(shlex.split(finding.command), check=True)
    assert mode(patient.config) == 0o600


# Its line


def test_a_good_line(patient: Patient) -> None:
    assert patient.one(config_line.CHECK).state is GOOD


@posix_only
@pytest.mark.parametrize(
    ("written", "words"),
    [
        (None, "has no credential_process"),
        ("~/bin/cognito-credproc --profile dev", "only a shell"),
        ("$HOME/bin/cognito-credproc --profile dev", "only a shell"),
        ("/bin/cognito-credproc", "not there any more"),
        ("vault-helper --profile dev", "runs another program"),
        (line.isolated_line("dev").replace("--profile dev", "--profile prod"), "another profile"),
    ],
)
def test_a_line_that_is_wrong(patient: Patient, written: str | None, words: str) -> None:
    patient.write(credential_process=written)
    finding = patient.one(config_line.CHECK)
    assert finding.state is BROKEN
    assert words in finding.what
    replace = " --replace" if written == "vault-helper --profile dev" else ""
    assert finding.command == f"cognito-credproc configure --profile dev{replace}"
    complete(finding)


def test_a_line_that_depends_on_the_path(patient: Patient) -> None:
    patient.environment["PATH"] = str(Path(sys.executable).parent)
    patient.write(credential_process="cognito-credproc --profile dev")
    finding = patient.one(config_line.CHECK)
    assert finding.state is NOTE
    complete(finding)


@posix_only
def test_a_moved_line_is_mended_and_nothing_else_is_touched(patient: Patient) -> None:
    moved = "/opt/gone/bin/python -I -S /opt/gone/cognito_credproc/run.py --profile dev"
    patient.write("# a comment\n[profile other]\nregion = x\n", credential_process=moved)
    before = patient.config.read_text()
    assert patient.one(config_line.CHECK).fix is not None
    findings = patient.found(config_line.CHECK, fix=True)
    assert states(findings) == [MENDED, GOOD]
    assert patient.config.read_text() == before.replace(moved, line.isolated_line("dev"))


@posix_only
def test_a_line_is_not_mended_where_somebody_may_have_meant_it(patient: Patient) -> None:
    moved = "/opt/gone/bin/python -I -S /opt/gone/cognito_credproc/run.py --profile prod"
    patient.write(credential_process=moved)
    before = patient.config.read_text()
    assert states(patient.found(config_line.CHECK, fix=True)) == [BROKEN]
    assert patient.config.read_text() == before


def test_a_profile_that_only_lends_its_settings_needs_no_line(patient: Patient) -> None:
    patient.write("[profile two]\ncognito_settings_from = dev\n", credential_process=None)
    assert patient.one(config_line.CHECK).state is NOTE


def test_a_line_of_no_profile(patient: Patient) -> None:
    finding = patient.one(config_line.CHECK, "nope")
    assert (finding.state, finding.what) == (SKIPPED, "needs the profile")


# The keyring


def test_a_good_keyring_is_left_as_it_was(patient: Patient) -> None:
    patient.store(Item.REFRESH_TOKEN)
    before = dict(patient.keyring.entries)
    finding = patient.one(keyring.CHECK)
    assert finding.state is GOOD
    assert "fakes MemoryKeyring" in finding.what
    assert patient.keyring.entries == before


def test_a_keyring_is_tried_with_as_much_as_it_will_have_to_hold(patient: Patient) -> None:
    patient.keyring.limit = 1_280  # as Windows has it
    assert patient.one(keyring.CHECK).state is BROKEN


def test_a_locked_keyring(patient: Patient) -> None:
    patient.keyring = FailingKeyring(KeyringLocked("s3cret"))
    finding = patient.one(keyring.CHECK)
    assert (finding.state, finding.what) == (BROKEN, "the keyring is locked")
    complete(finding)


def test_a_keyring_that_failed_is_not_waited_for_again(patient: Patient) -> None:
    class Counting(MemoryKeyring):
        touched = 0

        def set_password(self, service: str, username: str, password: str) -> None:  # noqa: ARG002
            self.touched += 1
            raise KeyringLocked

        def get_password(self, service: str, username: str) -> str | None:  # noqa: ARG002
            self.touched += 1
            raise KeyringLocked

    patient.keyring = counting = Counting()
    results = examine(patient.subject(), [keyring.CHECK, stored.CHECK, app_client.CHECK], fix=False)
    assert states([result.finding for result in results]) == [BROKEN, SKIPPED, SKIPPED]
    assert counting.touched == 1


def test_a_keyring_that_forgets(patient: Patient) -> None:
    class Forgetful(MemoryKeyring):
        def set_password(self, service: str, username: str, password: str) -> None:
            super().set_password(service, username, password[:1000])

    patient.keyring = Forgetful()
    finding = patient.one(keyring.CHECK)
    assert "did not give back" in finding.what
    complete(finding)
    assert patient.keyring.entries == {}


def test_a_slow_keyring(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "SLOW", 0.0)
    finding = patient.one(keyring.CHECK)
    assert finding.state is NOTE
    assert "is slow" in finding.what
    complete(finding)


def test_a_keyring_that_stores_plain_text(patient: Patient) -> None:
    class PlaintextKeyring(MemoryKeyring):
        pass

    patient.keyring = PlaintextKeyring()
    finding, other = patient.found(keyring.CHECK)
    assert (finding.state, other.state) == (NOTE, GOOD)
    complete(finding)


# The state folder


def test_no_state_folder_yet(patient: Patient) -> None:
    assert patient.one(state.CHECK).state is GOOD
    assert not patient.state.exists()


def test_a_good_state_folder(patient: Patient) -> None:
    patient.remember()
    assert patient.one(state.CHECK).state is GOOD


@posix_only
@pytest.mark.parametrize("wrong", [0o755, 0o770, 0o500])
def test_modes_of_the_folder(patient: Patient, wrong: int) -> None:
    patient.remember()
    patient.state.chmod(wrong)
    finding = patient.one(state.CHECK)
    assert finding.state is BROKEN
    complete(finding)
    assert states(patient.found(state.CHECK, fix=True)) == [MENDED, GOOD]
    assert mode(patient.state) == 0o700


@posix_only
def test_modes_of_files_symbolic_links_and_left_overs(patient: Patient, tmp_path: Path) -> None:
    patient.remember()
    [memory] = patient.state.glob("*.json")
    memory.chmod(0o644)
    precious = tmp_path / "precious"
    precious.write_text("precious")
    (patient.state / "x.lock").symlink_to(precious)
    left = patient.state / ".new-abc.json"
    left.touch()
    os.utime(left, (0, 0))
    findings = patient.found(state.CHECK)
    assert sorted(states(findings)) == [BROKEN, BROKEN, NOTE]
    for finding in findings:
        complete(finding)
    assert states(patient.found(state.CHECK, fix=True)) == [MENDED, MENDED, MENDED, GOOD]
    assert mode(memory) == 0o600
    assert precious.read_text() == "precious"
    assert [file.name for file in patient.state.iterdir()] == [memory.name]


@posix_only
def test_the_commands_mend_it_too(patient: Patient) -> None:
    patient.remember()
    patient.state.chmod(0o755)
    [memory] = patient.state.glob("*.json")
    memory.chmod(0o644)
    (patient.state / "x.lock").symlink_to("/nowhere")
    for finding in patient.found(state.CHECK):
        subprocess.run(shlex.split(finding.command), check=True)
    assert patient.one(state.CHECK).state is GOOD


def test_a_file_that_is_being_written_is_no_left_over(patient: Patient) -> None:
    patient.remember()
    (patient.state / ".new-abc.json").touch()
    patient.clock.time = time.time()
    assert patient.one(state.CHECK).state is GOOD


def test_a_state_folder_that_is_a_file(patient: Patient) -> None:
    patient.state.touch()
    finding = patient.one(state.CHECK)
    assert "is no folder" in finding.what
    complete(finding)


@posix_only
def test_a_state_folder_of_another_user(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    patient.remember()
    monkeypatch.setattr(os, "geteuid", lambda: 4_711)
    finding = patient.one(state.CHECK)
    assert "another user" in finding.what
    complete(finding)


def test_a_state_folder_that_cannot_be_written(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient.remember()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    finding = patient.one(state.CHECK)
    assert "cannot be written: No space left on device" in finding.what
    complete(finding)


def test_a_damaged_memory(patient: Patient) -> None:
    patient.remember()
    [memory] = patient.state.glob("*.json")
    memory.write_text("{")
    finding = patient.one(state.CHECK)
    assert "is damaged" in finding.what
    complete(finding)
    assert states(patient.found(state.CHECK, fix=True)) == [MENDED, GOOD]


# The programs that the profile names


def test_no_programs_are_named(patient: Patient) -> None:
    assert patient.found(commands.CHECK) == []


@posix_only
@pytest.mark.parametrize(
    ("key", "state"), [("cognito_totp_command", BROKEN), ("cognito_prompt", NOTE)]
)
def test_a_program_that_is_named(patient: Patient, key: str, state: State) -> None:
    patient.write(**{key: "sh -c s3cret"})
    finding = patient.one(commands.CHECK)
    assert finding.state is GOOD
    assert finding.what.endswith("/bin/sh")
    patient.write(**{key: "no-such-program s3cret"})
    finding = patient.one(commands.CHECK)
    assert (finding.state, finding.what) == (
        state,
        f"{key} runs no-such-program, which is not there",
    )
    complete(finding)


# What is stored


def test_nobody_is_signed_in(patient: Patient) -> None:
    finding = patient.one(stored.CHECK)
    assert finding.state is BROKEN
    assert finding.command == "cognito-credproc login --profile dev"


@posix_only
@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([Item.REFRESH_TOKEN], "signed in since 2026-11-03"),
        ([Item.PASSWORD], "the stored password signs in"),
    ],
)
def test_somebody_can_sign_in(
    patient: Patient, items: list[Item], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    patient.store(*items)
    patient.remember(signed_in={PROFILE["cognito_client_id"]: int(NOW)})
    finding = patient.one(stored.CHECK)
    assert finding.state is GOOD
    assert words in finding.what
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("left", "digest", "words"),
    [
        (3_599, None, "credentials for 59 min more"),
        (-1, None, "the credentials are expired"),
        (3_599, "0123456789abcdef", "of other settings"),
    ],
)
def test_credentials(patient: Patient, left: float, digest: str | None, words: str) -> None:
    patient.store(Item.REFRESH_TOKEN)
    patient.keep(left, digest)
    assert words in patient.one(stored.CHECK).what


def test_an_enrolment_that_was_not_finished(patient: Patient) -> None:
    patient.store(Item.REFRESH_TOKEN, Item.PENDING_TOTP_SEED)
    finding, other = patient.found(stored.CHECK)
    assert (finding.state, other.state) == (NOTE, GOOD)
    assert finding.command == "cognito-credproc-enroll --profile dev"


def test_what_is_stored_in_a_locked_keyring(patient: Patient) -> None:
    patient.keyring = FailingKeyring(KeyringLocked())
    finding = patient.one(stored.CHECK)
    assert (finding.state, finding.what) == (SKIPPED, "needs the keyring")


# The sign-in page


BY_BROWSER = {
    "cognito_username": "istio@example.com",
    "cognito_auth_flow": "BROWSER",
    "cognito_domain": "login.example.com",
}


def test_page_that_is_open(patient: Patient) -> None:
    patient.write(**BY_BROWSER)
    patient.script.append(("Authorize", {"Location": "/login"}))
    finding = patient.one(sign_in_page.CHECK)
    assert finding.state is GOOD
    assert finding.what == (
        "https://login.example.com lets 1example23456789 come back to http://localhost:8976/"
    )
    assert patient.found(app_client.CHECK) == []


def test_page_that_does_not_know_the_redirect(patient: Patient) -> None:
    patient.write(**BY_BROWSER)
    patient.script.append(("Authorize", {"Location": "/error?error=redirect_mismatch"}))
    finding = patient.one(sign_in_page.CHECK)
    assert finding.state is BROKEN
    assert finding.mend == (
        "register http://localhost:8976/ as a callback URL of the app client, to the letter"
    )


def test_profile_without_a_page(patient: Patient) -> None:
    assert patient.found(sign_in_page.CHECK) == []


# Breaker and lock


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("totp-command 0123", "the code of cognito_totp_command was refused and is not asked for"),
        (PAGE, "the sign-in page was opened, and nobody signed in"),
        (WINDOW, "a question on the desktop was not answered"),
    ],
)
def test_other_things_that_are_not_done_again(patient: Patient, name: str, words: str) -> None:
    patient.remember(refused={name: REASONS.get(name, "that code is wrong")})
    finding = patient.one(breaker.CHECK)
    assert finding.what.startswith(words)
    assert finding.command == "cognito-credproc login --profile dev"


def test_nothing_was_refused(patient: Patient) -> None:
    assert patient.one(breaker.CHECK).state is GOOD


def test_a_stored_factor_that_was_refused(patient: Patient) -> None:
    patient.remember(refused={"totp-seed": "that code is wrong"})
    finding = patient.one(breaker.CHECK)
    assert finding.what == (
        "the stored totp seed was refused and is not sent again (that code is wrong)"
    )
    assert finding.command == "cognito-credproc login --profile dev"


def test_a_pause_after_failures(patient: Patient) -> None:
    pause = Pause(Trouble.OUTAGE, 3, patient.clock.now() + 42, "InitiateAuth: HTTP status 503")
    patient.remember(pauses={"cognito-idp": pause})
    finding = patient.one(breaker.CHECK)
    assert finding.state is NOTE
    assert finding.what == "InitiateAuth: HTTP status 503; the next try is in 42 s"
    assert finding.command == "cognito-credproc login --profile dev"
    patient.remember(pauses={"cognito-idp": replace(pause, hint="set the clock")})
    finding = patient.one(breaker.CHECK)
    assert (finding.mend, finding.command) == ("set the clock", "")
    patient.clock.time += 60
    assert patient.one(breaker.CHECK).state is GOOD


def test_a_pause_of_another_profile(patient: Patient) -> None:
    pause = Pause(Trouble.OUTAGE, 3, patient.clock.now() + 42, "GetId: HTTP status 503")
    patient.remember(pauses={"eu-west-1:11111111-2222-3333-4444-555555555555": pause})
    assert patient.one(breaker.CHECK).state is GOOD


def test_a_free_lock(patient: Patient) -> None:
    assert patient.one(lock.CHECK).state is GOOD
    assert not patient.state.exists()
    patient.remember()
    assert patient.one(lock.CHECK).state is GOOD


HOLD = """
import sys, time
from pathlib import Path
from cognito_credproc.storage.lock import held
with held(Path(sys.argv[1]), 0):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who holds a lock")
def test_a_lock_that_another_process_holds(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "PATIENCE", 0.1)
    file = Folder(patient.state).lock_file(patient.settings.user)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(file)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        patient.clock.time = time.time()
        finding = patient.one(lock.CHECK)
        assert finding.state is BROKEN
        assert f"held by process {process.pid} (" in finding.what
        assert finding.command == f"kill {process.pid}"
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        finding = patient.one(lock.CHECK)
        assert finding.what.endswith(", stopped)")
        assert finding.mend == "bring that sign-in back (type fg in its shell), or end it:"
        assert finding.command == f"kill -9 {process.pid}"
        subprocess.run(finding.command.split(), check=True)
    assert patient.one(lock.CHECK).state is GOOD


def test_a_lock_that_nobody_is_known_to_hold(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "PATIENCE", 0.1)
    monkeypatch.setattr(lock, "holders", lambda _file: [])
    file = Folder(patient.state).lock_file(patient.settings.user)
    with held(file, 0):
        finding = patient.one(lock.CHECK)
    assert finding.what == "another process is signing in with these settings"
    complete(finding)
