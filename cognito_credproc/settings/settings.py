"""A profile's settings: what its keys say, checked, and what they come to."""

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from cognito_credproc.flows.entry import Entry, Wishes
from cognito_credproc.flows.exchange import Basic, IdentityPool
from cognito_credproc.flows.managed_login import BROWSER, ManagedLogin
from cognito_credproc.settings.aws_config import words
from cognito_credproc.settings.forms import (
    CHALLENGE,
    CHALLENGES,
    COMMANDS,
    FLOW,
    FORMS,
    REDIRECT_URI,
    is_well_formed,
    missing,
    set_command,
)
from cognito_credproc.settings.profile_keys import (
    SWALLOWED,
    missing_key,
    refuse_misread,
    values_of,
)
from cognito_credproc.values.app_client import AppClient
from cognito_credproc.values.errors import SettingsError, printable


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
    preferred_challenge: str | None
    totp_command: str | None
    prompt: str
    domain: str | None  # https://, without a path
    identity_provider: str | None
    redirect_uri: str
    endpoints: str = ""  # what else says where the calls go: environment, keys of the AWS tools

    @classmethod
    def load(cls, profile: str, profiles: Mapping[str, Mapping[str, str]], file: Path) -> Self:
        """Read a profile and check the form of each value.

        Raises:
            SettingsError: names the file, the profile and the key.
        """
        values, holders = values_of(profile, profiles, file)
        if any(SWALLOWED in value for value in values.values()):
            refuse_misread(profile, profiles, file)
        for key in sorted(values.keys() - FORMS.keys()):
            import difflib  # for this error alone

            near = difflib.get_close_matches(key, FORMS, n=1, cutoff=0.75)
            meant = f"did you mean {near[0]}? mend it in" if near else "remove it from"
            raise SettingsError(
                f"{file}: profile {holders[key]}: {key} is not a setting", f"{meant} {file}"
            )
        for key in missing(values):
            raise missing_key(key, profile, profiles, file)
        for key in values:
            _check(file, holders[key], key, values[key])
        for key in COMMANDS & values.keys():
            with _named(file, holders[key]):
                words(key, values[key])
        _check_flow(file, profile, values)
        pool, identity_pool = values["cognito_user_pool_id"], values["cognito_identity_pool_id"]
        region = values.get("cognito_region")
        return cls(
            profile=profile,
            user_pool_id=pool,
            client_id=values["cognito_client_id"],
            identity_pool_id=identity_pool,
            username=values.get("cognito_username", ""),
            region=region or pool.partition("_")[0],
            identity_region=region or identity_pool.partition(":")[0],
            auth_flow=values.get("cognito_auth_flow", "USER_SRP_AUTH"),
            role_arn=values.get("cognito_role_arn"),
            credential_flow=values.get(FLOW, "enhanced"),
            duration_seconds=int(values.get("cognito_duration_seconds", "3600")),
            logins_key=values.get("cognito_logins_key"),
            mfa=values.get("cognito_mfa"),
            preferred_challenge=values.get(CHALLENGE),
            totp_command=values.get("cognito_totp_command"),
            prompt=values.get("cognito_prompt", "terminal"),
            domain=_domain(values.get("cognito_domain")),
            identity_provider=values.get("cognito_identity_provider"),
            redirect_uri=values.get("cognito_redirect_uri", REDIRECT_URI),
        )

    @property
    def account(self) -> str:
        """The sign-in that this profile uses. Profiles that share it share the tokens."""
        return f"{self.user_pool_id}/{self.client_id}/{self._whoever}"

    @property
    def user(self) -> str:
        """The person in the user pool, whichever app client is used: password, codes, lock."""
        return f"{self.user_pool_id}/{self._whoever}"

    @property
    def _whoever(self) -> str:
        """The user's name, or what stands for whoever signs in by the browser.

        No user of a pool has a name with a space in it.
        """
        through = f"{self.client_id} {self.identity_provider or ''}"
        return self.username or f"by the browser: {through}"

    @property
    def managed_login(self) -> ManagedLogin | None:
        """The pages where the person signs in; None where the sign-in is not by the browser."""
        if self.auth_flow != BROWSER or self.domain is None:
            return None
        return ManagedLogin(self.domain, self.redirect_uri, self.identity_provider)

    @property
    def digest(self) -> str:
        """A short name for these very settings: credentials made under others are not served."""
        canonical = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    def app_client(self, secret: str | None) -> AppClient:
        """The app client, with its secret where it has one."""
        return AppClient(self.user_pool_id, self.client_id, secret)

    @property
    def wishes(self) -> Wishes:
        """What is to be chosen where a sign-in has several ways."""
        way = f"{self.client_id} {self.auth_flow} {self.preferred_challenge or ''}".strip()
        return Wishes(way, self.mfa, self.preferred_challenge)

    @property
    def entry(self) -> Entry:
        """How a sign-in begins."""
        return Entry(self.auth_flow, self.preferred_challenge)

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


def _check(file: Path, holder: str, key: str, value: str) -> None:
    if not is_well_formed(key, value):
        form = FORMS[key]
        raise SettingsError(
            f"{file}: profile {holder}: {key} = {printable(value, 80)} is malformed; "
            f"it looks like {form.example}{form.note}",
            set_command(key, holder),
        )


@contextlib.contextmanager
def _named(file: Path, holder: str) -> Iterator[None]:
    """An error of a value gets the names of the file and the profile."""
    try:
        yield
    except SettingsError as error:
        raise SettingsError(f"{file}: profile {holder}: {error.message}", error.hint) from None


def _check_flow(file: Path, profile: str, values: Mapping[str, str]) -> None:
    """Keys that mean nothing without another. A profile that says `enhanced` may inherit them."""
    flow, duration = values.get(FLOW), values.get("cognito_duration_seconds")
    if flow == "basic" and "cognito_role_arn" not in values:
        raise SettingsError(
            f"{file}: profile {profile}: {FLOW} = basic needs cognito_role_arn",
            set_command("cognito_role_arn", profile),
        )
    if flow is None and duration is not None:
        raise SettingsError(
            f"{file}: profile {profile}: cognito_duration_seconds needs {FLOW} = basic",
            set_command(FLOW, profile, "basic"),
        )
    auth_flow, challenge = values.get("cognito_auth_flow"), values.get(CHALLENGE)
    if challenge is not None and challenge not in CHALLENGES.get(auth_flow or "", ()):
        raise SettingsError(
            f"{file}: profile {profile}: {CHALLENGE} = {challenge} needs cognito_auth_flow = "
            f"USER_AUTH",
            set_command(CHALLENGE, profile, "''")
            if auth_flow
            else set_command("cognito_auth_flow", profile, "USER_AUTH"),
        )


def _domain(value: str | None) -> str | None:
    """The domain with its scheme, which is https unless it says otherwise."""
    if value is None:
        return None
    return (value if "://" in value else f"https://{value}").rstrip("/")
