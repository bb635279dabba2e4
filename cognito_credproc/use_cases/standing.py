"""How each profile stands: what is stored for it, how long that is good, what stops a sign-in.

Reads the config file, the keyring and the state. It changes nothing, calls nobody, asks nobody to
unlock anything, and no secret leaves this file.
"""

import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from cognito_credproc.answers.totp import NO_CODES, SeedError, parsed_seed
from cognito_credproc.flows.flow import Item
from cognito_credproc.record import Record
from cognito_credproc.settings import aws_config
from cognito_credproc.settings.named import profile_option, quoted
from cognito_credproc.settings.profile_keys import refuse_lost, with_settings
from cognito_credproc.settings.settings import Settings
from cognito_credproc.storage.keychain import Keychain, item_name
from cognito_credproc.storage.refused_factors import WHICH, RefusedFactors
from cognito_credproc.storage.state import Account, State
from cognito_credproc.use_cases.notes import paused
from cognito_credproc.use_cases.program import checked_settings
from cognito_credproc.use_cases.safekeeping import item_owner
from cognito_credproc.values.breaker import Pause
from cognito_credproc.values.errors import CredprocError, KeychainError, SettingsError, UsageError

WINDOWS = ("DISPLAY", "WAYLAND_DISPLAY")  # without them nobody is asked anything in a window


class StoredCredentials(NamedTuple):
    """Temporary credentials in the keyring."""

    expiry: int  # seconds since the epoch
    current: bool  # made by the settings as they are now
    account: str | None  # the AWS account's id


@dataclass(frozen=True, slots=True)
class Standing:
    """One profile. Where the keyring could not be read, `stored` is None."""

    settings: Settings
    credentials: StoredCredentials | None
    stored: frozenset[Item] | None
    memory: Account

    @property
    def signed_in(self) -> int | None:
        """When the sign-in was that the refresh token comes from (seconds since the epoch)."""
        return self.memory.signed_in.get(self.settings.client_id)

    def pause(self, now: float) -> Pause | None:
        """The pause in which nothing is tried unasked; `now` by this machine's clock."""
        return paused(self.memory, self.settings, now, *Item)


class Keyring:
    """Looks into the keyring until it fails; then `error` says why, and nothing more is tried."""

    def __init__(self, opened: Callable[[], Keychain]) -> None:
        self.error: KeychainError | None = None
        self._keychain: Keychain | None = None
        self._known: dict[tuple[Item, str], bool] = {}
        try:
            self._keychain = opened()
        except KeychainError as error:
            self.error = error

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Keyring":
        """The keyring of this system."""
        return cls(lambda: opened(environment))

    @property
    def name(self) -> str | None:
        """What people know it by; None where there is none."""
        return None if self._keychain is None else self._keychain.name

    def session(self, name: str) -> Record | None:
        """A profile's temporary credentials."""
        if self._keychain is None or self.error:
            return None
        try:
            return self._keychain.session(name)
        except KeychainError as error:
            self.error = error
            return None

    def items(self, settings: Settings) -> frozenset[Item] | None:
        """Which long-lived secrets a profile has; None where that cannot be told."""
        lasting = [item for item in Item if item != Item.ID_TOKEN]
        found = {item for item in lasting if self._has(item, item_owner(item, settings))}
        return None if self.error else frozenset(found)

    def refused(self, settings: Settings) -> dict[str, str]:
        """The stored factors that it knows to be refused, or that can be none, and why."""
        keychain, user = self._keychain, settings.user
        if keychain is None or self.error:
            return {}
        try:
            found = {name: value for name in WHICH if (value := keychain.read(name, user))}
            refused = RefusedFactors(keychain, user).among(found)
        except KeychainError as error:
            self.error = error
            return {}
        if seed := found.get(Item.TOTP_SEED):
            try:
                parsed_seed(seed)
            except SeedError as error:
                refused[Item.TOTP_SEED] = f"{NO_CODES}{error}"
        return refused

    def _has(self, item: Item, owner: str) -> bool:
        if self._keychain is None or self.error:
            return False
        if (item, owner) not in self._known:
            try:
                self._known[item, owner] = self._keychain.read(item, owner) is not None
            except KeychainError as error:
                self.error = error
                return False
        return self._known[item, owner]


def opened(environment: Mapping[str, str]) -> Keychain:
    """The keyring of this system; where it is locked, no window comes up that unlocks it.

    Raises:
        KeychainError: no keyring answers, or the named one cannot be loaded.
    """
    return Keychain.open({key: text for key, text in environment.items() if key not in WINDOWS})


@dataclass(frozen=True, slots=True)
class Overview:
    """What `overview` found; a profile whose settings are wrong has the error in its place."""

    config_file: Path
    state_folder: Path
    keyring: Keyring
    profiles: Mapping[str, Standing | CredprocError]


def overview(named: str | None, environment: Mapping[str, str], keyring: Keyring) -> Overview:
    """How all profiles with `cognito_` keys stand, or the one that is named.

    Raises:
        SettingsError: the config file cannot be read, or has no such profile.
    """
    file = aws_config.path(environment)
    config = aws_config.read(file)
    if named is None:
        refuse_lost(config.profiles, file)
    state = State.of(environment)

    def standing(profile: str) -> Standing | CredprocError:
        try:
            settings = checked_settings(profile, config, file, environment)
        except SettingsError as error:
            return error
        session = keyring.session(item_name(profile, environment))
        stored = keyring.items(settings)
        memory = state.load(settings.user)
        if stored is not None and not stored.isdisjoint(WHICH):
            memory.refused = {**keyring.refused(settings), **memory.refused}
        return Standing(settings, _credentials(session, settings), stored, memory)

    names = [named] if named is not None else with_settings(config.profiles)
    found = {name: standing(name) for name in names}
    if named is not None and isinstance(error := found[named], CredprocError):
        raise error
    return Overview(file, state.folder, keyring, found)


def profile_meant(named: str | None, environment: Mapping[str, str], command: str) -> str:
    """The profile that a person's command is about; where none is named, the only one there is.

    Raises:
        UsageError: there are several, and `default` is none of them.
    """
    profile = aws_config.profile_name(named, environment)
    if named or environment.get("AWS_PROFILE"):
        return profile
    try:
        names = with_settings(aws_config.profiles(aws_config.path(environment)))
    except CredprocError:
        return profile  # whoever reads the file next says what is wrong with it
    if profile in names or not names:
        return profile
    if len(names) > 1:
        listed = ", ".join(map(quoted, names[:8]))
        raise UsageError(
            f"which profile? there are {listed}", f"{command} {profile_option(names[0])}"
        )
    return names[0]


def sharing(settings: Settings, environment: Mapping[str, str]) -> list[str]:
    """The other profiles of the same file that have the same sign-in, in the file's order.

    Raises:
        SettingsError: the config file cannot be read.
    """
    file = aws_config.path(environment)
    config, found = aws_config.read(file), []
    for name in with_settings(config.profiles):
        with contextlib.suppress(SettingsError):  # it has no sign-in
            theirs = checked_settings(name, config, file, environment)
            if theirs.account == settings.account and name != settings.profile:
                found.append(name)
    return found


def _credentials(record: Record | None, settings: Settings) -> StoredCredentials | None:
    if record is None:
        return None
    try:
        account = json.loads(record.document).get("AccountId")
    except (ValueError, AttributeError):  # an item that we did not write
        return None
    account = account if isinstance(account, str) else None
    return StoredCredentials(record.expiry, record.digest == settings.digest, account)
