"""Makes or changes profiles: what is given, what a person says when asked, then one write.

Nothing is written before everything is known and checked, so that whoever stops in the middle
has the file as it was.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from cognito_credproc.flows.managed_login import BROWSER
from cognito_credproc.people.questions import yes
from cognito_credproc.people.terminal import Person
from cognito_credproc.profiles.config_editor import change, lock_name, text_of
from cognito_credproc.profiles.config_text import Changes, edited
from cognito_credproc.profiles.difference import difference
from cognito_credproc.profiles.profile_plan import (
    REGION,
    Plan,
    example,
    form,
    is_well_formed,
)
from cognito_credproc.settings import aws_config, line
from cognito_credproc.settings.forms import BASE, OURS, id_of, label
from cognito_credproc.settings.profile_keys import has_settings
from cognito_credproc.storage.state import State
from cognito_credproc.values.errors import PersonNeededError, printable

FLOW, USERNAME = "cognito_auth_flow", "cognito_username"
QUESTION = {"cognito_domain": "sign-in page's domain"}
LONGEST_EXAMPLE = 30  # characters, so that a question takes one line
Profiles = Mapping[str, Mapping[str, str]]


class ConfigFile(NamedTuple):
    """The config file, what its profiles say, and the lock under which it is changed."""

    path: Path
    profiles: Profiles
    lock_file: Path

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "ConfigFile":
        """The one that the AWS tools read; it need not be there.

        Raises:
            SettingsError: it cannot be read, or is no AWS config file.
        """
        path = aws_config.path(environment)
        lock_file = State.of(environment).lock_file(lock_name(path))
        profiles = aws_config.profiles(path) if os.path.lexists(os.path.realpath(path)) else {}
        return cls(path, profiles, lock_file)

    def preview(self, changes: Mapping[str, Changes]) -> str:
        """What would be different, as a unified diff.

        Raises:
            SettingsError: a change cannot be made safely.
        """
        before = text_of(self.path)
        return difference(before, self._edited(before, changes), self.path)

    def write(self, changes: Mapping[str, Changes]) -> bool:
        """Change profiles; tells whether anything was to be changed.

        Raises:
            SettingsError: a change cannot be made safely, or the file not be written.
        """
        return change(self.path, self.lock_file, lambda text: self._edited(text, changes))

    def _edited(self, text: str, changes: Mapping[str, Changes]) -> str:
        for profile, keys in changes.items():
            text = edited(text, self.path, profile, keys)
        return text


def ask_for_missing(plan: Plan, person: Person | None) -> bool:
    """Ask for what the settings lack, or have wrong; tells whether anything was asked.

    Raises:
        PersonNeededError: something is missing, and nobody is there.
    """
    lacking, malformed = plan.missing, plan.malformed
    if person is None and not lacking:
        return False
    if not lacking and not malformed:
        return False
    if person is None:
        raise PersonNeededError(
            f"profile {plan.profile} lacks {', '.join(map(label, lacking))}, "
            "and nobody can be asked here",
            f"add your own, such as {' '.join(map(example, lacking))}",
        )
    state = "a new profile" if plan.is_new else "a profile"
    person.say(f"[{plan.profile}] {state} in {plan.file}; Ctrl-C changes nothing")
    for key in malformed:
        person.say(f"[{plan.profile}] {plan.keys[key]} is no {label(key)}")
        plan.change(key, ask(plan.profile, key, person))
    while keys := plan.missing:
        if keys[0] == USERNAME and FLOW not in plan.values:
            answer = ask(plan.profile, USERNAME, person, if_empty="browser")
            plan.change(USERNAME if answer else FLOW, answer or BROWSER)
        else:
            plan.change(keys[0], ask(plan.profile, keys[0], person))
    return True


def settle_region(plan: Plan, person: Person | None) -> None:
    """The region of the AWS calls, where the profile has none: that of the pool, or another."""
    region = plan.derived_region
    if REGION not in plan.keys and region:
        plan.change(REGION, region if person is None else ask(plan.profile, REGION, person, region))


def ask(
    profile: str, key: str, person: Person, default: str | None = None, *, if_empty: str = ""
) -> str:
    """Ask for a value by name and example, until it has the right form.

    `if_empty` says what it means to give none, where that is an answer.
    """
    shown = form(key)
    short = shown.example[:LONGEST_EXAMPLE]
    otherwise = f", such as {short}{'…' if short != shown.example else ''}"
    if default:
        otherwise = f" [{default}]"
    if if_empty:
        otherwise += f" (empty: {if_empty})"
    explained = False
    while True:
        typed = person.ask(f"[{profile}] {QUESTION.get(key, label(key))}{otherwise}: ").strip()
        typed = id_of(key, typed) or default or ""
        if not (typed or if_empty or explained):
            person.say(f"[{profile}] whoever runs the user pool knows it; Ctrl-C leaves")
            explained = True
        if typed and is_well_formed(key, typed):
            return typed
        if not typed and if_empty:
            return ""
        if typed:
            person.say(
                f"[{profile}] that is no {label(key)}; it looks like {shown.example}{shown.note}"
            )


def settle_line(
    plan: Plan, search_path: str | None, person: Person | None, *, replace: bool
) -> str | None:
    """Plan the isolated line; returns what was wrong with the old one.

    Raises:
        SettingsError: it runs another program, and nobody said to replace that.
    """
    old = plan.keys.get(line.KEY)
    if old is not None and not line.is_ours(old) and not replace and person is not None:
        person.say(f"[{plan.profile}] credential_process runs another program: {old}")
        replace = yes(person, f"[{plan.profile}] ", "replace that line?")
    return plan.change_line(search_path, replace=replace)


def mended(config: ConfigFile, search_path: str | None) -> dict[str, tuple[Changes, str]]:
    """The profiles whose line of this program is not as it should be: the change, and why."""
    found: dict[str, tuple[Changes, str]] = {}
    for profile, keys in config.profiles.items():
        if has_settings(keys) and line.is_ours(keys.get(line.KEY, "")):
            plan = Plan(profile, config.profiles, config.path)
            reason = plan.change_line(search_path, replace=False)
            if reason is not None:
                found[profile] = (plan.changes, reason)
    return found


def left_alone(config: ConfigFile) -> dict[str, str]:
    """The profiles with settings that have no line of this program, and what they have instead."""
    found: dict[str, str] = {}
    for profile, keys in config.profiles.items():
        written = keys.get(line.KEY, "")
        if has_settings(keys) and not line.is_ours(written):
            first = written.split()[:1]
            found[profile] = f"runs {printable(first[0], 40)}" if first else "no line"
    return found


class Row(NamedTuple):
    """One profile in the list of them."""

    profile: str
    user: str
    source: str
    line: str
    fault: str | None  # what is wrong with a broken line


def listed(config: ConfigFile, search_path: str | None) -> list[Row]:
    """Every profile with settings: who signs in, where its settings are, how its line is."""
    rows = []
    for profile, keys in config.profiles.items():
        if not has_settings(keys):
            continue
        base = keys.get(BASE, "")
        user = keys.get(f"{OURS}username") or config.profiles.get(base, {}).get(
            f"{OURS}username", ""
        )
        source = f"as {base}" if base else keys.get(f"{OURS}user_pool_id", "")
        state, fault = _state(profile, keys.get(line.KEY), search_path)
        rows.append(Row(profile, user, source, state, fault))
    return rows


def _state(profile: str, found: str | None, search_path: str | None) -> tuple[str, str | None]:
    """How a line is: one word, and what breaks it."""
    if found is None:
        return "none", None
    faults = line.faults(found, profile, search_path)
    if faults and faults[0].broken:
        return ("broken" if line.is_ours(found) else "another's"), faults[0].words
    return "good", None
