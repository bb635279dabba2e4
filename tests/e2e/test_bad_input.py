"""Bad settings, bad files, bad items: a clear error or a clean renewal, and nothing is lost."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

from cognito_credproc import record
from cognito_credproc.settings.forms import set_command
from tests.e2e.machine import (
    CREDENTIALS,
    ENROLL,
    HELPER,
    REGION,
    TOKENS,
    Machine,
    failed,
    good_document,
)

if TYPE_CHECKING:
    from pathlib import Path

REQUIRED = [
    "cognito_user_pool_id",
    "cognito_client_id",
    "cognito_identity_pool_id",
    "cognito_username",
]
MALFORMED = {
    "cognito_user_pool_id": "AbCdEfGhI",
    "cognito_client_id": "not a client",
    "cognito_identity_pool_id": "ap-northeast-1_AbCdEfGhI",
    "cognito_username": "two words",
    "cognito_region": "Tokyo",
    "cognito_auth_flow": "ADMIN_NO_SRP_AUTH",
    "cognito_role_arn": "Developers",
    "cognito_credential_flow": "classic",
    "cognito_duration_seconds": "86400",
    "cognito_logins_key": "https://issuer?",
}


@pytest.mark.parametrize("key", REQUIRED)
def test_a_missing_key(machine: Machine, key: str) -> None:
    changes: dict[str, str | None] = {key: None}
    machine.write_config("", **changes)
    error, hint = failed(machine.helper(), 1)
    assert error == f"error: {machine.config}: profile dev: {key} is missing"
    assert hint == "cognito-credproc configure --profile dev"


@pytest.mark.parametrize(("key", "value"), MALFORMED.items())
def test_a_malformed_key(machine: Machine, key: str, value: str) -> None:
    machine.write_config(**{key: value})
    error, hint = failed(machine.helper(), 1)
    assert error.startswith(f"error: {machine.config}: profile dev: {key} = {value} is malformed")
    assert hint == set_command(key, "dev")


def test_an_empty_key(machine: Machine) -> None:
    machine.write_config(cognito_client_id="")
    error, _ = failed(machine.helper(), 1)
    assert "cognito_client_id" in error


def test_an_unknown_key(machine: Machine) -> None:
    machine.write_config(cognito_usrname="istio")
    error, hint = failed(machine.helper(), 1)
    assert error == f"error: {machine.config}: profile dev: cognito_usrname is not a setting"
    assert hint.startswith("did you mean cognito_username? mend it in ")


@pytest.mark.parametrize(
    ("command", "hint"),
    [
        ([HELPER], "cognito-credproc --profile dev"),
        ([HELPER, "console"], "cognito-credproc console --profile dev"),
        ([ENROLL], "cognito-credproc-enroll --profile dev"),
    ],
)
def test_an_unknown_profile(machine: Machine, command: list[str], hint: str) -> None:
    """The hint is what was typed, with the profile that there is."""
    error, hinted = failed(machine.run([*command, "--profile", "deb"]), 1)
    assert (error, hinted) == (f"error: {machine.config} has no profile deb", hint)


@pytest.mark.parametrize("verb", [(), ("login",), ("doctor",), ("configure",), ("export",)])
def test_a_profile_that_borrows_its_credentials(machine: Machine, verb: tuple[str, ...]) -> None:
    """As the readme advises for a role of another account."""
    role = "role_arn = arn:aws:iam::111122223333:role/Admin"
    machine.write_config(f"[profile admin]\n{role}\nsource_profile = dev\n")
    before = machine.config.read_text()
    done = machine.run([HELPER, *verb, "--profile", "admin"])
    words = f"{machine.config}: profile admin takes its credentials from profile dev "
    wanted = verb[0] if verb and verb != ("export",) else "login"
    hint = f"cognito-credproc {wanted} --profile dev"
    assert done.returncode == 1
    if verb == ("doctor",):
        flat = " ".join(done.stdout.split())
        assert f"{words}(source_profile)" in flat
        assert hint in flat
        assert "cognito-credproc configure" not in flat
        assert f"aws configure set region {REGION} --profile admin" in flat
        assert "remove role_arn" not in flat
    else:
        assert done.stderr == f"error: {words}(source_profile)\nhint: {hint}\n"
    assert machine.config.read_text() == before


def test_a_section_that_is_no_profile(machine: Machine) -> None:
    text = machine.config.read_text()
    machine.config.write_text(text.replace("[profile dev]", "# mine\n[dev]"))
    wanted = (
        f"error: {machine.config}: line 2: [dev] must be [profile dev]",
        f"write [profile dev] there, in an editor: {machine.config}",
    )
    for command in ("login", "configure"):
        assert failed(machine.run([HELPER, command, "--profile=dev"]), 1) == wanted
    for line in ([], ["login"], ["status"], ["configure"], ["configure", "--all"]):
        assert failed(machine.run([HELPER, *line]), 1) == wanted, "no other profile is there"


def test_no_profile_is_named(machine: Machine) -> None:
    """The only one is meant; of several none is guessed."""
    error, hint = failed(machine.run([HELPER, "export"]), 3)
    assert error == "error: profile dev: nobody has signed in yet"
    machine.write_config("[profile prod]\ncognito_settings_from = dev\n")
    for command in ("export", "doctor"):
        error, hint = failed(machine.run([HELPER, command]), 2)
        assert error == "error: which profile? there are dev, prod"
        assert hint == f"cognito-credproc {command} --profile dev"


def test_a_missing_config_file(machine: Machine) -> None:
    machine.config.unlink()
    error, _ = failed(machine.helper(), 1)
    assert error == f"error: there is no AWS config file at {machine.config}"


def test_an_unreadable_config_file(machine: Machine) -> None:
    machine.config.unlink()
    machine.config.mkdir()  # file modes do not keep root out
    error, _ = failed(machine.helper(), 1)
    assert error == f"error: {machine.config} cannot be read: Is a directory"


def test_a_config_file_that_is_not_utf_8(machine: Machine) -> None:
    machine.config.write_bytes(b"# M\xfcller\n" + machine.config.read_bytes())
    error, _ = failed(machine.helper(), 1)
    assert "is not a valid AWS config file: line 1 is not UTF-8" in error


@pytest.mark.parametrize("text", ["[profile dev", "region = x\n[profile dev]\n", "\0"])
def test_a_broken_config_file(machine: Machine, text: str) -> None:
    machine.config.write_text(text)
    error, _ = failed(machine.helper(), 1)
    assert error.startswith(f"error: {machine.config} is not a valid AWS config file: ")


@pytest.mark.parametrize(
    "arguments",
    [
        [HELPER, "--no-such-option"],
        [HELPER, "no-such-verb"],
        [HELPER, "--profile"],
        [ENROLL, "--no-such-option"],
        [ENROLL, "--attribute", "email"],
    ],
)
def test_wrong_usage(machine: Machine, arguments: list[str]) -> None:
    _, hint = failed(machine.run(arguments), 2)
    assert hint.endswith(" --help")


def test_an_empty_standard_input(machine: Machine) -> None:
    error, _ = failed(machine.run([ENROLL, "--profile=dev", "--password-stdin"]), 2)
    assert error == "error: standard input holds no password"


def test_no_keyring(enrolled: Machine, tmp_path: Path) -> None:
    nowhere = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path}/none"}
    error, hint = failed(enrolled.helper(**nowhere), 1)
    assert error == "error: no OS keyring answers here, and secrets are not kept in plain files"
    assert hint.endswith(": dbus-run-session -- bash")
    assert enrolled.calls() == []


@pytest.mark.parametrize(
    "backend", ["keyring.backends.null.Keyring", "keyring.backends.fail.Keyring", "no.such.Backend"]
)
def test_a_keyring_backend_that_keeps_nothing(enrolled: Machine, backend: str) -> None:
    done = enrolled.helper(PYTHON_KEYRING_BACKEND=backend)
    failed(done, 3 if "null" in backend else 1)  # null was asked for, and has nothing
    assert enrolled.calls() == []


def emptied(_text: str) -> str:
    return ""


def cut_short(text: str) -> str:
    return text[:-100]


def header_alone(text: str) -> str:
    return text.partition("\n")[0]


def foreign(_text: str) -> str:
    return '{"Version": 1}'


def newer(text: str) -> str:
    return text.replace("cognito-credproc 1 ", "cognito-credproc 2 ", 1)


def of_other_settings(text: str) -> str:
    stored = record.parse(text)
    assert stored is not None
    stored.file, stored.digest = "-", "0" * 16  # other settings make another file
    return stored.text()


def test_a_session_item_that_is_no_good_is_renewed(enrolled: Machine) -> None:
    lasting = enrolled.items.lasting()
    for damage in (emptied, cut_short, header_alone, foreign, newer, of_other_settings):
        enrolled.items.set("session", damage(enrolled.items.get("session")))
        done = enrolled.helper()
        assert (done.stderr, done.returncode) == ("", 0), damage
        good_document(done.stdout)
        assert enrolled.calls() == [TOKENS, CREDENTIALS], damage
        assert enrolled.items.lasting() == lasting, damage
        assert enrolled.helper().stdout == done.stdout, damage
        assert enrolled.calls() == [], damage


def test_changed_settings_are_not_served_from_before(enrolled: Machine) -> None:
    enrolled.write_config(cognito_role_arn="arn:aws:iam::111122223333:role/Other")
    lasting = enrolled.items.lasting()
    error, _ = failed(enrolled.helper(), 1)
    assert "is not among the roles of your sign-in" in error
    assert enrolled.calls() == [TOKENS, CREDENTIALS]
    assert enrolled.items.lasting() == lasting


def test_failures_lose_nothing(enrolled: Machine) -> None:
    items = enrolled.items.all()
    text = enrolled.config.read_text()
    for broken in ("", "[profile dev", text.replace("cognito_client_id", "cognito_client")):
        enrolled.config.write_text(broken)
        failed(enrolled.helper(), 1)
    enrolled.config.unlink()
    failed(enrolled.helper(), 1)
    assert enrolled.items.all() == items


def test_a_damaged_state_file_is_an_empty_one(enrolled: Machine) -> None:
    (file,) = enrolled.state.glob("*.json")
    for text in ("", "{", '{"totp_step": "x"}', "[]"):
        file.write_text(text)
        enrolled.items.expire()
        done = enrolled.helper()
        assert (done.stderr, done.returncode) == ("", 0), text
        good_document(done.stdout)
        assert enrolled.calls() == [TOKENS, "GetId", CREDENTIALS], text


def test_a_state_folder_that_cannot_be_made(enrolled: Machine, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    enrolled.items.expire()
    folder = tmp_path / "file" / "state"
    error, hint = failed(enrolled.helper(COGNITO_CREDPROC_STATE_DIR=str(folder)), 1)
    assert error.startswith(f"error: the state folder {folder} cannot be written: ")
    assert hint.endswith("export COGNITO_CREDPROC_STATE_DIR=FOLDER")
    assert enrolled.calls() == []


NASTY = [
    "two words",
    'say "x"',
    "it's",
    "\u65e5\u672c\u8a9e \U0001f511",
    "x" * 10_000,
    "../../etc/passwd",
    "a/b\\c",
    "$(touch x) `y` ; z",
    "%s{0}",
    "-rf",
    "dev@/other",
]


def test_profile_names_of_every_kind(enrolled: Machine) -> None:
    """Each is renewed once, and then served; none is another's."""
    here = enrolled
    keys = "\n".join(f"{key} = {value}" for key, value in here.settings().items())
    sections = [f"[profile {shlex.quote(name)}]\n{keys}\n" for name in NASTY]
    here.config.write_text("\n".join(sections), "utf-8")
    seen = set()
    for name in NASTY:
        here.calls()
        first = here.helper(f"--profile={name}")
        assert (first.returncode, first.stderr) == (0, ""), name
        good_document(first.stdout)
        seen.add(first.stdout)
        assert here.calls() == [TOKENS, CREDENTIALS], name
        assert here.helper(f"--profile={name}").stdout == first.stdout, name
        bare = here.run([HELPER], AWS_PROFILE=name)
        assert bare.stdout == first.stdout, name
        assert here.calls() == [], name
    assert len(seen) == len(NASTY)
    assert not list(here.state.parent.rglob("x"))
    assert {file.suffix for file in here.state.iterdir()} <= {".json", ".lock", ".renewal"}


@pytest.mark.parametrize("name", ["\x1b[2Jdev", "de\nv", "de\x07v", "\udcff", "x" * 100_000])
def test_a_name_that_paints_the_terminal(machine: Machine, name: str) -> None:
    done = machine.run([HELPER, f"--profile={name}"])
    error, _ = failed(done, 1)
    assert error.isprintable()
    assert len(error) < 620
