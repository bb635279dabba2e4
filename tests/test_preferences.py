"""Which way a sign-in takes, and when a code may be sent to somebody."""

import pytest

from cognito_credproc.answers.preferences import Preferences
from cognito_credproc.flows.entry import Wishes
from cognito_credproc.flows.flow import CERTAIN, KNOWN_DEVICE, Ask, Field
from cognito_credproc.people.terminal import unbroken
from cognito_credproc.storage.state import Account
from cognito_credproc.values.errors import PersonNeededError
from tests.fakes import ScriptedPerson

WAY = "client USER_SRP_AUTH"
FACTORS = ("SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP")
CHOICE = Ask(Field.MFA_TYPE, options=FACTORS)
MAY_BE = Ask(Field.CONSENT)
IS_CERTAIN = Ask(Field.CONSENT, detail=CERTAIN)


class Sitting:
    """One sign-in: what is remembered, what the profile says, who is there."""

    def __init__(
        self,
        *answers: str,
        memory: Account | None = None,
        mfa: str | None = None,
        first_factor: str | None = None,
        person: bool = True,
        at_hand: bool = False,
    ) -> None:
        self.memory = memory or Account()
        self.person = ScriptedPerson(*answers)
        self.saves = 0
        self.preferences = Preferences(
            "dev",
            Wishes(WAY, mfa, first_factor),
            self.memory,
            self.save,
            self.person if person else None,
            at_hand=at_hand,
        )

    def save(self) -> None:
        """Write the memory."""
        self.saves += 1

    def sends(self) -> bool:
        """Whether the next process knows that a code is sent."""
        return self.memory.sends_codes == [WAY]


# Choices


def test_person_chooses_by_number_and_the_choice_is_remembered() -> None:
    sitting = Sitting("", "0", "4", "x", "\u00b2", " 3 ")
    assert sitting.preferences.choice(CHOICE, None) == "EMAIL_OTP"
    assert sitting.person.told == [
        "[dev] 1  a code by SMS",
        "[dev] 2  the authenticator app",
        "[dev] 3  a code by e-mail",
    ]
    assert {prompt for prompt, _ in sitting.person.asked} == {"[dev] which of these (1-3): "}
    assert sitting.preferences.choice(CHOICE, None) == "EMAIL_OTP"  # the sign-in started over
    assert sitting.saves == 0
    assert sitting.memory.chosen == {}
    for _ in range(2):
        sitting.preferences.succeeded()
    assert sitting.saves == 1
    other = unbroken("cognito-credproc configure --profile dev --mfa VALUE")
    assert sitting.person.told[3:] == [
        f"[dev] a code by e-mail from now on; to take another: {other}"
    ]
    later = Sitting(memory=sitting.memory)
    assert later.preferences.choice(CHOICE, None) == "EMAIL_OTP"
    assert later.person.asked == []


def test_remembered_choice_that_is_not_offered_any_more() -> None:
    sitting = Sitting("1", memory=Account(chosen={Field.MFA_TYPE: "EMAIL_OTP"}))
    ask = Ask(Field.MFA_TYPE, options=("SMS_MFA", "SOFTWARE_TOKEN_MFA"))
    assert sitting.preferences.choice(ask, None) == "SMS_MFA"


def test_only_option_is_taken_without_a_question() -> None:
    ask = Ask(Field.MFA_TYPE, options=("SMS_MFA",))
    assert Sitting(person=False).preferences.choice(ask, None) == "SMS_MFA"


def test_password_that_can_be_proven_is_sent_only_if_the_profile_says_so() -> None:
    ask = Ask(Field.FIRST_FACTOR, options=("PASSWORD_SRP", "PASSWORD", "EMAIL_OTP"))
    sitting = Sitting("2")
    assert sitting.preferences.choice(ask, None) == "EMAIL_OTP"
    assert sitting.person.told == ["[dev] 1  the password", "[dev] 2  a code by e-mail"]
    only = Ask(Field.FIRST_FACTOR, options=("PASSWORD_SRP", "PASSWORD"))
    assert Sitting(person=False).preferences.choice(only, None) == "PASSWORD_SRP"
    wished = Sitting(person=False, first_factor="PASSWORD")
    assert wished.preferences.choice(ask, "PASSWORD_SRP") == "PASSWORD"


def test_each_choice_is_remembered_by_itself() -> None:
    sitting = Sitting("1", mfa="EMAIL_OTP", first_factor="SMS_OTP")
    assert sitting.preferences.choice(CHOICE, None) == "EMAIL_OTP"
    ask = Ask(Field.FIRST_FACTOR, options=("EMAIL_OTP", "PASSWORD_SRP"))
    assert sitting.preferences.choice(ask, None) == "EMAIL_OTP"
    sitting.preferences.succeeded()
    assert sitting.memory.chosen == {Field.FIRST_FACTOR: "EMAIL_OTP"}
    assert "--preferred-challenge" in sitting.person.told[-1]


def test_code_by_mail_has_two_names() -> None:
    ask = Ask(Field.MFA_TYPE, options=("SMS_MFA", "EMAIL_MFA"))
    assert Sitting(mfa="EMAIL_OTP").preferences.choice(ask, None) == "EMAIL_MFA"
    memory = Account(chosen={Field.MFA_TYPE: "EMAIL_MFA"})
    assert Sitting(memory=memory).preferences.choice(CHOICE, None) == "EMAIL_OTP"


