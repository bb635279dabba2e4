"""What this machine keeps after an enrolment, however its last questions end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.enrolling import (
    ASK_PASSWORD,
    DONE,
    KEEP_PASSWORD,
    KEEP_SEED,
    RUN,
    keeps,
    shows_phone,
)
from tests.e2e.machine import HELPER, PASSWORD, Machine, good_document

if TYPE_CHECKING:
    from tests.e2e.person import Person

ASK_CODE = "[dev] code from your authenticator app: "


def ends_done(person: Person, status: int, *said: str) -> None:
    """The set-up is done, and nothing is wrong."""
    for words in said:
        person.sees(words)
    person.sees(DONE)
    assert person.ends() == status
    assert "error:" not in person.shown
    assert "hint:" not in person.shown


@pytest.mark.parametrize(("keys", "status"), [(b"\x03", 130), (b"\x04", 0)])
def test_leaving_the_last_questions(machine: Machine, keys: bytes, status: int) -> None:
    """The set-up is done by then; what only this machine's keyring could give is not in it."""
    machine.create_user()
    with machine.sits(*RUN) as person:
        person.answers(ASK_PASSWORD, PASSWORD)
        shows_phone(person, machine)
        person.sees("[dev] the phone is set up")
        assert "pending-totp-seed" not in machine.items.kinds()
        person.answers(KEEP_PASSWORD, "x")
        person.sees("[dev] y or n")
        person.answers(KEEP_PASSWORD, "n")
        person.sees(KEEP_SEED)
        person.presses(keys)
        ends_done(person, status, "[dev] nothing more is kept on this machine")
    assert machine.items.kinds() == {"session", "refresh-token"}
    assert "pending" not in machine.run([HELPER, "status", "--profile", "dev"]).stdout
    machine.calls()
    good_document(machine.helper().stdout)
    assert machine.calls() == []
    with machine.sits(*RUN) as person:  # the password alone shows nobody the key
        person.answers(ASK_PASSWORD, PASSWORD)
        person.sees(ASK_CODE)
        person.interrupts()
        assert person.ends() == 130
    assert "Scan this" not in person.shown


def test_what_is_kept_stays_unless_the_person_says_no(machine: Machine) -> None:
    both = machine.enrolled().items.lasting().keys()
    machine.half_a_minute_passes()
    with machine.sits(*RUN) as person:
        keeps(person, "", "", kept=True)
    assert machine.items.lasting().keys() == both
    machine.half_a_minute_passes()
    with machine.sits(*RUN) as person:
        person.sees("keep the password on this machine? [Y/n] ")
        person.interrupts()
        kept = (
            "[dev] the password is in the keyring",
            "[dev] the key of the app is in the keyring",
        )
        ends_done(person, 130, *kept)
    assert machine.items.lasting().keys() == both
    machine.half_a_minute_passes()
    with machine.sits(*RUN) as person:
        keeps(person, "n", "", kept=True)
    assert "[dev] the password is no longer kept on this machine" in person.shown
    assert "[dev] the key of the app is in the keyring" in person.shown
    assert machine.items.kinds() == {"session", "refresh-token", "totp-seed"}
