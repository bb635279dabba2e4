"""`configure` as people and scripts run it: on a terminal, by flags, interrupted, twice at once."""

from __future__ import annotations

import json
import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest

from cognito_credproc.record import stamp
from cognito_credproc.settings.line import isolated_line
from tests.e2e.machine import (
    ARN,
    CREDENTIALS,
    HELPER,
    NAME,
    PASSWORD,
    REGION,
    SCRIPTS,
    TOKENS,
    Machine,
    failed,
    good_document,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import NewMachine

CONFIGURE = (HELPER, "configure", "--profile", "dev")
OTHERS = """\
# mine
[default]
region = eu-west-1

[profile prod]
s3 =
    max_queue_size = 7
aws_secret_access_key = very-s3cret""".replace("\n", "\r\n")  # and no last line end


@pytest.fixture
def fresh(machine: Machine) -> Machine:
    """A machine without a profile `dev`."""
    machine.config.write_bytes(OTHERS.encode())
    return machine


def flags(machine: Machine) -> list[str]:
    """Everything that the profile needs, by flag."""
    return [
        f"--user-pool-id={machine.pool.id}",
        f"--client-id={machine.client.id}",
        f"--identity-pool-id={machine.identity_pool.id}",
        f"--username={NAME}",
    ]


def section(machine: Machine, *more: str) -> str:
    """The profile as it is written."""
    keys = [
        f"region = {REGION}",
        f"credential_process = {isolated_line('dev')}",
        f"cognito_user_pool_id = {machine.pool.id}",
        f"cognito_client_id = {machine.client.id}",
        f"cognito_identity_pool_id = {machine.identity_pool.id}",
        f"cognito_username = {NAME}",
    ]
    return "\r\n\r\n" + "\r\n".join(["[profile dev]", *keys, *more])


def text(machine: Machine) -> str:
    """The file, with its line ends."""
    return machine.config.read_bytes().decode()


def test_the_wizard(fresh: Machine) -> None:
    with fresh.sits(*CONFIGURE) as person:
        person.sees("[dev] a new profile in ")  # the path may take more than a line
        person.answers("[dev] user pool id, such as ap-northeast-1_AbCdEfGhI: ", "nonsense")
        person.sees("[dev] that is no user pool id; it looks like ap-northeast-1_AbCdEfGhI")
        person.answers("[dev] user pool id, such as", fresh.pool.id)
        person.answers("[dev] client id, such as 1example23456789: ", "")
        person.sees("[dev] whoever runs the user pool knows it; Ctrl-C leaves")
        person.answers("[dev] client id, such as 1example23456789: ", fresh.client.id)
        person.answers("[dev] identity pool id, such as ", fresh.identity_pool.id)
        person.answers("[dev] username, such as istio@example.com (empty: browser): ", NAME)
        person.sees("[dev] asking Cognito whether these are right")
        person.answers(f"[dev] region [{REGION}]: ", "")
        person.sees(f"[dev] written to {fresh.config}")
        person.sees("[dev] next: cognito-credproc-enroll --profile dev")
        assert person.ends() == 0
    assert text(fresh) == OTHERS + section(fresh)


@pytest.mark.parametrize(("how", "status"), [("ctrl-c", 130), ("ctrl-d", 1), ("killed", -9)])
def test_whoever_stops_in_the_middle_has_the_file_as_it_was(
    fresh: Machine, how: str, status: int
) -> None:
    before = stamp(fresh.config.stat(), [])
    with fresh.sits(*CONFIGURE) as person:
        person.answers("[dev] user pool id, such as", fresh.pool.id)
        person.sees("[dev] client id, such as")
        if how == "ctrl-c":
            person.interrupts()
        elif how == "ctrl-d":
            person.presses(b"\x04")
        else:
            person.kills()
        assert person.ends() == status
    assert stamp(fresh.config.stat(), []) == before
    assert text(fresh) == OTHERS
    assert sorted(file.name for file in fresh.config.parent.iterdir()) == ["config", "state"]


def test_the_written_line_serves_the_aws_cli(enrolled: Machine) -> None:
    """From nothing but flags; nothing of the caller's gets into the line."""
    enrolled.config.unlink()
    done = enrolled.run([*CONFIGURE, *flags(enrolled)])
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"[dev] written to {enrolled.config}\n[dev] next: cognito-credproc-enroll --profile dev\n"
    )
    assert enrolled.config.stat().st_mode & 0o777 == 0o600
    who = ["sts", "get-caller-identity", "--query=Arn", "--output=text", "--profile=dev"]
    hostile = {"PATH": "/usr/bin:/bin", "PYTHONPATH": "/nowhere", "PYTHONSTARTUP": "/nowhere"}
    shown = enrolled.run([str(SCRIPTS / "aws"), *who], **hostile)
    assert (shown.stdout, shown.returncode) == (f"{ARN}\n", 0)


