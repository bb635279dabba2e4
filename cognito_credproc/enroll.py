"""The command line of `cognito-credproc-enroll`."""

import argparse
import os
import sys
from argparse import Namespace
from collections.abc import Mapping
from typing import TYPE_CHECKING, NoReturn

from cognito_credproc import __version__
from cognito_credproc.hit import complain, fill_standard_streams, leave
from cognito_credproc.people.questions import FORGOT_PASSWORD
from cognito_credproc.process import debug
from cognito_credproc.values.errors import INTERRUPTED, PersonNeededError, UsageError
from cognito_credproc.words.face import (
    debug_to_standard_error,
    guarded,
    naming_in_hint,
    stdin_line,
)
from cognito_credproc.words.parser import (
    AS_WRITTEN,
    EXIT_STATUS,
    Parser,
    add_debug,
    add_forgot_password,
    add_profile,
    debug_is_wanted,
)

if TYPE_CHECKING:
    from cognito_credproc.people.terminal import Terminal
    from cognito_credproc.use_cases.enrolment import Choices
    from cognito_credproc.use_cases.program import Program

DESCRIPTION = """\
Set up a user of an Amazon Cognito user pool for this machine, once: sign up or
sign in for the first time, set up an authenticator app (TOTP), store the first
credentials.

It may be interrupted anywhere and run again; it goes on where it was.
"""


def main() -> NoReturn:
    """Run the enrolment."""
    status = INTERRUPTED
    try:
        fill_standard_streams()
        status = guarded(
            lambda: _run(parser().parse_args()), ("cognito-credproc-enroll", *sys.argv[1:])
        )
    except KeyboardInterrupt:
        complain("interrupted")
    except SystemExit as end:  # told to end by a signal, or after --help
        status = end.code if isinstance(end.code, int) else 1
    leave(status)


def parser() -> Parser:
    """The parser, whose help is the reference of the command line."""
    top = Parser(
        prog="cognito-credproc-enroll",
        description=DESCRIPTION,
        epilog=EXIT_STATUS,
        formatter_class=AS_WRITTEN,
    )
    add_profile(top)
    add_debug(top, listed=True)
    top.add_argument("--version", action="version", version=f"cognito-credproc {__version__}")
    first = top.add_argument_group("who the user is")
    first.add_argument(
        "--sign-up",
        action="store_true",
        help="create the user and confirm it by the code that is mailed (default: the user exists)",
    )
    first.add_argument(
        "--attribute",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="an attribute that the pool demands at sign-up, such as email=...; may be repeated",
    )
    add_forgot_password(first)
    keep = top.add_argument_group("what this machine keeps (asked for, where not given)")
    keep.add_argument(
        "--store-password",
        action=argparse.BooleanOptionalAction,
        help="keep the password in the keyring",
    )
    keep.add_argument(
        "--store-totp",
        action=argparse.BooleanOptionalAction,
        help="keep the TOTP seed in the keyring; with the password there too, sign-ins need nobody",
    )
    phone = top.add_argument_group("the authenticator app")
    phone.add_argument(
        "--show-qr",
        action="store_true",
        help="show the stored seed's QR code once more, for another device, after a code of the"
        " first one; nothing else",
    )
    phone.add_argument(
        "--new-totp",
        action="store_true",
        help="set up a new seed in the place of the present one, for all devices; needs the"
        " password and a code",
    )
    phone.add_argument(
        "--qr",
        choices=["blocks", "ascii"],
        help="draw the QR code with Unicode's half blocks, or with coloured spaces, which takes"
        " twice the room (default: what the terminal shows)",
    )
    phone.add_argument(
        "--qr-png",
        metavar="FILE",
        help="write the QR code to a picture instead, which only you can read; it is a secret",
    )
    given = top.add_argument_group("what you have already")
    given.add_argument(
        "--import-totp",
        action="store_true",
        help="the user has a TOTP seed already: ask for it (base32, or an otpauth:// link)",
    )
    given.add_argument(
        "--totp-seed-stdin",
        action="store_true",
        help="the same, read from standard input; after the password, if that is read too",
    )
    given.add_argument(
        "--password-stdin", action="store_true", help="read the password from standard input"
    )
    given.add_argument(
        "--client-secret-stdin",
        action="store_true",
        help="read the app client's secret from standard input; before the others, a line each",
    )
    return top


