"""Making and changing profiles: what is asked, what is planned, what is written."""

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from cognito_credproc.people.terminal import CancelledError
from cognito_credproc.profiles.configuring import (
    ConfigFile,
    Row,
    ask_for_missing,
    listed,
    mended,
    settle_line,
    settle_region,
)
from cognito_credproc.profiles.profile_plan import Plan, example, form
from cognito_credproc.settings.aws_config import profiles
from cognito_credproc.settings.forms import BASE, FORMS, REQUIRED, flag, is_well_formed, label
from cognito_credproc.settings.line import isolated_line
from cognito_credproc.values.errors import PersonNeededError, SettingsError
from tests.fakes import PROFILE, ScriptedPerson

FILE = Path("/home/istio/.aws/config")
GONE = "/nowhere/python3.10 -I -S /nowhere/cognito_credproc/run.py --profile dev"
OTHERS = "/usr/bin/aws-vault export dev"
PATH = "/usr/bin:/bin"


def plan(**profiles: Mapping[str, str]) -> Plan:
    return Plan("dev", profiles, FILE)


@pytest.fixture
def config(tmp_path: Path) -> ConfigFile:
    return ConfigFile(tmp_path / "config", {}, tmp_path / "lock")


def test_a_new_profile_asks_by_name_and_example() -> None:
    new = plan()
    person = ScriptedPerson(*PROFILE.values(), "")
    assert ask_for_missing(new, person)
    settle_region(new, person)
    assert person.told == [f"[dev] a new profile in {FILE}; Ctrl-C changes nothing"]
    assert [prompt for prompt, _ in person.asked] == [
        "[dev] user pool id, such as ap-northeast-1_AbCdEfGhI: ",
        "[dev] client id, such as 1example23456789: ",
        "[dev] identity pool id, such as ap-northeast-1:11111111-2222-3…: ",
        "[dev] username, such as istio@example.com (empty: browser): ",
        "[dev] region [ap-northeast-1]: ",
    ]
    assert new.changes == {"region": "ap-northeast-1", **PROFILE}
    assert not any(hidden for _, hidden in person.asked)


def test_no_username_means_the_browser() -> None:
    new = plan()
    *ids, _ = PROFILE.values()
    domain = "myteam.auth.ap-northeast-1.amazoncognito.com"
    person = ScriptedPerson(*ids, "", domain)
    ask_for_missing(new, person)
    new.check()
    assert new.changes == {
        **{key: value for key, value in PROFILE.items() if key != "cognito_username"},
        "cognito_auth_flow": "BROWSER",
        "cognito_domain": domain,
    }


def test_a_flow_that_needs_a_username_insists_on_one() -> None:
    given = {key: value for key, value in PROFILE.items() if key != "cognito_username"}
    new = plan(dev={**given, "cognito_auth_flow": "USER_AUTH"})
    person = ScriptedPerson("", "istio@example.com")
    ask_for_missing(new, person)
    assert new.changes == {"cognito_username": "istio@example.com"}
    assert [prompt for prompt, _ in person.asked] == 2 * [
        "[dev] username, such as istio@example.com: "
    ]


def test_each_answer_is_checked_at_once() -> None:
    new = plan()
    pool, *others = PROFILE.values()
    arn = f"arn:aws:cognito-idp:ap-northeast-1:111122223333:userpool/{pool}"
    person = ScriptedPerson("", "", "pool", f"  {arn} ", *others, "Tokyo", "us-east-1")
    ask_for_missing(new, person)
    settle_region(new, person)
    assert person.told[1:] == [
        "[dev] whoever runs the user pool knows it; Ctrl-C leaves",
        "[dev] that is no user pool id; it looks like ap-northeast-1_AbCdEfGhI",
        "[dev] that is no region; it looks like ap-northeast-1",
    ]
    assert new.changes == {"region": "us-east-1", **PROFILE}


def test_only_what_is_missing_is_asked_for() -> None:
    given = {key: value for key, value in PROFILE.items() if key != "cognito_client_id"}
    found = plan(dev={**given, "region": "us-east-1"})
    person = ScriptedPerson("abc")
    ask_for_missing(found, person)
    settle_region(found, person)
    assert found.changes == {"cognito_client_id": "abc"}
    assert not ask_for_missing(found, None)


def test_a_malformed_value_is_asked_for_again() -> None:
    found = plan(dev={**PROFILE, "region": "us-east-1", "cognito_client_id": "bad id!"})
    assert found.malformed == ["cognito_client_id"]
    person = ScriptedPerson("abc")
    assert ask_for_missing(found, person)
    assert person.told[1] == "[dev] bad id! is no client id"
    assert found.changes == {"cognito_client_id": "abc"}
    alone = plan(dev={**PROFILE, "cognito_client_id": "bad id!"})
    assert not ask_for_missing(alone, None)
    with pytest.raises(SettingsError, match="is malformed"):
        alone.check()


