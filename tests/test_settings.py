"""Settings: each key's form, words that name the place, what is taken from where."""

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cognito_credproc.cli import parser
from cognito_credproc.flows.entry import Entry, Wishes
from cognito_credproc.flows.exchange import Basic, IdentityPool
from cognito_credproc.flows.managed_login import ManagedLogin
from cognito_credproc.settings.forms import FORMS, REQUIRED, flag, id_of, set_command
from cognito_credproc.settings.settings import Settings
from cognito_credproc.values.errors import SettingsError, UsageError, printable
from tests.fakes import PROFILE, settings

FILE = Path("/home/istio/.aws/config")
ROLE = "arn:aws:iam::111122223333:role/path/Dev@team=1"
ENHANCED = {"cognito_credential_flow": "enhanced"}
CHOICE = {"cognito_auth_flow": "USER_AUTH"}
IDENTITIES = "us-gov-west-1:11111111-2222-3333-4444-555555555555"
BASIC = {"cognito_credential_flow": "basic", "cognito_role_arn": ROLE}


def load(profile: str = "dev", **profiles: Mapping[str, str]) -> Settings:
    return Settings.load(profile, profiles, FILE)


def refused(profile: str = "dev", **profiles: Mapping[str, str]) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load(profile, **profiles)
    return caught.value


def test_defaults() -> None:
    assert load(dev=PROFILE) == Settings(
        profile="dev",
        user_pool_id="ap-northeast-1_AbCdEfGhI",
        client_id="1example23456789",
        identity_pool_id="ap-northeast-1:11111111-2222-3333-4444-555555555555",
        username="istio@example.com",
        region="ap-northeast-1",
        identity_region="ap-northeast-1",
        auth_flow="USER_SRP_AUTH",
        role_arn=None,
        credential_flow="enhanced",
        duration_seconds=3600,
        logins_key=None,
        mfa=None,
        preferred_challenge=None,
        totp_command=None,
        prompt="terminal",
        domain=None,
        identity_provider=None,
        redirect_uri="http://localhost:8976/",
    )


def test_everything_said() -> None:
    found = load(
        dev={
            **PROFILE,
            "region": "us-east-1",  # of the profile's own calls, not of the pools
            "output": "json",
            "cognito_auth_flow": "USER_PASSWORD_AUTH",
            "cognito_role_arn": ROLE,
            "cognito_logins_key": "issuer.example.com/pool",
        }
    )
    assert (found.auth_flow, found.role_arn) == ("USER_PASSWORD_AUTH", ROLE)
    assert found.region == "ap-northeast-1"
    assert found.identity_pool == IdentityPool(
        found.identity_pool_id, ROLE, "issuer.example.com/pool"
    )


BY_BROWSER = {
    **{key: value for key, value in PROFILE.items() if key != "cognito_username"},
    "cognito_auth_flow": "BROWSER",
    "cognito_domain": "login.example.com",
}


def test_sign_in_by_the_browser_needs_a_domain_and_no_user() -> None:
    found = load(dev=BY_BROWSER)
    assert found.username == ""
    assert found.managed_login == ManagedLogin(
        "https://login.example.com", "http://localhost:8976/"
    )
    error = refused(dev={**BY_BROWSER, "cognito_domain": ""})
    assert "cognito_domain is missing" in error.message
    assert load(dev={**PROFILE, "cognito_domain": "login.example.com"}).managed_login is None


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("team.auth.eu-west-1.amazoncognito.com", "https://team.auth.eu-west-1.amazoncognito.com"),
        ("https://login.example.com/", "https://login.example.com"),
        ("login.example.com:8443", "https://login.example.com:8443"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.1", "http://127.0.0.1"),
        ("https://[::1]:9/", "https://[::1]:9"),
    ],
)
def test_domains(said: str, meant: str) -> None:
    assert load(dev={**BY_BROWSER, "cognito_domain": said}).domain == meant


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("cognito_domain", "team"),
        ("cognito_domain", "http://login.example.com"),
        ("cognito_domain", "http://localhost.example.com"),
        ("cognito_domain", "https://login.example.com/oauth2"),
        ("cognito_domain", "https://me@login.example.com"),
        ("cognito_domain", "https://login.example.com:0"),
        ("cognito_domain", "ftp://login.example.com"),
        ("cognito_redirect_uri", "https://localhost:8976/"),
        ("cognito_redirect_uri", "http://example.com:8976/"),
        ("cognito_redirect_uri", "http://localhost:65536/"),
        ("cognito_redirect_uri", "http://localhost:8976/?a=b"),
        ("cognito_redirect_uri", "http://localhost:8976/#x"),
        ("cognito_redirect_uri", "http://127.0.0.2/"),
    ],
)
def test_addresses_that_are_none(key: str, value: str) -> None:
    assert "is malformed" in refused(dev={**BY_BROWSER, key: value}).message


