"""Whatever is in a config file, a setting or a profile's name: an answer, or two clear lines."""

import json
import re
import shlex
import string
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cognito_credproc import record
from cognito_credproc.flows.tokens import claims, logins_key
from cognito_credproc.people.questions import enroll_command, login_command
from cognito_credproc.settings import aws_config
from cognito_credproc.settings.forms import FORMS, REQUIRED
from cognito_credproc.settings.settings import Settings
from cognito_credproc.storage.keychain import item_name
from cognito_credproc.storage.state import Account, State
from cognito_credproc.values.errors import CredprocError, SettingsError
from tests.fakes import PROFILE
from tests.script import jwt

FILE = Path("/home/istio/.aws/config")
NASTY = [
    "two words",
    'say "x"',
    "it's",
    "日本語",
    "e\u0301 and \u202ename\u202c",
    "x" * 10_000,
    "\x1b]0;title\x07",
    "line\nbreak: forged",
    "../../etc/passwd",
    "a/b\\c",
    "$(touch x) `y` ; z",
    "%s%n{0}",
    "-rf",
    "@",
    "a@/b",
    " ",
]
NAMES = st.sampled_from(NASTY) | st.text(st.characters(exclude_characters="\0"), min_size=1)
BYTES = (
    st.binary(max_size=300)
    | st.text("[]profile dev=:#;\"' \t\n\r\\x", max_size=200).map(str.encode)
    | st.lists(
        st.sampled_from(
            [b"[profile dev]", b"[default]", b"a = 1", b"  b = 2", b"=", b"[", b"\xff", b"[profile"]
        ),
        max_size=12,
    ).map(b"\n".join)
)


def well_said(error: CredprocError) -> str:
    """The error as it is printed: one line, perhaps a hint, nothing that paints the terminal."""
    text = error.lines()
    lines = text.splitlines()
    assert 1 <= len(lines) <= 2
    assert lines[0].startswith("error: ")
    assert all(line.startswith("hint: ") for line in lines[1:])
    assert all(line.isprintable() and len(line) < 620 for line in lines)
    return text


@settings(max_examples=300)
@given(BYTES)
def test_any_bytes_for_a_config_file(tmp_path_factory: pytest.TempPathFactory, text: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "config-of-bytes"
    file.write_bytes(text)
    try:
        found = aws_config.profiles(file)
        Settings.load("dev", found, file)
    except SettingsError as error:
        well_said(error)
    else:
        raise AssertionError("these bytes never hold all that is required")


@given(st.sampled_from(sorted(FORMS)), st.text(max_size=60) | st.just("9" * 100_000))
def test_any_text_for_a_setting(key: str, value: str) -> None:
    try:
        loaded = Settings.load("dev", {"dev": {**PROFILE, key: value}}, FILE)
    except SettingsError as error:
        well_said(error)
    else:
        assert value or key not in REQUIRED  # an empty one is none
        assert not [char for char in value if unicodedata.category(char) == "Cc"]
        assert loaded.digest != ""


@given(st.sampled_from(sorted(FORMS)), st.data())
def test_other_scripts_have_digits_and_letters_too(key: str, data: st.DataObject) -> None:
    """A full-width digit is one to Python, and to no AWS service."""
    example = {**PROFILE, **{name: form.example for name, form in FORMS.items()}}[key]
    place = data.draw(st.integers(0, len(example) - 1))
    other = data.draw(st.sampled_from("\uff11\u0661\u00e9\u0430\uff21"))
    value = example[:place] + other + example[place + 1 :]
    free = {"cognito_username", "cognito_prompt", "cognito_totp_command"}
    free.add("cognito_identity_provider")
    try:
        Settings.load("dev", {"dev": {**PROFILE, key: value}}, FILE)
    except SettingsError as error:
        well_said(error)
    else:
        assert key in free


@given(st.text(string.ascii_lowercase + "_", max_size=30), st.text(max_size=30))
def test_any_key(key: str, value: str) -> None:
    try:
        Settings.load("dev", {"dev": {**PROFILE, f"cognito_{key}": value}}, FILE)
    except SettingsError as error:
        well_said(error)
    else:
        assert f"cognito_{key}" in {*FORMS, "cognito_settings_from"}


@given(NAMES)
def test_any_name_of_a_profile(name: str) -> None:
    # Where it is not there, and where its settings are bad.
    files: list[dict[str, dict[str, str]]]
    files = [{}, {"dev": PROFILE}, {name: {}}, {name: {**PROFILE, "cognito_x": "1"}}]
    for profiles in files:
        with pytest.raises(SettingsError) as caught:
            Settings.load(name, profiles, FILE)
        well_said(caught.value)
    # What a person is told to type means this very profile, unless it cannot be typed.
    for command in (login_command(name), enroll_command(name)):
        assert shlex.split(command)[-1].removeprefix("--profile=") == name
    loaded = Settings.load(name, {name: PROFILE}, FILE)
    assert loaded.profile == name
    assert re.fullmatch("[0-9a-f]{16}", loaded.digest)


@given(NAMES, NAMES)
def test_two_names_are_two_items(one: str, other: str) -> None:
    """Also where one is another file's profile: neither may be served with the other's."""
    places: list[dict[str, str]] = [{}, {"AWS_CONFIG_FILE": "/a"}, {"AWS_CONFIG_FILE": "/b"}]
    items = {
        (name, number): record.item("s", name, place.get("AWS_CONFIG_FILE"))
        for name in (one, other)
        for number, place in enumerate(places)
        if "@/" not in name
    }
    assert len(set(items.values())) == len(items)
    for name in (one, other):
        assert item_name(name, {}) == name


@given(NAMES)
def test_any_user_name_stays_in_the_folder(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    folder = tmp_path_factory.getbasetemp() / "state-of-names"
    state = State(folder)
    state.save(name, Account(totp_step=7))
    assert state.load(name).totp_step == 7
    assert state.lock_file(name).parent == folder
    assert all(len(file.name) < 60 and file.name.isascii() for file in folder.iterdir())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(JSON.map(json.dumps).map(str.encode) | st.binary(max_size=60) | st.just(b"[" * 60_000))
def test_any_payload_of_a_token(payload: bytes) -> None:
    try:
        assert isinstance(claims(jwt(payload)), dict)
        assert logins_key(jwt(payload))
    except CredprocError as error:
        well_said(error)


@given(st.text(max_size=80))
def test_any_text_for_a_token(token: str) -> None:
    try:
        claims(token)
    except CredprocError as error:
        well_said(error)


MEMBERS = st.sampled_from(["totp_step", "refused", "identities", "signed_in_at", "failures"])


@given(
    st.dictionaries(MEMBERS, JSON).map(json.dumps)
    | JSON.map(json.dumps)
    | st.just("[" * 60_000)
    | st.text(max_size=40)
)
def test_any_file_for_a_state(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    state = State(tmp_path_factory.getbasetemp() / "state-of-anything")
    file = state.lock_file("me").with_suffix(".json")
    file.write_text(text, encoding="utf-8", errors="replace")
    found = state.load("me")
    state.save("me", found)
    assert state.load("me") == found
