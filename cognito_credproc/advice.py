"""What to do about a refusal of the service: one table, the first row that fits."""

import shlex
from collections.abc import Sequence

from cognito_credproc.errors import ServiceError
from cognito_credproc.questions import login_command
from cognito_credproc.settings import Settings

# Operation or *, code, a part of the sentence where one code means several things, hint.
ADVICE: Sequence[tuple[str, str, str, str]] = (
    ("*", "NotAuthorizedException", "SECRET_HASH was not received", "{store_client_secret}"),
    ("*", "NotAuthorizedException", "SecretHash does not match", "{store_client_secret}"),
    ("*", "NotAuthorizedException", "SignUp is not permitted", "{create_user}"),
    ("*", "NotAuthorizedException", "attempts exceeded", "wait up to 15 minutes, then: {login}"),
    ("*", "NotAuthorizedException", "disabled", "ask the administrator to enable the user"),
    ("*", "NotAuthorizedException", "not from a supported provider", "{add_provider}"),
    ("*", "NotAuthorizedException", "audience", "{add_provider}"),
    ("*", "NotAuthorizedException", "Token expired", "check this machine's clock: date -u"),
    ("InitiateAuth", "NotAuthorizedException", "", "{login}"),
    ("RespondToAuthChallenge", "NotAuthorizedException", "", "{login}"),
    ("GetId", "ResourceNotFoundException", "", "{set} cognito_identity_pool_id VALUE"),
    (
        "GetCredentialsForIdentity",
        "ResourceNotFoundException",
        "",
        "{set} cognito_identity_pool_id VALUE",
    ),
    ("*", "ResourceNotFoundException", "", "{set} cognito_client_id VALUE"),
    (
        "*",
        "InvalidParameterException",
        "flow not enabled",
        "allow that flow on the app client, or choose another: {set} cognito_auth_flow VALUE",
    ),
    ("*", "UserNotFoundException", "", "{set} cognito_username VALUE"),
    ("*", "UserNotConfirmedException", "", "{enroll} --sign-up"),
    ("*", "SoftwareTokenMFANotFoundException", "", "{enroll}"),
    ("*", "EnableSoftwareTokenMFAException", "", "check this machine's clock: date -u"),
    (
        "*",
        "PasswordResetRequiredException",
        "",
        "ask the administrator of the user pool for a new password, then: {login}",
    ),
    (
        "*",
        "InvalidIdentityPoolConfigurationException",
        "",
        "ask the administrator to check the roles assigned to the identity pool",
    ),
    ("*", "TooManyRequestsException", "", "wait a few minutes, then run the same command again"),
    ("*", "LimitExceededException", "", "wait an hour, then run the same command again"),
    (
        "*",
        "ForbiddenException",
        "",
        "a firewall in front of the user pool refused; try from another network",
    ),
)


def advice(error: ServiceError, settings: Settings) -> str | None:
    """The hint for a refusal of the service; None where only its own sentence can help."""
    for operation, code, part, hint in ADVICE:
        if operation in {"*", error.operation} and code == error.code and part in error.detail:
            return hint.format_map(_commands(settings))
    return None


def enroll_command(profile: str) -> str:
    """The command that sets up a user."""
    return f"cognito-credproc-enroll --profile {shlex.quote(profile)}"


def _commands(settings: Settings) -> dict[str, str]:
    profile = shlex.quote(settings.profile)
    enroll = enroll_command(settings.profile)
    return {
        "login": login_command(settings.profile),
        "enroll": enroll,
        "create_user": f"ask the administrator to create the user, then: {enroll}",
        "set": f"aws configure --profile {profile} set",
        "store_client_secret": f"give the app client's secret, which is asked for by: {enroll}",
        "add_provider": (
            "the identity pool must list this user pool and app client as an identity provider"
        ),
    }
