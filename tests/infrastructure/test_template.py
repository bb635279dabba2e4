"""The CloudFormation example says what it promises; cfn-lint and AWS's API models agree."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from tests.infrastructure.template import FILE, Template, document
from tests.local_cognito import partitions

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": "cognito-identity.amazonaws.com"},
            "Condition": {
                "StringEquals": {"cognito-identity.amazonaws.com:aud": "IdentityPool"},
                "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"},
            },
        }
    ],
}
# The call that makes a resource, and the properties that CloudFormation hands to another call.
CALLS: dict[str, tuple[str, str, set[str]]] = {
    "AWS::Cognito::UserPool": ("cognito-idp", "CreateUserPool", {"UserPoolName", "EnabledMfas"}),
    "AWS::Cognito::UserPoolClient": ("cognito-idp", "CreateUserPoolClient", set()),
    "AWS::Cognito::UserPoolDomain": ("cognito-idp", "CreateUserPoolDomain", set()),
    "AWS::Cognito::UserPoolGroup": ("cognito-idp", "CreateGroup", set()),
    "AWS::Cognito::ManagedLoginBranding": ("cognito-idp", "CreateManagedLoginBranding", set()),
    "AWS::Cognito::UserPoolRiskConfigurationAttachment": (
        "cognito-idp",
        "SetRiskConfiguration",
        set(),
    ),
    "AWS::Cognito::IdentityPool": ("cognito-identity", "CreateIdentityPool", set()),
}
EVERYTHING = {
    "SelfSignUpDomains": "example.com",
    "ThreatProtection": "ENFORCED",
    "GroupRoles": "true",
    "DomainPrefix": "myteam",
    "MailIdentityArn": "arn:aws:ses:eu-west-1:111122223333:identity/example.com",
    "MailFrom": "Team <team@example.com>",
}


def test_cfn_lint_finds_nothing() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "cfn-lint"), "--include-checks", "I", "--", str(FILE)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


@pytest.mark.parametrize(
    ("resource", "path", "safe"),
    [
        ("UserPool", "AdminCreateUserConfig.AllowAdminCreateUserOnly", True),
        ("UserPool", "MfaConfiguration", "ON"),
        ("UserPool", "EnabledMfas", ["SOFTWARE_TOKEN_MFA"]),
        ("UserPool", "AutoVerifiedAttributes", ["email"]),
        (
            "UserPool",
            "UserAttributeUpdateSettings.AttributesRequireVerificationBeforeUpdate",
            ["email"],
        ),
        ("UserPool", "DeletionProtection", "ACTIVE"),
        ("UserPool", "UserPoolTier", "ESSENTIALS"),
        ("UserPool", "UserPoolAddOns.AdvancedSecurityMode", "OFF"),
        ("UserPool", "EmailConfiguration", {"EmailSendingAccount": "COGNITO_DEFAULT"}),
        ("UserPoolClient", "ExplicitAuthFlows", ["ALLOW_USER_SRP_AUTH"]),
        (
            "UserPoolClient",
            "RefreshTokenRotation",
            {"Feature": "ENABLED", "RetryGracePeriodSeconds": 60},
        ),
        ("UserPoolClient", "EnableTokenRevocation", True),
        ("UserPoolClient", "PreventUserExistenceErrors", "ENABLED"),
        ("UserPoolClient", "RefreshTokenValidity", "30"),
        ("UserPoolClient", "TokenValidityUnits.RefreshToken", "days"),
        ("UserPoolClient", "AllowedOAuthFlowsUserPoolClient", False),
        ("IdentityPool", "AllowUnauthenticatedIdentities", False),
        ("IdentityPool", "AllowClassicFlow", False),
        ("AuthenticatedRole", "AssumeRolePolicyDocument", TRUST),
        ("AuthenticatedRole", "MaxSessionDuration", "3600"),
    ],
)
def test_safe_as_it_is(resource: str, path: str, safe: object) -> None:
    found = Template().properties(resource)
    for name in path.split("."):
        found = found[name]
    assert found == safe


def test_the_role_may_do_nothing_by_itself() -> None:
    resources = Template().resources
    assert set(resources) == {
        "UserPool",
        "UserPoolClient",
        "IdentityPool",
        "IdentityPoolRoles",
        "AuthenticatedRole",
    }
    role = resources["AuthenticatedRole"]["Properties"]
    assert not {"ManagedPolicyArns", "Policies", "PermissionsBoundary"} & set(role)
    (provider,) = resources["IdentityPool"]["Properties"]["CognitoIdentityProviders"]
    assert provider["ServerSideTokenCheck"] is True
    assert "RoleMappings" not in resources["IdentityPoolRoles"]["Properties"]


def test_every_role_of_the_pool_trusts_the_same_and_has_the_boundary() -> None:
    boundary = "arn:aws:iam::111122223333:policy/Boundary"
    template = Template({**EVERYTHING, "PermissionsBoundary": boundary})
    roles = {
        name: found["Properties"]
        for name, found in template.resources.items()
        if found["Type"] == "AWS::IAM::Role"
    }
    assert {role["PermissionsBoundary"] for role in roles.values()} == {boundary}
    own = roles.pop("DomainCheckRole")
    assert own["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {
        "Service": "lambda.amazonaws.com"
    }
    assert set(roles) == {"AuthenticatedRole", "DeveloperRole", "AdministratorRole"}
    assert [role["AssumeRolePolicyDocument"] for role in roles.values()] == [TRUST] * 3


@pytest.mark.parametrize(
    ("region", "service"),
    [
        ("us-gov-west-1", "cognito-identity-us-gov.amazonaws.com"),
        ("us-gov-east-1", "cognito-identity.us-gov-east-1.amazonaws.com"),
    ],
)
def test_govcloud_has_other_names(region: str, service: str) -> None:
    """AWS GovCloud (US) user guide, "Amazon Cognito"; the local Cognito has them too."""
    assert service == partitions.identity_provider(region)
    names = {"AWS::Partition": "aws-us-gov", "AWS::Region": region}
    template = Template({"DomainPrefix": "myteam", "GroupRoles": "true"}, names)
    wanted = json.loads(json.dumps(TRUST).replace("cognito-identity.amazonaws.com", service))
    for role in ("AuthenticatedRole", "DeveloperRole", "AdministratorRole"):
        assert template.properties(role)["AssumeRolePolicyDocument"] == wanted
    pages = template.value(document()["Outputs"]["CognitoDomain"]["Value"])
    assert pages == f"myteam.auth-fips.{region}.amazoncognito.com"


@pytest.mark.parametrize("prefix", ["", "myteam"])
def test_passwords_are_looked_at_where_they_are_sent(prefix: str) -> None:
    template = Template({"ThreatProtection": "ENFORCED", "DomainPrefix": prefix})
    found = template.properties("RiskConfiguration")["CompromisedCredentialsRiskConfiguration"]
    assert ("SIGN_IN" in found["EventFilter"]) == bool(prefix)


@pytest.mark.parametrize(
    ("arn", "taken"),
    [
        ("", True),
        ("arn:aws:ses:eu-west-1:111122223333:identity/example.com", True),
        ("arn:aws:ses:us-east-1:111122223333:identity/no-reply+team@example.com", True),
        ("arn:aws-us-gov:ses:us-gov-west-1:111122223333:identity/example.com", True),
        ("example.com", False),
        ("arn:aws:ses:eu-west-1:111122223333:configuration-set/example", False),
        ("arn:aws:ses:eu-west-1::identity/example.com", False),
        ("arn:aws:sns:eu-west-1:111122223333:identity/example.com", False),
        ("arn:aws:ses:eu-west-1:111122223333:identity/Team <team@example.com>", False),
    ],
)
def test_mail_goes_out_by_an_identity(arn: str, *, taken: bool) -> None:
    pattern = document()["Parameters"]["MailIdentityArn"]["AllowedPattern"]
    assert bool(re.fullmatch(pattern, arn)) == taken
    if taken and arn:
        client = boto3.client("cognito-idp", region_name="eu-west-1")
        shape = client.meta.service_model.shape_for("ArnType")
        assert re.fullmatch(shape.metadata["pattern"], arn)
        assert Template({"MailIdentityArn": arn}).properties("UserPool")["EmailConfiguration"] == {
            "EmailSendingAccount": "DEVELOPER",
            "SourceArn": arn,
        }


@pytest.mark.parametrize(
    ("sender", "taken"),
    [
        ("", True),
        ("team@example.com", True),
        ("Team <team@example.com>", True),
        ('"Team, the" <team@example.com>', True),
        ("Team", False),
        ("<team@example.com>", False),
        ("Team team@example.com", False),
        ("Team <team>", False),
        ("a@example.com, b@example.com", False),
        ("Team\n <team@example.com>", False),
    ],
)
def test_mail_is_from_an_address(sender: str, *, taken: bool) -> None:
    pattern = document()["Parameters"]["MailFrom"]["AllowedPattern"]
    assert bool(re.fullmatch(pattern, sender)) == taken


def test_groups_get_their_roles_from_the_token_and_others_none() -> None:
    template = Template({"GroupRoles": "true"})
    (mapping,) = template.properties("IdentityPoolRoles")["RoleMappings"].values()
    assert mapping == {
        "IdentityProvider": "UserPool.ProviderName:UserPoolClient",
        "Type": "Token",
        "AmbiguousRoleResolution": "Deny",
    }
    assert template.properties("DeveloperGroup")["RoleArn"] == "DeveloperRole.Arn"
    assert template.properties("AdministratorGroup")["RoleArn"] == "AdministratorRole.Arn"


def test_the_client_asks_for_nothing_that_excludes_itself() -> None:
    """Cognito refuses ALLOW_REFRESH_TOKEN_AUTH beside rotation."""
    client = Template().properties("UserPoolClient")
    assert client["RefreshTokenRotation"]["Feature"] == "ENABLED"
    assert "ALLOW_REFRESH_TOKEN_AUTH" not in client["ExplicitAuthFlows"]


@pytest.mark.parametrize("kind", CALLS)
def test_aws_knows_every_property(kind: str) -> None:
    """The API's own model knows each name, type and value; cfn-lint knows CloudFormation's."""
    service, operation, others = CALLS[kind]
    found = [r["Properties"] for r in Template(EVERYTHING).resources.values() if r["Type"] == kind]
    assert found
    model = boto3.client(service, region_name="eu-west-1").meta.service_model
    for properties in found:
        own = {key: value for key, value in properties.items() if key not in others}
        check(own, model.operation_model(operation).input_shape, kind)


def check(value: Any, shape: Any, where: str) -> None:
    """Refuse a member that the shape lacks and a text that is none of its values."""
    match value:
        case dict() if shape.type_name == "structure":
            assert set(value) <= set(shape.members), where
            for key, inner in value.items():
                check(inner, shape.members[key], f"{where}.{key}")
        case list():
            assert shape.type_name == "list", where
            for inner in value:
                check(inner, shape.member, where)
        case bool():
            assert shape.type_name == "boolean", where
        case str() if getattr(shape, "enum", None):
            assert value in shape.enum, where
        case _:
            assert shape.type_name in {"string", "integer", "long"}, where


def domain_check(domains: str) -> Any:
    """The function that the template deploys."""
    code = Template(EVERYTHING).properties("DomainCheck")["Code"]["ZipFile"]
    assert len(code) <= 4096  # what CloudFormation takes inline
    environment = SimpleNamespace(environ={"ALLOWED_DOMAINS": domains})
    names: dict[str, Any] = {}
    exec(compile(code, "index.py", "exec"), names)  # noqa: S102 - our own, as Lambda runs it
    names["os"] = environment
    return names["handler"]


def event(trigger: str, email: str, **attributes: str) -> dict[str, Any]:
    """What Cognito hands to the function."""
    return {
        "triggerSource": trigger,
        "request": {"userAttributes": {"email": email, **attributes}},
        "response": {"autoConfirmUser": False},
    }


@pytest.mark.parametrize(
    ("email", "allowed"),
    [
        ("ann@example.com", True),
        ("ann+aws@EXAMPLE.org", True),
        ("ann@evil.com", False),
        ("ann@sub.example.com", False),
        ("ann@example.com.evil.com", False),
        ("ann@notexample.com", False),
        ("ann@evil.com@example.com", False),
        ("@example.com", False),
        ("example.com", False),
        ("ann@", False),
        ("", False),
    ],
)
def test_the_domain_check(email: str, *, allowed: bool) -> None:
    handler = domain_check("example.com,example.org")
    for trigger in (
        "PreSignUp_SignUp",
        "PreSignUp_AdminCreateUser",
        "TokenGeneration_RefreshTokens",
    ):
        asked = event(trigger, email, email_verified="true")
        if allowed:
            answer = handler(asked, None)
            assert answer == asked
            assert answer["response"] == {
                "autoConfirmUser": False
            }  # the code is mailed all the same
        else:
            with pytest.raises(PermissionError, match="domain"):
                handler(asked, None)


@pytest.mark.parametrize("verified", [{}, {"email_verified": "false"}])
def test_an_address_that_is_not_verified_gets_no_tokens(verified: dict[str, str]) -> None:
    handler = domain_check("example.com")
    assert handler(event("PreSignUp_SignUp", "ann@example.com", **verified), None)
    with pytest.raises(PermissionError, match="not verified"):
        handler(event("TokenGeneration_Authentication", "ann@example.com", **verified), None)


def test_no_domain_lets_nobody_in() -> None:
    with pytest.raises(PermissionError):
        domain_check("")(event("PreSignUp_SignUp", "ann@example.com"), None)


def test_the_readme_has_every_parameter() -> None:
    readme = (FILE.parent / "README.md").read_text("utf-8")
    table = re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", readme, re.MULTILINE)
    assert [name for name, _ in table] == list(document()["Parameters"])
    for name, default in table:
        if default.startswith("`"):
            assert default == f"`{document()['Parameters'][name]['Default']}`", name
