"""The command line of `cognito-credproc`: arguments in, document or words out."""

import os
from argparse import SUPPRESS, Namespace

from cognito_credproc import __version__
from cognito_credproc.commands import (
    completion,
    configure,
    console,
    doctor,
    export,
    login,
    logout,
    status,
)
from cognito_credproc.hit import BACKGROUND
from cognito_credproc.process import debug
from cognito_credproc.words.face import debug_to_standard_error, guarded, naming_in_hint
from cognito_credproc.words.parser import (
    AS_WRITTEN,
    EXIT_STATUS,
    Parser,
    add_debug,
    add_profile,
    debug_is_wanted,
)

COMMANDS = (
    configure,
    login,
    logout,
    status,
    doctor,
    export,
    console,
    completion,
)  # as `--help` lists them
GOING_ON = {"configure", "login"}  # where a person answers questions
DESCRIPTION = """\
Print temporary AWS credentials of a profile as credential_process JSON.

They come from the OS keyring; when they are running out, from Amazon Cognito.
In ~/.aws/config:

  [profile dev]
  credential_process = cognito-credproc --profile dev
"""
ENROLMENT = """\
set up a user for this machine, once: cognito-credproc-enroll --profile NAME

"""
# Where none is named, they are about the only profile that there is.
OF_ONE_PROFILE = {"login", "logout", "doctor", "export", "console"}


def main(arguments: list[str]) -> int:
    """Run one command; returns the exit status."""
    goes_on = not GOING_ON.isdisjoint(arguments)
    again = ("cognito-credproc", *arguments) if goes_on else ()
    return guarded(lambda: _run(parser().parse_args(arguments)), again)


def parser() -> Parser:
    """The parser, whose help is the reference of the command line."""
    profile = Parser(add_help=False)
    add_profile(profile, default=SUPPRESS)  # so that a verb does not undo what stands before it
    shared = Parser(add_help=False, parents=[profile])
    add_debug(shared, listed=False)
    top = Parser(
        prog="cognito-credproc",
        description=DESCRIPTION,
        epilog=ENROLMENT + EXIT_STATUS,
        formatter_class=AS_WRITTEN,
        parents=[profile],
    )
    top.add_argument(BACKGROUND, action="store_true", help=SUPPRESS)
    add_debug(top, listed=True)
    top.add_argument("--version", action="version", version=f"cognito-credproc {__version__}")
    verbs = top.add_subparsers(dest="verb", metavar="COMMAND", title="commands for people")
    for command in COMMANDS:
        command.add(verbs, shared)
    return top


def _run(arguments: Namespace) -> int | None:
    # Imported here, since the parser must answer --help on a machine without a keyring.
    from cognito_credproc.helper import print_credentials
    from cognito_credproc.settings.aws_config import profile_name

    if debug_is_wanted(arguments):
        debug_to_standard_error()
    named = getattr(arguments, "profile", None)
    profile = profile_name(named, os.environ)
    if arguments.verb in OF_ONE_PROFILE and not getattr(arguments, "all", False):
        from cognito_credproc.use_cases.standing import profile_meant

        profile = profile_meant(named, os.environ, f"cognito-credproc {arguments.verb}")
    debug.began(profile, arguments.verb or "print the credentials")
    if arguments.verb is not None:
        arguments.parsers = _parsers
        status: int | None
        with naming_in_hint(f"cognito-credproc {arguments.verb}"):
            status = arguments.run(profile, arguments)
        return status
    if arguments.renew_in_background:
        from cognito_credproc.use_cases.program import for_this_machine

        for_this_machine(profile, os.environ).renewal.in_background()
    else:
        print_credentials(profile, os.environ)
    return None


def _parsers() -> list[Parser]:
    """Those of both programs."""
    from cognito_credproc import enroll  # for the completion scripts alone

    return [parser(), enroll.parser()]
