"""What a profile is to say: its section as it is, and what changes in it; nothing is written."""

import shlex
from collections.abc import Mapping
from pathlib import Path

from cognito_credproc.settings import forms, line
from cognito_credproc.settings.forms import BASE, CHALLENGE, CHALLENGES, FORMS, Form, flag, missing
from cognito_credproc.settings.profile_keys import has_settings, values_of
from cognito_credproc.settings.settings import Settings
from cognito_credproc.values.errors import SettingsError

REGION = "region"  # of the profile's own calls, as the AWS tools have it


class Plan:
    """One profile's section and the changes to it."""

    def __init__(self, profile: str, profiles: Mapping[str, Mapping[str, str]], file: Path) -> None:
        self.profile = profile
        self.file = file
        self._changes: dict[str, str | None] = {}
        self._profiles = profiles
        self._own = profiles.get(profile, {})

    @property
    def is_new(self) -> bool:
        """Whether there is no such profile yet."""
        return self.profile not in self._profiles

    @property
    def changes(self) -> dict[str, str | None]:
        """Key → its new value, None for one that goes; in the order in which people read them."""
        order = [REGION, line.KEY, BASE, *FORMS]
        return dict(sorted(self._changes.items(), key=lambda change: order.index(change[0])))

    @property
    def keys(self) -> dict[str, str]:
        """The section as it will be."""
        merged = {**self._own, **self._changes}
        return {key: value for key, value in merged.items() if value is not None}

    @property
    def values(self) -> dict[str, str]:
        """The settings as they will be, with those of the profile that they are taken from.

        Raises:
            SettingsError: that profile is not there.
        """
        return values_of(self.profile, self._planned, self.file)[0]

    @property
    def settings(self) -> Settings:
        """The settings as they will be.

        Raises:
            SettingsError: something is missing or malformed.
        """
        return Settings.load(self.profile, self._planned, self.file)

    def check(self) -> None:
        """See that the settings, as they will be, go together.

        Raises:
            SettingsError: something is missing or malformed.
        """
        Settings.load(self.profile, self._planned, self.file)

    @property
    def missing(self) -> list[str]:
        """The settings that are still to be said."""
        return missing(self.values)

    @property
    def malformed(self) -> list[str]:
        """The settings of its own whose values cannot be right."""
        return [
            key
            for key, value in self.keys.items()
            if key in FORMS and value and not is_well_formed(key, value)
        ]

    @property
    def derived_region(self) -> str | None:
        """The region for the profile's own calls where nobody says one: that of the user pool."""
        base = self._profiles.get(self.keys.get(BASE, ""), {})
        pool = self.values.get("cognito_user_pool_id", "")
        return base.get(REGION) or self.values.get("cognito_region") or pool.partition("_")[0]

    @property
    def concerns_sign_in(self) -> bool:
        """Whether a setting changes: then Cognito is to be asked."""
        return has_settings(self._changes)

    @property
    def is_new_sign_in(self) -> bool:
        """Whether it says who signs in and where, and not as it was: the user is to be set up."""
        return self.concerns_sign_in and BASE not in self.keys

    def change(self, key: str, value: str | None) -> None:
        """Let a key have another value; None removes it. What is so already is no change."""
        if self._own.get(key) == value:
            self._changes.pop(key, None)
        else:
            self._changes[key] = value

    def remove(self, key: str) -> None:
        """Let a key have no value, whatever the profile says that settings are taken from."""
        inherited = key in FORMS and self._profiles.get(self.keys.get(BASE, ""), {}).get(key)
        self.change(key, "" if inherited else None)

    def drop_challenge(self) -> str | None:
        """Remove a preferred challenge that the flow does not take; returns it if there was one.

        Raises:
            SettingsError: the profile that settings are taken from is not there.
        """
        values = self.values
        challenge = values.get(CHALLENGE)
        if challenge in CHALLENGES.get(values.get("cognito_auth_flow", ""), (None,)):
            return None
        if challenge is not None:
            self.remove(CHALLENGE)
        return challenge

    def change_line(self, search_path: str | None, *, replace: bool) -> str | None:
        """Let `credential_process` be the isolated line; returns what was wrong with the old one.

        A line that somebody made on purpose stays.

        Raises:
            SettingsError: it runs another program, and that is not to be replaced.
        """
        old = self._own.get(line.KEY)
        new = line.isolated_line(self.profile)
        if old is None or old == new:
            self.change(line.KEY, new)
            return None
        if not line.is_ours(old):
            if not replace:
                raise other_program(self.profile, old)
        elif line.is_deliberate(old, self.profile, search_path):
            return None
        self.change(line.KEY, new)
        found = line.faults(old, self.profile, search_path)
        return found[0].words if found else "was not the fast one"

    @property
    def _planned(self) -> dict[str, Mapping[str, str]]:
        return {**self._profiles, self.profile: self.keys}


def other_program(profile: str, old: str) -> SettingsError:
    """The complaint about a line that is somebody else's."""
    return SettingsError(
        f"profile {profile}: credential_process runs another program: {old}",
        "choose another profile, or replace that line: add --replace",
    )


def form(key: str) -> Form:
    """The form of a key, `region` included."""
    return FORMS["cognito_region" if key == REGION else key]


def is_well_formed(key: str, value: str) -> bool:
    """Whether a value has the form of its key, `region` included."""
    return forms.is_well_formed("cognito_region" if key == REGION else key, value)


def example(key: str) -> str:
    """A key's option with a value, to be typed."""
    return f"{flag(key)} {shlex.quote(form(key).example.partition(' or ')[0])}"
