"""Who answers: stored factors once each, no TOTP code twice, then a person."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito_credproc.answers import totp
from cognito_credproc.answers.answers import Answers
from cognito_credproc.answers.factors import MARGIN
from cognito_credproc.flows.flow import (
    CERTAIN,
    RESEND,
    RESENT,
    USED_CODE,
    WRONG_CODE,
    YES,
    Ask,
    Field,
    Item,
)
from cognito_credproc.people.questions import login_command
from cognito_credproc.storage.state import Account
from cognito_credproc.values.clock import CorrectedClock
from cognito_credproc.values.errors import (
    CredprocError,
    PersonNeededError,
    ServiceError,
    TooEarlyError,
)
from tests.fakes import OTHER_SEED, SEED, FakeClock, ScriptedPerson

PASSWORD = Ask(Field.PASSWORD)
PASSWORD_AGAIN = Ask(Field.PASSWORD, "incorrect user name or password")
CODE = Ask(Field.TOTP_CODE)
WRONG = Ask(Field.TOTP_CODE, WRONG_CODE)
USED = Ask(Field.TOTP_CODE, USED_CODE)
STORED = {Item.PASSWORD: "stored", Item.TOTP_SEED: SEED}
DISABLED = ServiceError("InitiateAuth", "NotAuthorizedException", "User is disabled.")
STEP = 59_789_650
START = STEP * 30.0  # the first second of a step


class Sitting:
    """One sign-in: what is stored, remembered, and who is there."""

    def __init__(
        self,
        stored: Mapping[Item, str],
        *answers: str,
        person: bool = True,
        memory: Account | None = None,
        clock: FakeClock | None = None,
    ) -> None:
        self.memory = memory or Account()
        self.clock = clock or FakeClock(START)
        self.corrected = CorrectedClock(self.clock)
        self.person = ScriptedPerson(*answers)
        self.saved: list[int] = []
        self.answers = Answers(
            "dev",
            "istio@example.com",
            stored,
            self.memory,
            lambda: self.saved.append(self.memory.totp_step),
            self.corrected,
            self.person if person else None,
        )

    def learn(self, error: float = CorrectedClock.DOUBT) -> None:
        """The service has told the time, with so much doubt (in seconds)."""
        took = (error - CorrectedClock.DOUBT) * 2
        self.corrected.learn(self.clock.time - took / 2, self.clock.now() - took, took)

    def __call__(self, ask: Ask) -> str:
        """Ask."""
        return self.answers(ask)


def code_at(step: int, seed: str = SEED) -> str:
    return totp.code(seed, step)


def test_stored_factors_answer_and_nobody_is_asked() -> None:
    sitting = Sitting(STORED, person=False)
    assert sitting(PASSWORD) == "stored"
    assert sitting(CODE) == code_at(STEP)
    assert sitting.memory.refused == {}
    assert sitting.answers.missing is None
    assert sitting.answers.code_given
    assert sitting.answers.password == "stored"
    assert sitting.answers.accepted_seed == SEED


def test_step_is_written_down_before_its_code_leaves() -> None:
    sitting = Sitting(STORED)
    sitting(CODE)
    assert sitting.saved[-1] == STEP


def test_state_that_cannot_be_written_sends_no_code() -> None:
    def save() -> None:
        raise CredprocError("the state folder cannot be written")

    answers = Answers("dev", "me", STORED, Account(), save, CorrectedClock(FakeClock()), None)
    with pytest.raises(CredprocError, match="cannot be written"):
        answers(CODE)


def test_next_step_is_sent_early_rather_than_waited_for() -> None:
    """Cognito takes the code of one step ahead."""
    sitting = Sitting(STORED, memory=Account(totp_step=STEP), clock=FakeClock(START + 3))
    assert sitting(CODE) == code_at(STEP + 1)
    assert sitting.clock.slept == []
    assert sitting.memory.totp_step == STEP + 1


def test_next_step_that_is_near_is_waited_for() -> None:
    for second in (25, 26, 29.5):
        clock = FakeClock(START + second)
        sitting = Sitting(STORED, memory=Account(totp_step=STEP), clock=clock)
        assert sitting(CODE) == code_at(STEP + 1)
        assert clock.time == START + 30


def test_step_after_the_next_is_waited_for_until_it_is_the_next() -> None:
    sitting = Sitting(STORED, memory=Account(totp_step=STEP + 1), clock=FakeClock(START + 10))
    assert sitting(CODE) == code_at(STEP + 2)
    assert sitting.clock.time == START + 30 + MARGIN


@pytest.mark.parametrize("ahead", [2, 3, 1_000])
def test_clock_that_was_wrong_is_not_believed(ahead: int) -> None:
    """A step far ahead was written by a clock that has been set back since."""
    sitting = Sitting(STORED, memory=Account(totp_step=STEP + ahead))
    assert sitting(CODE) == code_at(STEP)
    assert sitting.clock.slept == []
    assert sitting.memory.totp_step == STEP


@given(
    st.lists(st.floats(0, 90), min_size=1, max_size=8),
    st.integers(0, 1),
    st.floats(0, 29.9),
)
def test_no_step_is_ever_sent_twice(pauses: list[float], used: int, second: float) -> None:
    """Whatever time passes between; and none that the service would not take."""
    memory = Account(totp_step=STEP + used)
    clock = FakeClock(START + second)
    sent = [memory.totp_step]
    for pause in pauses:
        clock.time += pause
        sitting = Sitting(STORED, memory=memory, clock=clock)
        code = sitting(CODE)
        sitting.answers.heard()
        step = memory.totp_step
        assert code == code_at(step)
        assert step - totp.step_at(clock.now() + 0.001) in {0, 1}
        sent.append(step)
    assert len(set(sent)) == len(sent)
    assert sent == sorted(sent)


def test_used_code_is_followed_by_another() -> None:
    """Another machine may have used it; nothing is wrong with the seed."""
    sitting = Sitting(STORED)
    assert [sitting(CODE), sitting(USED), sitting(USED)] == [
        code_at(STEP),
        code_at(STEP + 1),
        code_at(STEP + 2),
    ]
    assert sitting.memory.refused == {}
    assert sitting.person.told == ["[dev] waiting 30 s for the next code"]


def test_nobody_waits_for_a_code_without_being_told() -> None:
    sitting = Sitting(STORED, person=False, memory=Account(totp_step=STEP + 1))
    with pytest.raises(CredprocError) as caught:
        sitting(CODE)
    assert caught.value.hint == "run the same command again in 33 seconds"
    assert sitting.clock.now() == START
    sitting.clock.time += 29
    assert sitting(CODE) == code_at(STEP + 2)


def test_a_stored_password_is_not_sent_where_its_refusal_could_not_be_written() -> None:
    def full() -> None:
        raise CredprocError("the state folder cannot be written")

    answers = Answers(
        "dev", "istio", STORED, Account(), full, CorrectedClock(FakeClock(START)), None
    )
    with pytest.raises(CredprocError, match="state folder"):
        answers(PASSWORD)


def test_refused_password_is_not_sent_again() -> None:
    sitting = Sitting(STORED, person=False)
    sitting(PASSWORD)
    with pytest.raises(PersonNeededError) as caught:
        sitting(PASSWORD_AGAIN)
    assert caught.value.hint == "cognito-credproc login --profile dev"
    assert sitting.memory.refused == {"password": "incorrect user name or password"}
    assert sitting.saved, "the next process knows it too"
    later = Sitting(STORED, person=False, memory=sitting.memory)
    assert later.answers.missing == Field.PASSWORD
    with pytest.raises(PersonNeededError):
        later(PASSWORD)


def test_after_two_refused_passwords_the_pool_may_be_another() -> None:
    sitting = Sitting({}, "one", "two", "three")
    said = "[dev] if it is right, the user pool id or the client id may be another pool's"
    sitting(PASSWORD)
    sitting(PASSWORD_AGAIN)
    assert said not in sitting.person.told
    sitting(PASSWORD_AGAIN)
    assert sitting.person.told[-1] == said


def test_refused_seed_is_not_used_again() -> None:
    sitting = Sitting(STORED, "123456")
    sitting(CODE)
    assert sitting(WRONG) == "123456"
    assert sitting.memory.refused == {"totp-seed": WRONG_CODE}
    later = Sitting(STORED, person=False, memory=sitting.memory)
    with pytest.raises(PersonNeededError):
        later(CODE)


@pytest.mark.parametrize("known", [False, True])
def test_code_that_may_have_come_too_early_refuses_no_seed(known: bool) -> None:
    """Sent ahead of its step, it is wrong as well where the service's clock is behind."""
    clock = FakeClock(START + 5)
    sitting = Sitting(STORED, "123456", memory=Account(totp_step=STEP), clock=clock)
    if known:
        sitting.learn()
    assert sitting(CODE) == code_at(STEP + 1)
    if known:
        assert sitting(WRONG) == "123456"
        assert sitting.memory.refused == {"totp-seed": WRONG_CODE}
        return
    assert sitting(WRONG) == code_at(STEP + 2)
    assert clock.time == START + 60, "in its own step"
    assert sitting.memory.refused == {}
    assert sitting(WRONG) == "123456"
    assert sitting.memory.refused == {"totp-seed": WRONG_CODE}