def test_regions_are_those_of_the_pools_unless_one_is_named() -> None:
    pools = {
        **PROFILE,
        "cognito_user_pool_id": "us-gov-west-1_AbCdEfGhI",
        "cognito_identity_pool_id": "eu-west-2:11111111-2222-3333-4444-555555555555",
    }
    found = load(dev=pools)
    assert (found.region, found.identity_region) == ("us-gov-west-1", "eu-west-2")
    found = load(dev={**pools, "cognito_region": "us-west-2"})
    assert (found.region, found.identity_region) == ("us-west-2", "us-west-2")


@pytest.mark.parametrize("key", FORMS)
def test_each_example_is_of_its_own_form(key: str) -> None:
    for value in FORMS[key].example.split(" or "):
        load(dev={**PROFILE, **BASIC, **CHOICE, "cognito_domain": "login.example.com", key: value})


def test_longest_values() -> None:
    """Source: the API references, "Length constraints"."""
    longest = {
        "cognito_user_pool_id": "ap-northeast-1_" + "a" * 40,
        "cognito_client_id": "a" * 128,
        "cognito_username": "a" * 128,
    }
    assert load(dev={**PROFILE, **longest}).client_id == "a" * 128


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("cognito_user_pool_id", "ap-northeast-1"),
        ("cognito_user_pool_id", "AbCdEfGhI"),
        ("cognito_user_pool_id", "ap-northeast-1_Ab CdEfGhI"),
        ("cognito_user_pool_id", "ap-northeast-1_" + "a" * 41),
        ("cognito_client_id", "with space"),
        ("cognito_client_id", "with-dash"),
        ("cognito_client_id", "a" * 129),
        ("cognito_identity_pool_id", "11111111-2222-3333-4444-555555555555"),
        ("cognito_identity_pool_id", "ap-northeast-1:11111111-2222-3333-4444-55555555555"),
        ("cognito_identity_pool_id", "ap-northeast-1:11111111-2222-3333-4444-55555555555G"),
        ("cognito_username", "two words"),
        ("cognito_username", "a" * 129),
        ("cognito_region", "Tokyo"),
        ("cognito_auth_flow", "srp"),
        ("cognito_auth_flow", "USER_SRP_AUTHUSER_PASSWORD_AUTH"),
        ("cognito_role_arn", "Dev"),
        ("cognito_role_arn", "arn:aws:iam::111122223333:user/Dev"),
        ("cognito_role_arn", "arn:aws:iam::1111:role/Dev"),
        ("cognito_credential_flow", "classic"),
        ("cognito_credential_flow", "Basic"),
        ("cognito_duration_seconds", "0"),
        ("cognito_duration_seconds", "899"),
        ("cognito_duration_seconds", "43201"),
        ("cognito_duration_seconds", "100000"),
        ("cognito_duration_seconds", "0900"),
        ("cognito_duration_seconds", "1h"),
        ("cognito_duration_seconds", "\uff19\uff10\uff10"),
        ("cognito_logins_key", "no spaces here"),
    ],
)
def test_malformed_value_is_named_with_file_profile_key_and_example(key: str, value: str) -> None:
    error = refused(dev={**PROFILE, key: value})
    assert error.message == (
        f"{FILE}: profile dev: {key} = {printable(value, 80)} is malformed; "
        f"it looks like {FORMS[key].example}{FORMS[key].note}"
    )
    assert error.hint == set_command(key, "dev")


@pytest.mark.parametrize("key", REQUIRED)
@pytest.mark.parametrize("empty", [False, True])
def test_missing_value_is_named(key: str, empty: bool) -> None:
    values = {**PROFILE, key: ""}
    if not empty:
        del values[key]
    error = refused("two words", **{"two words": values})
    assert error.message == f"{FILE}: profile two words: {key} is missing"
    assert error.hint == "cognito-credproc configure --profile 'two words'"


@given(st.integers(0, 99_999))
@example(900)
@example(43_200)
def test_durations_are_those_that_sts_takes(seconds: int) -> None:
    """Source: AWS STS API reference, AssumeRoleWithWebIdentity."""
    profile = {**PROFILE, **BASIC, "cognito_duration_seconds": str(seconds)}
    if 900 <= seconds <= 43_200:
        found = load(dev=profile)
        assert found.duration_seconds == seconds
        assert found.identity_pool.basic == Basic("istio@example.com", seconds)
    else:
        assert "looks like 3600 (900 to 43200 seconds)" in refused(dev=profile).message


