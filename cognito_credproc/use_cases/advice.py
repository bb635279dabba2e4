"""What to do about a refusal of the service: one table, the first row that fits."""

import shlex
from collections.abc import Sequence

from cognito_credproc.answers.asked_once import REASONS
from cognito_credproc.answers.command_codes import REFUSED
from cognito_credproc.answers.totp import NO_CODES
from cognito_credproc.flows.exchange import NoRoleError
from cognito_credproc.people.questions import enroll_command, login_command, store_seed_command
from cognito_credproc.settings.forms import configure_command, set_command
from cognito_credproc.settings.settings import Settings
from cognito_credproc.values.errors import ServiceError

NEW_ONE = "ask the administrator for a new password, then: {login}"
LAMBDA = "a Lambda function of the user pool says this; ask the administrator"
SENDING = "ask the administrator: the user pool cannot send its codes"
# Operation or *, code or nothing, a part of the sentence where one code means several things, hint.
ADVICE: Sequence[tuple[str, str, str, str]] = (
    ("*", "NotAuthorizedException", "SECRET_HASH was not received", "{store_client_secret}"),
    ("*", "NotAuthorizedException", "SecretHash does not match", "{store_client_secret}"),
    ("*", "NotAuthorizedException", "to verify secret", "{store_client_secret}"),
    ("*", "NotAuthorizedException", "SignUp is not permitted", "{create_user}"),
    ("*", "NotAuthorizedException", "attempts exceeded", "wait up to 15 minutes, then: {login}"),
    (
        "*",
        "NotAuthorizedException",
        "Temporary password has expired",
        "ask the administrator for a new temporary password, then: {login}",
    ),
    (
        "ForgotPassword",
        "NotAuthorizedException",
        "current state",
        "ask the administrator for a new temporary password, then: {login}",
    ),
    ("*", "NotAuthorizedException", "disabled", "ask the administrator to enable the user"),
    ("*", "NotAuthorizedException", "not from a supported provider", "{add_provider}"),
    ("*", "NotAuthorizedException", "audience", "{add_provider}"),
    ("*", "NotAuthorizedException", "Token expired", "check this machine's clock: date -u"),
    ("Token", "invalid_client", "", "{store_client_secret}"),
    ("Token", "unauthorized_client", "", "{allow_code_grant}"),
    ("Token", "", "", "{login}"),
    ("Authorize", "unauthorized_client", "", "{allow_code_grant}"),
    ("Authorize", "invalid_scope", "", "allow the scope openid on the app client, then: {login}"),
    ("Authorize", "redirect_mismatch", "", "{register_redirect}"),
    ("Authorize", "", "Login option", "{set} --identity-provider VALUE"),
    ("Authorize", "", "does not exist", "{set} --client-id VALUE"),
    ("Authorize", "", "", "{login}"),
    ("ForgotPassword", "NotAuthorizedException", "", NEW_ONE),
    ("ForgotPassword", "InvalidParameterException", "annot reset password", NEW_ONE),
    ("InitiateAuth", "NotAuthorizedException", "", "{login}"),
    ("RespondToAuthChallenge", "NotAuthorizedException", "", "{login}"),
    ("GetId", "ResourceNotFoundException", "", "{set} --identity-pool-id VALUE"),
    (
        "GetCredentialsForIdentity",
        "ResourceNotFoundException",
        "",
        "{set} --identity-pool-id VALUE",
    ),
    ("GetOpenIdToken", "ResourceNotFoundException", "", "{set} --identity-pool-id VALUE"),
    ("*", "ResourceNotFoundException", "", "{set} --client-id VALUE"),
    (
        "*",
        "InvalidParameterException",
        "flow not enabled",
        "allow that flow on the app client, or choose another: {set} --auth-flow VALUE",
    ),
    ("*", "FeatureUnavailableInTierException", "", "{set} --auth-flow USER_SRP_AUTH"),
    ("*", "UserLambdaValidationException", "", LAMBDA),
    ("*", "UnexpectedLambdaException", "", LAMBDA),
    ("*", "InvalidLambdaResponseException", "", LAMBDA),
    ("*", "InvalidSmsRoleAccessPolicyException", "", SENDING),
    ("*", "InvalidSmsRoleTrustRelationshipException", "", SENDING),
    ("*", "InvalidEmailRoleAccessPolicyException", "", SENDING),
    ("*", "CodeDeliveryFailureException", "", SENDING),
    ("*", "UserNotFoundException", "", "{set} --username VALUE"),
    ("*", "UserNotConfirmedException", "", "{login}"),
    ("*", "PasswordResetRequiredException", "", "{login}"),
    ("*", "SoftwareTokenMFANotFoundException", "", "{enroll}"),
    ("*", "EnableSoftwareTokenMFAException", "", "check this machine's clock: date -u"),
    (
        "*",
        "InvalidIdentityPoolConfigurationException",
        "",
        "ask the administrator to check the roles assigned to the identity pool",
    ),
    (
        "GetOpenIdToken",
        "InvalidParameterException",
        "flow is not enabled",
        "ask the administrator to allow it, or do without: {set} --credential-flow enhanced",
    ),
    (
        "AssumeRoleWithWebIdentity",
        "ValidationError",
        "MaxSessionDuration",
        "ask the administrator to raise that, or take less: {set} --duration-seconds 3600",
    ),
    ("AssumeRoleWithWebIdentity", "ValidationError", "", "{set} --role-arn VALUE"),
    (
        "AssumeRoleWithWebIdentity",
        "AccessDenied",
        "",
        "the role's trust policy must let {identity_pool} in; or: {set} --role-arn VALUE",
    ),
    ("AssumeRoleWithWebIdentity", "InvalidIdentityToken", "", "{set} --role-arn VALUE"),
    ("AssumeRoleWithWebIdentity", "ExpiredTokenException", "", "run the same command again"),
    (
        "AssumeRoleWithWebIdentity",
        "RegionDisabledException",
        "",
        "ask the administrator to activate STS in {region}",
    ),
    ("*", "IDPCommunicationError", "", "run the same command again"),
    ("*", "Throttling", "", "wait a few minutes, then run the same command again"),
    ("*", "TooManyRequestsException", "", "wait a few minutes, then run the same command again"),
    ("*", "LimitExceededException", "", "wait an hour, then run the same command again"),
    ("*", "TooManyFailedAttemptsException", "", "wait an hour, then run the same command again"),
    (
        "*",
        "ForbiddenException",
        "",
        "a firewall in front of the user pool refused; try from another network",
    ),
)


