"""`console`: a link that signs in to the AWS console with a profile's credentials."""

import os
import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from cognito_credproc.flows.console import LINK_MINUTES, LONGEST, SHORTEST, Console, sign_in_link
from cognito_credproc.people.questions import login_command
from cognito_credproc.profiles.profile_plan import REGION, is_well_formed
from cognito_credproc.settings.named import profile_option
from cognito_credproc.values.errors import CredprocError, ServiceError, UsageError
from cognito_credproc.words.face import write
from cognito_credproc.words.parser import AS_WRITTEN, Arguments, Parser, RefusedValue, Verbs

if TYPE_CHECKING:
    from cognito_credproc.settings.settings import Settings

ENDPOINT = "AWS_ENDPOINT_URL_SIGNIN"
AT_ONCE = 2.0  # seconds that a browser needs to take the link, usually
SOON = 30 * 60  # seconds; a session that ends before is better begun with new credentials
DESCRIPTION = f"""\
Print a link that signs in to the AWS console with the profile's credentials.

Whoever has the link is signed in as you: it is good for {LINK_MINUTES} minutes, so open it
yourself, or let --open do that; then the link is neither shown nor seen by
other users of this machine. In a pipe the link is printed alone.

The session in the console ends when the credentials do, usually within the
hour. Only with cognito_credential_flow = basic AWS lets you ask for another
time (--duration). The credentials are sent to AWS Sign-In of the region and
its cloud: commercial, GovCloud, China or the EU sovereign cloud.
"""


def add(verbs: Verbs, profile: Parser) -> None:
    """Give the verb to the command line; `profile` is the parser of the shared option."""
    verb = verbs.add_parser(
        "console",
        help="print a link that signs in to the AWS console, or open it",
        description=DESCRIPTION,
        formatter_class=AS_WRITTEN,
        parents=[profile],
    )
    verb.add_argument("--open", action="store_true", help="open it in your browser")
    verb.add_argument(
        "--destination",
        metavar="PAGE",
        help="the page to begin with: a path such as s3 or ec2/home, or a whole address"
        " (default: the console's home)",
    )
    verb.add_argument(
        "--region",
        metavar="REGION",
        type=_region,
        help="the region to begin in (default: the profile's, then that of the pools)",
    )
    verb.add_argument(
        "--duration",
        metavar="SECONDS",
        type=_seconds,
        help=f"how long the session lasts, {SHORTEST} to {LONGEST}; with"
        " cognito_credential_flow = basic alone",
    )
    verb.set_defaults(run=console)


def console(profile: str, arguments: Arguments) -> None:
    """Print the link, or open it.

    Raises:
        CredprocError: there are no credentials, no link, or no browser.
    """
    # Imported here, since they bring what --help can do without.
    from cognito_credproc.process import debug
    from cognito_credproc.settings import aws_config
    from cognito_credproc.use_cases.program import for_this_machine
    from cognito_credproc.values.credentials import Credentials

    program = for_this_machine(profile, os.environ, at_terminal=True)
    keys = aws_config.profiles(aws_config.path(os.environ))[profile]
    place = _place(arguments.region, keys.get(REGION), program.settings)
    destination = place.destination(arguments.destination)
    if arguments.duration and program.settings.credential_flow != "basic":
        raise UsageError(
            f"profile {profile}: --duration needs cognito_credential_flow = basic",
            "leave out --duration: the session ends with the credentials",
        )
    credentials = Credentials.of_document(program.renewal.document())
    debug.conceal([credentials.secret_access_key, credentials.session_token])
    endpoint = _endpoint(place, os.environ)
    flow = sign_in_link(credentials, endpoint, destination, arguments.duration)
    try:
        link = program.performer.run(flow)
    except ServiceError as error:
        error.hint = (
            "leave out --duration: the role may not allow so long a session"
            if arguments.duration
            else f"get new credentials first: {login_command(profile)}"
        )
        raise
    ends = time.time() + arguments.duration if arguments.duration else credentials.expiration
    if arguments.open:
        _opened(profile, link)
    _tell(profile, None if arguments.open else link, ends)


def _place(named: str | None, own: str | None, settings: "Settings") -> Console:
    """The console to go to; the credentials are good in one cloud alone."""
    home = Console.of(settings.identity_region)
    if named is None:
        place = Console.of(own) if own and is_well_formed(REGION, own) else home
        return place if place.cloud == home.cloud else home
    place = Console.of(named)
    if place.cloud != home.cloud:
        raise UsageError(
            f"{named} is of another cloud than the credentials, which are of {home.region}",
            "leave out --region",
        )
    return place


def _endpoint(place: Console, environment: Mapping[str, str]) -> str:
    """Where AWS Sign-In is; the environment may say another place, as for all other calls."""
    ignored = environment.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true"
    named = "" if ignored else environment.get(ENDPOINT, "")
    return named.rstrip("/") or place.endpoint


def _tell(profile: str, link: str | None, ends: float) -> None:
    """What a person is told; a program gets the link alone."""
    from cognito_credproc.words.layout import Screen, moment, span  # as in `console`

    screen = Screen.of(os.environ)
    if link is not None and not screen.terminal:
        write(f"{link}\n")
        return
    left = ends - time.time()

    def say(words: str) -> None:
        write(screen.paragraph(f"[{profile}] {words}") + "\n")

    if link is not None:
        say(f"for {LINK_MINUTES} minutes, this link signs in whoever opens it:")
        write(f"\n{link}\n\n")
    else:
        say("the console opens in your browser")
    say(f"the session in the console ends at {moment(ends)[11:]} ({span(left)})")
    if left < SOON:
        say("for a longer one, first:")
        write(f"{login_command(profile)}\n")


def _opened(profile: str, link: str) -> None:
    """Have a browser take the link.

    Raises:
        CredprocError: none did.
    """
    from cognito_credproc.people import browser  # as in `console`
    from cognito_credproc.people.handover import PATIENCE, handing_over
    from cognito_credproc.people.terminal import Terminal

    hint = f"cognito-credproc console {profile_option(profile)}"
    with handing_over(link) as handover:
        if not browser.opened(handover.url, os.environ):
            raise CredprocError("no browser can be opened here", hint)
        if not handover.fetched(AT_ONCE) and (person := Terminal.open()):
            limit = f"{PATIENCE:.0f} seconds at most; Ctrl-C ends it"
            person.say(f"[{profile}] waiting for the browser to take the link, {limit}")
        if not handover.fetched(PATIENCE):
            raise CredprocError(f"no browser took the link within {PATIENCE:.0f} seconds", hint)


def _region(text: str) -> str:
    if not is_well_formed(REGION, text):
        raise RefusedValue(f"{text[:80]} is no region; it looks like ap-northeast-1")
    return text


def _seconds(text: str) -> int:
    if not re.fullmatch("[0-9]{3,5}", text) or not SHORTEST <= int(text) <= LONGEST:
        raise RefusedValue(f"{text[:80]} is not {SHORTEST} to {LONGEST} seconds")
    return int(text)