def test_doubt_lasts_until_a_code_decides() -> None:
    """The next process sends no code ahead either, so that two wrong codes are the most."""
    memory = Account(totp_step=STEP)
    first = Sitting(STORED, memory=memory, clock=FakeClock(START + 5), person=False)
    first(CODE)
    with pytest.raises(CredprocError, match="the codes of this half minute are used"):
        first(WRONG)
    assert memory.totp_doubt
    for second in (10, 29, 31, 54):
        later = Sitting(STORED, memory=memory, clock=FakeClock(START + second), person=False)
        with pytest.raises(CredprocError, match="the codes of this half minute are used"):
            later(CODE)
    last = Sitting(STORED, memory=memory, clock=FakeClock(START + 56), person=False)
    assert last(CODE) == code_at(STEP + 2)
    last.answers.proven()
    assert not memory.totp_doubt


@pytest.mark.parametrize("took", [0.1, 0.5, 2.0])
def test_a_sign_in_that_is_begun_gets_its_code(took: float) -> None:
    """However fast it comes to the question: else a password was proven for nothing."""
    begun = 0
    for tenths in range(600):
        memory = Account(totp_step=STEP + 1, asks_code=[""])
        clock = FakeClock(START + tenths / 10)
        sitting = Sitting(STORED, memory=memory, clock=clock, person=False)
        try:
            sitting.answers.obey_ledger()
        except TooEarlyError:
            continue
        begun += 1
        clock.time += took
        assert sitting(CODE) in {code_at(STEP + 2), code_at(STEP + 3)}
    assert begun > 200