def test_basic_flow_needs_a_role() -> None:
    error = refused(dev={**PROFILE, "cognito_credential_flow": "basic"})
    assert error.message == (
        f"{FILE}: profile dev: cognito_credential_flow = basic needs cognito_role_arn"
    )
    assert error.hint == "cognito-credproc configure --profile dev --role-arn VALUE"


def test_duration_needs_the_basic_flow() -> None:
    """Unless the profile says that it has a mind of its own: then the duration is another's."""
    long = {**PROFILE, "cognito_duration_seconds": "43200"}
    error = refused(dev=long)
    assert error.message == (
        f"{FILE}: profile dev: cognito_duration_seconds needs cognito_credential_flow = basic"
    )
    assert error.hint == "cognito-credproc configure --profile dev --credential-flow basic"
    found = load("one", dev={**long, **BASIC}, one=ENHANCED | {"cognito_settings_from": "dev"})
    assert found.identity_pool == IdentityPool(found.identity_pool_id, ROLE)


@pytest.mark.parametrize(
    ("flow", "challenge", "fits"),
    [
        ("USER_AUTH", "EMAIL_OTP", True),
        ("CUSTOM_AUTH", "PASSWORD_SRP", True),
        ("CUSTOM_AUTH", "EMAIL_OTP", False),
        ("USER_SRP_AUTH", "PASSWORD_SRP", False),
        (None, "PASSWORD", False),
    ],
)
def test_preferred_challenge_needs_a_flow_with_a_choice(
    flow: str | None, challenge: str, fits: bool
) -> None:
    chosen = {"cognito_auth_flow": flow} if flow else {}
    profile = {**PROFILE, **chosen, "cognito_preferred_challenge": challenge}
    if fits:
        assert load(dev=profile).entry == Entry(str(flow), challenge)
    else:
        error = refused(dev=profile)
        assert error.message.endswith(
            f"cognito_preferred_challenge = {challenge} needs cognito_auth_flow = USER_AUTH"
        )
        mend = "--preferred-challenge ''" if flow else "--auth-flow USER_AUTH"
        assert error.hint == f"cognito-credproc configure --profile dev {mend}"


def test_wishes_name_the_way_that_codes_depend_on() -> None:
    plain = load(dev=PROFILE).wishes
    assert plain == Wishes("1example23456789 USER_SRP_AUTH")
    chosen = {**CHOICE, "cognito_preferred_challenge": "SMS_OTP", "cognito_mfa": "SMS_MFA"}
    found = load(dev={**PROFILE, **chosen}).wishes
    assert found == Wishes("1example23456789 USER_AUTH SMS_OTP", "SMS_MFA", "SMS_OTP")


