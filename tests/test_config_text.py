"""The text of the AWS config file: own keys change, every other byte stays, botocore agrees."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from botocore.configloader import load_config, raw_config_parse
from botocore.exceptions import ConfigParseError
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cognito_credproc.profiles.config_text import Changes, edited, line_end
from cognito_credproc.values.errors import SettingsError

FILE = Path("/home/istio/.aws/config")
USER = "cognito_username"


def dev(text: str, **changes: str | None) -> str:
    return edited(text, FILE, "dev", changes)


def refused(text: str, profile: str = "dev", **changes: str | None) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        edited(text, FILE, profile, changes or {USER: "istio"})
    assert caught.value.hint or "cannot be a key" in caught.value.message
    return caught.value


def test_a_profile_in_the_middle_gets_its_key_below_its_last_one() -> None:
    before = """\
# mine
[default]
region = eu-west-1 ; not a comment

[profile dev]   # the team's
Region=ap-northeast-1
s3 =
    max_queue_size = 7
    ; inside
    addressing_style = path

# about prod
[profile prod]
region = us-east-1
"""
    after = dev(before, cognito_username="istio", region="eu-west-1", output=None)
    assert after == before.replace("Region=ap-northeast-1", "Region=eu-west-1").replace(
        "addressing_style = path\n", "addressing_style = path\ncognito_username = istio\n"
    )


def test_a_new_profile_goes_to_the_end() -> None:
    assert dev("", cognito_username="istio") == "[profile dev]\ncognito_username = istio\n"
    before = "[default]\nregion = eu-west-1\n"
    assert dev(before, a="1", b="2") == before + "\n[profile dev]\na = 1\nb = 2\n"
    assert dev(before + "\n", a="1") == before + "\n[profile dev]\na = 1\n"


@pytest.mark.parametrize(
    ("profile", "header"),
    [
        ("default", "[default]"),
        ("dev", "[profile dev]"),
        ("two words", '[profile "two words"]'),
        ("日本語", "[profile 日本語]"),
        ("a.b/c@d+e", "[profile a.b/c@d+e]"),
    ],
)
def test_headers_of_new_profiles(profile: str, header: str) -> None:
    assert edited("", FILE, profile, {"a": "1"}) == f"{header}\na = 1\n"


@pytest.mark.parametrize(
    "header",
    ["[profile dev]", '[profile "dev"]', "[profile 'dev']", "[profile  dev ]", "[profiles dev]"],
)
def test_headers_as_botocore_takes_them(header: str) -> None:
    assert dev(f"{header}\na = 1\n", a="2") == f"{header}\na = 2\n"


@pytest.mark.parametrize("header", ["[dev]", "[profile dev x]", "[profile 'dev]", "[Profile dev]"])
def test_headers_that_are_no_profile_for_botocore(header: str) -> None:
    assert dev(f"{header}\na = 1\n", a="2") == f"{header}\na = 1\n\n[profile dev]\na = 2\n"


def test_windows_line_ends_and_no_last_one() -> None:
    before = "[profile dev]\r\ncognito_username = a\r\nregion = x"
    assert dev(before, cognito_username="b", cognito_client_id="c") == (
        "[profile dev]\r\ncognito_username = b\r\nregion = x\r\ncognito_client_id = c"
    )
    assert edited(before, FILE, "prod", {"a": "1"}) == before + "\r\n\r\n[profile prod]\r\na = 1"
    assert line_end("") == "\n"


def test_old_macintosh_line_ends() -> None:
    assert dev("[profile dev]\ra = 1\r", b="2") == "[profile dev]\ra = 1\rb = 2\r"


def test_an_indented_section_keeps_its_indentation() -> None:
    """A key further to the left would turn the next header into a part of its value."""
    before = "[profile dev]\n\ta = 1\n\t[profile next]\n\tb = 2\n"
    assert dev(before, c="3") == "[profile dev]\n\ta = 1\n\tc = 3\n\t[profile next]\n\tb = 2\n"


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("a=1", "a=2"),
        ("a = 1   ", "a = 2"),
        ("  A :\t1", "  A :\t2"),
        ("a =", "a = 2"),
        ("a=", "a=2"),
        ("a = b = c : d", "a = 2"),
        ("a = 2  ", "a = 2  "),
    ],
)
def test_the_key_is_left_as_it_is_spelled(line: str, wanted: str) -> None:
    assert dev(f"[profile dev]\n{line}\n", a="2") == f"[profile dev]\n{wanted}\n"


def test_a_removed_key_goes_with_its_line() -> None:
    before = "[profile dev]\n# of the pool\na = 1\nb = 2\n"
    assert dev(before, a=None, c=None) == "[profile dev]\n# of the pool\nb = 2\n"
    assert dev("[profile dev]\na = 1", a=None) == "[profile dev]\n"
    assert dev("[default]\n", a=None) == "[default]\n"


def test_done_twice_is_done_once() -> None:
    once = dev("[default]\n", cognito_username="istio", region="x")
    assert dev(once, cognito_username="istio", region="x") == once
    assert dev(once) == once


def test_a_value_of_several_lines_is_left_to_the_person() -> None:
    """What stands below may be meant as something else."""
    error = refused("[profile dev]\na = 1\n  region = x\n", a="2")
    assert error.message == f"{FILE}: the value of a goes on after line 2"


def test_two_sections_of_one_profile_are_left_to_the_person() -> None:
    error = refused('[profile dev]\na = 1\n[profile "dev"]\na = 2\n')
    assert error.message == f'{FILE}: [profile dev] and [profile "dev"] are the same profile'
    refused("[default]\n[profile default]\n", "default")


def test_a_default_that_would_break_every_section_is_left_to_the_person() -> None:
    """Botocore refuses the whole file for a nested line without a value, but not in [DEFAULT]."""
    assert "unusual way" in refused("[DEFAULT]\ns3 =\n  nothing\n").message
    assert dev("[DEFAULT]\ns3 =\n  a = 1\n", b="2").endswith("\n[profile dev]\nb = 2\n")


def test_a_default_that_would_shine_through_is_left_to_the_person() -> None:
    """`configparser` lends the keys of [DEFAULT] to every section."""
    assert "unusual way" in refused("[DEFAULT]\na = 1\n[profile dev]\na = 2\n", a=None).message


@pytest.mark.parametrize("profile", ["", "a]b", "a[b", 'a"b', "it's", "a\\b", "a  b", " a", "a#b"])
def test_names_that_a_header_cannot_hold(profile: str) -> None:
    assert "cannot be named" in refused("", profile).message


@pytest.mark.parametrize(
    "value",
    ["", " a", "a ", "a\nb", "a\rb", "a\x00", "a\x0bb", "a\u2028b", "\ud800", "#a", "a #b", "a\t;"],
)
def test_values_that_would_be_read_differently(value: str) -> None:
    assert "cannot be written so that all tools" in refused("", a=value).message


@pytest.mark.parametrize("value", ["a#b", "a;b", '"a b" -I', "100%", "a=b:c", "日本語", "a  b"])
def test_values_that_are_read_alike(value: str) -> None:
    assert dev("", a=value) == f"[profile dev]\na = {value}\n"


@pytest.mark.parametrize("key", ["", "a b", "a=b", "A", "a\n"])
def test_keys_that_are_none(key: str) -> None:
    assert "cannot be a key" in refused("", **{key: "1"}).message


# Files as people, their editors and other tools leave them.
OWN = ("region", "credential_process", "cognito_username", "cognito_role_arn")
NAMES = ("default", "dev", "two words", "日本語", "dev2")
SPACE = st.sampled_from(["", " ", "  ", "\t"])
WORDS = st.sampled_from(["a", "x y", "a = b", "100%", "[x]", "1;2", "日本", "#no", "", "\u2028z"])
COMMENTS = st.sampled_from(
    ["", "  ", "# note", "; note", "\t# region = x", "#[profile dev]", "\x0b"]
)
NESTED = st.sampled_from(
    ["  a = b", "\tb=c", "    [profile dev] = 1", "  # note", " region = z", ""]
)


@st.composite
def keys(draw: st.DrawFn) -> list[str]:
    """A section's lines: each key once, nested lines below some, comments and blanks between."""
    lines = []
    indent = draw(st.sampled_from(["", "", "", " ", "\t"]))
    for key in draw(st.lists(st.sampled_from([*OWN, "output", "s3", "x"]), unique=True)):
        name = draw(st.sampled_from([key, key.upper(), key.title()]))
        sign = draw(st.sampled_from("=:"))
        value = draw(WORDS) if key in {"output", "x"} else draw(st.sampled_from(["old", "v w", ""]))
        lines.append(f"{indent}{name}{draw(SPACE)}{sign}{draw(SPACE)}{value}{draw(SPACE)}")
        if key == "s3":
            lines += [indent + line for line in draw(st.lists(NESTED, max_size=3))]
        lines += draw(st.lists(COMMENTS, max_size=2))
    return lines