def test_next_step_is_not_sent_in_the_first_seconds_of_this_one() -> None:
    """The service may still be in the step before, where it would come too early."""
    sitting = Sitting(STORED, memory=Account(totp_step=STEP), clock=FakeClock(START + 0.5))
    assert sitting(CODE) == code_at(STEP + 1)
    assert sitting.clock.time == START + MARGIN


def test_what_is_known_of_the_clock_decides_how_early() -> None:
    clock = FakeClock(START + 0.5)
    sitting = Sitting(STORED, memory=Account(totp_step=STEP), clock=clock)
    sitting.learn(error=4.5)
    assert sitting(CODE) == code_at(STEP + 1)
    assert sitting.clock.time == START + 4.5


@pytest.mark.parametrize("minutes", [10, -10])
def test_codes_are_those_of_the_services_clock(minutes: int) -> None:
    clock = FakeClock(START + 5)
    clock.set = minutes * 60
    sitting = Sitting(STORED, clock=clock)
    sitting.learn()
    assert sitting(CODE) == code_at(STEP)
    assert sitting.memory.totp_step == STEP


def test_seed_of_this_enrolment_is_not_given_up_for_one_wrong_code() -> None:
    sitting = Sitting({}, person=False)
    sitting.answers.add(Item.PENDING_TOTP_SEED, SEED)
    assert sitting(CODE) == code_at(STEP)
    assert sitting(WRONG) == code_at(STEP + 1)
    assert sitting.answers.pending_used


