"""`login`: sign in now, whatever is stored."""

import os

from cognito_credproc.values.errors import printable
from cognito_credproc.words.face import write
from cognito_credproc.words.parser import (
    AS_WRITTEN,
    Arguments,
    Parser,
    Verbs,
    add_forgot_password,
)

DESCRIPTION = """\
Sign in to the user pool now, whatever is stored, and store new credentials.

A stored password and TOTP seed are used where the keyring has them; else you
are asked on this terminal, or on the pool's page in the browser
(cognito_auth_flow = BROWSER). From then on tools get credentials without a
question, as long as the pool lets the sign-in live.

It waits for no pause after failures. A stored password or seed that was
refused is not sent again: you type the right one.
"""


def add(verbs: Verbs, profile: Parser) -> None:
    """Give the verb to the command line; `profile` is the parser of the shared option."""
    verb = verbs.add_parser(
        "login",
        help="sign in now, whatever is stored",
        description=DESCRIPTION,
        formatter_class=AS_WRITTEN,
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
    # They bring what --help can do without.
    from cognito_credproc.use_cases.program import for_this_machine
    from cognito_credproc.words.layout import until

    record = for_this_machine(profile, os.environ, at_terminal=True).renewal.login(
        paste=arguments.no_browser, forgotten=arguments.forgotten
    )
    write(f"[{printable(profile)}] signed in; credentials until {until(record.expiry)}\n")
