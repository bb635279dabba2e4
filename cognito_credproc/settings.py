"""A profile's settings: which keys there are, what form each has, what they come to.

Source of the forms: the Amazon Cognito API references, "Pattern" of each parameter.
"""

import difflib
import hashlib
import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple, Self

from cognito_credproc.app_client import AppClient
from cognito_credproc.errors import SettingsError
from cognito_credproc.exchange import Basic, IdentityPool
from cognito_credproc.signin import PASSWORD_FLOWS

SECOND_FACTORS = ("SOFTWARE_TOKEN_MFA", "SMS_MFA", "EMAIL_OTP")


class Form(NamedTuple):
    """The form of a value, and an example of it for people; a note where that does not say it."""

    pattern: str
    example: str
    limit: int
    note: str = ""


# Digits and letters are spelled out: to Python, those of every script are some.
COMMAND = r"[^\x00-\x1f\x7f-\x9f]+"  # is split into words where it is used, as each system does it
REQUIRED: Mapping[str, Form] = {
    "cognito_user_pool_id": Form(
        r"[a-z]{2,}(-[a-z]+)+-[0-9]+_[0-9A-Za-z]+", "ap-northeast-1_AbCdEfGhI", 55
    ),
    "cognito_client_id": Form(r"[0-9A-Za-z_+]+", "1example23456789", 128),
    "cognito_identity_pool_id": Form(
        r"[a-z]{2,}(-[a-z]+)+-[0-9]+:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        "ap-northeast-1:11111111-2222-3333-4444-555555555555",
        55,
    ),
    "cognito_username": Form(r"[^\s\x00-\x1f\x7f-\x9f]+", "istio@example.com", 128),
}
OPTIONAL: Mapping[str, Form] = {
    "cognito_region": Form(r"[a-z]{2,}(-[a-z]+)+-[0-9]+", "ap-northeast-1", 32),
    "cognito_auth_flow": Form("|".join(PASSWORD_FLOWS), " or ".join(PASSWORD_FLOWS), 32),
    "cognito_role_arn": Form(
        r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+",
        "arn:aws:iam::111122223333:role/Dev",
        2048,
    ),
    "cognito_credential_flow": Form("enhanced|basic", "enhanced or basic", 32),
    "cognito_duration_seconds": Form(
        "9[0-9]{2}|[1-9][0-9]{3}|[1-3][0-9]{4}|4[0-2][0-9]{3}|43[01][0-9]{2}|43200",
        "3600",
        5,
        " (900 to 43200 seconds)",
    ),
    "cognito_logins_key": Form(
        r"[A-Za-z0-9_.:/-]+",
        "cognito-idp.ap-northeast-1.amazonaws.com/ap-northeast-1_AbCdEfGhI",
        128,
    ),
    "cognito_mfa": Form("|".join(SECOND_FACTORS), " or ".join(SECOND_FACTORS), 32),
    "cognito_prompt": Form(COMMAND, "terminal or pinentry", 1024),
    "cognito_totp_command": Form(COMMAND, "op item get AWS --otp", 1024),
}
FORMS = {**REQUIRED, **OPTIONAL}
BASE = "cognito_settings_from"
FLOW = "cognito_credential_flow"


