"""The enrolment of every kind of user, pool and app client."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.enrolling import (
    ASK_PASSWORD,
    DONE,
    KEEP_PASSWORD,
    RUN,
    TEMPORARY,
    chooses_password,
    keeps,
    last_code,
    shows_phone,
)
from tests.e2e.machine import (
    CREDENTIALS,
    HELPER,
    MFA,
    NAME,
    PASSWORD,
    SRP,
    TOKENS,
    Machine,
    failed,
    good_document,
)

if TYPE_CHECKING:
    from tests.e2e.conftest import NewMachine


def test_without_a_terminal(machine: Machine) -> None:
    seed = machine.pool.enable_totp(machine.create_user())
    given = ["--password-stdin", "--totp-seed-stdin", "--store-password", "--store-totp"]
    done = machine.run([*RUN, *given], f"{PASSWORD}\n{seed}\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert machine.items.get("password") == PASSWORD
    assert machine.items.get("totp-seed") == seed
    assert machine.calls() == [*SRP, MFA, "GetId", CREDENTIALS]
    good_document(machine.helper().stdout)
    assert machine.calls() == []


def test_without_a_terminal_and_without_a_password(machine: Machine) -> None:
    machine.create_user()
    failed(machine.run(RUN), 3)
    assert machine.calls() == []


def test_an_imported_seed(machine: Machine) -> None:
    seed = machine.pool.enable_totp(machine.create_user())
    typed = " ".join(seed[at : at + 4] for at in range(0, 52, 4)).lower()
    with machine.sits(*RUN, "--import-totp") as person:
        person.answers("(the TOTP seed), or its otpauth:// link: ", typed)
        person.answers(ASK_PASSWORD, PASSWORD)
        keeps(person, "y", "y")
    assert seed not in person.shown.upper().replace(" ", "")
    assert machine.items.get("totp-seed") == seed
    assert machine.calls() == [*SRP, MFA, "GetId", CREDENTIALS]


def test_an_imported_seed_that_is_wrong(machine: Machine) -> None:
    machine.pool.enable_totp(machine.create_user())
    with machine.sits(*RUN, "--import-totp") as person:
        person.answers(
            "(the TOTP seed), or its otpauth:// link: ", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
        )
        person.answers(ASK_PASSWORD, PASSWORD)
        person.answers("[dev] code from your authenticator app: ", machine.code())
        person.sees("error: you are signed in, but the imported TOTP seed was not accepted")
        assert person.ends() == 1
    assert "totp-seed" not in machine.items.kinds()


@pytest.mark.parametrize("secret", [True, False])
def test_codes_by_e_mail_instead_of_an_app(new_machine: NewMachine, secret: bool) -> None:
    kinds = ("SOFTWARE_TOKEN_MFA", "EMAIL_OTP")
    pool = {"email_as_username": False, "mfa": "ON", "mfa_kinds": kinds}
    machine = new_machine(pool=pool, client={"secret": secret})
    machine.create_user()
    with machine.sits(*RUN) as person:
        person.answers(ASK_PASSWORD, PASSWORD)
        if secret:
            person.answers("[dev] client secret: ", str(machine.client.secret))
        person.sees("[dev] 1  the authenticator app")
        person.sees("[dev] 2  a code by e-mail")
        person.answers("[dev] which of these (1-2): ", "2")
        person.answers("[dev] e-mail address for codes: ", "istio@example.org")
        person.sees("[dev] code sent by e-mail to i***@e*** (r sends another): ")
        person.types(last_code(machine))
        person.answers(KEEP_PASSWORD, "")
        person.sees(DONE)
        assert person.ends() == 0
    assert machine.user.email == "istio@example.org"
    good_document(machine.helper().stdout)


def test_a_pool_where_mfa_is_optional(new_machine: NewMachine) -> None:
    machine = new_machine(pool={"mfa": "OPTIONAL"})
    machine.create_user()
    with machine.sits(*RUN) as person:
        person.answers(ASK_PASSWORD, PASSWORD)
        shows_phone(person, machine)
        keeps(person, "y", "y")
    assert machine.user.totp_preferred
    machine.items.remove("session", "refresh-token")
    machine.calls()
    good_document(machine.helper().stdout)
    assert machine.calls() == [*SRP, MFA, CREDENTIALS]


def test_a_pool_without_mfa(new_machine: NewMachine) -> None:
    machine = new_machine(pool={"mfa": "OFF"})
    machine.create_user()
    with machine.sits(*RUN) as person:
        person.answers(ASK_PASSWORD, PASSWORD)
        person.sees("[dev] no authenticator app is needed here; the password alone signs in")
        person.answers(KEEP_PASSWORD, "y")
        person.sees(DONE)
        assert person.ends() == 0
    assert "key of the app" not in person.shown.partition(KEEP_PASSWORD)[2]


def test_an_app_client_with_a_secret(new_machine: NewMachine) -> None:
    machine = new_machine(client={"secret": True})
    machine.create_user(temporary_password=TEMPORARY)
    with machine.sits(*RUN) as person:
        person.answers(ASK_PASSWORD, TEMPORARY)
        person.sees("[dev] this app client has a secret; whoever runs the user pool knows it")
        assert machine.client.secret
        person.answers("[dev] client secret: ", machine.client.secret)
        chooses_password(person)
        shows_phone(person, machine)
        keeps(person, "y", "y")
    machine.items.expire()
    machine.calls()
    good_document(machine.helper().stdout)
    assert machine.calls() == [TOKENS, CREDENTIALS]
    machine.items.remove("session", "refresh-token")
    good_document(machine.helper().stdout)
    assert machine.calls() == [*SRP, MFA, CREDENTIALS]


def test_run_again_when_all_is_done(machine: Machine) -> None:
    machine.enrolled()
    with machine.sits(*RUN, "--no-store-password") as person:
        person.sees("[dev] the password is no longer kept on this machine")
        person.answers("[dev] keep the key of the app on this machine? [Y/n] ", "y")
        person.sees(DONE)
        assert person.ends() == 0
    assert machine.items.kinds() == {"session", "refresh-token", "totp-seed"}


def test_an_app_client_with_a_secret_from_standard_input(new_machine: NewMachine) -> None:
    machine = new_machine(client={"secret": True}, pool={"mfa": "OFF"})
    machine.create_user()
    unattended = [*RUN, "--client-secret-stdin", "--password-stdin", "--no-store-password"]
    done = machine.run(unattended, f"{machine.client.secret}\n{PASSWORD}\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert machine.items.get("client-secret") == machine.client.secret
    good_document(machine.helper().stdout)


def test_a_sign_in_asks_for_a_missing_client_secret(new_machine: NewMachine) -> None:
    """After the password, which is not asked for again and did not count as wrong."""
    machine = new_machine(client={"secret": True}, pool={"mfa": "OFF"})
    user = machine.create_user()
    with machine.sits(HELPER, "login", "--profile", "dev") as person:
        person.answers(f"[dev] password for {NAME}: ", PASSWORD)
        person.answers("[dev] client secret: ", str(machine.client.secret))
        person.sees("[dev] signed in")
        assert person.ends() == 0
    assert user.wrong_passwords_ever == 0
    assert machine.items.get("client-secret") == machine.client.secret
    good_document(machine.helper().stdout)


def test_a_missing_client_secret_says_where_it_is_asked_for(new_machine: NewMachine) -> None:
    machine = new_machine(client={"secret": True}, pool={"mfa": "OFF"})
    machine.create_user()
    failed = machine.run([*RUN, "--password-stdin"], f"{PASSWORD}\n")
    assert failed.returncode == 1
    assert "hint: give the app client's secret, which is asked for by: cogn" in failed.stderr


def test_a_seed_to_import_cannot_be_asked_for_without_a_terminal(machine: Machine) -> None:
    machine.create_user()
    failed = machine.run([*RUN, "--import-totp"])
    assert failed.returncode == 3
    assert "hint: give it with --totp-seed-stdin" in failed.stderr


def test_an_unattended_enrolment_changes_no_choice_that_was_made(machine: Machine) -> None:
    machine.enrolled()
    machine.half_a_minute_passes()
    again = machine.run([*RUN])
    assert (again.returncode, again.stderr) == (0, "")
    assert {"password", "totp-seed"} <= machine.items.kinds()