def test_code_of_an_enrolment_is_not_sent_by_the_next_sign_in() -> None:
    """Both write the same ledger, whichever seed it was."""
    memory = Account()
    enrolment = Sitting({}, memory=memory)
    enrolment.answers.add(Item.PENDING_TOTP_SEED, SEED)
    first = enrolment(CODE)
    later = Sitting(STORED, memory=memory, clock=FakeClock(START + 20), person=False)
    assert later(CODE) == code_at(STEP + 1) != first


def test_typed_code_of_the_stored_seed_counts_for_its_own_step() -> None:
    sitting = Sitting(STORED, code_at(STEP + 1), memory=Account(refused={"totp-seed": WRONG_CODE}))
    sitting(CODE)
    assert sitting.memory.totp_step == STEP + 1


def test_refusal_of_the_whole_marks_what_was_sent() -> None:
    sitting = Sitting(STORED)
    sitting(PASSWORD)
    sitting.answers.refused(DISABLED)
    assert sitting.memory.refused == {"password": "User is disabled."}


def test_refusal_before_anything_stored_was_sent_marks_nothing() -> None:
    sitting = Sitting({}, "typed")
    sitting(PASSWORD)
    sitting.answers.refused(DISABLED)
    assert sitting.memory.refused == {}


def test_a_seed_that_is_none_costs_nothing_and_a_person_is_asked() -> None:
    for seed in ("NOT BASE32 !!!", "é" * 50, "AAAA", " ", "\x00", "otpauth://totp/x"):
        stored = {Item.PASSWORD: "stored", Item.TOTP_SEED: seed}
        way = Sitting(stored, "123456", memory=Account(totp_step=7))
        assert way(CODE) == "123456"
        assert way.answers.proven() is None
        assert (way.memory.refused, way.memory.pauses) == ({}, {})
        nobody = Sitting(stored, person=False, memory=Account(totp_step=7, asks_code=[""]))
        with pytest.raises(PersonNeededError, match="the stored TOTP seed makes no codes: it is"):
            nobody(CODE)
        assert nobody.memory.totp_step == 7, "no code was made"
        assert nobody.memory.pauses == {}


def test_a_stored_seed_is_read_as_people_write_it() -> None:
    sitting = Sitting({Item.TOTP_SEED: f" {SEED[:4].lower()} {SEED[4:]}=="})
    assert sitting(CODE) == code_at(STEP)


def test_wrong_typed_password_refuses_nothing_that_is_stored() -> None:
    sitting = Sitting({}, "one", "two")
    assert [sitting(PASSWORD), sitting(PASSWORD_AGAIN)] == ["one", "two"]
    assert sitting.memory.refused == {}


def test_typed_password_replaces_the_stored_one_that_was_refused() -> None:
    sitting = Sitting(STORED, "typed")
    sitting(PASSWORD)
    assert sitting(PASSWORD_AGAIN) == "typed"
    assert sitting.answers.password == "typed"
    assert sitting.answers.proven() == "typed"
    assert sitting.memory.refused == {}