def test_a_script_without_everything(fresh: Machine) -> None:
    error, hint = failed(fresh.run([*CONFIGURE, *flags(fresh)[1:]]), 3)
    assert error == "error: profile dev lacks user pool id, and nobody can be asked here"
    assert hint == "add your own, such as --user-pool-id ap-northeast-1_AbCdEfGhI"
    assert text(fresh) == OTHERS


def test_a_dry_run_writes_nothing_and_shows_no_secret(fresh: Machine) -> None:
    before = stamp(fresh.config.stat(), [])
    done = fresh.run([*CONFIGURE, *flags(fresh), "--dry-run"])
    assert (done.returncode, done.stderr) == (0, "")
    assert f"+cognito_username = {NAME}\n" in done.stdout
    assert "s3cret" not in done.stdout
    assert stamp(fresh.config.stat(), []) == before


def test_a_line_whose_python_is_gone_is_mended(enrolled: Machine) -> None:
    gone = "/nowhere/python3.10 -I -S /nowhere/cognito_credproc/run.py --profile dev"
    enrolled.write_config(credential_process=gone)
    shown = enrolled.run([HELPER, "configure"]).stdout
    assert "broken" in shown
    assert "mend the lines: cognito-credproc configure --all" in shown
    wanted = text(enrolled).replace(gone, isolated_line("dev"))
    done = enrolled.run(CONFIGURE)
    assert done.stdout == (
        "[dev] the old credential_process runs /nowhere/python3.10, which is not there any more\n"
        f"[dev] written to {enrolled.config}\n"
        "[dev] next: aws sts get-caller-identity --profile dev\n"
    )
    assert text(enrolled) == wanted
    good_document(enrolled.run(shlex.split(isolated_line("dev"))).stdout)
    enrolled.write_config(credential_process=gone)
    done = enrolled.run([HELPER, "configure", "--all"])
    assert done.stdout.startswith("[dev] mended: the old credential_process runs /nowhere/")
    assert text(enrolled) == wanted
    done = enrolled.run([HELPER, "configure", "--all"])
    assert done.stdout == f"every line in {enrolled.config} is as it should be\n"
    base = "cognito_settings_from = dev"
    enrolled.write_config(
        f"[profile vault]\n{base}\ncredential_process = aws-vault exec dev\n\n"
        f'[profile "two words"]\n{base}\n',
        credential_process=gone,
    )
    left = 'left alone: vault (runs aws-vault), "two words" (no line)\n'
    done = enrolled.run([HELPER, "configure", "--all"])
    assert done.stdout.startswith("[dev] mended: ")
    assert done.stdout.endswith(left)
    done = enrolled.run([HELPER, "configure", "--all"])
    which = "every line of this program in"
    assert done.stdout == f"{which} {enrolled.config} is as it should be\n{left}"


def test_the_lists(machine: Machine) -> None:
    machine.run(CONFIGURE)
    done = machine.run(CONFIGURE)
    change = "cognito-credproc configure --profile dev --username NAME"
    assert f"[dev] to change something, such as the user: {change}\n" in done.stdout
    done = machine.run([HELPER, "configure"])
    heading, row = done.stdout.splitlines()
    assert heading.split() == ["PROFILE", "SIGNS", "IN", "SETTINGS", "LINE"]
    assert row.split() == ["dev", NAME, machine.pool.id, "good"]
    machine.config.write_text("[profile dev]\ncognito_username = x\n")
    done = machine.run([HELPER, "configure"])
    assert done.stdout.endswith("write the line: cognito-credproc configure --profile dev\n")
    machine.config.unlink()
    done = machine.run([HELPER, "configure"], AWS_PROFILE="dev")
    assert done.stdout == (
        f"no profile in {machine.config} has cognito settings\n"
        "make one: cognito-credproc configure --profile dev\n"
    )


