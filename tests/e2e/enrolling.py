"""What people do while they enrol, and what they see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.machine import ENROLL, MFA, NAME, PASSWORD

if TYPE_CHECKING:
    from tests.e2e.machine import Machine
    from tests.e2e.person import Person

TEMPORARY = "Change-me-1"
RUN = (ENROLL, "--profile", "dev")
ASK_PASSWORD = f"[dev] password for {NAME}: "
ASK_NEW = "[dev] new password: "
ASK_AGAIN = "[dev] the same again: "
ASK_PHONE = "[dev] the code that the app shows (s shows the key as text): "
ASK_MAILED = "[dev] code sent by e-mail to i***@e*** (r sends another): "
KEEP_PASSWORD = "[dev] keep the password on this machine? [y/N] "
KEEP_SEED = "[dev] keep the key of the app on this machine? [y/N] "
DONE = "[dev] done; next: aws sts get-caller-identity --profile dev"
SET_UP = ["AssociateSoftwareToken", "VerifySoftwareToken", MFA]


def chooses_password(person: Person) -> None:
    """Type the new password twice."""
    person.answers(ASK_NEW, PASSWORD)
    person.answers(ASK_AGAIN, PASSWORD)


def shows_phone(person: Person, machine: Machine) -> None:
    """Scan the code and type what the phone shows."""
    person.sees("Scan this with an authenticator app:")
    person.answers(ASK_PHONE, machine.code(unused=False))


def keeps(person: Person, password: str, seed: str, *, kept: bool = False) -> None:
    """Say what to keep, and see the end of it; `kept`: both are, until now."""
    for question, answer in ((KEEP_PASSWORD, password), (KEEP_SEED, seed)):
        person.answers(question.replace("[y/N]", "[Y/n]") if kept else question, answer)
    person.sees(DONE)
    assert person.ends() == 0


def other_than(code: str) -> str:
    """A wrong code."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


def last_code(machine: Machine) -> str:
    """The code in the last mail."""
    assert machine.pool.outbox
    return machine.pool.outbox[-1].code
