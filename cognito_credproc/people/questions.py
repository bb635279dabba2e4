"""The questions that a person is asked, each until the answer has the right form."""

from collections.abc import Callable, Mapping, Sequence

from cognito_credproc.flows.flow import RESEND, YES, Ask, Field
from cognito_credproc.people.terminal import Person
from cognito_credproc.settings.named import profile_option
from cognito_credproc.values.errors import printable

FACTORS = {
    "PASSWORD_SRP": "the password",
    "PASSWORD": "the password, sent over TLS",
    "SMS_OTP": "a code by SMS",
    "SOFTWARE_TOKEN_MFA": "the authenticator app",
    "SMS_MFA": "a code by SMS",
    "EMAIL_OTP": "a code by e-mail",
    "EMAIL_MFA": "a code by e-mail",
}

FORGOT_PASSWORD = "--forgot-password"  # noqa: S105 - the name of an option


def login_command(profile: str) -> str:
    """The command that lets a person sign in."""
    return f"cognito-credproc login {profile_option(profile)}"


def enroll_command(profile: str) -> str:
    """The command that sets up a user."""
    return f"cognito-credproc-enroll {profile_option(profile)}"


def store_seed_command(profile: str) -> str:
    """The command that asks for a user's TOTP seed and stores it."""
    return f"{enroll_command(profile)} --import-totp"


def six_digits(person: Person, prefix: str, prompt: str, also: tuple[str, ...] = ()) -> str:
    """Ask until six digits are typed, or one of the other answers allowed."""
    return _digits(person, prefix, prompt, {6: "six"}, also)


def _sent_code(person: Person, prefix: str, ask: Ask) -> str:
    """Ask for a code that was sent: six digits, or eight where it is the first factor."""
    prompt = f"{prefix}code sent {printable(ask.detail)} ({RESEND} sends another): "
    return _digits(person, prefix, prompt, {6: "six", 8: "eight"}, (RESEND,))


def _confirmation_code(person: Person, prefix: str, ask: Ask) -> str:
    prompt = f"{prefix}code sent {printable(ask.detail)} ({RESEND} sends another): "
    return six_digits(person, prefix, prompt, also=(RESEND,))


def _attribute(person: Person, prefix: str, ask: Ask) -> str:
    while True:
        if given := person.ask(f"{prefix}{printable(ask.detail)}: ").strip():
            return given
        person.say(f"{prefix}the user pool demands it")


def _digits(
    person: Person, prefix: str, prompt: str, lengths: dict[int, str], also: tuple[str, ...]
) -> str:
    while True:
        typed = "".join(person.ask(prompt).split())
        if typed in also or (len(typed) in lengths and typed.isascii() and typed.isdecimal()):
            return typed
        person.say(f"{prefix}a code is {' or '.join(lengths.values())} digits")


def chosen(person: Person, prefix: str, options: Sequence[str]) -> str:
    """Ask for one of several ways to go on."""
    for number, option in enumerate(options, start=1):
        person.say(f"{prefix}{number}  {FACTORS.get(option, printable(option))}")
    while True:
        typed = person.ask(f"{prefix}which of these (1-{len(options)}): ").strip()
        if typed.isascii() and typed.isdecimal() and 1 <= int(typed) <= len(options):
            return options[int(typed) - 1]


def _challenge_answer(person: Person, prefix: str, ask: Ask) -> str:
    """Show a question of the pool's own, and ask for the answer, which may be a secret."""
    for line in ask.options:
        person.say(f"{prefix}{printable(line)}")
    return hidden(person, f"{prefix}answer: ")


def _new_password(person: Person, prefix: str, ask: Ask) -> str:
    """Ask for a new password, twice, since it cannot be seen."""
    if ask.because is None:
        person.say(f"{prefix}choose a password that only you know; nothing is shown as you type")
    while True:
        password = hidden(person, f"{prefix}new password: ")
        if hidden(person, f"{prefix}the same again: ") == password:
            return password
        person.say(f"{prefix}these two differ; once more")


def hidden(person: Person, prompt: str) -> str:
    """Ask for a secret; an empty one is none."""
    while True:
        if secret := person.ask(prompt, hidden=True):
            return secret


def password(person: Person, prefix: str, username: str, *, may_be_forgotten: bool) -> str:
    """Ask for the password; an empty one says that it is forgotten, where that may be said."""
    prompt = f"{prefix}password for {username}: "
    if not may_be_forgotten:
        return hidden(person, prompt)
    forgotten = "have a code sent to you, and choose a new password?"
    while True:
        typed = person.ask(prompt, hidden=True)
        if typed or yes(person, prefix, forgotten):
            return typed


def yes(person: Person, prefix: str, question: str, *, default: bool = False) -> bool:
    """Ask until yes or no is said; Enter alone is the default, which the prompt shows."""
    prompt = f"{prefix}{question} {'[Y/n]' if default else '[y/N]'} "
    while True:
        answer = person.ask(prompt).strip().lower()
        if not answer:
            return default
        if answer in {"y", "yes"}:
            return True
        if answer in {"n", "no"}:
            return False
        person.say(f"{prefix}y or n")


def _remember_device(person: Person, prefix: str, _ask: Ask) -> str:
    question = "may cognito remember this machine and ask for fewer codes?"
    return YES if yes(person, prefix, question) else ""


QUESTIONS: Mapping[Field, Callable[[Person, str, Ask], str]] = {
    Field.NEW_PASSWORD: _new_password,
    Field.SENT_CODE: _sent_code,
    Field.CONFIRMATION_CODE: _confirmation_code,
    Field.CHALLENGE_ANSWER: _challenge_answer,
    Field.ATTRIBUTE: _attribute,
    Field.REMEMBER_DEVICE: _remember_device,
}