def test_one_setting_is_changed_and_removed(machine: Machine) -> None:
    machine.run(CONFIGURE)
    before = text(machine)
    role = "arn:aws:iam::111122223333:role/Admin"
    done = machine.run([*CONFIGURE, "--role-arn", role])
    assert done.returncode == 0
    assert text(machine) == before.rstrip("\n") + f"\ncognito_role_arn = {role}\n\n\n"
    machine.run([*CONFIGURE, "--role-arn", ""])
    assert text(machine) == before


def test_what_wins_over_the_profile_is_said(machine: Machine, tmp_path: Path) -> None:
    keys = tmp_path / "credentials"
    keys.write_text("[dev]\naws_access_key_id = AKIA\naws_secret_access_key = very-s3cret\n")
    done = machine.run(
        CONFIGURE, AWS_SHARED_CREDENTIALS_FILE=str(keys), AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE"
    )
    assert done.returncode == 0
    first, unset, second, edit = done.stderr.splitlines()
    assert first.startswith("warning: profile dev: AWS_ACCESS_KEY_ID in the environment wins")
    assert unset == "hint: unset AWS_ACCESS_KEY_ID"
    assert second.startswith(f"warning: profile dev: {keys}: [dev] has keys")
    assert edit.startswith("hint: remove aws_access_key_id")
    assert "s3cret" not in done.stderr


def test_the_client_secret_goes_into_the_keyring_and_nowhere_else(
    machine: Machine, tmp_path: Path
) -> None:
    secret = "1example" * 5
    given = [*CONFIGURE, "--offline", "--client-secret-stdin"]
    machine.run([*given, "--dry-run"], secret + "\n")
    assert machine.items.all() == {}
    done = machine.run(given, secret + "\n", COGNITO_CREDPROC_DEBUG=str(tmp_path / "log"))
    assert done.returncode == 0
    assert secret not in (tmp_path / "log").read_text("utf-8")
    assert machine.items.get("client-secret") == secret
    assert secret not in done.stdout + done.stderr + text(machine)
    error, _ = failed(machine.run([*CONFIGURE, "--client-secret-stdin"], "short one\n"), 2)
    assert "client secret" in error
    assert "short" not in error


def test_a_new_client_secret_is_taken_over_without_a_sign_in(new_machine: NewMachine) -> None:
    """As the administrator's guide rotates it."""
    machine = new_machine(client={"secret": True}).enrolled()
    machine.client.secret = "2example" * 5
    machine.items.expire()
    failed(machine.helper(), 1)
    given = [HELPER, "configure", "--profile=dev", "--client-secret-stdin"]
    assert machine.run(given, machine.client.secret + "\n").returncode == 0
    machine.calls()
    good_document(machine.helper().stdout)
    assert machine.calls() == [TOKENS, CREDENTIALS]


def test_another_programs_line_is_asked_about(machine: Machine) -> None:
    machine.write_config(credential_process="/usr/bin/aws-vault export dev")
    error, hint = failed(machine.run(CONFIGURE), 1)
    assert error.endswith("runs another program: /usr/bin/aws-vault export dev")
    assert "--replace" in hint
    with machine.sits(*CONFIGURE) as person:
        person.answers("[dev] replace that line? [y/N] ", "y")
        person.sees("[dev] the old credential_process runs another program, /usr/bin/aws-vault")
        assert person.ends() == 0
    assert f"credential_process = {isolated_line('dev')}\n" in text(machine)


def test_twenty_at_once_lose_nothing(fresh: Machine) -> None:
    names = [f"p{number}" for number in range(20)]
    started = [
        subprocess.Popen(
            [HELPER, "configure", "--profile", name, "--offline", *flags(fresh)],
            env=fresh.environment,
            stdout=subprocess.DEVNULL,
        )
        for name in names
    ]
    assert [process.wait(60) for process in started] == [0] * len(names)
    headers = [line for line in text(fresh).splitlines() if line.startswith("[profile p")]
    assert sorted(headers) == sorted(["[profile prod]", *(f"[profile {name}]" for name in names)])
    assert text(fresh).startswith(OTHERS)


def test_a_mistyped_id_is_corrected_before_anything_is_written(fresh: Machine) -> None:
    with fresh.sits(*CONFIGURE, *flags(fresh), "--client-id=mistyped") as person:
        person.sees(f"[dev] no app client in {REGION} is mistyped")
        person.sees("[dev] client id [mistyped]: ")
        assert text(fresh) == OTHERS
        person.types(fresh.client.id)
        person.sees("[dev] written to")
        assert person.ends() == 0
    assert text(fresh) == OTHERS + section(fresh)


