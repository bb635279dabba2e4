"""The enrolment of every kind of user, pool and app client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.enrolling import (
    ASK_PASSWORD,
    DONE,
    KEEP_PASSWORD,
    KEEP_SEED,
    RUN,
    TEMPORARY,
    chooses_password,
    keeps,
    shows_phone,
)
from tests.e2e.machine import (
    CREDENTIALS,
    MFA,
    PASSWORD,
    SRP,
    TOKENS,
    Machine,
    failed,
    good_document,
    words,
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
        person.answers("[dev] TOTP seed: ", typed)
        person.answers(ASK_PASSWORD, PASSWORD)
        keeps(person, "y", "y")
    assert seed not in person.shown.upper().replace(" ", "")
    assert machine.items.get("totp-seed") == seed
    assert machine.calls() == [*SRP, MFA, "GetId", CREDENTIALS]


def test_an_imported_seed_that_is_wrong(machine: Machine) -> None:
    machine.pool.enable_totp(machine.create_user())
    with machine.sits(*RUN, "--import-totp") as person:
        person.answers("[dev] TOTP seed: ", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
        person.answers(ASK_PASSWORD, PASSWORD)
        person.answers("[dev] code from your authenticator app: ", machine.code())
        person.sees("error: the user pool did not accept the imported TOTP seed")
        assert person.ends() == 1
    assert "totp-seed" not in machine.items.kinds()


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
        person.sees("[dev] this pool has no authenticator apps; the password alone signs in")
        person.answers(KEEP_PASSWORD, "y")
        person.sees(DONE)
        assert person.ends() == 0
    assert "key of the app" not in person.shown.partition(KEEP_PASSWORD)[2]


def test_an_app_client_with_a_secret(new_machine: NewMachine) -> None:
    machine = new_machine(client={"secret": True})
    machine.create_user(temporary_password=TEMPORARY)
    with machine.sits(*RUN) as person:
        person.answers(ASK_PASSWORD, TEMPORARY)
        person.sees("hint: put the app client's secret into the keyring: keyring set ")
        assert person.ends() == 1
    hint = person.shown.rpartition("into the keyring: ")[2]
    ours = machine.environment["COGNITO_CREDPROC_KEYRING_SERVICE"]
    assert machine.client.secret
    command = words(hint.replace("cognito-credproc/", f"{ours}/"))
    done = machine.run(command, machine.client.secret)
    assert done.returncode == 0
    machine.calls()
    with machine.sits(*RUN) as person:
        person.answers(ASK_PASSWORD, TEMPORARY)
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
        person.answers(KEEP_SEED, "y")
        person.sees(DONE)
        assert person.ends() == 0
    assert machine.items.kinds() == {"session", "refresh-token", "totp-seed"}
