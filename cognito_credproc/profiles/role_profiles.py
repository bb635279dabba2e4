"""A profile for each role that a person's groups allow, all of them with one sign-in.

The ID token's claim `cognito:roles` has them. A role profile takes its settings from the profile
that was signed in with (`cognito_settings_from`) and names its role.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from cognito_credproc.people.terminal import Person
from cognito_credproc.profiles.config_text import NAME, Changes
from cognito_credproc.profiles.configuring import ConfigFile, settle_line, settle_region
from cognito_credproc.profiles.profile_plan import Plan, is_well_formed
from cognito_credproc.settings.forms import BASE
from cognito_credproc.values.credentials import account_of_role

ROLE = "cognito_role_arn"
NONE = "-"  # the answer that makes no profile


class Role(NamedTuple):
    """A role, and the profile that has it already."""

    arn: str
    profile: str | None


def found(config: ConfigFile, profile: str, allowed: Sequence[str]) -> list[Role]:
    """The allowed roles, each once; what is no role's ARN could not be written anyway."""
    base = base_of(config, profile)
    having = {
        keys[ROLE]: name
        for name, keys in config.profiles.items()
        if ROLE in keys and base_of(config, name) == base
    }
    return [
        Role(arn, having.get(arn)) for arn in dict.fromkeys(allowed) if is_well_formed(ROLE, arn)
    ]


def base_of(config: ConfigFile, profile: str) -> str:
    """The profile that holds the settings of another; each may be its own."""
    return config.profiles.get(profile, {}).get(BASE, profile)


def choose(
    config: ConfigFile, profile: str, roles: Sequence[Role], person: Person
) -> dict[str, str]:
    """Let a person name a profile for each role that has none: name → role."""
    chosen: dict[str, str] = {}
    person.say(
        f"[{profile}] your groups allow {len(roles)} {'role' if len(roles) == 1 else 'roles'}"
    )
    for role in roles:
        if role.profile is not None:
            person.say(f"[{profile}] {role.arn} has the profile {role.profile}")
            continue
        taken = config.profiles.keys() | chosen.keys()
        name = _ask(
            profile, role.arn, _proposed(base_of(config, profile), role.arn, taken), taken, person
        )
        if name is not None:
            chosen[name] = role.arn
    return chosen


def changes(
    config: ConfigFile, profile: str, chosen: Mapping[str, str], search_path: str | None
) -> dict[str, Changes]:
    """What each new profile says.

    Raises:
        SettingsError: the settings do not go together with a role.
    """
    planned: dict[str, Changes] = {}
    for name, arn in chosen.items():
        plan = Plan(name, config.profiles, config.path)
        plan.change(BASE, base_of(config, profile))
        plan.change(ROLE, arn)
        settle_region(plan, None)
        settle_line(plan, search_path, None, replace=False)
        plan.check()
        planned[name] = plan.changes
    return planned


def _ask(
    profile: str, arn: str, proposed: str, taken: Collection[str], person: Person
) -> str | None:
    """The name of a role's profile; None for no profile."""
    person.say(f"[{profile}] {arn}")
    prompt = f"[{profile}] profile for it [{proposed}] ({NONE} for none): "
    while True:
        name = person.ask(prompt).strip() or proposed
        if name == NONE:
            return None
        if name in taken:
            person.say(f"[{profile}] there is a profile {name} already")
        elif not NAME.fullmatch(name):
            person.say(f"[{profile}] not all tools can read that name")
        else:
            return name


def _proposed(base: str, arn: str, taken: Collection[str]) -> str:
    """A name that is free: `dev-Admin`, with the account where two have a role of that name."""
    role = re.sub(r"[^\w.@+-]", "-", arn.rpartition("/")[2])
    plain = role if base == "default" else f"{base}-{role}"
    names = [plain, f"{plain}-{account_of_role(arn)}"]
    names += [f"{plain}-{number}" for number in range(2, len(taken) + 3)]
    return next(name for name in names if name not in taken)
