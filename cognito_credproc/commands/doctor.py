"""`doctor`: finds what is wrong between an AWS tool and its credentials, and says the mend."""

import json
import os

from cognito_credproc.words.face import write
from cognito_credproc.words.parser import (
    NOT_GIVEN,
    Arguments,
    Parser,
    Verbs,
    add_debug,
    add_profile,
)

DESCRIPTION = """\
Find what is wrong with a profile, from the machine outward: Python, the config file and its line,
the keyring, the clock, the network, Cognito's answers, then the AWS tools found here, run for real.
Says of each fault what it is, why it matters and the exact mend. No secret is shown.
"""


def add(verbs: Verbs, _profile: Parser) -> None:
    """Give the verb to the command line."""
    verb = verbs.add_parser(
        "doctor",
        help="find what is wrong, and say the mend",
        description=DESCRIPTION,
        epilog="exit status: 0 nothing is broken; 1 something is; 2 wrong usage",
    )
    add_profile(verb, default=NOT_GIVEN, otherwise="AWS_PROFILE, then the only one")
    verb.add_argument(
        "--fix",
        action="store_true",
        help="mend what is safe to mend: modes and left-overs in the state folder, a moved line",
    )
    verb.add_argument("--json", action="store_true", help="print JSON")
    add_debug(verb, listed=False)
    verb.set_defaults(run=doctor)


def doctor(profile: str, arguments: Arguments) -> int:
    """Examine a profile; returns the exit status."""
    # Imported here, since they bring what --help can do without.
    from cognito_credproc.checks import diagnosis, examination
    from cognito_credproc.checks.finding import State
    from cognito_credproc.checks.subject import Subject
    from cognito_credproc.words.layout import Screen

    subject, checks, fix = Subject.here(profile, os.environ), examination.CHECKS, arguments.fix
    if arguments.json:
        results = list(examination.examine(subject, checks, fix=fix))
        write(json.dumps(diagnosis.as_document(results, profile), indent=2) + "\n")
    else:
        screen = Screen.of(os.environ)
        telling = diagnosis.Telling(screen, write)
        write(screen.painted(f"profile {screen.clean(profile)}", "bold") + "\n")
        results = []
        for result in examination.examine(subject, checks, fix=fix, begin=telling.begin):
            results.append(result)
            telling.tell(result)
        telling.end(diagnosis.summary(results, profile, screen, fixed=fix))
    return int(any(result.finding.state is State.BROKEN for result in results))