def test_typed_password_replaces_one_refused_long_ago() -> None:
    sitting = Sitting(STORED, "typed", memory=Account(refused={"password": "incorrect"}))
    assert sitting(PASSWORD) == "typed"
    assert sitting.saved == []
    assert sitting.answers.proven() == "typed"
    assert sitting.memory.refused == {}
    assert len(sitting.saved) == 1, "the next process believes it too"
    sitting.answers.proven()
    assert len(sitting.saved) == 1, "nothing changed"


def test_typed_password_is_stored_by_nobody_else() -> None:
    sitting = Sitting({Item.TOTP_SEED: SEED}, "typed")
    sitting(PASSWORD)
    assert sitting.answers.proven() is None


def test_new_password_replaces_the_stored_temporary_one() -> None:
    sitting = Sitting(STORED, "new", "new")
    sitting(PASSWORD)
    assert sitting(Ask(Field.NEW_PASSWORD)) == "new"
    assert sitting.answers.proven() == "new"


def test_what_came_during_the_sign_in_is_not_kept_unasked() -> None:
    sitting = Sitting({}, "new", "new")
    sitting(Ask(Field.NEW_PASSWORD))
    sitting.answers.add(Item.PASSWORD, "new")
    assert sitting(PASSWORD) == "new"
    assert sitting.answers.proven() is None


def test_forgotten_new_password_is_not_the_password() -> None:
    sitting = Sitting({}, "never used", "never used", "real")
    sitting(Ask(Field.NEW_PASSWORD))
    sitting.answers.forget_new_password()
    assert sitting(PASSWORD) == "real"
    assert sitting.answers.password == "real"


def test_typed_code_proves_the_stored_seed_again() -> None:
    refused = Account(refused={"totp-seed": WRONG_CODE})
    sitting = Sitting(STORED, code_at(STEP), memory=refused)
    assert sitting(CODE) == code_at(STEP)
    sitting.answers.proven()
    assert sitting.memory.refused == {}


def test_typed_code_of_another_seed_proves_nothing() -> None:
    refused = Account(refused={"totp-seed": WRONG_CODE})
    sitting = Sitting(STORED, code_at(STEP, OTHER_SEED), memory=refused)
    sitting(CODE)
    sitting.answers.proven()
    assert sitting.memory.refused == {"totp-seed": WRONG_CODE}


def test_typed_code_counts_as_used() -> None:
    sitting = Sitting({}, "123456")
    sitting(CODE)
    assert sitting.saved[-1] == STEP
    assert sitting.answers.code_given
    assert not Sitting({}).answers.code_given


def test_same_code_is_not_sent_again() -> None:
    sitting = Sitting({}, "123456", "123456", "123 456", "654321")
    assert [sitting(CODE), sitting(WRONG)] == ["123456", "654321"]
    assert sum("that is the same code" in told for told in sitting.person.told) == 2


def test_pending_seed_comes_first_and_gives_way() -> None:
    """It is left behind where another enrolment overtook this one."""
    sitting = Sitting({Item.PENDING_TOTP_SEED: OTHER_SEED, Item.TOTP_SEED: SEED}, person=False)
    assert sitting(CODE) == code_at(STEP, OTHER_SEED)
    assert sitting.answers.pending_used
    assert sitting(WRONG) == code_at(STEP + 1)
    assert not sitting.answers.pending_used
    assert sitting.answers.accepted_seed == SEED
    assert sitting.memory.refused == {}


def test_factor_that_came_into_being_answers() -> None:
    sitting = Sitting({}, person=False)
    sitting.answers.add(Item.PENDING_TOTP_SEED, SEED)
    assert sitting(CODE) == code_at(STEP)


