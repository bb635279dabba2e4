"""`logout`: sign out, here and at Cognito."""

import os

from cognito_credproc.words.face import write
from cognito_credproc.words.parser import Arguments, Parser, Verbs


def add(verbs: Verbs, profile: Parser) -> None:
    """Give the verb to the command line; `profile` is the parser of the shared option."""
    verb = verbs.add_parser(
        "logout",
        help="sign out, here and at Cognito",
        description="Revoke the refresh token at Cognito and remove the stored credentials.",
        parents=[profile],
    )
    verb.add_argument(
        "--forget",
        action="store_true",
        help="remove the stored password, TOTP seed and client secret as well",
    )
    verb.set_defaults(run=logout)


def logout(profile: str, arguments: Arguments) -> None:
    """Sign out."""
    from cognito_credproc.use_cases.program import (
        for_this_machine,  # it brings what --help can do without
    )

    for_this_machine(profile, os.environ).renewal.logout(forget=arguments.forget)
    write(f"[{profile}] signed out\n")
