"""`status`: how each profile stands, for people as a table and for programs as JSON."""

import os
import time

from cognito_credproc.words.face import write
from cognito_credproc.words.parser import (
    AS_WRITTEN,
    NOT_GIVEN,
    Arguments,
    Parser,
    Verbs,
    add_debug,
    add_profile,
)

DESCRIPTION = """\
Show how each profile with cognito settings stands. With --profile, more about
that one. It calls nobody and changes nothing.

  GOOD UNTIL  when its credentials end; tools get new ones before
  SIGNED IN   since when, as long as the refresh token is in the keyring
  KEPT        what signs in without you: a stored password, a TOTP seed
  BREAKER     open: a stored factor was refused and is not sent again;
              paused: after failures, nothing is tried for a while
"""


def add(verbs: Verbs, _profile: Parser) -> None:
    """Give the verb to the command line; without the option, it means every profile."""
    verb = verbs.add_parser(
        "status",
        help="show how long credentials are good and what is stored",
        description=DESCRIPTION,
        formatter_class=AS_WRITTEN,
    )
    add_profile(verb, default=NOT_GIVEN, otherwise="all with cognito settings")
    verb.add_argument("--json", action="store_true", help="print JSON, with times in UTC")
    add_debug(verb, listed=False)
    verb.set_defaults(run=status)


def status(_profile: str, arguments: Arguments) -> None:
    """Show it."""
    # Imported here, since they bring what --help can do without.
    from cognito_credproc.use_cases import standing
    from cognito_credproc.words import report
    from cognito_credproc.words.layout import Screen

    named = getattr(arguments, "profile", None)
    found = standing.overview(named, os.environ, standing.Keyring.of(os.environ))
    if arguments.json:
        write(report.as_json(found, time.time()))
    elif named is not None:
        write(report.details(found, Screen.of(os.environ), time.time()))
    else:
        write(report.table(found, Screen.of(os.environ), time.time()))