def test_nobody_to_ask() -> None:
    with pytest.raises(PersonNeededError) as caught:
        ask_for_missing(plan(dev={"cognito_username": "istio"}), None)
    assert caught.value.message == (
        "profile dev lacks user pool id, client id, identity pool id, and nobody can be asked here"
    )
    assert caught.value.hint == (
        "add your own, such as --user-pool-id ap-northeast-1_AbCdEfGhI "
        "--client-id 1example23456789 "
        "--identity-pool-id ap-northeast-1:11111111-2222-3333-4444-555555555555"
    )


def test_the_end_of_the_input_is_the_end() -> None:
    def leave() -> str:
        raise CancelledError("the input ended")

    with pytest.raises(CancelledError):
        ask_for_missing(plan(), ScriptedPerson(leave))


@pytest.mark.parametrize(
    ("dev", "others", "region"),
    [
        (PROFILE, {}, "ap-northeast-1"),
        ({**PROFILE, "cognito_region": "us-west-2"}, {}, "us-west-2"),
        ({BASE: "base"}, {"base": {**PROFILE, "region": "eu-west-1"}}, "eu-west-1"),
        ({BASE: "base"}, {"base": PROFILE}, "ap-northeast-1"),
    ],
)
def test_where_the_region_comes_from(
    dev: Mapping[str, str], others: Mapping[str, Mapping[str, str]], region: str
) -> None:
    found = plan(dev=dev, **others)
    settle_region(found, None)
    assert found.changes == {"region": region}


def test_settings_of_another_profile_are_enough() -> None:
    found = plan(base=PROFILE)
    found.change(BASE, "base")
    ask_for_missing(found, None)
    assert found.settings.username == "istio@example.com"
    assert not found.is_new_sign_in
    found.change(BASE, "nobody")
    with pytest.raises(SettingsError, match="has no profile nobody"):
        ask_for_missing(found, None)


def test_removed_key_does_not_come_back_from_the_other_profile(config: ConfigFile) -> None:
    base = {**PROFILE, "cognito_mfa": "SMS_MFA", "cognito_prompt": "pinentry"}
    own = {BASE: "base", "cognito_prompt": "terminal"}
    config.write({"base": base, "dev": own})
    new = Plan("dev", {"base": base, "dev": own}, config.path)
    for key in ("cognito_mfa", "cognito_prompt", "cognito_logins_key"):
        new.remove(key)
    assert new.changes == {"cognito_mfa": "", "cognito_prompt": ""}
    assert (new.settings.mfa, new.settings.prompt) == (None, "terminal")
    config.write({"dev": new.changes})
    assert profiles(config.path)["dev"] == {BASE: "base", "cognito_mfa": "", "cognito_prompt": ""}


@pytest.mark.parametrize(
    ("flow", "challenge", "goes"),
    [
        ("BROWSER", "EMAIL_OTP", True),
        ("USER_SRP_AUTH", "PASSWORD_SRP", True),
        (None, "PASSWORD_SRP", True),
        ("CUSTOM_AUTH", "PASSWORD", True),
        ("CUSTOM_AUTH", "PASSWORD_SRP", False),
        ("USER_AUTH", "EMAIL_OTP", False),
        ("BROWSER", None, False),
    ],
)
def test_preferred_challenge_goes_with_the_flow_that_took_it(
    flow: str | None, challenge: str | None, goes: bool
) -> None:
    key = "cognito_preferred_challenge"
    chosen = {key: challenge} if challenge else {}
    new = plan(dev={**PROFILE, **chosen, "cognito_auth_flow": "USER_AUTH"})
    new.change("cognito_auth_flow", flow)
    assert new.drop_challenge() == (challenge if goes else None)
    assert new.changes.get(key, "kept") == (None if goes else "kept")


def test_what_is_so_already_is_no_change() -> None:
    found = plan(dev=PROFILE)
    found.change("cognito_username", "other")
    assert found.concerns_sign_in
    found.change("cognito_username", PROFILE["cognito_username"])
    found.change("cognito_role_arn", None)
    assert found.changes == {}
    assert not found.concerns_sign_in
    found.change("cognito_client_id", None)
    assert found.missing == ["cognito_client_id"]


@pytest.mark.parametrize(
    ("old", "reason"),
    [
        (None, None),
        (isolated_line("dev"), None),
        (GONE, "runs /nowhere/python3.10, which is not there any more"),
        ("/bin/cognito-credproc --profile prod", "runs /bin/cognito-credproc, which is not there"),
        (isolated_line("prod"), "names another profile, prod"),
        (f'"{sys.executable}" {isolated_line("dev").partition(" ")[2]}', "was not the fast one"),
    ],
)
def test_the_line_is_written_or_mended(old: str | None, reason: str | None) -> None:
    keys = PROFILE if old is None else {**PROFILE, "credential_process": old}
    found = plan(dev=keys)
    said = settle_line(found, PATH, None, replace=False)
    assert said == reason or (reason and said and said.startswith(reason))
    assert found.keys["credential_process"] == isolated_line("dev")


