"""What wins over a profile's `credential_process`, so that a tool uses other credentials.

Source: the order of the providers in botocore (`create_credential_resolver`), and the AWS SDKs and
Tools Reference Guide, "Standardized credential providers". People lose hours to this.
"""

import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from cognito_credproc.settings import aws_config
from cognito_credproc.values.errors import SettingsError

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
WEB_IDENTITY = ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN")
# The keys by which a section gets its credentials otherwise, any of each; each with its own words.
WAYS: Mapping[str, tuple[str, ...]] = {
    "keys": ("aws_access_key_id",),
    "a role": ("role_arn",),
    "IAM Identity Center": ("sso_session", "sso_start_url", "sso_account_id"),
    "a console sign-in": ("login_session",),
}
PROCESS = "credential_process"


class Shadow(NamedTuple):
    """One thing that wins: what it is, in words, and how to mend it."""

    words: str
    hint: str


def shadows(profile: str, keys: Mapping[str, str], environment: Mapping[str, str]) -> list[Shadow]:
    """Everything that wins over the profile; `keys` are those of its section."""
    return [*_environment(environment), *_credentials(profile, environment), *_profile(keys)]


def _environment(environment: Mapping[str, str]) -> Iterator[Shadow]:
    if environment.get(KEYS[0]):
        yield Shadow(
            f"{KEYS[0]} in the environment wins over AWS_PROFILE, in some tools over --profile too",
            _unset(KEYS, environment),
        )
    if all(environment.get(name) for name in WEB_IDENTITY):
        yield Shadow(
            f"{WEB_IDENTITY[0]} in the environment wins over AWS_PROFILE",
            _unset(WEB_IDENTITY, environment),
        )


def _credentials(profile: str, environment: Mapping[str, str]) -> Iterator[Shadow]:
    """The file of keys, whose sections are named as the profile is."""
    file = aws_config.credentials_path(environment)
    try:
        section = aws_config.credentials(file).get(profile, {})
    except SettingsError as error:
        yield Shadow(error.message, error.hint or "")  # the AWS tools stumble over it as well
        return
    for way, found in _ways(section, [*WAYS, PROCESS]):
        yield Shadow(
            f"{file}: [{profile}] has {way}, and that file wins over the config file",
            f"remove {' and '.join(found)} from [{profile}], in an editor: {file}",
        )


def _profile(keys: Mapping[str, str]) -> Iterator[Shadow]:
    for way, found in _ways(keys, WAYS):
        yield Shadow(
            f"the profile has {way} as well, which wins over {PROCESS} in many tools",
            f"remove {' and '.join(found)} from the profile, or use another profile for that",
        )


def _ways(section: Mapping[str, str], wanted: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """The other ways to credentials that a section has, each with the keys of it."""
    for way in wanted:
        found = [key for key in WAYS.get(way, (way,)) if key in section]
        if found:
            yield f"a {way}" if way == PROCESS else way, found


def _unset(names: Iterable[str], environment: Mapping[str, str]) -> str:
    return shlex.join(["unset", *(name for name in names if name in environment)])
