"""The user pool: whether Cognito knows it, by what it publishes about itself."""

from collections.abc import Iterator

from cognito_credproc.aws import discovery
from cognito_credproc.checks.finding import Check, Finding, broken, good, note
from cognito_credproc.checks.subject import Subject


def check(subject: Subject) -> Iterator[Finding]:
    """Read it, as whoever verifies the pool's tokens does."""
    subject.reach("cognito-idp")
    settings, published = subject.settings, subject.published
    found = discovery.read(published.body)
    if found.issuer is not None:
        yield good(f"{settings.user_pool_id} is there")
    elif found.absent:
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
    return discovery.read(subject.published.body).issuer


CHECK = Check("user pool", check, "there is nobody who could sign in", seconds=20)