def test_a_line_made_on_purpose_stays() -> None:
    found = plan(dev={**PROFILE, "credential_process": f"/usr/bin/env A=1 {isolated_line('dev')}"})
    assert settle_line(found, PATH, None, replace=True) is None
    assert found.changes == {}


def test_another_programs_line_is_not_replaced_unasked() -> None:
    def found() -> Plan:
        return plan(dev={**PROFILE, "credential_process": OTHERS})

    for person in (None, ScriptedPerson("")):
        with pytest.raises(SettingsError) as caught:
            settle_line(found(), PATH, person, replace=False)
        assert caught.value.message.endswith(f"runs another program: {OTHERS}")
        assert "--replace" in str(caught.value.hint)
    agreed = found()
    person = ScriptedPerson("perhaps", "y")
    settle_line(agreed, PATH, person, replace=False)
    assert agreed.keys["credential_process"] == isolated_line("dev")
    assert person.told == [
        f"[dev] credential_process runs another program: {OTHERS}",
        "[dev] y or n",
    ]
    told = found()
    settle_line(told, PATH, None, replace=True)
    assert told.keys["credential_process"] == isolated_line("dev")


def test_all_lines_are_mended_at_once(config: ConfigFile) -> None:
    profiles = {
        "dev": {**PROFILE, "credential_process": GONE},
        "good": {**PROFILE, "credential_process": isolated_line("good")},
        "base": PROFILE,
        "others": {**PROFILE, "credential_process": OTHERS},
        "elsewhere": {"credential_process": "cognito-credproc --profile prod"},
        "two words": {BASE: "base", "credential_process": "cognito-credproc --profile x"},
    }
    found = mended(config._replace(profiles=profiles), PATH)
    assert {name: changes for name, (changes, _) in found.items()} == {
        name: {"credential_process": isolated_line(name)} for name in ("dev", "two words")
    }


def test_the_list(config: ConfigFile) -> None:
    profiles = {
        "dev": {**PROFILE, "credential_process": isolated_line("dev")},
        "plain": {"region": "us-east-1"},
        "admin": {BASE: "dev", "credential_process": GONE.replace("dev", "admin")},
        "mine": {**PROFILE, "credential_process": OTHERS},
        "bare": {"cognito_client_id": "x"},
    }
    pool, user = PROFILE["cognito_user_pool_id"], PROFILE["cognito_username"]
    assert listed(config._replace(profiles=profiles), PATH) == [
        Row("dev", user, pool, "good", None),
        Row(
            "admin",
            user,
            "as dev",
            "broken",
            "runs /nowhere/python3.10, which is not there any more",
        ),
        Row("mine", user, pool, "another's", "runs another program, /usr/bin/aws-vault"),
        Row("bare", "", "", "none", None),
    ]


def test_preview_and_writing(config: ConfigFile) -> None:
    changes = {"dev": {"region": "x"}, "two words": {"region": "y"}}
    shown = config.preview(changes)
    assert '+[profile "two words"]' in shown
    assert not config.path.exists()
    assert config.write(changes)
    text = '[profile dev]\nregion = x\n\n[profile "two words"]\nregion = y\n'
    assert config.path.read_text() == text
    assert not config.write(changes)
    assert config.preview(changes) == ""


def test_one_change_that_cannot_be_made_and_none_is_made(config: ConfigFile) -> None:
    with pytest.raises(SettingsError, match="cannot be named"):
        config.write({"dev": {"region": "x"}, "a]b": {"region": "y"}})
    assert not config.path.exists()


def test_the_file_that_the_aws_tools_read(tmp_path: Path) -> None:
    environment = {
        "AWS_CONFIG_FILE": str(tmp_path / "link"),
        "COGNITO_CREDPROC_STATE_DIR": str(tmp_path / "state"),
    }
    assert ConfigFile.of(environment).profiles == {}
    real = tmp_path / "real"
    (tmp_path / "link").symlink_to(real)
    missing = ConfigFile.of(environment)
    assert missing.profiles == {}
    real.write_text("[profile dev]\nregion = x\n")
    found = ConfigFile.of(environment)
    assert found.profiles == {"dev": {"region": "x"}}
    direct = ConfigFile.of({**environment, "AWS_CONFIG_FILE": str(real)})
    assert direct.lock_file == found.lock_file
    real.write_text("no section")
    with pytest.raises(SettingsError, match="line 1 comes before"):
        ConfigFile.of(environment)


@pytest.mark.parametrize("key", [*FORMS, "region"])
def test_each_key_has_a_flag_a_name_and_an_example(key: str) -> None:
    assert flag(key).startswith("--")
    assert label(key)
    words = shlex.split(example(key))
    assert words[0] == flag(key)
    assert is_well_formed("cognito_region" if key == "region" else key, words[1])
    assert form(key).example


def test_no_two_keys_have_one_flag() -> None:
    flags = [flag(key) for key in (*FORMS, "region", BASE)]
    assert len(set(flags)) == len(flags)
    assert [flag(key) for key in REQUIRED] == [
        "--user-pool-id",
        "--client-id",
        "--identity-pool-id",
        "--username",
    ]
