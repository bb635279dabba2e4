"""The CloudFormation example on an emulator by others: each property arrives, then a profile."""

from __future__ import annotations

import configparser
import json
import re
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.infrastructure.deployed import DESCRIBERS, differences
from tests.infrastructure.emulator import ACCOUNT, REGION, Emulator, outputs
from tests.infrastructure.template import FILE, ROOT, Template, document

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

README = (FILE.parent / "README.md").read_text("utf-8")
READER, POWER = (
    f"arn:aws:iam::aws:policy/{name}" for name in ("ReadOnlyAccess", "PowerUserAccess")
)
IDENTITY = f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/"
DEPLOYMENTS = {
    "as-it-is": {},
    "groups": {
        "GroupRoles": "true",
        "PolicyArns": READER,
        "DeveloperPolicyArns": f"{READER},arn:aws:iam::aws:policy/IAMReadOnlyAccess",
        "AdministratorPolicyArns": POWER,
        "PermissionsBoundary": POWER,
        "ThreatProtection": "AUDIT",
        "DeletionProtection": "INACTIVE",
        "MailIdentityArn": f"{IDENTITY}no-reply@example.com",
    },
    "open": {
        "SelfSignUpDomains": "example.com,example.org",
        "PolicyArns": READER,
        "PermissionsBoundary": POWER,
        "ThreatProtection": "ENFORCED",
        "BasicFlow": "true",
        "MaxSessionSeconds": "43200",
        "RefreshTokenDays": "7",
        "DomainPrefix": "myteam",
        "MailIdentityArn": f"{IDENTITY}example.com",
        "MailFrom": "Team <team@example.com>",
    },
}
# What the emulator does not know or keep: `test_template.py` holds these to the template's own text
# and to AWS's API models.
#
# It is laxer than AWS: it deletes a user pool whose DeletionProtection is ACTIVE, which the last
# test notices once it no longer does. What else it does not refuse is not looked for.
UNKNOWN_TYPES = {
    "AWS::Cognito::ManagedLoginBranding",
    "AWS::Cognito::UserPoolRiskConfigurationAttachment",
}
DROPPED = {
    "AWS::Cognito::UserPoolClient": ["RefreshTokenRotation"],
    # CloudFormation puts it in the place of the mapping's name.
    "AWS::Cognito::IdentityPoolRoleAttachment": ["RoleMappings.UserPool.IdentityProvider"],
    "AWS::IAM::Role": ["PermissionsBoundary"],
    # What was in the archive: the sign-ups below run it.
    "AWS::Lambda::Function": ["Code"],
}
LOOKED_AT_OTHERWISE = {"AWS::Lambda::Permission"}  # by `self_sign_up`


