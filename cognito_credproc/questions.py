"""The questions that a person is asked, each until the answer has the right form."""

import shlex

from cognito_credproc.terminal import Person


def login_command(profile: str) -> str:
    """The command that lets a person sign in."""
    return f"cognito-credproc login --profile {shlex.quote(profile)}"


def six_digits(person: Person, prefix: str, prompt: str, also: tuple[str, ...] = ()) -> str:
    """Ask until six digits are typed, or one of the other answers allowed."""
    while True:
        typed = "".join(person.ask(prompt).split())
        if typed in also or (len(typed) == 6 and typed.isascii() and typed.isdecimal()):
            return typed
        person.say(f"{prefix}a code is six digits")


def new_password(person: Person, prefix: str) -> str:
    """Ask for a new password, twice, since it cannot be seen."""
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
