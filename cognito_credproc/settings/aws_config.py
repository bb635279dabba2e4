"""The AWS config file: where it is, what its profiles say, and whether it has changed.

Read with botocore's own reader, so that a profile means here what it means to the AWS CLI.
"""

import errno
import json
import os
import re
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cognito_credproc.record import ENDPOINTS
from cognito_credproc.values.errors import SettingsError

if TYPE_CHECKING:
    from botocore.exceptions import ConfigParseError

MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")  # byte order marks: UTF-8, UTF-16
# The keys of a profile that say where the AWS tools' calls go.
ENDPOINT_KEYS = (
    "endpoint_url",
    "ignore_configured_endpoint_urls",
    "services",
    "sts_regional_endpoints",
    "use_dualstack_endpoint",
    "use_fips_endpoint",
)
LARGEST = 1 << 20  # bytes; botocore reads two megabytes a second, and thousands of profiles fit
ANOTHER_FILE = "name a file: export AWS_CONFIG_FILE=FILE"


def profile_name(named: str | None, environment: Mapping[str, str]) -> str:
    """The profile that is meant, as the AWS CLI finds it."""
    return named or environment.get("AWS_PROFILE") or "default"


def path(environment: Mapping[str, str]) -> Path:
    """The config file that the AWS tools read: `AWS_CONFIG_FILE`, or `~/.aws/config`."""
    return Path(
        os.path.expanduser(environment.get("AWS_CONFIG_FILE") or "~/.aws/config")  # noqa: PTH111
    )


def endpoints(environment: Mapping[str, str]) -> list[str]:
    """What the environment says about where calls go, as `record.stamp` takes it."""
    return [environment.get(name, "") for name in ENDPOINTS]


class Config(NamedTuple):
    """What the file says: every profile's keys, and the `services` sections."""

    profiles: dict[str, dict[str, str]]
    services: dict[str, Any]

    def endpoints(self, profile: str, environment: Mapping[str, str]) -> str:
        """All that says where a profile's calls go, in one text; empty where nothing does.

        Source: AWS SDKs and Tools Reference Guide, "Service-specific endpoints". botocore obeys
        it; here it is only needed to tell whether anything of it has changed.
        """
        keys = self.profiles.get(profile, {})
        said = {name: environment[name] for name in ENDPOINTS if environment.get(name)}
        said |= {key: keys[key] for key in ENDPOINT_KEYS if key in keys}
        if not said:
            return ""
        return json.dumps([said, self.services.get(keys.get("services", ""))], sort_keys=True)


def profiles(file: Path) -> dict[str, dict[str, str]]:
    """Every profile's keys and values; nested sections are left out.

    Raises:
        SettingsError: as `read`.
    """
    return read(file).profiles


def read(file: Path) -> Config:
    """Read the file.

    Raises:
        SettingsError: the file is missing, unreadable, not UTF-8 or not an AWS config file.
    """
    # Imported here, since a hit that knows the file by its stamp does not read it.
    from botocore.configloader import load_config

    loaded = _loaded(file, load_config)
    keys = {name: _plain(section) for name, section in loaded["profiles"].items()}
    return Config(keys, loaded["services"])


def credentials_path(environment: Mapping[str, str]) -> Path:
    """The file of keys: `AWS_SHARED_CREDENTIALS_FILE`, or `~/.aws/credentials`."""
    named = environment.get("AWS_SHARED_CREDENTIALS_FILE") or "~/.aws/credentials"
    return Path(os.path.expanduser(named))  # noqa: PTH111


def credentials(file: Path) -> dict[str, dict[str, str]]:
    """The sections of the file of keys, each named as the profile is; it need not be there.

    Their values are secrets: nothing but names of keys is for people's eyes.

    Raises:
        SettingsError: the file is unreadable, not UTF-8 or not an AWS config file.
    """
    from botocore.configloader import raw_config_parse  # for the reason given in `read`

    if not file.exists():
        return {}
    return {name: _plain(section) for name, section in _loaded(file, raw_config_parse).items()}