@st.composite
def files(draw: st.DrawFn) -> str:
    """A whole file."""
    lines = draw(st.lists(COMMENTS.filter(lambda text: text != "\x0b"), max_size=2))
    for name in draw(st.lists(st.sampled_from([*NAMES, "sso-session", "plugins"]), unique=True)):
        quote = draw(st.sampled_from(['"', "'"])) if " " in name or draw(st.booleans()) else ""
        plain = name in {"default", "sso-session", "plugins"}
        header = name if plain else f"profile {quote}{name}{quote}"
        lines += [f"[{header}]{draw(st.sampled_from(['', ' ', ' # note']))}", *draw(keys())]
    ends = draw(st.sampled_from([["\n"], ["\r\n"], ["\n", "\r\n"], ["\r"]]))
    text = "".join(line + draw(st.sampled_from(ends)) for line in lines)
    return text.rstrip("\r\n") if draw(st.booleans()) else text


CHANGES = st.dictionaries(
    st.sampled_from(OWN), st.none() | st.sampled_from(["new", '"a b" -I -S', "日本=1"]), min_size=1
)
FEW = settings(max_examples=300)


def read(folder: Path, text: str) -> dict[str, dict[str, str]]:
    """Every section as botocore reads it from a file."""
    file = folder / "config"
    file.write_bytes(text.encode())
    found: dict[str, dict[str, str]] = raw_config_parse(str(file), parse_subsections=False)
    return found