def advice(error: ServiceError, settings: Settings) -> str | None:
    """The hint for a refusal of the service; None where only its own sentence can help."""
    if isinstance(error, NoRoleError):
        return _role(error, settings)
    for operation, code, part, hint in ADVICE:
        if (
            operation in {"*", error.operation}
            and code in {"", error.code}
            and part in error.detail
        ):
            return hint.format_map(_commands(settings))
    return None


def _role(error: NoRoleError, settings: Settings) -> str:
    if not error.roles:
        return (
            "ask the administrator to put your user into a group that has a role, or for a rule of"
            " the identity pool that fits the claims of your ID token"
        )
    first = shlex.quote(error.roles[0])
    return f"take one of them: {set_command('cognito_role_arn', settings.profile, first)}"


def refusal(name: str, reason: str) -> str:
    """Why something is not tried again by itself; `name` is that in the memory of refusals."""
    reason = reason.rstrip(".")
    if name in REASONS:
        return reason
    if reason.startswith(NO_CODES):
        return f"the stored TOTP seed {reason}"
    what = name.replace("-", " ")
    if name.startswith(REFUSED):
        what = "code of cognito_totp_command"
        return f"the {what} was refused and is not asked for again ({reason})"
    return f"the stored {what} was refused and is not sent again ({reason})"


def remedy(reason: str, profile: str) -> str:
    """The command that mends what `refusal` says."""
    return store_seed_command(profile) if reason.startswith(NO_CODES) else login_command(profile)


def browser_command(profile: str) -> str:
    """The command that lets a profile sign in with a browser."""
    return set_command("cognito_auth_flow", profile, "BROWSER")


def _commands(settings: Settings) -> dict[str, str]:
    enroll, login = enroll_command(settings.profile), login_command(settings.profile)
    return {
        "login": login,
        "enroll": enroll,
        "create_user": f"ask the administrator to create the user, then: {enroll}",
        "set": configure_command(settings.profile),
        "register_redirect": (
            f"register {settings.redirect_uri} as a callback URL of the app client, to the letter"
        ),
        "allow_code_grant": (
            f"allow the authorization code grant on the app client, then: {login}"
        ),
        "store_client_secret": f"give the app client's secret, which is asked for by: {enroll}",
        "identity_pool": settings.identity_pool_id,
        "region": settings.identity_region,
        "add_provider": (
            "the identity pool must list this user pool and app client as an identity provider"
        ),
    }
