"""`configure`: make or change a profile of the AWS config file."""

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from cognito_credproc.profiles.profile_plan import REGION
from cognito_credproc.settings.forms import BASE, CHALLENGE, FORMS, configure_command
from cognito_credproc.settings.named import profile_option, quoted
from cognito_credproc.settings.profile_keys import refuse_lost
from cognito_credproc.values.errors import UsageError
from cognito_credproc.words.face import stdin_line, stdin_text, text_file, warn, write
from cognito_credproc.words.parser import AS_WRITTEN, Arguments, Parser, Verbs
from cognito_credproc.words.setting_options import add_key

if TYPE_CHECKING:
    from cognito_credproc.profiles.configuring import ConfigFile
    from cognito_credproc.profiles.profile_maker import Made

DESCRIPTION = """\
Make or change a profile in the AWS config file, and write the line that runs
this program. What is missing is asked for. Everything else in the file stays
as it is: other keys, comments, the order.

On a profile that is complete it mends the line, for example after an upgrade
of Python has moved what the line names. Without --profile and any other option
it lists the profiles that have cognito settings.
"""


def add(verbs: Verbs, profile: Parser) -> None:
    """Give the verb to the command line; `profile` is the parser of the shared option."""
    verb = verbs.add_parser(
        "configure",
        help="make or change a profile, or list the profiles",
        description=DESCRIPTION,
        formatter_class=AS_WRITTEN,
        parents=[profile],
    )
    keys = verb.add_argument_group("what the profile says ('' removes a key)")
    for key in FORMS:
        add_key(keys.add_argument, key)
        if key == "cognito_username":
            add_key(keys.add_argument, REGION)
    keys.add_argument(
        "--settings-from",
        dest=BASE,
        metavar="PROFILE",
        help="the profile whose settings hold for this one too",
    )
    keys.add_argument(
        "--import",
        dest="imported",
        metavar="FILE",
        help="take the ids from Amplify's amplify_outputs.json or aws-exports.js, or from the "
        "outputs of a CloudFormation stack (aws cloudformation describe-stacks) or of Terraform "
        "(terraform output -json); - is standard input",
    )
    how = verb.add_argument_group("how")
    how.add_argument("--dry-run", action="store_true", help="show what would change, as a diff")
    how.add_argument(
        "--offline",
        action="store_true",
        help="do not ask Cognito whether pools and app client are there",
    )
    how.add_argument(
        "--replace",
        action="store_true",
        help="put the line in the place of one that runs another program",
    )
    how.add_argument(
        "--all",
        action="store_true",
        help="mend the lines of all profiles that have one of this program's; needs no --profile",
    )
    how.add_argument(
        "--list-roles",
        action="store_true",
        help="sign in, and offer a profile for each role that your groups allow; without a "
        "terminal, list them",
    )
    how.add_argument(
        "--client-secret-stdin",
        action="store_true",
        help="read the app client's secret from standard input, and put it into the keyring",
    )
    verb.set_defaults(run=configure)


def configure(profile: str, arguments: Arguments) -> None:
    """Do what the options say."""
    # Imported here, since they bring what --help can do without.
    from cognito_credproc.profiles.configuring import ConfigFile

    given = {
        key: getattr(arguments, key)
        for key in (*FORMS, REGION, BASE)
        if getattr(arguments, key) is not None
    }
    if arguments.imported is not None:
        given = {**_imported(arguments, given), **given}
    config = ConfigFile.of(os.environ)
    for alone in ("all", "list_roles"):
        others = (arguments.replace, arguments.offline, arguments.client_secret_stdin, given)
        if getattr(arguments, alone) and any(others):
            option = f"--{alone.replace('_', '-')}"
            raise UsageError(
                f"{option} goes with --dry-run alone", "cognito-credproc configure --help"
            )
    if arguments.all:
        _mend_all(config, dry_run=arguments.dry_run)
    elif arguments.list_roles:
        _roles(profile, config, dry_run=arguments.dry_run)
    elif hasattr(arguments, "profile") or given or _says_more(arguments):
        _one(profile, config, given, arguments)
    else:
        _list(config)


