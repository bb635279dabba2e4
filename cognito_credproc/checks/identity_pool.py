"""The identity pool: whether it is there, and takes tokens of the user pool."""

from collections.abc import Iterator

from cognito_credproc.checks.finding import BlockedError, Check, Finding, good
from cognito_credproc.checks.subject import Subject
from cognito_credproc.checks.user_pool import issuer
from cognito_credproc.flows.probe import probe_identity_pool


def check(subject: Subject) -> Iterator[Finding]:
    """Offer it a token that is none."""
    subject.reach("cognito-identity")
    settings = subject.settings
    provider = settings.logins_key or issuer(subject)
    if provider is None:
        raise BlockedError("the user pool's word on who issues its tokens")
    subject.ask(probe_identity_pool(settings.identity_pool_id, provider))
    yield good(f"it is there, and takes tokens of {provider}")


CHECK = Check("identity", check, "it gives the AWS credentials for a sign-in", seconds=40)