def _run(arguments: Namespace) -> int:
    # Imported here, since the parser must answer --help on a machine without a keyring.
    from cognito_credproc.people.qr import Canvas
    from cognito_credproc.people.terminal import Size, Terminal
    from cognito_credproc.people.waiting import Waits
    from cognito_credproc.use_cases.another_device import AnotherDevice
    from cognito_credproc.use_cases.enrolment import Enrolment
    from cognito_credproc.use_cases.phone import Phone, picture_named
    from cognito_credproc.use_cases.program import PERSONS_PATIENCE, build
    from cognito_credproc.use_cases.standing import profile_meant
    from cognito_credproc.values.clock import SystemClock

    _refuse_contradictions(arguments)
    if debug_is_wanted(arguments):
        debug_to_standard_error()
    profile = profile_meant(arguments.profile, os.environ, "cognito-credproc-enroll")
    debug.began(profile, "enroll")
    person = Terminal.open()
    choices = _choices(arguments, profile, person)
    waits = Waits.of(profile, os.environ, at_terminal=True)
    with naming_in_hint("cognito-credproc-enroll"):
        program = build(profile, os.environ, SystemClock(), lambda: person, waits, PERSONS_PATIENCE)
    if program.settings.managed_login:
        _enrol_by_browser(program, person, arguments, choices)
        return 0
    settings, performer, _, clock = program
    canvas = Canvas.here(os.environ, arguments.qr, lambda: person.size if person else Size(80, 24))
    picture = picture_named(arguments.qr_png, profile, person) if arguments.qr_png else None
    phone = Phone(profile, settings.username, person, clock, canvas, picture)
    if arguments.show_qr:
        AnotherDevice(settings, performer, clock, phone).add()
        return 0
    enrolment = Enrolment(settings, performer, program.renewal, person, choices, phone)
    return INTERRUPTED if enrolment.run() else 0


def _refuse_contradictions(arguments: Namespace) -> None:
    given = {name for name, value in vars(arguments).items() if value not in (None, False, [])}
    given -= {"profile", "debug"}
    if arguments.forgotten and (arguments.sign_up or arguments.password_stdin):
        raise UsageError(
            f"with {FORGOT_PASSWORD}, no user is created and no password is read",
            "leave out --sign-up and --password-stdin",
        )
    if arguments.show_qr and given - {"show_qr", "qr", "qr_png"}:
        raise UsageError(
            "with --show-qr, nobody is signed in and nothing is changed",
            "leave out all other options but --profile, --qr and --qr-png",
        )
    if arguments.new_totp and given & {"sign_up", "import_totp", "totp_seed_stdin"}:
        raise UsageError(
            "with --new-totp, the user is there, and the seed comes from Cognito",
            "leave out --sign-up, --import-totp and --totp-seed-stdin",
        )
    if arguments.qr and arguments.qr_png:
        raise UsageError("the QR code is drawn or written to a file", "leave out --qr or --qr-png")


def _choices(arguments: Namespace, profile: str, person: "Terminal | None") -> "Choices":
    """What the command line and standard input say."""
    from cognito_credproc.use_cases.enrolment import Choices  # for the reason given in `_run`

    client_secret = stdin_line("client secret") if arguments.client_secret_stdin else None
    password = stdin_line("password") if arguments.password_stdin else None
    seed_text = stdin_line("TOTP seed") if arguments.totp_seed_stdin else None
    if arguments.import_totp and seed_text is None:
        if person is None:
            raise PersonNeededError(
                "nobody can be asked for the TOTP seed here", "give it with --totp-seed-stdin"
            )
        seed_text = person.ask(
            f"[{profile}] the app's key (the TOTP seed), or its otpauth:// link: ", hidden=True
        )
    return Choices(
        sign_up=arguments.sign_up,
        forgotten=arguments.forgotten,
        new_totp=arguments.new_totp,
        attributes=_attributes(arguments.attribute),
        store_password=arguments.store_password,
        store_totp=arguments.store_totp,
        password=password,
        seed=_seed(seed_text),
        client_secret=client_secret,
    )


def _enrol_by_browser(
    program: "Program", person: "Terminal | None", arguments: Namespace, choices: "Choices"
) -> None:
    from cognito_credproc.use_cases.browser_enrolment import enrol  # for the reason given in `_run`

    phone = arguments.show_qr or arguments.new_totp or arguments.qr_png
    if choices.sign_up or choices.forgotten or choices.password or choices.seed or phone:
        raise UsageError(
            "with cognito_auth_flow = BROWSER, the sign-in page has passwords, codes and sign-up",
            "leave out all options but --profile and --client-secret-stdin",
        )
    settings, performer, renewal = program.settings, program.performer, program.renewal
    enrol(settings.profile, performer, renewal, person, choices.client_secret)


def _seed(text: str | None) -> str | None:
    from cognito_credproc.answers.totp import SeedError, parsed_seed  # as in `_run`

    try:
        return None if text is None else parsed_seed(text)
    except SeedError as error:
        hint = "give the key that the app was set up with, or its otpauth:// link"
        raise UsageError(f"the TOTP seed cannot be used: {error}", hint) from None


def _attributes(given: list[str]) -> Mapping[str, str]:
    pairs = [text.partition("=") for text in given]
    if any(not name or not equals for name, equals, _ in pairs):
        raise UsageError("--attribute takes NAME=VALUE", "cognito-credproc-enroll --help")
    return {name: value for name, _, value in pairs}