def test_ids_that_cognito_denies_are_kept_and_said_again(fresh: Machine) -> None:
    region, identity_pool = REGION, f"{REGION}:{'0' * 8}-0000-0000-0000-{'0' * 12}"
    wrong = (
        f"--user-pool-id={region}_Mistyped1",
        "--client-id=mistyped",
        f"--identity-pool-id={identity_pool}",
    )
    with fresh.sits(*CONFIGURE, *wrong, f"--username={NAME}") as person:
        person.answers(f"[dev] user pool id [{region}_Mistyped1]: ", "")
        person.answers("[dev] client id [mistyped]: ", "")
        person.answers(f"[dev] identity pool id [{identity_pool}]: ", "")
        person.sees("[dev] written to")
        for words, option in (
            (f"no user pool in {region} is {region}_Mistyped1", "--user-pool-id"),
            (f"no app client in {region} is mistyped", "--client-id"),
            (f"no identity pool in {region} is {identity_pool}", "--identity-pool-id"),
        ):
            person.sees(f"warning: profile dev: {words}")
            person.sees(f"hint: cognito-credproc configure --profile dev {option} VALUE")
        person.sees(
            "[dev] next: cognito-credproc configure --profile dev --user-pool-id VALUE "
            "--client-id VALUE --identity-pool-id VALUE"
        )
        assert person.ends() == 0


def test_what_comes_next_where_nothing_was_changed(machine: Machine) -> None:
    """Who is not signed in is not sent to a command that cannot work."""
    machine.run(CONFIGURE)
    same = [*CONFIGURE, "--client-id", machine.client.id]

    def after(**environment: str) -> str:
        done = machine.run(same, **environment)
        assert (done.returncode, done.stderr) == (0, "")
        first, _, rest = done.stdout.partition("\n")
        assert first == f"[dev] {machine.config} says so already"
        return rest.removeprefix("[dev] next: ").rstrip("\n")

    use = "aws sts get-caller-identity --profile dev"
    assert after() == "cognito-credproc-enroll --profile dev"
    no_keyring = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}
    assert after(**no_keyring) == "cognito-credproc-enroll --profile dev"
    machine.enrolled(keep=False)
    assert after() == use
    assert after(**no_keyring) == use, "it cannot be known"
    machine.items.remove("refresh-token")
    assert after() == use, "there are good credentials"
    machine.items.remove("session")
    assert after() == "cognito-credproc login --profile dev"


def test_a_mistyped_id_and_nobody_to_ask(fresh: Machine) -> None:
    wrong = [*CONFIGURE, *flags(fresh), "--client-id=mistyped"]
    error, hint = failed(fresh.run(wrong), 1)
    assert error == f"error: profile dev: no app client in {REGION} is mistyped"
    assert hint.startswith("give the right one, such as --client-id")
    assert text(fresh) == OTHERS
    fresh.calls()
    assert fresh.run([*wrong, "--offline"]).returncode == 0
    assert fresh.calls() == []


def test_no_network(fresh: Machine) -> None:
    nowhere = {"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": "http://127.0.0.1:9"}
    error, hint = failed(fresh.run([*CONFIGURE, *flags(fresh)], **nowhere), 1)
    assert "127.0.0.1:9" in error
    assert hint.endswith("or write it unasked: add --offline")
    assert text(fresh) == OTHERS


def test_an_app_client_with_a_secret(new_machine: NewMachine) -> None:
    machine = new_machine(client={"secret": True})
    machine.config.unlink()
    secret = machine.client.secret
    assert secret
    with machine.sits(*CONFIGURE, *flags(machine)) as person:
        person.answers("[dev] client secret (Enter: later): ", "another" * 5)
        person.sees("[dev] the app client has another secret than this")
        person.sees("[dev] client secret (Enter: later): ")
        assert not person.echo
        person.types(secret)
        person.sees("[dev] next: cognito-credproc-enroll --profile dev")
        assert person.ends() == 0
        assert secret not in person.shown
    assert machine.items.get("client-secret") == secret
    done = machine.run([*CONFIGURE, "--role-arn", "arn:aws:iam::111122223333:role/Admin"])
    assert (done.returncode, done.stderr) == (0, "")
    machine.items.remove("client-secret")
    done = machine.run([*CONFIGURE, "--role-arn", ""])
    assert done.returncode == 0
    assert done.stderr.startswith("warning: profile dev: the app client has a secret")
    assert done.stdout.endswith("[dev] next: cognito-credproc-enroll --profile dev\n")
    dry = machine.run([*CONFIGURE, "--role-arn", "arn:aws:iam::111122223333:role/A", "--dry-run"])
    assert dry.stderr == done.stderr