def _one(
    profile: str, config: "ConfigFile", given: Mapping[str, str], arguments: Arguments
) -> None:
    """Make or change one profile."""
    from cognito_credproc.people.terminal import Terminal
    from cognito_credproc.profiles.next_step import next_command
    from cognito_credproc.profiles.profile_maker import Request, made

    request = Request(
        profile,
        given,
        _client_secret() if arguments.client_secret_stdin else None,
        replace=arguments.replace,
        offline=arguments.offline,
    )
    found = made(request, config, os.environ, Terminal.open())
    if arguments.dry_run:
        write(found.difference(config) or f"[{profile}] nothing would change\n")
        _warn(profile, found)
        return
    if not found.keep(config):
        write(f"[{profile}] {config.path} says so already\n")
        if not given:
            command = f"{configure_command(profile)} --username NAME"
            write(f"[{profile}] to change something, such as the user: {command}\n")
    else:
        if found.old_line is not None:
            write(f"[{profile}] the old credential_process {found.old_line}\n")
        write(f"[{profile}] written to {config.path}\n")
    if found.dropped is not None:
        write(f"[{profile}] without {CHALLENGE} = {found.dropped}, which that flow does not take\n")
    _warn(profile, found)
    write(f"[{profile}] next: {next_command(found.plan, found.doubts, os.environ)}\n")


def _warn(profile: str, found: "Made") -> None:
    """Say what only may be wrong, and what wins over the profile."""
    from cognito_credproc.profiles.next_step import mending_command

    for doubt in found.doubts:
        hint = doubt.hint or mending_command(profile, [doubt])
        warn(f"profile {profile}: {doubt.words}", hint)
    for shadow in found.shadows:
        warn(f"profile {profile}: {shadow.words}", shadow.hint)


def _imported(arguments: Arguments, given: Mapping[str, str]) -> dict[str, str]:
    """What the file of an existing set-up says."""
    from cognito_credproc.profiles.importing import LARGEST, found_in

    if arguments.imported != "-":
        return found_in(text_file(arguments.imported, LARGEST), arguments.imported, given)
    if arguments.client_secret_stdin:
        raise UsageError("standard input holds one thing alone", "give --import a file")
    return found_in(stdin_text("the outputs", LARGEST), "standard input", given)


def _client_secret() -> str:
    """The line of standard input; its form is that of `ClientSecret` in the API reference."""
    secret = stdin_line("client secret").strip()
    if not re.fullmatch(r"[\w+]{24,64}", secret):
        raise UsageError(
            "standard input holds no client secret; it has 24 to 64 letters and digits",
            "copy it whole from the app client's page in the Cognito console",
        )
    return secret


def _mend_all(config: "ConfigFile", *, dry_run: bool) -> None:
    from cognito_credproc.profiles.configuring import left_alone, mended

    found = mended(config, os.environ.get("PATH"))
    changes = {profile: change for profile, (change, _) in found.items()}
    others = left_alone(config)
    refuse_lost(config.profiles, config.path)
    if not found:
        which = "every line of this program" if others else "every line"
        write(f"{which} in {config.path} is as it should be\n")
    elif dry_run:
        write(config.preview(changes))
        return  # a diff alone, which other programs read
    else:
        config.write(changes)
        for profile, (_, reason) in found.items():
            write(f"[{profile}] mended: the old credential_process {reason}\n")
    if others:
        listed = ", ".join(f"{quoted(profile)} ({what})" for profile, what in others.items())
        write(f"left alone: {listed}\n")


def _roles(profile: str, config: "ConfigFile", *, dry_run: bool) -> None:
    """Offer a profile for each role of the token."""
    from cognito_credproc.flows.tokens import roles
    from cognito_credproc.people.terminal import Terminal
    from cognito_credproc.profiles.role_profiles import changes, choose, found
    from cognito_credproc.use_cases.program import for_this_machine

    program = for_this_machine(profile, os.environ, at_terminal=True)
    allowed = found(config, profile, roles(program.renewal.tokens().id_token))
    person = Terminal.open()
    if not allowed:
        write(f"[{profile}] your groups name no role; the identity pool chooses one\n")
    elif person is None:
        write("".join(f"{role.arn}\t{role.profile or '-'}\n" for role in allowed))
    elif chosen := choose(config, profile, allowed, person):
        planned = changes(config, profile, chosen, os.environ.get("PATH"))
        if dry_run:
            write(config.preview(planned))
            return
        config.write(planned)
        write(f"[{profile}] written to {config.path}: {', '.join(chosen)}\n")
        example = profile_option(next(iter(chosen)))
        write(f"[{profile}] next: aws sts get-caller-identity {example}\n")
    else:
        write(f"[{profile}] nothing to write\n")


def _list(config: "ConfigFile") -> None:
    from cognito_credproc.profiles.configuring import listed
    from cognito_credproc.words.layout import Screen
    from cognito_credproc.words.profile_list import shown

    refuse_lost(config.profiles, config.path)
    rows = listed(config, os.environ.get("PATH"))
    write(shown(rows, config.path, Screen.of(os.environ)))


def _says_more(arguments: Arguments) -> bool:
    return any(
        (arguments.dry_run, arguments.offline, arguments.replace, arguments.client_secret_stdin)
    )