def _plain(section: Mapping[str, Any]) -> dict[str, str]:
    """The keys that have a value of their own, not a nested section."""
    return {key: value for key, value in section.items() if isinstance(value, str)}


def _loaded(file: Path, load: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """What botocore reads from a file; its errors as ours."""
    from botocore.exceptions import ConfigNotFound, ConfigParseError

    try:
        if not (file.is_file() or file.is_dir()) and file.exists():
            raise SettingsError(  # a pipe, say, which would be waited for
                f"{file} is no regular file", ANOTHER_FILE
            )
        refuse_large(file)
        with file.open("rb") as opened:  # botocore takes an unreadable file for an empty one
            if opened.read(3).startswith(MARKS):
                raise SettingsError(
                    f"{file} begins with a byte order mark, which AWS tools do not read",
                    f"save it as UTF-8 without a byte order mark, in an editor: {file}",
                )
        return load(str(file))
    except (FileNotFoundError, ConfigNotFound):
        raise SettingsError(
            f"there is no AWS config file at {file}",
            "make it: cognito-credproc configure --profile NAME; or name one with AWS_CONFIG_FILE",
        ) from None
    except OSError as error:
        raise unreadable(file, error) from None
    except ConfigParseError as error:
        raise SettingsError(
            f"{file} is not a valid AWS config file: {_reason(error, file)}",
            f"open {file} in an editor and mend that line",
        ) from None


def unreadable(file: Path, error: OSError) -> SettingsError:
    """The words for a file that is there and cannot be read."""
    hint = ANOTHER_FILE
    if isinstance(error, PermissionError):
        hint = f"make it readable: chmod u+r {shlex.quote(str(file))}"
    elif error.errno == errno.ELOOP:
        hint = f"see where its links lead: ls -l {shlex.quote(str(file))}; or {ANOTHER_FILE}"
    return SettingsError(f"{file} cannot be read: {error.strerror}", hint)


def refuse_large(file: Path) -> None:
    """What would take minutes to read is no AWS config file.

    Raises:
        SettingsError: it is larger than any.
        OSError: it is not there.
    """
    if file.stat().st_size > LARGEST:
        raise SettingsError(f"{file} is larger than 1 MiB, and so no AWS config file", ANOTHER_FILE)


def words(key: str, line: str) -> list[str]:
    """The words of a command that a key holds, as the AWS CLI splits `credential_process`.

    Its program may be in the home folder, by `~/`.

    Raises:
        SettingsError: a quote is open, or there is no word.
    """
    from botocore.compat import compat_shell_split  # for the reason given in `profiles`

    try:
        found = compat_shell_split(line)
    except ValueError:
        found = []
    if not found:
        raise SettingsError(
            f"{key} cannot be split into words",
            "in the AWS config file, close every quote of it",
        )
    return [os.path.expanduser(found[0]), *found[1:]]  # noqa: PTH111 - a word, not a path yet


def not_text(error: UnicodeDecodeError, content: bytes) -> str:
    """The line of a file that has another encoding; `content` is all of the file."""
    try:
        content.decode(error.encoding)
    except UnicodeDecodeError as first:  # botocore's own error counts from where it read on
        lines = re.findall(rb"\r\n|\r|\n", content[: first.start])
        return f"line {len(lines) + 1} is not {error.encoding.upper()}"
    return f"it is not {error.encoding.upper()}"  # it has changed meanwhile


def _reason(error: "ConfigParseError", file: Path) -> str:
    """Where it is broken. Lines are never quoted: the file may hold keys."""
    import configparser  # as botocore does, in `profiles`

    match error.kwargs.get("error"):
        case UnicodeDecodeError() as undecoded:
            return not_text(undecoded, file.read_bytes())
        case configparser.MissingSectionHeaderError(lineno=line):
            return f"line {line} comes before any [section]"
        case configparser.ParsingError(errors=[(line, _), *_]):
            return f"line {line} is neither a key nor a section"
        case configparser.DuplicateSectionError(section=section, lineno=line):
            return f"line {line} has the section {section} again"
        case configparser.DuplicateOptionError(section=section, option=key, lineno=line):
            return f"line {line} has the key {key} of {section} again"
    return "a nested key has no value"
