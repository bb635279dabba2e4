"""`login`: sign in now, whatever is stored."""

import os

from cognito_credproc.face import write
from cognito_credproc.parser import Arguments, Parser, Verbs


def add(verbs: Verbs, profile: Parser) -> None:
    """Give the verb to the command line; `profile` is the parser of the shared option."""
    verbs.add_parser(
        "login",
        help="sign in now, whatever is stored",
        description="Sign in to the user pool now and store new credentials.",
        parents=[profile],
    ).set_defaults(run=login)


def login(profile: str, _arguments: Arguments) -> None:
    """Sign in."""
    from cognito_credproc.program import for_this_machine  # it brings what --help can do without

    for_this_machine(profile, os.environ, at_terminal=True).renewal.login()
    write(f"[{profile}] signed in\n")
