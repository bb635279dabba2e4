"""What wins over credential_process, held against botocore's own choice."""

from collections.abc import Mapping
from pathlib import Path

import botocore.session
import pytest

from cognito_credproc.profiles.shadowing import Shadow, shadows

PROCESS = 'credential_process = /bin/echo {"Version":1}\n'
KEYS = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = very-s3cret\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "config").write_text(f"[profile dev]\n{PROCESS}")
    return tmp_path


def found(home: Path, environment: Mapping[str, str] | None = None, /, **keys: str) -> list[Shadow]:
    files = {"AWS_SHARED_CREDENTIALS_FILE": str(home / "credentials")}
    return shadows("dev", {"credential_process": "x", **keys}, {**files, **(environment or {})})


def method(home: Path, monkeypatch: pytest.MonkeyPatch, **environment: str) -> str:
    """How botocore gets credentials for AWS_PROFILE=dev."""
    files = {
        "AWS_SHARED_CREDENTIALS_FILE": home / "credentials",
        "AWS_CONFIG_FILE": home / "config",
    }
    for name, value in {**files, **environment, "AWS_PROFILE": "dev"}.items():
        monkeypatch.setenv(name, str(value))
    session = botocore.session.Session()
    resolver = session.get_component("credential_provider")
    for provider in resolver.providers:
        if provider.METHOD == "custom-process":
            return "custom-process"
        credentials = provider.load()
        if credentials is not None:
            return str(credentials.method)
    raise AssertionError("botocore found none")


def test_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(home) == []
    assert method(home, monkeypatch) == "custom-process"
    (home / "credentials").write_text(f"[default]\n{KEYS}[profile dev]\n{KEYS}")
    assert found(home) == []
    assert method(home, monkeypatch) == "custom-process"


def test_keys_in_the_file_of_keys(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = home / "credentials"
    file.write_text(f"[dev]\n{KEYS}")
    [shadow] = found(home)
    assert shadow == Shadow(
        f"{file}: [dev] has keys, and that file wins over the config file",
        f"remove aws_access_key_id from [dev], in an editor: {file}",
    )
    assert "s3cret" not in repr(shadow)
    assert method(home, monkeypatch) == "shared-credentials-file"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("role_arn = x", "has a role"),
        ("sso_session = x", "has IAM Identity Center"),
        ("credential_process = x", "has a credential_process"),
    ],
)
def test_other_ways_in_the_file_of_keys(home: Path, line: str, words: str) -> None:
    (home / "credentials").write_text(f"[dev]\n{line}\n")
    [shadow] = found(home)
    assert words in shadow.words


def test_keys_in_the_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "very-s3cret"}
    [shadow] = found(home, keys)
    assert shadow.words.startswith("AWS_ACCESS_KEY_ID in the environment wins over AWS_PROFILE")
    assert shadow.hint == "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY"
    assert "s3cret" not in repr(shadow)
    assert method(home, monkeypatch, **keys) == "env"
    assert found(home, {"AWS_ACCESS_KEY_ID": ""}) == []


def test_a_web_identity_in_the_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/x",
        "AWS_ROLE_ARN": "arn:aws:iam::111122223333:role/R",
    }
    [shadow] = found(home, names)
    assert shadow.hint == "unset AWS_WEB_IDENTITY_TOKEN_FILE AWS_ROLE_ARN"
    assert method(home, monkeypatch, **names) == "assume-role-with-web-identity"
    assert found(home, {"AWS_ROLE_ARN": "x"}) == []


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"role_arn": "x", "source_profile": "y"}, "the profile has a role as well"),
        ({"sso_start_url": "x", "sso_account_id": "y"}, "the profile has IAM Identity Center"),
        ({"login_session": "x"}, "the profile has a console sign-in as well"),
        ({"aws_access_key_id": "x"}, "the profile has keys as well"),
    ],
)
def test_other_ways_in_the_profile(home: Path, keys: dict[str, str], words: str) -> None:
    [shadow] = found(home, None, **keys)
    assert words in shadow.words
    for key in keys:
        assert key in shadow.hint or key == "source_profile"


@pytest.mark.parametrize("content", ["no section", "[a]\nb\n"])
def test_a_broken_file_of_keys(home: Path, content: str) -> None:
    """The AWS tools stumble over it, whatever the profile."""
    (home / "credentials").write_text(content)
    [shadow] = found(home)
    assert "is not a valid AWS config file: line" in shadow.words
    assert shadow.hint


def test_several_at_once(home: Path) -> None:
    (home / "credentials").write_text(f"[dev]\n{KEYS}role_arn = x\n")
    assert len(found(home, {"AWS_ACCESS_KEY_ID": "AKIA"}, role_arn="x")) == 4
