"""`export`: a profile's credentials as environment variables, for tools that know no profiles."""

import os

from cognito_credproc.settings.named import profile_option
from cognito_credproc.values.errors import UsageError
from cognito_credproc.words.face import write
from cognito_credproc.words.layout import Screen, utc
from cognito_credproc.words.parser import AS_WRITTEN, Arguments, Parser, Verbs
from cognito_credproc.words.shell import FORMATS, lines

JSON = "json"
DESCRIPTION = """\
Print a profile's credentials as lines that set environment variables, for
tools that know no profiles:

  eval "$(cognito-credproc export --profile dev)"
  cognito-credproc export --profile dev --format fish | source
  cognito-credproc export --profile dev --format powershell | Out-String |
      Invoke-Expression

The variables are AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
and AWS_CREDENTIAL_EXPIRATION, and AWS_REGION and AWS_DEFAULT_REGION if the
profile has a region. The credentials come as they come to any tool: stored
ones that are good for 15 minutes or more, else new ones; what a person has to
type is asked for on the terminal.

Nothing renews them in the environment, where every program that you start
sees them and most AWS tools take them before any profile: use the profile
where a tool can. On a terminal they are not shown.
"""
LOADING = {
    "env": 'eval "$({command})"',
    "fish": "{command} | source",
    "powershell": "{command} | Out-String | Invoke-Expression",
    JSON: "{command} | cat",
}


def add(verbs: Verbs, profile: Parser) -> None:
    """Give the verb to the command line; `profile` is the parser of the shared option."""
    verb = verbs.add_parser(
        "export",
        help="print credentials as shell lines that set the environment",
        description=DESCRIPTION,
        formatter_class=AS_WRITTEN,
        parents=[profile],
    )
    verb.add_argument(
        "--format",
        choices=[*FORMATS, JSON],
        default="env",
        help="env: export lines for sh, bash and zsh (default); json: the credential_process"
        " document",
    )
    verb.set_defaults(run=export)


def export(profile: str, arguments: Arguments) -> None:
    """Print them.

    Raises:
        UsageError: standard output is a terminal.
    """
    from cognito_credproc.use_cases.program import (
        for_this_machine,  # it brings what --help can do without
    )

    if Screen.of(os.environ).terminal:
        raise UsageError(
            "standard output is a terminal, and the keys would stay on it",
            _loading(profile, arguments.format),
        )
    document = for_this_machine(profile, os.environ, at_terminal=True).renewal.document()
    if arguments.format == JSON:
        write(document)
    else:
        write(lines(_variables(profile, document), FORMATS[arguments.format]))


def _variables(profile: str, document: str) -> dict[str, str]:
    """The names that all AWS SDKs read, and the time that some tools look at."""
    from cognito_credproc.settings import aws_config  # for the reason given above
    from cognito_credproc.values.credentials import Credentials

    credentials = Credentials.of_document(document)
    found = {
        "AWS_ACCESS_KEY_ID": credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
        "AWS_SESSION_TOKEN": credentials.session_token,
        "AWS_CREDENTIAL_EXPIRATION": str(utc(credentials.expiration)),
    }
    region = aws_config.profiles(aws_config.path(os.environ))[profile].get("region")
    return {**found, "AWS_REGION": region, "AWS_DEFAULT_REGION": region} if region else found


def _loading(profile: str, form: str) -> str:
    """The command that loads the variables."""
    option = "" if form == "env" else f" --format {form}"
    command = f"cognito-credproc export {profile_option(profile)}{option}"
    return LOADING[form].format(command=command)