@pytest.mark.parametrize("key", ["cognito_totp_command", "cognito_prompt"])
def test_command_with_an_open_quote_is_named_at_once(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setattr("sys.platform", "linux")  # on Windows, one quote is no quote
    error = refused(dev={**PROFILE, key: "op 'item"})
    assert error.message == f"{FILE}: profile dev: {key} cannot be split into words"
    assert error.hint == "in the AWS config file, close every quote of it"


def test_unknown_key_with_a_suggestion() -> None:
    error = refused(dev={**PROFILE, "cognito_user_name": "istio"})
    assert error.message == f"{FILE}: profile dev: cognito_user_name is not a setting"
    assert error.hint == f"did you mean cognito_username? mend it in {FILE}"
    error = refused(dev={**PROFILE, "cognito_zzzzzzzz": "1"})
    assert error.hint == f"remove it from {FILE}"


def test_missing_profile_names_those_that_could_be_meant() -> None:
    error = refused("prod", dev=PROFILE, **{"two words": PROFILE}, plain={"region": "x"})
    assert error.message == f'{FILE} has no profile prod; it has dev, "two words"'
    assert error.hint == "cognito-credproc login --profile dev"
    error = refused("wo words", dev=PROFILE, **{"two words": PROFILE})
    assert error.hint == "cognito-credproc login --profile 'two words'"
    error = refused("dev ", dev=PROFILE)
    assert error.message == f'{FILE} has no profile "dev "'
    error = refused("dash", **{"-dash": PROFILE})
    assert error.hint == "cognito-credproc login --profile=-dash"
    error = refused("prod", plain={"region": "x"})
    assert error.hint == "cognito-credproc configure --profile prod"


def test_key_without_a_value_is_none_and_is_not_taken_from_elsewhere() -> None:
    base = {**PROFILE, "cognito_role_arn": ROLE, "cognito_mfa": "SMS_MFA"}
    own = {"cognito_settings_from": "base", "cognito_role_arn": ""}
    found = load("own", base=base, own=own)
    assert (found.role_arn, found.mfa) == (None, "SMS_MFA")
    assert load(dev={**PROFILE, "cognito_region": ""}) == load(dev=PROFILE)
    assert "cognito_typo is not" in refused(dev={**PROFILE, "cognito_typo": ""}).message


def test_settings_of_another_profile() -> None:
    """A key of its own wins; only `cognito_` keys are taken."""
    found = load(
        "role",
        base={**PROFILE, "cognito_auth_flow": "USER_PASSWORD_AUTH"},
        role={
            "cognito_settings_from": "base",
            "cognito_role_arn": ROLE,
            "cognito_username": "me",
        },
    )
    assert (found.profile, found.username, found.role_arn) == ("role", "me", ROLE)
    assert (found.client_id, found.auth_flow) == (
        PROFILE["cognito_client_id"],
        "USER_PASSWORD_AUTH",
    )


def test_base_with_a_base_of_its_own_is_refused() -> None:
    error = refused(
        "role",
        base={**PROFILE, "cognito_settings_from": "other"},
        role={"cognito_settings_from": "base"},
        other=PROFILE,
    )
    assert "cognito_settings_from names base, which has a cognito_settings_from" in error.message
    itself = refused(dev={**PROFILE, "cognito_settings_from": "dev"})
    assert itself.message.endswith("profile dev: cognito_settings_from names the profile itself")
    assert itself.hint == "cognito-credproc configure --profile dev --settings-from ''"


def test_missing_base_is_named() -> None:
    error = refused(dev={"cognito_settings_from": "base"})
    assert error.message == f"{FILE} has no profile base"
    assert error.hint == "cognito-credproc configure --profile dev --settings-from PROFILE"


def test_roles_of_one_sign_in_share_it() -> None:
    one, two = settings(), settings(profile="role", role_arn=ROLE)
    assert (one.account, one.user) == (two.account, two.user)
    assert settings(client_id="other").account != one.account
    assert settings(client_id="other").user == one.user


@pytest.mark.parametrize("field", [field.name for field in fields(Settings)])
def test_digest_changes_with_every_setting(field: str) -> None:
    assert settings().digest == settings().digest
    other: dict[str, Any] = {field: "other"}
    assert replace(settings(), **other).digest != settings().digest


def test_digest_has_no_two_readings() -> None:
    """Values that run together, or look like another's, give another digest."""
    assert settings(username="a", region="bc").digest != settings(username="ab", region="c").digest
    assert settings(role_arn=None).digest != settings(role_arn="None").digest
    assert len(settings().digest) == 16
    assert settings().digest.isalnum()


def test_app_client_keeps_its_secret_to_itself() -> None:
    app = settings().app_client("a client secret")
    assert (app.pool_suffix, app.secret) == ("AbCdEfGhI", "a client secret")
    assert "a client secret" not in repr(app)
    assert settings().app_client(None).secret_hash("istio") == {}


@pytest.mark.parametrize(
    ("key", "text", "found"),
    [
        (
            "cognito_user_pool_id",
            "arn:aws:cognito-idp:ap-northeast-1:111122223333:userpool/ap-northeast-1_DwoSAj8HZ",
            "ap-northeast-1_DwoSAj8HZ",
        ),
        (
            "cognito_identity_pool_id",
            f"arn:aws-us-gov:cognito-identity:us-gov-west-1:111122223333:identitypool/{IDENTITIES}",
            IDENTITIES,
        ),
        ("cognito_user_pool_id", "ap-northeast-1_AbCdEfGhI", "ap-northeast-1_AbCdEfGhI"),
        ("cognito_role_arn", ROLE, ROLE),
    ],
)
def test_the_id_in_an_arn(key: str, text: str, found: str) -> None:
    assert id_of(key, text) == found
    options = parser().parse_args(["configure", f"{flag(key)}={text}"])
    assert getattr(options, key) == found


def test_what_is_cut_says_so() -> None:
    with pytest.raises(UsageError) as caught:
        parser().parse_args(["configure", f"--user-pool-id={'x' * 81}"])
    assert f": {'x' * 80}… is no user pool id" in caught.value.message
    assert (
        f"= {'x' * 80}… is malformed" in refused(dev={**PROFILE, "cognito_mfa": "x" * 81}).message
    )
