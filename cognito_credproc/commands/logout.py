"""`logout`: sign out, here and at Cognito."""

import os

from cognito_credproc.values.errors import CredprocError, UsageError, printable
from cognito_credproc.words.face import write
from cognito_credproc.words.parser import AS_WRITTEN, Arguments, Parser, Verbs

DESCRIPTION = """\
Sign out: revoke the refresh token at Cognito and remove it and the stored
credentials from the keyring. They are removed even where Cognito cannot be
told. Credentials that a tool has already stay good until they run out, an hour
at most for most roles.

Profiles with one sign-in (cognito_settings_from) are signed out of it together;
a stored password and TOTP seed sign in again, unless --forget removes them.
"""
NOT_REVOKED = (
    "signed out here; this app client cannot revoke: the sign-in at Cognito ends by itself"
)
ENABLE = "ask the administrator to enable token revocation on the app client"


def add(verbs: Verbs, profile: Parser) -> None:
    """Give the verb to the command line; `profile` is the parser of the shared option."""
    verb = verbs.add_parser(
        "logout",
        help="sign out, here and at Cognito",
        description=DESCRIPTION,
        formatter_class=AS_WRITTEN,
        parents=[profile],
    )
    verb.add_argument(
        "--all",
        action="store_true",
        help="every profile with cognito settings, one by one; exit status 1 if any failed",
    )
    verb.add_argument(
        "--forget",
        action="store_true",
        help="remove the stored password, TOTP seed and client secret as well",
    )
    verb.set_defaults(run=logout)


def logout(profile: str, arguments: Arguments) -> None:
    """Sign out."""
    if arguments.all:
        if hasattr(arguments, "profile"):
            raise UsageError(
                "--all and --profile exclude each other", "cognito-credproc logout --help"
            )
        _all(forget=arguments.forget)
    else:
        _one(profile, forget=arguments.forget)


def _one(profile: str, *, forget: bool) -> None:
    from cognito_credproc.use_cases.program import (
        for_this_machine,  # it brings what --help can do without
    )

    name = printable(profile)
    if for_this_machine(profile, os.environ).renewal.logout(forget=forget):
        write(f"[{name}] signed out\n")
    else:
        write(f"[{name}] {NOT_REVOKED}\n  hint: {ENABLE}\n")


def _all(*, forget: bool) -> None:
    """Sign all profiles out, one by one; those that share a sign-in find it revoked.

    Raises:
        CredprocError: one at least was not signed out.
    """
    from cognito_credproc.settings import aws_config  # for the reason given above
    from cognito_credproc.use_cases.standing import with_settings
    from cognito_credproc.words.layout import Screen

    screen = Screen.of(os.environ)
    file = aws_config.path(os.environ)
    names = with_settings(aws_config.read(file))
    if not names:
        write(f"no profile in {file} has cognito settings\n")
    failed = []
    for name in names:
        try:
            _one(name, forget=forget)
        except CredprocError as error:
            failed.append(name)
            write(screen.paragraph(f"[{name}] failed: {error.message}", "  ", "") + "\n")
            write(f"  hint: {printable(error.hint)}\n" if error.hint else "")
    if failed:
        raise CredprocError(
            f"{len(failed)} of {len(names)} profiles could not be signed out: {', '.join(failed)}"
        )
