"""What a person is asked in one sign-in: how often, in which words, and what was typed."""

from cognito_credproc.flows.flow import FORGOTTEN, NOT_WRONG, RAN_OUT, USED_CODE, Ask, Field
from cognito_credproc.people.questions import (
    FORGOT_PASSWORD,
    QUESTIONS,
    login_command,
    password,
    six_digits,
)
from cognito_credproc.people.terminal import Person
from cognito_credproc.values.errors import CredprocError, PersonNeededError

# How often a person may try; Cognito locks the account after five wrong passwords.
TRIES = {Field.PASSWORD: 3, Field.TOTP_CODE: 5, Field.SENT_CODE: 5, Field.CONFIRMATION_CODE: 10}
# Cognito takes the client's id alone; the pool's is part of what SRP proves the password by.
OTHER_POOL = "if it is right, the user pool id or the client id may be another pool's"
NO_MISTAKE = NOT_WRONG - {USED_CODE}  # reasons to be asked again


class Conversation:
    """With one person about one sign-in of one profile; None where nobody is there."""

    def __init__(self, profile: str, username: str, person: Person | None) -> None:
        self._profile = profile
        self._username = username
        self._person = person
        self._tries: dict[Field, int] = {}
        self.typed: dict[Field, str] = {}
        self.asked = False  # whether the person was asked anything

    def ask(self, ask: Ask, lack: str, remedy: str) -> str:
        """Ask the person; `lack` says why nobody else answers, `remedy` is the command for that.

        Raises:
            PersonNeededError: nobody is there.
            CredprocError: the answers were wrong too often.
        """
        if self._person is None:
            raise PersonNeededError(
                f"profile {self._profile}: {lack}, and nobody can be asked here", remedy
            )
        self.asked = True
        tries = self._tries[ask.field] = self._tries.get(ask.field, 0) + (
            ask.because not in NO_MISTAKE
        )
        is_last = tries > TRIES.get(ask.field, tries)
        if ask.because:
            self._complain(ask, self._person, again=not is_last)
        if is_last:
            raise CredprocError(
                f"{tries - 1} times the {ask.field} was not accepted",
                self._after_too_many(ask.field),
            )
        if (ask.field, tries) == (Field.PASSWORD, TRIES[Field.PASSWORD]):
            self._person.say(f"[{self._profile}] {OTHER_POOL}")
        answer = self._question(ask, self._person)
        self.typed[ask.field] = answer
        return answer

    def _complain(self, ask: Ask, person: Person, *, again: bool) -> None:
        """Say why the last answer was not good; `again`: another is asked for."""
        may_be_forgotten = again and FORGOTTEN in ask.options
        forgotten = "; Enter alone if you have forgotten it" if may_be_forgotten else ""
        person.say(f"[{self._profile}] {ask.because}{forgotten}")
        typed = self.typed.get(ask.field, "") if ask.field == Field.PASSWORD else ""
        if typed != typed.strip():  # which passwords may have, and nobody sees
            person.say(f"[{self._profile}] what was typed begins or ends with a space")

    def _after_too_many(self, wrong: Field) -> str:
        """What to do then."""
        if wrong == Field.PASSWORD:
            return f"if you have forgotten it: {login_command(self._profile)} {FORGOT_PASSWORD}"
        return f"wait a few minutes, then: {login_command(self._profile)}"

    def _question(self, ask: Ask, person: Person) -> str:
        prefix = f"[{self._profile}] "
        if ask.field == Field.PASSWORD:
            forgotten = FORGOTTEN in ask.options
            return password(person, prefix, self._username, may_be_forgotten=forgotten)
        if ask.field == Field.TOTP_CODE:
            if ask.because == RAN_OUT:  # the session died before the code was looked at
                self.typed.pop(Field.TOTP_CODE, None)
            return self._code(person, prefix)
        return QUESTIONS[ask.field](person, prefix, ask)

    def _code(self, person: Person, prefix: str) -> str:
        """A typed code; one that was typed a moment ago is not sent a second time."""
        prompt = f"{prefix}code from your authenticator app: "
        code = six_digits(person, prefix, prompt)
        while code == self.typed.get(Field.TOTP_CODE):
            person.say(f"{prefix}that is the same code; the app shows the next one soon")
            code = six_digits(person, prefix, prompt)
        return code
