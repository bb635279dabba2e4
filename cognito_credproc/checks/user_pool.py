"""The user pool: whether Cognito knows it, by what it publishes about itself."""

import json
from collections.abc import Iterator
from typing import Any

from cognito_credproc.checks.finding import Check, Finding, broken, good, note
from cognito_credproc.checks.subject import Subject
from cognito_credproc.routes import Reply


def check(subject: Subject) -> Iterator[Finding]:
    """Read it, as whoever verifies the pool's tokens does."""
    subject.reach("cognito-idp")
    settings, published = subject.settings, subject.published
    found = _members(published)
    if issuer(subject) is not None:
        yield good(f"{settings.user_pool_id} is there")
    elif "does not exist" in str(found.get("message", "")):
        yield broken(
            f"Cognito knows no user pool {settings.user_pool_id} in {settings.region}",
            command=subject.set_command("cognito_user_pool_id"),
        )
    else:
        yield note(
            f"what {settings.user_pool_id} publishes cannot be read (status {published.status})",
            "so it is not known whether there is such a pool; a sign-in does not need it",
        )


def issuer(subject: Subject) -> str | None:
    """Who issues the pool's tokens, without the scheme: its name at identity pools."""
    found = _members(subject.published).get("issuer")
    return found.removeprefix("https://") if isinstance(found, str) else None


def _members(published: Reply) -> dict[str, Any]:
    try:
        found = json.loads(published.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


CHECK = Check("user pool", check, "there is nobody who could sign in", seconds=20)