@dataclass(frozen=True, slots=True)
class Settings:
    """What one profile says, checked."""

    profile: str
    user_pool_id: str
    client_id: str
    identity_pool_id: str
    username: str
    region: str
    identity_region: str
    auth_flow: str
    role_arn: str | None
    credential_flow: str
    duration_seconds: int  # the basic flow's
    logins_key: str | None
    mfa: str | None
    totp_command: str | None
    prompt: str
    endpoints: str = ""  # what else says where the calls go: environment, keys of the AWS tools

    @classmethod
    def load(cls, profile: str, profiles: Mapping[str, Mapping[str, str]], file: Path) -> Self:
        """Read a profile and check the form of each value.

        Raises:
            SettingsError: names the file, the profile and the key.
        """
        values, holders = values_of(profile, profiles, file)
        for key in sorted(values.keys() - FORMS.keys()):
            near = difflib.get_close_matches(key, FORMS, n=1, cutoff=0.75)
            meant = f"did you mean {near[0]}? mend it in" if near else "remove it from"
            raise SettingsError(
                f"{file}: profile {holders[key]}: {key} is not a setting", f"{meant} {file}"
            )
        for key in missing(values):
            raise SettingsError(
                f"{file}: profile {profile}: {key} is missing", _set_command(key, profile)
            )
        for key in values:
            _check(file, holders[key], key, values[key])
        _check_flow(file, profile, values)
        pool, identity_pool = values["cognito_user_pool_id"], values["cognito_identity_pool_id"]
        region = values.get("cognito_region")
        return cls(
            profile=profile,
            user_pool_id=pool,
            client_id=values["cognito_client_id"],
            identity_pool_id=identity_pool,
            username=values["cognito_username"],
            region=region or pool.partition("_")[0],
            identity_region=region or identity_pool.partition(":")[0],
            auth_flow=values.get("cognito_auth_flow", "USER_SRP_AUTH"),
            role_arn=values.get("cognito_role_arn"),
            credential_flow=values.get(FLOW, "enhanced"),
            duration_seconds=int(values.get("cognito_duration_seconds", "3600")),
            logins_key=values.get("cognito_logins_key"),
            mfa=values.get("cognito_mfa"),
            totp_command=values.get("cognito_totp_command"),
            prompt=values.get("cognito_prompt", "terminal"),
        )

    @property
    def account(self) -> str:
        """The sign-in that this profile uses. Profiles that share it share the tokens."""
        return f"{self.user_pool_id}/{self.client_id}/{self.username}"

    @property
    def user(self) -> str:
        """The person in the user pool, whichever app client is used: password, codes, lock."""
        return f"{self.user_pool_id}/{self.username}"

    @property
    def digest(self) -> str:
        """A short name for these very settings: credentials made under others are not served."""
        canonical = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    def app_client(self, secret: str | None) -> AppClient:
        """The app client, with its secret where it has one."""
        return AppClient(self.user_pool_id, self.client_id, secret)

    @property
    def identity_pool(self) -> IdentityPool:
        """The identity pool and the way through it."""
        basic = Basic(self.username, self.duration_seconds)
        return IdentityPool(
            self.identity_pool_id,
            self.role_arn,
            self.logins_key,
            basic if self.credential_flow == "basic" else None,
        )


def missing(values: Mapping[str, str]) -> list[str]:
    """The keys that settings lack, in the order in which people are asked for them."""
    return [key for key in REQUIRED if not values.get(key)]


def is_well_formed(key: str, value: str) -> bool:
    """Whether a value has the form of its key."""
    form = FORMS[key]
    return len(value) <= form.limit and re.fullmatch(form.pattern, value) is not None


def values_of(
    profile: str, profiles: Mapping[str, Mapping[str, str]], file: Path
) -> tuple[dict[str, str], dict[str, str]]:
    """The profile's own `cognito_` keys, over those of the profile that it takes settings from.

    Returns the values, and in which profile each of them stands.

    Raises:
        SettingsError: one of the two profiles is not there, or the second names a third.
    """
    own = _section(profile, profiles, file)
    base = own.get(BASE)
    taken = _section(base, profiles, file) if base else {}
    if BASE in taken:
        raise SettingsError(
            f"{file}: profile {profile}: {BASE} names {base}, which has a {BASE} of its own",
            f"name the profile that holds the settings: {_set_command(BASE, profile)}",
        )
    ours = [key for key in {**taken, **own} if key.startswith("cognito_") and key != BASE]
    values = {key: own[key] if key in own else taken[key] for key in ours}
    return values, {key: profile if key in own else str(base) for key in ours}


def _section(
    profile: str, profiles: Mapping[str, Mapping[str, str]], file: Path
) -> Mapping[str, str]:
    if profile not in profiles:
        known = [name for name, keys in profiles.items() if "cognito_user_pool_id" in keys]
        listed = ", ".join(shlex.quote(name) for name in known[:8])
        raise SettingsError(
            f"{file} has no profile {profile}",
            f"profiles with cognito settings there: {listed}"
            if known
            else _set_command("cognito_user_pool_id", profile),
        )
    return profiles[profile]


def _check(file: Path, holder: str, key: str, value: str) -> None:
    if not is_well_formed(key, value):
        form = FORMS[key]
        raise SettingsError(
            f"{file}: profile {holder}: {key} = {value[:80]} is malformed; "
            f"it looks like {form.example}{form.note}",
            _set_command(key, holder),
        )


def _check_flow(file: Path, profile: str, values: Mapping[str, str]) -> None:
    """Keys that mean nothing without another. A profile that says `enhanced` may inherit them."""
    flow, duration = values.get(FLOW), values.get("cognito_duration_seconds")
    if flow == "basic" and "cognito_role_arn" not in values:
        raise SettingsError(
            f"{file}: profile {profile}: {FLOW} = basic needs cognito_role_arn",
            _set_command("cognito_role_arn", profile),
        )
    if flow is None and duration is not None:
        raise SettingsError(
            f"{file}: profile {profile}: cognito_duration_seconds needs {FLOW} = basic",
            _set_command(FLOW, profile, "basic"),
        )


def _set_command(key: str, profile: str, value: str = "VALUE") -> str:
    return f"aws configure set {key} {value} --profile {shlex.quote(profile)}"
