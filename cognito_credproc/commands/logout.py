"""`logout`: sign out, here and at Cognito."""

import contextlib
import os
from collections.abc import Collection
from typing import TYPE_CHECKING

from cognito_credproc.values.errors import CredprocError, UsageError, printable
from cognito_credproc.words.face import ReaderGoneError, write
from cognito_credproc.words.parser import AS_WRITTEN, Arguments, Parser, Verbs

if TYPE_CHECKING:
    from cognito_credproc.flows.flow import Item
    from cognito_credproc.use_cases.sign_out import SignedOut
    from cognito_credproc.words.layout import Screen

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
    from cognito_credproc.words.layout import Screen  # for the reason given below

    screen = Screen.of(os.environ)
    if arguments.all:
        if hasattr(arguments, "profile"):
            raise UsageError(
                "--all and --profile exclude each other", "cognito-credproc logout --help"
            )
        _all(screen, forget=arguments.forget)
    else:
        _one(profile, screen, set(), forget=arguments.forget)


def _one(profile: str, screen: "Screen", told: set[str], *, forget: bool) -> None:
    """Sign a profile out, and those that share its sign-in; `told` has the names afterwards."""
    # They bring what --help can do without.
    from cognito_credproc.use_cases.program import for_this_machine
    from cognito_credproc.use_cases.sign_out import HereAloneError
    from cognito_credproc.use_cases.standing import sharing

    program = for_this_machine(profile, os.environ, at_terminal=True)
    dropped: dict[str, bool] = {}

    def drop(name: str) -> None:
        dropped[name] = for_this_machine(name, os.environ, at_terminal=True).renewal.drop()

    try:
        with contextlib.ExitStack() as afterwards:
            for name in reversed(sharing(program.settings, os.environ)):
                afterwards.callback(drop, name)  # whatever comes of the first
            done = program.renewal.logout(forget=forget)
    except CredprocError as error:
        _say_with_it(dropped, screen)
        if isinstance(error, HereAloneError):
            _say_stored(profile, error.done, screen)
        raise
    finally:
        told.update((profile, *dropped))
    _say(profile, done, screen, was_in=done.was_in or any(dropped.values()))
    _say_with_it(dropped if done.was_in else {n: was for n, was in dropped.items() if was}, screen)
    _say_stored(profile, done, screen)


def _tell(text: str) -> None:
    """Say it, if somebody listens; what is still to be signed out is signed out all the same."""
    with contextlib.suppress(ReaderGoneError):
        write(text)


def _say(profile: str, done: "SignedOut", screen: "Screen", *, was_in: bool) -> None:
    if not was_in:
        _tell(screen.paragraph(f"[{profile}] was not signed in", "  ", "") + "\n")
    elif done.revoked:
        _tell(screen.paragraph(f"[{profile}] signed out", "  ", "") + "\n")
    else:
        _tell(screen.paragraph(f"[{profile}] {NOT_REVOKED}", "  ", "") + f"\n  hint: {ENABLE}\n")


def _say_stored(profile: str, done: "SignedOut", screen: "Screen") -> None:
    """What of the stored factors is gone, and what stays."""
    from cognito_credproc.settings.named import profile_option  # for the reason given above

    if done.forgotten:
        _say_items(f"[{profile}] forgotten", done.forgotten, screen)
    if done.stays:
        _say_items(f"[{profile}] still in the keyring", done.stays, screen)
        _tell(f"  to remove it: cognito-credproc logout {profile_option(profile)} --forget\n")


def _say_items(what: str, items: "Collection[Item]", screen: "Screen") -> None:
    from cognito_credproc.words.report import WORDS  # for the reason given above

    words = ", ".join(WORDS[item] for item in items)
    _tell(screen.paragraph(f"{what}: {words}", "  ", "") + "\n")


def _say_with_it(names: Collection[str], screen: "Screen") -> None:
    if names:
        said = f"[{', '.join(names)}] signed out with it, by the same sign-in"
        _tell(screen.paragraph(said, "  ", "") + "\n")


def _all(screen: "Screen", *, forget: bool) -> None:
    """Sign all profiles out, one by one; those that share a sign-in together.

    Raises:
        CredprocError: one at least was not signed out.
    """
    from cognito_credproc.settings import aws_config  # for the reason given above
    from cognito_credproc.settings.profile_keys import with_settings
    from cognito_credproc.use_cases.sign_out import HereAloneError

    file = aws_config.path(os.environ)
    names = with_settings(aws_config.profiles(file))
    if not names:
        _tell(f"no profile in {file} has cognito settings\n")
    failed: list[str] = []
    here_alone: list[str] = []
    told: set[str] = set()
    for name in names:
        if name in told:
            continue
        try:
            _one(name, screen, told, forget=forget)
        except CredprocError as error:
            what = f"failed: {error.message}"
            if not isinstance(error, HereAloneError):
                failed.append(name)
            elif error.is_interrupted:
                raise
            else:
                here_alone.append(name)
                what = printable(error.message)
            _tell(screen.paragraph(f"[{name}] {what}", "  ", "") + "\n")
            _tell(f"  hint: {printable(error.hint)}\n" if error.hint else "")
    if failed or here_alone:
        raise _sum(len(names), failed, here_alone, forget=forget)


def _sum(profiles: int, failed: list[str], here_alone: list[str], *, forget: bool) -> CredprocError:
    """What did not come about, and how it still can."""
    what, mend = [], []
    if failed:
        names = ", ".join(failed)
        what.append(f"{len(failed)} of {profiles} profiles could not be signed out: {names}")
        again = "cognito-credproc logout --all" + (" --forget" if forget else "")
        mend.append(f"mend each as said above, then: {again}")
    if here_alone:
        what.append(f"signed out on this machine, but not at Cognito: {', '.join(here_alone)}")
        mend.append("an administrator ends that, by the command above")
    return CredprocError("; ".join(what), "; ".join(reversed(mend)))
