"""What fits no other file: odd names, siblings of a profile, refusals of their own."""

from __future__ import annotations

import shlex
import sys
import venv
from typing import TYPE_CHECKING

import pytest

from cognito_credproc.settings.line import isolated_line
from tests.e2e.machine import (
    CREDENTIALS,
    ENROLL,
    HELPER,
    MFA,
    SRP,
    TOKENS,
    failed,
    good_document,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.machine import Machine

LINE = shlex.split(isolated_line("dev"))


def test_a_profile_with_letters_that_the_streams_cannot_encode(enrolled: Machine) -> None:
    text = enrolled.config.read_text("utf-8")
    more = text.replace("[profile dev]", '[profile "d\u00e9v \u00e9"]')
    enrolled.config.write_text(text + more, "utf-8")
    enrolled.half_a_minute_passes()
    login = [HELPER, "login", "--profile", "d\u00e9v \u00e9"]
    done = enrolled.run(login, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")


def test_two_app_clients_share_one_ledger_of_codes_and_one_breaker(enrolled: Machine) -> None:
    other = enrolled.pool.create_client()
    enrolled.identity_pool.clients.append(other)
    two = enrolled.config.read_text("utf-8").replace("[profile dev]", "[profile two]")
    enrolled.write_config(more=two.replace(enrolled.client.id, other.id))
    enrolled.items.remove("refresh-token", "session")
    enrolled.half_a_minute_passes()
    for profile in ("dev", "two"):
        good_document(enrolled.helper("--profile", profile).stdout)
    assert enrolled.calls() == [*SRP, MFA, "GetCredentialsForIdentity"] * 2
    assert not [call for call in enrolled.cognito.calls if call.error]
    enrolled.items.remove("refresh-token", "session")
    enrolled.half_a_minute_passes()  # else no sign-in begins: its code would come too late
    enrolled.items.set("password", "not the password any more")
    for profile in ("dev", "two", "dev"):
        message, _ = failed(enrolled.helper("--profile", profile), 3)
        assert "the stored password was refused" in message or "nobody can be asked" in message
    assert enrolled.user.wrong_passwords_ever == 1


def test_a_refresh_token_of_no_form_is_passed_over(enrolled: Machine) -> None:
    enrolled.items.set("refresh-token", "not a token \u00e9")
    enrolled.items.expire()
    enrolled.half_a_minute_passes()
    done = enrolled.helper()
    assert (done.returncode, done.stderr) == (0, "")
    older = "InitiateAuth"  # REFRESH_TOKEN_AUTH, where the newer call does not take it
    assert enrolled.calls() == [TOKENS, older, *SRP, MFA, CREDENTIALS]


def test_an_enrolment_without_a_terminal_names_itself(machine: Machine) -> None:
    machine.create_user()
    _, hint = failed(machine.run([ENROLL, "--profile", "dev"]), 3)
    assert hint == "run it in a terminal: cognito-credproc-enroll --profile dev"


def test_a_wrong_value_is_named_where_it_stands(enrolled: Machine) -> None:
    enrolled.write_config(
        more="[profile admin]\ncognito_settings_from = dev\n", cognito_client_id="bad id!"
    )
    message, hint = failed(enrolled.helper("--profile", "admin"), 1)
    assert "profile dev: cognito_client_id = bad id! is malformed" in message
    assert hint == "cognito-credproc configure --profile dev --client-id VALUE"


def test_no_core_dump_can_hold_a_secret(enrolled: Machine) -> None:
    """A limit of 0 writes no file, one of 1 keeps it from programs too (fs/coredump.c)."""
    code = (
        "import resource; from cognito_credproc.words.face import guarded; "
        "guarded(lambda: print(resource.getrlimit(resource.RLIMIT_CORE)[0]))"
    )
    limit = enrolled.run([sys.executable, "-c", code])
    assert (limit.stdout in {"0\n", "1\n"}, limit.stderr) == (True, "")


@pytest.mark.parametrize("line", [[HELPER, "--profile", "dev"], LINE], ids=["script", "line"])
def test_a_full_standard_error_leaves_the_exit_status(enrolled: Machine, line: list[str]) -> None:
    enrolled.items.remove("refresh-token", "session", "password")
    full = ["/bin/sh", "-c", 'exec "$@" 2>/dev/full', "sh"]
    assert enrolled.run([*full, *line]).returncode == 3
    enrolled.write_config(cognito_client_id="bad id!")
    assert enrolled.run([*full, *line]).returncode == 1


def test_what_packages_of_others_say_is_kept_from_tools(enrolled: Machine, tmp_path: Path) -> None:
    """The C++ SDK reads standard error as well: the isolated line keeps it clean."""
    folder = tmp_path / "python"
    venv.create(folder, symlinks=True)
    (packages,) = folder.glob("lib/python3*/site-packages")
    (packages / "broken.pth").write_text("import no_such_module\n")
    own = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "ours.pth").write_text("\n".join(own) + "\n")
    enrolled.items.expire()
    done = enrolled.run([str(folder / "bin" / "python"), *LINE[1:]])
    assert (done.returncode, done.stderr) == (0, "")
    good_document(done.stdout)