def without(text: str, changed: Changes) -> list[str]:
    """The lines of a text, but for those that hold one of the keys; without the last one's end."""
    own = re.compile(rf"\s*(?:{'|'.join(changed)})\s*[=:]", re.IGNORECASE)
    lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text)
    return [line for line in lines if not own.match(line)]


def check(folder: Path, text: str, profile: str, changes: Mapping[str, str | None]) -> None:
    """The edited text says the new values, and nothing else is different."""
    before = read(folder, text)
    after = edited(text, FILE, profile, changes)
    found = read(folder, after)
    profiles = load_config(str(folder / "config"))["profiles"]
    for key, value in changes.items():
        assert profiles.get(profile, {}).get(key) == value
    assert list(found)[: len(before)] == list(before)
    for section, values in before.items():
        ours = changes if profile_of(section) == profile else {}
        for key in values.keys() | found[section].keys():
            wanted = ours[key] if key in ours else values.get(key)
            assert found[section].get(key) == wanted, (section, key)
    kept, now = without(text, changes), without(after, changes)
    if len(found) > len(before):
        assert now[-1].strip().startswith("[")
        now = now[: len(kept)]
    assert "".join(now).rstrip("\r\n") == "".join(kept).rstrip("\r\n")
    assert edited(after, FILE, profile, changes) == after


def profile_of(section: str) -> str:
    return section.removeprefix("profile").strip().strip("\"'")


@FEW
@given(text=files(), profile=st.sampled_from(NAMES), changes=CHANGES)
def test_any_sane_file(
    tmp_path_factory: pytest.TempPathFactory, text: str, profile: str, changes: Changes
) -> None:
    check(tmp_path_factory.getbasetemp(), text, profile, changes)


PIECES = ["[profile dev]", "[default]", "[DEFAULT]", "region", "a", " ", "\t", "=", ":", "#", ";"]
PIECES += ["\n", "\n", "\r\n", "\r", "\x0b", "\u2028", "x", '"', "[", "]", "region = 1", "\n  "]


@FEW
@given(
    text=st.lists(st.sampled_from(PIECES), max_size=14).map("".join),
    changes=CHANGES,
)
def test_any_text_at_all(
    tmp_path_factory: pytest.TempPathFactory, text: str, changes: Changes
) -> None:
    folder = tmp_path_factory.getbasetemp()
    try:
        read(folder, text)
        load_config(str(folder / "config"))
    except ConfigParseError:
        assume(False)
    try:
        check(folder, text, "dev", changes)
    except SettingsError:
        return
