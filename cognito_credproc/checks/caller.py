"""Whose credentials the line prints, by AWS's own word."""

from collections.abc import Iterator

from cognito_credproc.checks.finding import BlockedError, Check, Finding, broken, good
from cognito_credproc.checks.subject import Subject


def check(subject: Subject) -> Iterator[Finding]:
    """Ask STS with them, and compare with the role that the profile names."""
    if subject.credentials is None:
        raise BlockedError("credentials")
    subject.arn = arn = subject.network.whose(subject.credentials)
    wanted = subject.settings.role_arn
    if wanted is not None and not same_role(wanted, arn):
        yield broken(
            f"they are of {arn}, and the profile names {wanted}",
            "calls are allowed or refused by another role than the one that is meant",
            command=subject.set_command("cognito_role_arn"),
        )
    else:
        yield good(arn)


def same_role(role_arn: str, arn: str) -> bool:
    """Whether a session's ARN is of a role: same account, same name; a session has no path."""
    role, session = role_arn.split(":"), arn.split(":")
    if len(role) < 6 or len(session) < 6 or role[4] != session[4]:
        return False
    return role[5].rpartition("/")[2] == "".join(session[5].split("/")[1:2])


CHECK = Check("caller", check, "AWS refuses what the credentials ask for", seconds=25)
