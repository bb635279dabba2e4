"""`login`: sign in now, whatever is stored."""

import os

from cognito_credproc.words.face import write
from cognito_credproc.words.parser import Arguments, Parser, Verbs, add_forgot_password


def add(verbs: Verbs, profile: Parser) -> None:
    """Give the verb to the command line; `profile` is the parser of the shared option."""
    verb = verbs.add_parser(
        "login",
        help="sign in now, whatever is stored",
        description="Sign in to the user pool now and store new credentials.",
        parents=[profile],
    )
    verb.add_argument(
        "--no-browser",
        action="store_true",
        help="with cognito_auth_flow = BROWSER: show the link, and take the address that the"
        " browser ends at, for machines without a browser",
    )
    add_forgot_password(verb)
    verb.set_defaults(run=login)


def login(profile: str, arguments: Arguments) -> None:
    """Sign in."""
    from cognito_credproc.use_cases.program import (
        for_this_machine,  # it brings what --help can do without
    )

    for_this_machine(profile, os.environ, at_terminal=True).renewal.login(
        paste=arguments.no_browser, forgotten=arguments.forgotten
    )
    write(f"[{profile}] signed in\n")