def test_an_existing_set_up_is_taken_over(fresh: Machine, tmp_path: Path) -> None:
    outputs = [
        {"OutputKey": "UserPoolId", "OutputValue": fresh.pool.id},
        {"OutputKey": "UserPoolClientId", "OutputValue": fresh.client.id},
        {"OutputKey": "IdentityPoolId", "OutputValue": fresh.identity_pool.id},
    ]
    described = json.dumps({"Stacks": [{"StackName": "auth", "Outputs": outputs}]})
    done = fresh.run([*CONFIGURE, f"--username={NAME}", "--import=-"], described)
    assert (done.returncode, done.stderr) == (0, "")
    assert text(fresh) == OTHERS + section(fresh)
    file = tmp_path / "outputs.json"
    file.write_text(described.replace(fresh.client.id, "another"), "utf-8-sig")
    done = fresh.run([*CONFIGURE, f"--import={file}", "--offline", "--dry-run"])
    assert "+cognito_client_id = another\n" in done.stdout
    done = fresh.run([*CONFIGURE, f"--import={file}", f"--client-id={fresh.client.id}"])
    assert done.stdout.startswith(f"[dev] {fresh.config} says so already")
    error, hint = failed(fresh.run([*CONFIGURE, f"--import={fresh.config}"]), 1)
    assert error == f"error: {fresh.config} is no JSON: line 1 is not as JSON has it"
    assert "amplify_outputs.json" in hint
    file.write_text(described.replace(fresh.client.id, "another"), "utf-16")
    done = fresh.run([*CONFIGURE, f"--import={file}", "--offline", "--dry-run"])
    assert "+cognito_client_id = another\n" in done.stdout
    error, hint = failed(fresh.run([*CONFIGURE, f"--import={tmp_path}/nothing"]), 2)
    assert error == f"error: there is no file {tmp_path}/nothing"
    assert hint == "name a file that is there; - is standard input"
    error, hint = failed(fresh.run([*CONFIGURE, f"--import={tmp_path}"]), 2)
    assert (error, hint) == (f"error: {tmp_path} is a folder", "name the file in it")


def test_a_profile_for_each_role(machine: Machine) -> None:
    admin, reader = (f"arn:aws:iam::111122223333:role/{name}" for name in ("Admin", "Reader"))
    machine.cognito.create_role(admin)
    machine.enrolled().user.roles = [admin, reader]
    machine.items.remove("refresh-token", "password", "totp-seed")
    before = text(machine)
    with machine.sits(*CONFIGURE, "--list-roles") as person:
        person.answers(f"[dev] password for {NAME}: ", PASSWORD)
        person.answers("[dev] code from your authenticator app: ", machine.code())
        person.sees("[dev] your groups allow 2 roles")
        person.answers("[dev] profile for it [dev-Admin] (- for none): ", "")
        person.answers("[dev] profile for it [dev-Reader] (- for none): ", "-")
        person.sees(f"[dev] written to {machine.config}: dev-Admin")
        person.sees("[dev] next: aws sts get-caller-identity --profile dev-Admin")
        assert person.ends() == 0
    assert text(machine) == before + (
        f"[profile dev-Admin]\nregion = {REGION}\n"
        f"credential_process = {isolated_line('dev-Admin')}\n"
        f"cognito_settings_from = dev\ncognito_role_arn = {admin}\n"
    )
    shown = machine.run([*CONFIGURE, "--list-roles"])
    assert (shown.stdout, shown.stderr) == (f"{admin}\tdev-Admin\n{reader}\t-\n", "")
    who = ["sts", "get-caller-identity", "--query=Arn", "--output=text", "--profile=dev-Admin"]
    arn = machine.run([str(SCRIPTS / "aws"), *who]).stdout
    assert arn.startswith("arn:aws:sts::111122223333:assumed-role/Admin/")


def test_a_profile_for_each_role_where_there_are_none(enrolled: Machine) -> None:
    shown = enrolled.run([*CONFIGURE, "--list-roles"])
    assert shown.stdout == "[dev] your groups name no role; the identity pool chooses one\n"


def test_options_that_go_alone(machine: Machine) -> None:
    for option in ("--all", "--list-roles"):
        error, _ = failed(machine.run([HELPER, "configure", option, "--username=x"]), 2)
        assert error == f"error: {option} goes with --dry-run alone"
