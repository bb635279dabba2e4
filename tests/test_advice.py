"""Advice: every row can be reached, and every command in it can be typed."""

import re
import shlex

import pytest

from cognito_credproc import cli, enroll
from cognito_credproc.flows.exchange import NoRoleError
from cognito_credproc.people.questions import enroll_command
from cognito_credproc.use_cases.advice import ADVICE, advice
from cognito_credproc.values.errors import ServiceError
from tests.fakes import settings

PROFILE = settings(profile="two words")
CONFIGURE = "cognito-credproc configure --profile 'two words'"
HINTS = [
    str(advice(ServiceError("X" if operation == "*" else operation, code, part), PROFILE))
    for operation, code, part, _ in ADVICE
]
COMMAND = re.compile(r"(cognito-credproc(?:-enroll)? --?.*|cognito-credproc [a-z]+ .*|aws .*)$")


@pytest.mark.parametrize("row", ADVICE, ids=lambda row: f"{row[0]}-{row[1]}-{row[2]}")
def test_every_row_is_reached(row: tuple[str, str, str, str]) -> None:
    """No row before it takes its refusals away."""
    operation, code, part, hint = row
    found = advice(ServiceError("X" if operation == "*" else operation, code, part), PROFILE)
    assert found
    assert "{" not in found
    fixed = re.split(r"\{\w+\}", hint)
    assert all(words in found for words in fixed)
    again = advice(ServiceError("X" if operation == "*" else operation, code, part), settings())
    assert ("{" in hint) or again == found


@pytest.mark.parametrize("hint", sorted(set(HINTS)))
def test_commands_in_hints_can_be_typed(hint: str) -> None:
    found = COMMAND.search(hint)
    if found is None:
        assert "--" not in hint
        return
    program, *words = shlex.split(found[1].replace("VALUE", "''"))
    match program:
        case "cognito-credproc":
            parsed = cli.parser().parse_args(words)
            assert parsed.profile == "two words"
        case _:
            assert program == "cognito-credproc-enroll"
            assert enroll.parser().parse_args(words).profile == "two words"


@pytest.mark.parametrize(
    ("operation", "code", "detail", "expected"),
    [
        (
            "InitiateAuth",
            "NotAuthorizedException",
            "Client 1example23456789 is configured with secret but SECRET_HASH was not received",
            "which is asked for by: cognito-credproc-enroll --profile",
        ),
        (
            "GetCredentialsForIdentity",
            "NotAuthorizedException",
            "Invalid login token. Incorrect token audience.",
            "identity provider",
        ),
        (
            "GetCredentialsForIdentity",
            "NotAuthorizedException",
            "Invalid login token. Token expired: 2 >= 1",
            "date -u",
        ),
        (
            "GetId",
            "ResourceNotFoundException",
            "no pool",
            "dev --identity-pool-id",
        ),
        (
            "InitiateAuth",
            "ResourceNotFoundException",
            "no client",
            "dev --client-id",
        ),
        (
            "InitiateAuth",
            "InvalidParameterException",
            "USER_PASSWORD_AUTH flow not enabled for this client",
            "--auth-flow",
        ),
        (
            "GetOpenIdToken",
            "InvalidParameterException",
            "Basic (classic) flow is not enabled, please use enhanced flow.",
            "--credential-flow enhanced",
        ),
        (
            "AssumeRoleWithWebIdentity",
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            "--duration-seconds 3600",
        ),
        (
            "AssumeRoleWithWebIdentity",
            "AccessDenied",
            "Not authorized to perform sts:AssumeRoleWithWebIdentity",
            "must let ap-northeast-1:11111111-2222-3333-4444-555555555555 in; or: cognito",
        ),
        ("AssumeRoleWithWebIdentity", "Throttling", "Rate exceeded", "wait a few minutes"),
        ("InitiateAuth", "UserNotConfirmedException", "User is not confirmed.", "credproc login"),
        ("InitiateAuth", "PasswordResetRequiredException", "Password reset", "credproc login"),
        (
            "InitiateAuth",
            "NotAuthorizedException",
            "Temporary password has expired and must be reset by an administrator.",
            "a new temporary password, then: cognito-credproc login",
        ),
        (
            "ForgotPassword",
            "NotAuthorizedException",
            "User password cannot be reset in the current state.",
            "a new temporary password",
        ),
        (
            "ForgotPassword",
            "InvalidParameterException",
            "Cannot reset password for the user as there is no registered/verified email",
            "ask the administrator for a new password",
        ),
        ("InitiateAuth", "NotAuthorizedException", "Password attempts exceeded", "15 minutes"),
        ("InitiateAuth", "NotAuthorizedException", "User is disabled.", "enable the user"),
    ],
)
def test_what_the_service_says_meets_its_row(
    operation: str, code: str, detail: str, expected: str
) -> None:
    assert expected in str(advice(ServiceError(operation, code, detail), settings()))


@pytest.mark.parametrize(
    ("roles", "hint"),
    [
        (
            ["arn:role/A", "arn:role/B"],
            f"take one of them: {CONFIGURE} --role-arn arn:role/A",
        ),
        (
            ["$(rm ~)"],
            f"take one of them: {CONFIGURE} --role-arn '$(rm ~)'",
        ),
        (
            [],
            (
                "ask the administrator to put your user into a group that has a role, or for a rule"
                " of the identity pool that fits the claims of your ID token"
            ),
        ),
    ],
)
def test_roles_to_choose_from(roles: list[str], hint: str) -> None:
    """Where the token has one, the command can be typed; whatever stands in the token."""
    refused = ServiceError("GetCredentialsForIdentity", "NotAuthorizedException", "denied")
    assert advice(NoRoleError(refused, "", roles), PROFILE) == hint


def test_no_row_no_hint() -> None:
    error = ServiceError("GetId", "NotAuthorizedException", "something else")
    assert advice(error, settings()) is None
    assert advice(ServiceError("InitiateAuth", "UnheardOfException", ""), settings()) is None


def test_enroll_command() -> None:
    assert enroll_command("two words") == "cognito-credproc-enroll --profile 'two words'"
