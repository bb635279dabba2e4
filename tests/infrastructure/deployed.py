"""What the APIs say of a deployed resource, in the words of its template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.infrastructure.emulator import Emulator


def _user_pool(aws: Emulator, name: str, _: Any) -> dict[str, Any]:
    client = aws.client("cognito-idp")
    pool = client.describe_user_pool(UserPoolId=name)["UserPool"]
    totp = client.get_user_pool_mfa_config(UserPoolId=name)["SoftwareTokenMfaConfiguration"]
    return {
        **pool,
        "UserPoolName": pool["Name"],
        "EnabledMfas": ["SOFTWARE_TOKEN_MFA"] if totp["Enabled"] else [],
        "Schema": [found for found in pool["SchemaAttributes"] if found["Name"] == "email"],
    }


def _app_client(aws: Emulator, name: str, asked: Any) -> dict[str, Any]:
    found = aws.client("cognito-idp").describe_user_pool_client(
        UserPoolId=asked["UserPoolId"], ClientId=name
    )["UserPoolClient"]
    return {**found, "GenerateSecret": "ClientSecret" in found}


def _domain(aws: Emulator, name: str, _: Any) -> Any:
    return aws.client("cognito-idp").describe_user_pool_domain(Domain=name)["DomainDescription"]


def _group(aws: Emulator, _: str, asked: Any) -> Any:
    return aws.client("cognito-idp").get_group(
        UserPoolId=asked["UserPoolId"], GroupName=asked["GroupName"]
    )["Group"]


def _identity_pool(aws: Emulator, name: str, _: Any) -> Any:
    return aws.client("cognito-identity").describe_identity_pool(IdentityPoolId=name)


def _attachment(aws: Emulator, _: str, asked: Any) -> Any:
    return aws.client("cognito-identity").get_identity_pool_roles(
        IdentityPoolId=asked["IdentityPoolId"]
    )


def _role(aws: Emulator, name: str, _: Any) -> dict[str, Any]:
    client = aws.client("iam")
    found = client.get_role(RoleName=name)["Role"]
    attached = client.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    return {
        **found,
        "PermissionsBoundary": found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        "ManagedPolicyArns": [policy["PolicyArn"] for policy in attached],
        "Policies": [
            client.get_role_policy(RoleName=name, PolicyName=policy)
            for policy in client.list_role_policies(RoleName=name)["PolicyNames"]
        ],
    }


def _function(aws: Emulator, name: str, _: Any) -> Any:
    return aws.client("lambda").get_function_configuration(FunctionName=name)


def _log(aws: Emulator, name: str, _: Any) -> dict[str, Any]:
    (found,) = aws.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return {"LogGroupName": found["logGroupName"], "RetentionInDays": found["retentionInDays"]}


# The types that the emulator makes, and how each is looked at.
DESCRIBERS: dict[str, Callable[[Emulator, str, Any], Any]] = {
    "AWS::Cognito::UserPool": _user_pool,
    "AWS::Cognito::UserPoolClient": _app_client,
    "AWS::Cognito::UserPoolDomain": _domain,
    "AWS::Cognito::UserPoolGroup": _group,
    "AWS::Cognito::IdentityPool": _identity_pool,
    "AWS::Cognito::IdentityPoolRoleAttachment": _attachment,
    "AWS::IAM::Role": _role,
    "AWS::Lambda::Function": _function,
    "AWS::Logs::LogGroup": _log,
}


def differences(asked: Any, found: Any, where: str) -> list[str]:
    """The paths at which what was asked for is not there; there may be more than was asked for."""
    match asked:
        case dict() if isinstance(found, dict):
            return [
                path
                for key, inner in asked.items()
                for path in differences(inner, found.get(key), f"{where}.{key}")
            ]
        case list() if isinstance(found, list) and len(asked) == len(found):
            pairs = enumerate(zip(asked, found, strict=True))
            return [path for at, (a, b) in pairs for path in differences(a, b, f"{where}.{at}")]
        case bool():
            return [] if found is asked else [where]
        case str() | int():
            # A number from a parameter is text in a template.
            return [] if not isinstance(found, bool) and str(asked) == str(found) else [where]
    return [where]
