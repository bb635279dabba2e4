"""What `status` shows: a table of all profiles, the particulars of one, or JSON."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cognito_credproc.flows.flow import Item
from cognito_credproc.people.questions import login_command
from cognito_credproc.use_cases.advice import refusal, remedy
from cognito_credproc.use_cases.refresh_way import NOBODY_YET
from cognito_credproc.use_cases.standing import Overview, Standing
from cognito_credproc.values.clock import LARGEST_SKEW
from cognito_credproc.values.errors import CredprocError, with_command
from cognito_credproc.words.layout import Screen, moment, span, until, utc

HEADING = ("PROFILE", "GOOD UNTIL", "ROLE", "SIGNED IN", "KEPT", "BREAKER")
YIELDING = (HEADING.index("ROLE"), HEADING.index("PROFILE"))  # a time is of no use cut
UNKNOWN = "?"  # where the keyring could not be read
WORDS: Mapping[Item, str] = {
    Item.REFRESH_TOKEN: "refresh token",
    Item.PASSWORD: "password",
    Item.TOTP_SEED: "TOTP seed",
    Item.PENDING_TOTP_SEED: "pending TOTP seed",
    Item.CLIENT_SECRET: "client secret",
    Item.DEVICE: "device key",
}
SHORT = {Item.PASSWORD: "password", Item.TOTP_SEED: "TOTP"}  # what signs in without a person


def as_json(found: Overview, now: float) -> str:
    """All of it. The keys are stable: README lists them."""
    document = {
        "config_file": str(found.config_file),
        "state_folder": str(found.state_folder),
        "keyring": {
            "name": found.keyring.name,
            "error": found.keyring.error and found.keyring.error.message,
        },
        "profiles": [
            {"profile": name, "error": standing.message}
            if isinstance(standing, CredprocError)
            else {"profile": name, "error": None, **_members(standing, now)}
            for name, standing in found.profiles.items()
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def table(found: Overview, screen: Screen, now: float) -> str:
    """A line for each profile, and below it what is wrong and what to do."""
    if not found.profiles:
        return f"no profile in {found.config_file} has cognito settings\n"
    rows = [_row(name, standing, now) for name, standing in found.profiles.items()]
    lines = [*_where(found, screen), "", *screen.table([HEADING, *rows], YIELDING)]
    for names, what, mend in _gathered(found.profiles, now):
        lines += ["", screen.paragraph(f"{names}: {what}", "  ", "")]
        lines += [f"  hint: {mend}"] if mend else []
    return "\n".join(lines) + "\n"


def details(found: Overview, screen: Screen, now: float) -> str:
    """Everything about one profile, a line each."""
    [(name, standing)] = found.profiles.items()
    assert isinstance(standing, Standing)  # noqa: S101 - `overview` raises for a named one
    settings = standing.settings
    pairs = [
        ("profile", name),
        ("user", settings.username or "whoever signs in by the browser"),
        ("user pool", settings.user_pool_id),
        ("app client", settings.client_id),
        ("identity pool", settings.identity_pool_id),
        ("credentials", _credentials(standing, now)),
        ("account", standing.credentials and standing.credentials.account),
        ("role", settings.role_arn or "the identity pool's choice"),
        *((words, _kept(item, standing)) for item, words in WORDS.items()),
        ("codes", settings.totp_command and "from the command cognito_totp_command"),
        ("breaker", _breaker(standing, now)),
        ("clock", _clock(standing)),
    ]
    label = max(len(name) for name, _ in pairs) + 2
    lines = _where(found, screen, label)
    lines += [_pair(screen, name, value, label) for name, value in pairs if value]
    for what, mend in _troubles(standing, now):
        lines += ["", screen.paragraph(what)]
        lines += [f"hint: {mend}"] if mend else []
    return "\n".join(lines) + "\n"


def _members(standing: Standing, now: float) -> dict[str, Any]:
    settings, stored, credentials = standing.settings, standing.stored, standing.credentials
    kept = None if stored is None else Item.REFRESH_TOKEN in stored
    pause = standing.pause(now)
    return {
        "username": settings.username or None,
        "user_pool_id": settings.user_pool_id,
        "client_id": settings.client_id,
        "identity_pool_id": settings.identity_pool_id,
        "role_arn": settings.role_arn,
        "account_id": credentials and credentials.account,
        "credentials": {
            "state": _state(standing, now),
            "expires_at": utc(credentials and credentials.expiry),
        },
        "refresh_token": {"stored": kept, "since": utc(standing.signed_in) if kept else None},
        "stored": None if stored is None else sorted(stored),
        "breaker": {
            "open": bool(standing.memory.refused),
            "refused": standing.memory.refused,
            "paused_until": utc(pause.until if pause else None),
            "reason": pause.reason if pause else None,
        },
        "clock_skew_seconds": round(standing.memory.skew, 1),
    }


def _state(standing: Standing, now: float) -> str:
    credentials = standing.credentials
    if credentials is None:
        return "unknown" if standing.stored is None else "none"
    if credentials.expiry <= now:
        return "expired"
    return "good" if credentials.current else "outdated"


def _row(name: str, standing: Standing | CredprocError, now: float) -> tuple[str, ...]:
    if isinstance(standing, CredprocError):
        return (name, "settings wrong", "", "", "", "")
    role, stored = standing.settings.role_arn, standing.stored
    if stored is None:
        signed_in = kept = UNKNOWN
    else:
        signed_in = _day(standing) if Item.REFRESH_TOKEN in stored else "no"
        kept = ", ".join(word for item, word in SHORT.items() if item in stored) or "nothing"
    breaker = "open" if standing.memory.refused else "paused" if standing.pause(now) else "closed"
    good = _good_until(standing, now)
    return (name, good, role.rpartition("/")[2] if role else "by pool", signed_in, kept, breaker)


def _day(standing: Standing) -> str:
    return moment(standing.signed_in)[:10] if standing.signed_in else "yes"


def _good_until(standing: Standing, now: float) -> str:
    match _state(standing, now):
        case "good" if standing.credentials:
            expiry = standing.credentials.expiry
            return f"{until(expiry)} ({span(expiry - now)})"
        case "outdated":
            return "other settings"
        case "unknown":
            return UNKNOWN
        case state:
            return state


def _credentials(standing: Standing, now: float) -> str:
    state, credentials = _state(standing, now), standing.credentials
    if credentials is None:
        return "not known, see keyring" if state == "unknown" else "none"
    at = moment(credentials.expiry)
    match state:
        case "good":
            return f"good until {at} ({span(credentials.expiry - now)} left)"
        case "outdated":
            return "made under other settings; the next call gets new ones"
    return f"expired at {at}"


def _kept(item: Item, standing: Standing) -> str | None:
    if standing.stored is None:
        return "not known, see keyring"
    if item not in standing.stored:
        return None if item in {Item.PENDING_TOTP_SEED, Item.DEVICE} else "not stored"
    if item is Item.REFRESH_TOKEN and standing.signed_in:
        return f"in the keyring, since {moment(standing.signed_in)}"
    return "in the keyring"


def _breaker(standing: Standing, now: float) -> str:
    if refused := ", ".join(name.partition(" ")[0] for name in standing.memory.refused):
        return f"open: {refused} refused"
    pause = standing.pause(now)
    return f"paused for {span(pause.until - now)}" if pause else "closed"


def _clock(standing: Standing) -> str | None:
    skew = standing.memory.skew
    if not skew:
        return None
    where = "behind" if skew > 0 else "ahead of"
    what = "made up for here" if abs(skew) < LARGEST_SKEW else "too much for AWS tools"
    return f"{span(abs(skew))} {where} Cognito's, which is {what}"


def _troubles(standing: Standing | CredprocError, now: float) -> Iterator[tuple[str, str | None]]:
    """What is wrong with a profile, and the mend."""
    if isinstance(standing, CredprocError):
        yield standing.message, standing.hint
        return
    profile = standing.settings.profile
    login = login_command(profile)
    for name, reason in standing.memory.refused.items():
        yield refusal(name, reason), remedy(reason, profile)
    if pause := standing.pause(now):
        yield pause.words(now), pause.hint or login
    stored = standing.stored
    if stored is not None and Item.REFRESH_TOKEN not in stored and Item.PASSWORD not in stored:
        once = standing.signed_in is not None
        yield "not signed in, and no password is stored" if once else NOBODY_YET, login


def _gathered(
    profiles: Mapping[str, Standing | CredprocError], now: float
) -> Iterator[tuple[str, str, str | None]]:
    """What is wrong, once for all profiles of a sign-in; in the order of the first of them."""
    sign_ins: dict[tuple[str, str], list[tuple[str, str | None]]] = {}
    for name, standing in profiles.items():
        whose = name if isinstance(standing, CredprocError) else standing.settings.account
        for what, mend in _troubles(standing, now):
            sign_ins.setdefault((whose, what), []).append((name, mend))
    for (_, what), found in sign_ins.items():
        (first, mend), *others = found
        yield f"{first} and {len(others)} more" if others else first, what, mend


def _where(found: Overview, screen: Screen, label: int = 14) -> list[str]:
    """Where things are kept, and whether the keyring answers."""
    keyring = found.keyring
    name = keyring.name or "none"
    shown = f"{name}: {keyring.error.message}" if keyring.error else name
    lines = [
        _pair(screen, "config file", str(found.config_file), label),
        _pair(screen, "state folder", str(found.state_folder), label),
        _pair(screen, "keyring", shown, label),
    ]
    if keyring.error and keyring.error.hint:
        words, command = with_command(keyring.error.hint)
        lines.append(screen.paragraph(f"hint: {words}", " " * label))
        lines += [screen.clean(command)] if command else []
    return lines


def _pair(screen: Screen, name: str, value: str, label: int) -> str:
    lines = screen.paragraph(value, " " * label, name.ljust(label))
    return screen.painted(name, "bold") + lines.removeprefix(name)