@pytest.mark.parametrize(
    ("ask", "answers", "tries"),
    [
        (PASSWORD_AGAIN, ["one", "two", "three"], 3),
        (WRONG, ["111111", "222222", "333333", "444444", "555555"], 5),
        (Ask(Field.CONFIRMATION_CODE, WRONG_CODE, "i***"), [f"{n:06}" for n in range(10)], 10),
    ],
)
def test_a_person_does_not_try_for_ever(ask: Ask, answers: list[str], tries: int) -> None:
    sitting = Sitting({}, *answers)
    assert [sitting(Ask(ask.field, None, ask.detail))] + [
        sitting(ask) for _ in range(tries - 1)
    ] == answers
    with pytest.raises(CredprocError, match=f"{tries} times the {ask.field} was not") as caught:
        sitting(ask)
    assert login_command("dev") in str(caught.value.hint)


def test_another_mail_is_no_wrong_try() -> None:
    sitting = Sitting({}, *[RESEND] * 20)
    ask = Ask(Field.CONFIRMATION_CODE, RESENT, "i***@e***")
    assert {sitting(ask) for _ in range(20)} == {RESEND}
    assert sitting.person.told[0] == f"[dev] {RESENT}"
    assert "i***@e***" in sitting.person.asked[0][0]


@pytest.mark.parametrize("field", sorted(set(Field) - {Field.TOTP_CODE, Field.REMEMBER_DEVICE}))
def test_nobody_there(field: Field) -> None:
    words = {
        Field.SENT_CODE: "a code was sent to you",
        Field.CONSENT: "a sign-in may have a code sent, and nobody can type it here",
    }.get(field, f"a {field} is needed")
    ask = Ask(field, detail=CERTAIN, options=("SMS_MFA", "EMAIL_OTP"))
    with pytest.raises(PersonNeededError, match=words) as caught:
        Sitting({}, person=False)(ask)
    assert caught.value.exit_status == 3
    assert caught.value.hint == "cognito-credproc login --profile dev"


def test_nobody_agrees_to_be_remembered_who_is_not_there() -> None:
    ask = Ask(Field.REMEMBER_DEVICE)
    assert Sitting({}, person=False)(ask) == ""
    for said, meant in (("y", YES), ("", ""), ("n", "")):
        sitting = Sitting({}, said)
        assert sitting(ask) == meant
        assert sitting.person.asked[0][0] == (
            "[dev] may cognito remember this machine and ask for fewer codes? [y/N] "
        )


def test_secrets_are_typed_hidden_and_empty_ones_asked_again() -> None:
    sitting = Sitting({}, "", "typed")
    assert sitting(PASSWORD) == "typed"
    assert [hidden for _, hidden in sitting.person.asked] == [True, True]
    assert sitting.person.asked[0][0] == "[dev] password for istio@example.com: "


def test_new_password_is_typed_twice() -> None:
    sitting = Sitting({}, "one", "other", "same", "same")
    assert sitting(Ask(Field.NEW_PASSWORD)) == "same"
    assert all(hidden for _, hidden in sitting.person.asked)
    assert any("differ" in told for told in sitting.person.told)
    assert sitting.answers.password == "same"


def test_new_password_is_chosen_once_for_a_sign_in_that_is_started_over() -> None:
    sitting = Sitting({}, "chosen", "chosen", "other", "other")
    assert [sitting(Ask(Field.NEW_PASSWORD)) for _ in range(2)] == ["chosen", "chosen"]
    assert sitting(Ask(Field.NEW_PASSWORD, "Password too short")) == "other"


def test_code_is_six_digits() -> None:
    sitting = Sitting({}, "", "12345", "1234567", "12345a", "\uff11" * 6, "r", " 123 456 ")
    assert sitting(CODE) == "123456"
    assert sitting.person.told == ["[dev] a code is six digits"] * 6


def test_attribute_is_shown_as_typed() -> None:
    sitting = Sitting({}, " Istio ")
    assert sitting(Ask(Field.ATTRIBUTE, detail="name")) == "Istio"
    assert sitting.person.asked == [("[dev] name: ", False)]


def test_command_for_a_profile_with_a_space() -> None:
    assert login_command("two words") == "cognito-credproc login --profile 'two words'"
