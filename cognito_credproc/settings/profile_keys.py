"""A profile's own keys and those it takes from another; what is said where they are not there."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from cognito_credproc.settings.forms import BASE, FORMS, OURS, configure_command, set_command
from cognito_credproc.settings.named import BorrowedError, NoProfileError, quoted
from cognito_credproc.values.errors import SettingsError

SOURCE = "source_profile"
STATIC = "aws_access_key_id"  # with it, a profile may be its own source
SWALLOWED = f"\n{OURS}"  # a value that goes on with what is meant to be a key
Profiles = Mapping[str, Mapping[str, str]]


def values_of(
    profile: str, profiles: Profiles, file: Path
) -> tuple[dict[str, str], dict[str, str]]:
    """The profile's own `cognito_` keys, over those of the profile that it takes settings from.

    A key without a value is none, whatever the other profile says. Returns the values, and in which
    profile each of them stands.

    Raises:
        SettingsError: one of the two profiles is not there, or the second names a third.
    """
    own = _section(profile, profiles, file)
    base = own.get(BASE)
    taken = _section(base, profiles, file, profile) if base else {}
    if BASE in taken:
        if base == profile:
            raise SettingsError(
                f"{file}: profile {profile}: {BASE} names the profile itself",
                set_command(BASE, profile, "''"),
            )
        raise SettingsError(
            f"{file}: profile {profile}: {BASE} names {base}, which has a {BASE} of its own",
            f"name the profile that holds the settings: {set_command(BASE, profile)}",
        )
    merged = {**taken, **own}
    ours = [key for key in merged if key.startswith(OURS) and key != BASE]
    values = {key: merged[key] for key in ours if merged[key] or key not in FORMS}
    return values, {key: profile if key in own else str(base) for key in values}


def _section(
    profile: str, profiles: Profiles, file: Path, taker: str | None = None
) -> Mapping[str, str]:
    """The keys of a profile, which `taker` takes settings from."""
    if profile in profiles:
        return profiles[profile]
    known = with_settings(profiles)
    refuse_misread(profile, profiles, file, whichever=not known)
    if taker is not None:
        raise SettingsError(
            f"{file} has no profile {quoted(profile)}", set_command(BASE, taker, "PROFILE")
        )
    import difflib  # for this error alone

    listed = f"; it has {', '.join(map(quoted, known[:8]))}" if len(known) > 1 else ""
    near = [*difflib.get_close_matches(profile, known, n=1), *known, None][0]
    raise NoProfileError(
        f"{file} has no profile {quoted(profile)}{listed}", configure_command(profile), near
    )


def has_settings(keys: Iterable[str]) -> bool:
    """Whether a profile with these keys has any of ours."""
    return any(key.startswith(OURS) for key in keys)


def with_settings(profiles: Profiles) -> list[str]:
    """The profiles that have a key of ours, in the order of the file."""
    return [name for name, keys in profiles.items() if has_settings(keys)]


def missing_key(key: str, profile: str, profiles: Profiles, file: Path) -> SettingsError:
    """The complaint about a key that is not there.

    Raises:
        SettingsError: it stands in the file, and is not read; the profile is to have none.
    """
    refuse_misread(profile, profiles, file)
    refuse_borrowed(profile, profiles, file)
    _refuse_no_source(profile, profiles, file)
    return SettingsError(f"{file}: profile {profile}: {key} is missing", configure_command(profile))


def refuse_misread(
    profile: str, profiles: Profiles, file: Path, *, whichever: bool = False
) -> None:
    """Let no profile pass that is in the file and not read as it is meant.

    Raises:
        SettingsError: its lines, or those of the profile that it takes settings from, are such.
    """
    from cognito_credproc.settings.misread import misread  # for this error alone

    for name in filter(None, (profile, profiles.get(profile, {}).get(BASE))):
        if error := misread(file, name, whichever=whichever):
            raise error


def refuse_lost(profiles: Profiles, file: Path) -> None:
    """Where no profile has settings: let no lines pass that are meant to be one that has.

    Raises:
        SettingsError: there are such lines.
    """
    if not with_settings(profiles):
        refuse_misread("default", profiles, file, whichever=True)


def refuse_borrowed(profile: str, profiles: Profiles, file: Path) -> None:
    """Let no profile pass that has its credentials from another one, which signs in.

    Raises:
        BorrowedError: it has.
    """
    if source := source_of(profile, profiles):
        raise BorrowedError(
            f"{file}: profile {quoted(profile)} takes its credentials from profile "
            f"{quoted(source)} ({SOURCE})",
            source,
        )


def _refuse_no_source(profile: str, profiles: Profiles, file: Path) -> None:
    """Let no profile pass that has its credentials from nowhere.

    Raises:
        SettingsError: the profiles that it takes them from go round, or one is not in the file.
    """
    passed: list[str] = []
    while (source := profiles[profile].get(SOURCE)) and STATIC not in profiles[profile]:
        passed.append(profile)
        words = f"{file}: profile {quoted(profile)}: {SOURCE} names "
        if source == profile:
            raise SettingsError(f"{words}the profile itself", _mend_source(profile, file))
        if source in passed:
            raise SettingsError(
                f"{words}{quoted(source)}, which takes its credentials from {quoted(profile)}",
                _mend_source(profile, file),
            )
        if source not in profiles:
            raise SettingsError(
                f"{words}{quoted(source)}, which is not there", _mend_source(profile, file)
            )
        profile = source


def _mend_source(profile: str, file: Path) -> str:
    return f"name the profile that signs in there, under {quoted(profile)}, in an editor: {file}"


def source_of(profile: str, profiles: Profiles) -> str | None:
    """The profile with settings that lends one without any its credentials; None for none."""
    passed: set[str] = set()
    signing_in = with_settings(profiles)
    while profile not in signing_in and profile not in passed:
        passed.add(profile)
        profile = profiles.get(profile, {}).get(SOURCE, "")
    return profile if passed and profile in signing_in else None
