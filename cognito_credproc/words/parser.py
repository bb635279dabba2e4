"""The parser of both command lines."""

import argparse
from typing import Any, NoReturn, TypeAlias

from cognito_credproc.people.questions import FORGOT_PASSWORD
from cognito_credproc.values.errors import UsageError

Arguments = argparse.Namespace
# argparse has no public name for it.
Verbs: TypeAlias = "argparse._SubParsersAction[Parser]"  # noqa: SLF001
NOT_GIVEN = argparse.SUPPRESS  # a default that leaves what stood before the verb as it is
AS_WRITTEN = argparse.RawDescriptionHelpFormatter  # a description that keeps its lines
RefusedValue = argparse.ArgumentTypeError  # what a check of an option's value raises
EXIT_STATUS = """\
exit status: 0 done; 1 failed; 2 wrong usage; 3 only a person can go on
"""


def add_profile(
    parser: argparse.ArgumentParser,
    default: str | None = None,
    otherwise: str = "AWS_PROFILE, then default",
) -> None:
    """Give a parser the option that names the profile; `otherwise` says what holds without it."""
    parser.add_argument(
        "--profile",
        type=_name,
        metavar="NAME",
        default=default,
        help=f"the AWS profile (default: {otherwise})",
    )


def add_debug(parser: argparse.ArgumentParser, *, listed: bool) -> None:
    """Give a parser the option for a debug log; where it is not listed, it works as well."""
    parser.add_argument(
        "--debug",
        action="store_true",
        default=argparse.SUPPRESS,  # so that a verb does not undo what stands before it
        help="say on standard error what is done; no secrets" if listed else argparse.SUPPRESS,
    )


def add_forgot_password(parser: "argparse._ActionsContainer") -> None:
    """Give a command the option that begins with a new password."""
    parser.add_argument(
        FORGOT_PASSWORD,
        dest="forgotten",
        action="store_true",
        help="choose a new password first, with a code that is sent to you",
    )


def debug_is_wanted(arguments: argparse.Namespace) -> bool:
    """Whether the option was given, before a verb or after it."""
    return bool(getattr(arguments, "debug", False))


def _name(text: str) -> str:
    """A profile's name; an empty one is more likely a variable that was not set.

    Raises:
        ArgumentTypeError: it is empty.
    """
    if not text:
        raise argparse.ArgumentTypeError("the name is empty")
    return text


class Parser(argparse.ArgumentParser):
    """A parser whose complaint is one line and a hint, like every other error."""

    def __init__(self, **settings: Any) -> None:
        # An abbreviation that works today could mean another option tomorrow.
        super().__init__(allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        """Complain."""
        raise UsageError(message, f"{self.prog} --help")