def deploy(aws: Emulator, name: str, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Deploy the template less the types that the emulator lacks; the stack's description."""
    template = document()
    kept = {
        key: found
        for key, found in template["Resources"].items()
        if found["Type"] not in UNKNOWN_TYPES
    }
    client = aws.client("cloudformation")
    client.create_stack(
        StackName=name,
        TemplateBody=json.dumps({**template, "Resources": kept}),
        Parameters=[
            {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
        ],
        Capabilities=["CAPABILITY_IAM"],
    )
    until = time.monotonic() + 20
    while True:
        stack: dict[str, Any] = client.describe_stacks(StackName=name)["Stacks"][0]
        if stack["StackStatus"] != "CREATE_IN_PROGRESS":
            assert stack["StackStatus"] == "CREATE_COMPLETE", stack
            return stack
        assert time.monotonic() < until
        time.sleep(0.05)


def names(aws: Emulator, stack: str) -> dict[str, str]:
    """What Ref and GetAtt give of the stack's resources, by the APIs."""
    found = aws.client("cloudformation").describe_stack_resources(StackName=stack)
    own = {r["LogicalResourceId"]: r["PhysicalResourceId"] for r in found["StackResources"]}
    pool, function = own["UserPool"], f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:"
    log = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{own.get('DomainCheckLog')}:*"
    return {
        **own,
        **{f"{n}.Arn": f"arn:aws:iam::{ACCOUNT}:role/{i}" for n, i in own.items() if "Role" in n},
        "UserPool.ProviderName": f"cognito-idp.{REGION}.amazonaws.com/{pool}",
        "UserPool.Arn": f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{pool}",
        "DomainCheck.Arn": f"{function}{own.get('DomainCheck')}",
        "DomainCheckLog.Arn": log,
        "AWS::StackName": stack,
        "AWS::Region": REGION,
        "AWS::AccountId": ACCOUNT,
    }


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_each_property_arrives(aws: Emulator, name: str) -> None:
    parameters = DEPLOYMENTS[name]
    stack = deploy(aws, name, parameters)
    own = names(aws, name)
    template = Template(parameters, own)
    for resource, asked in template.resources.items():
        kind, properties = asked["Type"], asked["Properties"]
        if kind in UNKNOWN_TYPES | LOOKED_AT_OTHERWISE:
            continue
        found = DESCRIBERS[kind](aws, own[resource], properties)
        lost = set(differences(properties, found, resource))
        dropped = {f"{resource}.{path}" for path in DROPPED.get(kind, [])}
        assert {path for path in lost if not path.startswith(tuple(dropped))} == set()
        # Once the emulator keeps one of them, it no longer belongs into the table.
        asked_for = {p for p in dropped if p.split(".")[1] in properties}
        assert {p for p in asked_for if not any(path.startswith(p) for path in lost)} == set()
    asked_outputs = {
        key: template.value(output["Value"])
        for key, output in document()["Outputs"].items()
        if "Condition" not in output or template.condition(output["Condition"])
    }
    assert outputs(stack) == asked_outputs
    if "DomainCheck" in own:
        self_sign_up(aws, template, outputs(stack)["UserPoolClientId"])


def self_sign_up(aws: Emulator, template: Template, client_id: str) -> None:
    """The pool lets the allowed domains sign up, and the function may be called by it alone."""
    (allowed,) = json.loads(
        aws.client("lambda").get_policy(FunctionName=template.names["DomainCheck"])["Policy"]
    )["Statement"]
    assert allowed["Principal"] == {"Service": "cognito-idp.amazonaws.com"}
    assert allowed["Condition"] == {
        "StringEquals": {"AWS:SourceAccount": ACCOUNT},
        "ArnLike": {"AWS:SourceArn": template.names["UserPool.Arn"]},
    }
    client = aws.client("cognito-idp")

    def sign_up(email: str) -> Any:
        return client.sign_up(
            ClientId=client_id,
            Username=email,
            Password="Correct-horse-1battery",
            UserAttributes=[{"Name": "email", "Value": email}],
        )

    with pytest.raises(
        client.exceptions.UserLambdaValidationException, match="domain is not allow"
    ):
        sign_up("eve@evil.com")
    assert sign_up("ann@example.org")["UserConfirmed"] is False


def test_long_credentials_need_the_basic_flow(aws: Emulator) -> None:
    client = aws.client("cloudformation")
    with pytest.raises(client.exceptions.ClientError, match="credentials for an hour"):
        deploy(aws, "long", {"MaxSessionSeconds": "7200"})


def test_groups_and_the_basic_flow_exclude_each_other(aws: Emulator) -> None:
    client = aws.client("cloudformation")
    with pytest.raises(client.exceptions.ClientError, match="choose GroupRoles or BasicFlow"):
        deploy(aws, "both", {"GroupRoles": "true", "BasicFlow": "true"})


def test_a_sender_needs_an_identity(aws: Emulator) -> None:
    client = aws.client("cloudformation")
    with pytest.raises(client.exceptions.ClientError, match="set MailIdentityArn too"):
        deploy(aws, "sender", {"MailFrom": "team@example.com"})


def test_from_nothing_to_a_profile_by_the_commands_of_the_readme(
    aws: Emulator, tmp_path: Path
) -> None:
    """The real AWS CLI deploys the file; what it says of the stack becomes the profile."""
    commands = re.findall(r"^\$ (.*)$", README, re.MULTILINE)
    create, protect, configure, with_groups, with_mail = commands
    deployed = aws.shell(tmp_path, f"cd {ROOT} && {create}")
    assert deployed.returncode == 0, deployed.stderr
    done = aws.shell(tmp_path, f"{configure} --username ann@x.com")
    assert (done.stdout.splitlines()[-1], done.stderr, done.returncode) == (
        "[dev] next: cognito-credproc-enroll --profile dev",
        "",
        0,
    )
    stack = aws.client("cloudformation").describe_stacks(StackName="team")["Stacks"][0]
    said = outputs(stack)
    profile = configparser.ConfigParser()
    profile.read(tmp_path / "config")
    line = profile["profile dev"].pop("credential_process")
    assert line.endswith("--profile dev")
    assert dict(profile["profile dev"]) == {
        "region": REGION,
        "cognito_user_pool_id": said["UserPoolId"],
        "cognito_client_id": said["UserPoolClientId"],
        "cognito_identity_pool_id": said["IdentityPoolId"],
        "cognito_username": "ann@x.com",
    }
    changed = aws.shell(tmp_path, f"cd {ROOT} && {with_groups}")
    assert changed.returncode == 0, changed.stderr
    stack = aws.client("cloudformation").describe_stacks(StackName="team")["Stacks"][0]
    assert {**said, **outputs(stack)} == outputs(stack)
    assert outputs(stack)["AdministratorRoleArn"]
    time.sleep(1)  # the AWS CLI names its change sets by the second
    mailed = aws.shell(tmp_path, f"cd {ROOT} && {with_mail}")
    assert mailed.returncode == 0, mailed.stderr
    pool = aws.client("cognito-idp").describe_user_pool(UserPoolId=said["UserPoolId"])["UserPool"]
    assert pool["EmailConfiguration"] == {
        "EmailSendingAccount": "DEVELOPER",
        "SourceArn": "arn:aws:ses:eu-west-1:111122223333:identity/example.com",
        "From": "Team <team@example.com>",
    }
    by_mistake(aws, tmp_path, protect)


def by_mistake(aws: Emulator, folder: Path, protect: str) -> None:
    """Delete the stack while the README's command protects it, and when it does no longer."""
    client = aws.client("cloudformation")
    resources = client.describe_stack_resources(StackName="team")["StackResources"]
    done = aws.shell(folder, protect)
    assert done.returncode == 0, done.stderr
    with pytest.raises(client.exceptions.ClientError, match="TerminationProtection is enabled"):
        client.delete_stack(StackName="team")
    assert client.describe_stack_resources(StackName="team")["StackResources"] == resources
    again = re.findall(r"`(aws cloudformation update-term[^`]*)`", README)[0].replace("\n", " ")
    assert again == protect.replace("--enable", "--no-enable")
    assert aws.shell(folder, again).returncode == 0
    client.delete_stack(StackName="team")
    until = time.monotonic() + 20
    while any(stack["StackName"] == "team" for stack in client.describe_stacks()["Stacks"]):
        assert time.monotonic() < until
        time.sleep(0.05)
    # At AWS the pool, being protected, would still be there.
    pools = aws.client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"]
    (pool,) = (r["PhysicalResourceId"] for r in resources if r["LogicalResourceId"] == "UserPool")
    assert pool not in {found["Id"] for found in pools}