def test_profile_overrides_what_is_remembered_and_what_is_stored() -> None:
    memory = Account(chosen={Field.MFA_TYPE: "EMAIL_OTP"})
    sitting = Sitting(memory=memory, mfa="SMS_MFA")
    assert sitting.preferences.choice(CHOICE, "SOFTWARE_TOKEN_MFA") == "SMS_MFA"


def test_what_needs_nobody_comes_before_what_is_remembered() -> None:
    memory = Account(chosen={Field.MFA_TYPE: "EMAIL_OTP"})
    sitting = Sitting(memory=memory, person=False)
    assert sitting.preferences.choice(CHOICE, "SOFTWARE_TOKEN_MFA") == "SOFTWARE_TOKEN_MFA"


def test_nobody_to_choose() -> None:
    with pytest.raises(PersonNeededError, match="a choice of a second factor is needed") as caught:
        Sitting(person=False).preferences.choice(CHOICE, None)
    assert caught.value.hint == "cognito-credproc login --profile dev"


def test_name_of_an_option_cannot_paint_the_terminal() -> None:
    sitting = Sitting("1")
    sitting.preferences.choice(Ask(Field.MFA_TYPE, options=("\x1b[2J", "SMS_MFA")), None)
    assert sitting.person.told[0] == "[dev] 1  \ufffd[2J"


# Consent


def test_first_sign_in_may_be_tried_without_a_person() -> None:
    Sitting(person=False).preferences.consent(MAY_BE, typed=False)


def test_after_a_code_was_sent_no_sign_in_begins_without_a_person() -> None:
    memory = Account()
    Sitting(memory=memory, person=False).preferences.sent()
    for _ in range(3):
        with pytest.raises(PersonNeededError, match="may have a code sent") as caught:
            Sitting(memory=memory, person=False).preferences.consent(MAY_BE, typed=False)
        assert caught.value.hint == "cognito-credproc login --profile dev"


def test_it_is_written_down_as_soon_as_a_code_was_sent_and_once() -> None:
    sitting = Sitting()
    sitting.preferences.sent()
    assert sitting.sends()
    sitting.preferences.sent()
    assert sitting.saves == 1


def test_other_ways_to_sign_in_are_not_concerned() -> None:
    memory = Account(sends_codes=["client USER_AUTH"])
    Sitting(memory=memory, person=False).preferences.consent(MAY_BE, typed=False)


@pytest.mark.parametrize("at_hand", [True, False])
def test_a_code_that_is_certain_needs_a_person_in_any_case(at_hand: bool) -> None:
    sitting = Sitting(person=False, at_hand=at_hand)
    with pytest.raises(PersonNeededError):
        sitting.preferences.consent(IS_CERTAIN, typed=False)


def test_person_who_may_have_gone_home_is_asked_once() -> None:
    """A tool that polls in a terminal overnight must not have a code sent each minute."""
    sitting = Sitting("", memory=Account(sends_codes=[WAY]))
    sitting.preferences.consent(MAY_BE, typed=False)
    sitting.preferences.consent(IS_CERTAIN, typed=False)
    assert sitting.person.asked == [
        ("[dev] press Enter to sign in; a code may be sent to you: ", False)
    ]


@pytest.mark.parametrize(("at_hand", "typed"), [(True, False), (False, True)])
def test_person_who_is_there_is_not_asked(at_hand: bool, typed: bool) -> None:
    sitting = Sitting(memory=Account(sends_codes=[WAY]), at_hand=at_hand)
    sitting.preferences.consent(MAY_BE, typed=typed)
    assert sitting.person.asked == []


def test_person_who_has_just_chosen_is_there() -> None:
    sitting = Sitting("1")
    sitting.preferences.choice(CHOICE, None)
    sitting.preferences.consent(IS_CERTAIN, typed=False)
    assert len(sitting.person.asked) == 1


def test_sign_in_without_a_code_closes_it() -> None:
    memory = Account(sends_codes=["client USER_AUTH", WAY])
    sitting = Sitting(memory=memory)
    sitting.preferences.succeeded()
    assert memory.sends_codes == ["client USER_AUTH"]
    assert sitting.saves == 1
    sitting.preferences.succeeded()
    assert sitting.saves == 1


def test_device_that_makes_the_code_unnecessary_says_nothing_about_a_sign_in_without() -> None:
    memory = Account(sends_codes=[WAY])
    with_device = Ask(Field.CONSENT, detail=KNOWN_DEVICE)
    sitting = Sitting(memory=memory, person=False)
    sitting.preferences.consent(with_device, typed=False)
    sitting.preferences.succeeded()
    assert memory.sends_codes == [WAY]
    with pytest.raises(PersonNeededError):
        Sitting(memory=memory, person=False).preferences.consent(MAY_BE, typed=False)


def test_device_that_did_not_make_it_unnecessary_is_remembered_for_that() -> None:
    memory = Account()
    with_device = Ask(Field.CONSENT, detail=KNOWN_DEVICE)
    sitting = Sitting(memory=memory)
    sitting.preferences.consent(with_device, typed=False)
    sitting.preferences.sent()
    assert memory.sends_codes == [f"{WAY} with a device"]
    with pytest.raises(PersonNeededError):
        Sitting(memory=memory, person=False).preferences.consent(with_device, typed=False)


def test_sign_in_with_a_code_leaves_it() -> None:
    sitting = Sitting()
    sitting.preferences.sent()
    sitting.preferences.succeeded()
    assert sitting.sends()
