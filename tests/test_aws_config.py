"""The AWS config file, as people and their editors leave it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from cognito_credproc.settings.aws_config import (
    ENDPOINT_KEYS,
    credentials,
    endpoints,
    path,
    profiles,
    read,
    words,
)
from cognito_credproc.values.errors import SettingsError
from tests.systems import posix_only


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config"


def refused(file: Path) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        profiles(file)
    assert str(file) in caught.value.message
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_named(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "config"
    file.write_text("[profile dev]\nregion = x\n", encoding)
    with pytest.raises(SettingsError, match="begins with a byte order mark") as caught:
        read(file)
    assert caught.value.hint == f"save it as UTF-8 without a byte order mark, in an editor: {file}"


def test_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/istio")
    assert path({}) == Path("/home/istio/.aws/config")
    assert path({"AWS_CONFIG_FILE": ""}) == Path("/home/istio/.aws/config")
    assert path({"AWS_CONFIG_FILE": "/etc/aws"}) == Path("/etc/aws")
    assert path({"AWS_CONFIG_FILE": "~/aws"}) == Path("/home/istio/aws")


@posix_only
def test_every_kind_of_section(file: Path) -> None:
    file.write_text(
        """\
# a comment
[default]
region = us-east-1

[profile dev]
Cognito_Username = istio@example.com
credential_process = /bin/sh -c 'echo "a=b"' # no comment
s3 =
  max_concurrent_requests = 20
  addressing_style = path
empty =
percent = 100%

[profile "two words"]
cognito_username=日本語

[profile 'quoted']
region = eu-west-1
[sso-session corporate]
sso_region = us-east-1
[plugins]
x = y
"""
    )
    assert profiles(file) == {
        "default": {"region": "us-east-1"},
        "dev": {
            "cognito_username": "istio@example.com",
            "credential_process": "/bin/sh -c 'echo \"a=b\"' # no comment",
            "empty": "",
            "percent": "100%",
        },
        "two words": {"cognito_username": "日本語"},
        "quoted": {"region": "eu-west-1"},
    }


def test_windows_line_ends(file: Path) -> None:
    file.write_bytes(b"[profile dev]\r\ncognito_username = istio\r\n")
    assert profiles(file) == {"dev": {"cognito_username": "istio"}}


def test_empty_file_has_no_profiles(file: Path) -> None:
    file.touch()
    assert profiles(file) == {}


def test_missing(file: Path) -> None:
    assert refused(file).message == f"there is no AWS config file at {file}"


def test_directory(file: Path) -> None:
    file.mkdir()
    assert refused(file).message == f"{file} cannot be read: Is a directory"
    assert refused(file).hint == "name a file: export AWS_CONFIG_FILE=FILE"


@posix_only
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "config"
    os.mkfifo(file)
    error = refused(file)
    assert error.message == f"{file} is no regular file"
    assert error.hint == "name a file: export AWS_CONFIG_FILE=FILE"


@posix_only
def test_no_file_but_a_loop_of_links(file: Path) -> None:
    file.symlink_to(file)
    assert "Too many levels of symbolic links" in refused(file).message
    assert str(refused(file).hint).startswith(f"see where its links lead: ls -l {file}; or name a ")


def test_not_utf_8(file: Path) -> None:
    file.write_bytes(b"[default]\nregion = \xff\xfe\n")
    assert refused(file).message == f"{file} is not a valid AWS config file: line 2 is not UTF-8"
    file.write_bytes(b"[default]\n" + b"# a long file\r\n" * 5_000 + b"region = \xff\n")
    assert "line 5002 is not UTF-8" in refused(file).message


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[default]\naws_secret_access_key s3cret\n", "line 2 is neither a key nor a section"),
        ("aws_secret_access_key = s3cret\n", "line 1 comes before any [section]"),
        ("[default]\na = s3cret\n[default]\n", "line 3 has the section default again"),
        ("[default]\na = s3cret\nb = 1\na = s3cret\n", "line 4 has the key a of default again"),
        ("[default]\ns3 =\n  s3cret\n", "a nested key has no value"),
    ],
)
def test_broken_file_is_named_by_line_and_never_quoted(file: Path, text: str, reason: str) -> None:
    file.write_text(text)
    error = refused(file)
    assert error.message == f"{file} is not a valid AWS config file: {reason}"
    assert "s3cret" not in error.lines()


def test_unreadable_file(file: Path) -> None:
    """A name that no file can have, since root may read every file."""
    long = file.parent / ("x" * 300)
    with pytest.raises(SettingsError, match="cannot be read: File name too long"):
        profiles(long)


ENDPOINT_FILE = """\
[profile dev]
services = local
[profile plain]
region = us-east-1
[services local]
sts =
  endpoint_url = http://127.0.0.1:1
"""


def test_where_calls_go(file: Path) -> None:
    """Everything that botocore looks at for it, of this profile and of no other."""
    file.write_text(ENDPOINT_FILE)
    config = read(file)
    assert config.endpoints("plain", {"AWS_USE_FIPS_ENDPOINT": "", "AWS_REGION": "x"}) == ""
    said = {config.endpoints("dev", {}), config.endpoints("plain", {"AWS_ENDPOINT_URL": "a"})}
    file.write_text(ENDPOINT_FILE.replace(":1", ":2"))
    said |= {read(file).endpoints("dev", {}), read(file).endpoints("gone", {})}
    for key in ENDPOINT_KEYS:
        file.write_text(f"[default]\n{key} = true")
        said.add(read(file).endpoints("default", {}))
    assert len(said) == 4 + len(ENDPOINT_KEYS)


def test_what_the_environment_says_of_endpoints() -> None:
    assert not any(endpoints({"AWS_ENDPOINT_URL_S3": "https://s3.example.com"}))
    assert endpoints({"AWS_USE_FIPS_ENDPOINT": "true"})[-1] == "true"


@posix_only
def test_program_in_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/istio")
    assert words("key", "~/bin/op '~/x'") == ["/home/istio/bin/op", "~/x"]


def test_words_are_split_as_the_system_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    line = r'"C:\Program Files\op.exe" item "a b"'
    monkeypatch.setattr("sys.platform", "win32")
    assert words("key", line) == [r"C:\Program Files\op.exe", "item", "a b"]
    monkeypatch.setattr("sys.platform", "linux")
    assert words("key", r"op\ x 'a b'") == ["op x", "a b"]


@pytest.mark.parametrize("line", ["", "  ", 'op "x', "op 'x"])
def test_no_words(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.setattr("sys.platform", "linux")  # on Windows, one quote is no quote
    with pytest.raises(SettingsError, match="cognito_totp_command cannot be split"):
        words("cognito_totp_command", line)


@pytest.mark.parametrize("load", [read, credentials])
def test_a_file_too_large_to_be_one_is_not_read(file: Path, load: Callable[[Path], object]) -> None:
    file.write_text("[profile dev]\nregion = x\n" + "# " * (1 << 19))
    with pytest.raises(SettingsError, match="is larger than 1 MiB") as caught:
        load(file)
    assert caught.value.hint == "name a file: export AWS_CONFIG_FILE=FILE"
