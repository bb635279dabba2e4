"""The Terraform example says the same as CloudFormation's, in words that the provider knows."""

from __future__ import annotations

import configparser
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests import programs
from tests.infrastructure.template import Template, document
from tests.infrastructure.terraform import (
    FOLDER,
    PROVIDER,
    blocks,
    files,
    is_function,
    leaves,
    local_values,
    resources,
    unknown,
)
from tests.local_cognito import partitions

if TYPE_CHECKING:
    from collections.abc import Iterator

ADDRESSES = {
    "UserPool": "aws_cognito_user_pool.this",
    "UserPoolClient": "aws_cognito_user_pool_client.this",
    "UserPoolDomain": "aws_cognito_user_pool_domain.this",
    "ManagedLoginBranding": "aws_cognito_managed_login_branding.this",
    "RiskConfiguration": "aws_cognito_risk_configuration.this",
    "IdentityPool": "aws_cognito_identity_pool.this",
    "IdentityPoolRoles": "aws_cognito_identity_pool_roles_attachment.this",
    "AuthenticatedRole": "aws_iam_role.this",
    "DeveloperRole": "aws_iam_role.this",
    "AdministratorRole": "aws_iam_role.this",
    "DeveloperGroup": "aws_cognito_user_group.developers",
    "AdministratorGroup": "aws_cognito_user_group.administrators",
    "DomainCheck": "aws_lambda_function.domain_check",
    "DomainCheckLog": "aws_cloudwatch_log_group.domain_check",
    "DomainCheckRole": "aws_iam_role.domain_check",
    "DomainCheckPermission": "aws_lambda_permission.domain_check",
}
# Arguments that are not CloudFormation's property in small letters.
RENAMED = {
    "aws_cognito_user_pool.this.user_pool_name": "aws_cognito_user_pool.this.name",
    "aws_cognito_user_pool.this.policies.password_policy": (
        "aws_cognito_user_pool.this.password_policy"
    ),
    "aws_cognito_user_pool.this.account_recovery_setting.recovery_mechanisms": (
        "aws_cognito_user_pool.this.account_recovery_setting.recovery_mechanism"
    ),
    "aws_cognito_user_pool.this.enabled_mfas": (
        "aws_cognito_user_pool.this.software_token_mfa_configuration.enabled"
    ),
    "aws_cognito_user_pool_client.this.client_name": "aws_cognito_user_pool_client.this.name",
    "aws_cognito_identity_pool_roles_attachment.this.role_mappings.user_pool": (
        "aws_cognito_identity_pool_roles_attachment.this.role_mapping"
    ),
    "aws_cognito_identity_pool_roles_attachment.this.role_mappings": (
        "aws_cognito_identity_pool_roles_attachment.this.role_mapping"
    ),
    "aws_cognito_user_pool.this.email_configuration.from": (
        "aws_cognito_user_pool.this.email_configuration.from_email_address"
    ),
    "aws_cognito_user_group.developers.group_name": "aws_cognito_user_group.developers.name",
    "aws_cognito_user_group.administrators.group_name": (
        "aws_cognito_user_group.administrators.name"
    ),
    "aws_cloudwatch_log_group.domain_check.log_group_name": (
        "aws_cloudwatch_log_group.domain_check.name"
    ),
    "aws_iam_role.domain_check.assume_role_policy_document": (
        "aws_iam_role.domain_check.assume_role_policy"
    ),
    "aws_iam_role.this.assume_role_policy_document": "aws_iam_role.this.assume_role_policy",
    "aws_iam_role.domain_check.policies.policy_name": "aws_iam_role_policy.domain_check.name",
    "aws_iam_role.domain_check.policies.policy_document": (
        "aws_iam_role_policy.domain_check.policy"
    ),
}
# What Terraform says in another way.
SAID_OTHERWISE: dict[str, Any] = {
    "aws_cognito_user_pool.this.software_token_mfa_configuration.enabled": True,
    "aws_iam_role.this.description": "${each.value.description}",
    "aws_iam_role.this.for_each": "${local.roles}",
}
# A reference, function or condition of CloudFormation, and Terraform's.
EXPRESSIONS = {
    "Ref AWS::StackName": "${var.name}",
    "Ref AWS::AccountId": "${data.aws_caller_identity.current.account_id}",
    "Ref ThreatProtection": "${var.threat_protection}",
    "Ref DeletionProtection": "${var.deletion_protection}",
    "Ref RefreshTokenDays": "${var.refresh_token_days}",
    "Ref MaxSessionSeconds": "${var.max_session_seconds}",
    "Ref DomainPrefix": "${var.domain_prefix}",
    "Ref SelfSignUpDomains": '${join(",", var.self_sign_up_domains)}',
    "Ref UserPool": "${aws_cognito_user_pool.this.id}",
    "Ref UserPoolClient": "${aws_cognito_user_pool_client.this.id}",
    "Ref IdentityPool": "${aws_cognito_identity_pool.this.id}",
    "Ref DomainCheck": "${aws_lambda_function.domain_check[0].function_name}",
    "Ref DomainCheckLog": "${aws_cloudwatch_log_group.domain_check[0].name}",
    "Fn::GetAtt UserPool.ProviderName": "${aws_cognito_user_pool.this.endpoint}",
    "Fn::GetAtt UserPool.Arn": "${aws_cognito_user_pool.this.arn}",
    "Fn::GetAtt AuthenticatedRole.Arn": '${aws_iam_role.this["Authenticated"].arn}',
    "Fn::GetAtt DeveloperRole.Arn": '${aws_iam_role.this["Developer"].arn}',
    "Fn::GetAtt AdministratorRole.Arn": '${aws_iam_role.this["Administrator"].arn}',
    "Fn::GetAtt DomainCheck.Arn": "${lambda_config.value.arn}",
    "Fn::GetAtt DomainCheckRole.Arn": "${aws_iam_role.domain_check[0].arn}",
    "Fn::GetAtt DomainCheckLog.Arn": "${aws_cloudwatch_log_group.domain_check[0].arn}:*",
    "Fn::Sub ${UserPool.ProviderName}:${UserPoolClient}": (
        "${aws_cognito_user_pool.this.endpoint}:${aws_cognito_user_pool_client.this.id}"
    ),
    "Fn::Sub /aws/lambda/${AWS::StackName}-domain-check": "/aws/lambda/${var.name}-domain-check",
    "Fn::If HasThreatProtection PLUS ESSENTIALS": (
        '${var.threat_protection == "OFF" ? "ESSENTIALS" : "PLUS"}'
    ),
    "Fn::If HasSelfSignUp false true": "${!local.has_self_sign_up}",
    "Fn::If HasBasicFlow true false": "${var.basic_flow}",
    "Fn::If HasDomain true false": "${local.has_domain}",
    'Fn::If HasDomain ["code"] Ref AWS::NoValue': '${local.has_domain ? ["code"] : null}',
    'Fn::If HasDomain ["openid", "email"] Ref AWS::NoValue': (
        '${local.has_domain ? ["openid", "email"] : null}'
    ),
    'Fn::If HasDomain ["http://localhost:8976/"] Ref AWS::NoValue': (
        '${local.has_domain ? ["http://localhost:8976/"] : null}'
    ),
    'Fn::If HasDomain ["SIGN_IN", "SIGN_UP", "PASSWORD_CHANGE"] ["SIGN_UP", "PASSWORD_CHANGE"]': (
        '${local.has_domain ? ["SIGN_IN", "SIGN_UP", "PASSWORD_CHANGE"]'
        ' : ["SIGN_UP", "PASSWORD_CHANGE"]}'
    ),
    "Fn::If HasBoundary Ref PermissionsBoundary Ref AWS::NoValue": "${var.permissions_boundary}",
    "Fn::If HasMailIdentity DEVELOPER COGNITO_DEFAULT": (
        '${var.mail_identity_arn == null ? "COGNITO_DEFAULT" : "DEVELOPER"}'
    ),
    "Fn::If HasMailIdentity Ref MailIdentityArn Ref AWS::NoValue": "${var.mail_identity_arn}",
    "Fn::If HasMailFrom Ref MailFrom Ref AWS::NoValue": "${var.mail_from}",
    "count HasDomain": "${local.has_domain ? 1 : 0}",
    "count HasGroups": "${var.group_roles ? 1 : 0}",
    "count HasSelfSignUp": "${local.has_self_sign_up ? 1 : 0}",
    "count BlocksThreats": '${var.threat_protection == "ENFORCED" ? 1 : 0}',
    "for_each HasGroups": "${var.group_roles ? [1] : []}",
    "for_each HasSelfSignUp": "${aws_lambda_function.domain_check}",
}
SERVICE = "${local.identity_service}"
# What only one of them needs, and why.
ONLY_CLOUDFORMATION = {
    "aws_cognito_risk_configuration.this.client_id",  # without one it holds for ALL
    "aws_lambda_function.domain_check.code.zip_file",  # the file index.py; compared below
    "aws_iam_role.this.count",  # those of `local.roles`; compared below
}
ONLY_TERRAFORM = {
    "aws_cognito_identity_pool.this.lifecycle.precondition",  # the template's Rules
    "aws_cognito_user_pool.this.lifecycle.precondition.condition",  # and another Rule
    "aws_cognito_user_pool.this.lifecycle.precondition.error_message",
    "aws_cognito_user_pool.this.schema.string_attribute_constraints.max_length",
    "aws_cognito_user_pool.this.schema.string_attribute_constraints.min_length",
    "aws_iam_role.domain_check.name_prefix",  # CloudFormation makes names by itself
    "aws_iam_role.this.name_prefix",
    "aws_iam_role_policy.domain_check.count",
    "aws_iam_role_policy.domain_check.role",
    "aws_lambda_function.domain_check.filename",
    "aws_lambda_function.domain_check.function_name",
    "aws_lambda_function.domain_check.logging_config.log_format",
    "aws_lambda_function.domain_check.source_code_hash",
}


def snake(name: str) -> str:
    """The name as Terraform writes names; those of a policy document stay."""
    name = name.replace("OAuth", "Oauth").replace("URLs", "Urls")
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def argument(resource: str, path: str) -> str:
    """The argument in Terraform that a property is."""
    head, document_word, rest = path.partition("Document.")
    if "ALLOWED_DOMAINS" in path:
        head, rest = path.replace("Environment.Variables.ALLOWED_DOMAINS", ""), "ALLOWED_DOMAINS"
        name = f"{ADDRESSES[resource]}{head}environment.variables.{rest}"
    else:
        steps = ".".join(snake(step) for step in (head + document_word).rstrip(".").split("."))
        name = f"{ADDRESSES[resource]}{steps}" + (f".{rest}" if rest else "")
    for long in sorted(RENAMED, key=len, reverse=True):
        if name == long or name.startswith(f"{long}."):
            return RENAMED[long] + name.removeprefix(long)
    return name


def shown(value: Any) -> str:
    """A function of CloudFormation in a line."""
    if isinstance(value, dict):
        ((function, inner),) = value.items()
        if function == "Fn::GetAtt":
            return f"{function} {'.'.join(inner)}"
        return " ".join([function, *(map(shown, inner) if isinstance(inner, list) else [inner])])
    return value if isinstance(value, str) else json.dumps(value)


def properties(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of a resource; an object that depends on a condition is a block for each."""
    for place, leaf in leaves(value, path):
        if isinstance(leaf, dict) and is_function(leaf) and "Fn::If" in leaf:
            condition, then, _ = leaf["Fn::If"]
            if isinstance(then, dict) and not is_function(then):
                yield f"{place}.for_each", EXPRESSIONS[f"for_each {condition}"]
                yield from properties(then, place)
                continue
        yield place, EXPRESSIONS[shown(leaf)] if isinstance(leaf, dict) else leaf


def trust(text: str) -> Any:
    """The trust policy, which the template writes as text, as Terraform's expressions."""
    pool = EXPRESSIONS["Ref IdentityPool"]
    text = text.replace("${IdentityPool}", pool).replace('"${Cognito}"', f'"{SERVICE}"')
    return json.loads(text.replace("${Cognito}", SERVICE))


def template() -> dict[str, Any]:
    """CloudFormation's properties as Terraform's arguments."""
    found = dict(SAID_OTHERWISE)
    for name, resource in document()["Resources"].items():
        body = {k: v for k, v in resource["Properties"].items() if k != "ManagedPolicyArns"}
        policy = body.get("AssumeRolePolicyDocument", {})
        if "Fn::Sub" in policy:
            body["AssumeRolePolicyDocument"] = trust(policy["Fn::Sub"][0])
        for path, value in properties(body):
            place = argument(name, path)
            assert place in SAID_OTHERWISE or found.setdefault(place, value) == value, place
        if "Condition" in resource:
            count = EXPRESSIONS[f"count {resource['Condition']}"]
            found.setdefault(f"{ADDRESSES[name]}.count", count)
    return found


def test_it_is_formatted() -> None:
    assert {Path(path).name for path in files()} >= {"users.tf", "roles.tf", "outputs.tf"}
    for path, file in files().items():
        assert file["formatted"] == Path(path).read_text("utf-8"), path


def test_it_says_the_same_as_the_cloudformation_template() -> None:
    wanted = template()
    found = {
        f"{address}{path}": value
        for address, body in resources().items()
        if not address.startswith("aws_iam_role_policy_attachment")
        for path, value in leaves(body)
    }
    assert set(wanted) - set(found) == ONLY_CLOUDFORMATION
    assert set(found) - set(wanted) == ONLY_TERRAFORM
    both = set(wanted) & set(found)
    assert {path: found[path] for path in both} == {path: wanted[path] for path in both}


def test_the_roles_are_the_same() -> None:
    """Three resources there, one with a table here."""
    roles = local_values()["roles"]
    rows = re.findall(r'(\w+) = \{\s+description = "([^"]+)"\s+policies +?= var\.(\w+)\s+\}', roles)
    wanted = []
    for name, found in document()["Resources"].items():
        if ADDRESSES[name] == "aws_iam_role.this":
            own = found["Properties"]
            parameter = own["ManagedPolicyArns"]["Fn::If"][1]["Ref"]
            wanted.append((name.removesuffix("Role"), own["Description"], snake(parameter)))
    assert rows == wanted
    assert "var.group_roles ? {\n      Developer =" in roles


def test_govcloud_has_the_same_names() -> None:
    table = dict(re.findall(r'([\w-]+) += "([\w.-]+)"', local_values()["identity_service"]))
    assert table == {name: partitions.identity_provider(name) for name in table}
    assert set(table) == {"us-gov-east-1", "us-gov-west-1"}
    assert '"us-gov-") ? "auth-fips" : "auth"' in local_values()["pages"]


def test_the_same_is_refused() -> None:
    cycles = [
        resources()[f"aws_cognito_{pool}_pool.this"]["lifecycle"][0]
        for pool in ("identity", "user")
    ]
    said = [rule["error_message"].lower() for cycle in cycles for rule in cycle["precondition"]]
    rules = [rule["Assertions"][0] for rule in document()["Rules"].values()]
    assert len(said) == len(rules) == 3
    for text, rule in zip(said, rules, strict=True):
        assert text.partition(":")[0].split()[:6] == rule["AssertDescription"].lower().split()[:6]


@pytest.mark.parametrize(
    "name", ["PermissionsBoundary", "DomainPrefix", "MailIdentityArn", "MailFrom"]
)
def test_the_same_pattern_is_asked_for(name: str) -> None:
    (validation,) = blocks("variable")[snake(name)][0]["validation"]
    (here,) = re.findall(r'regex\("(.*)", var', validation["condition"])
    there = document()["Parameters"][name]["AllowedPattern"]
    assert here.replace(r"\\", "\\").removeprefix("^$|") == there.removeprefix("^$|")


def test_the_function_is_the_same() -> None:
    code = Template({"SelfSignUpDomains": "x.y"}).properties("DomainCheck")["Code"]["ZipFile"]
    assert (FOLDER / "index.py").read_text("utf-8") == code


def test_variables_and_outputs_are_the_same() -> None:
    variables = {name: body[0] for name, body in blocks("variable").items()}
    parameters = document()["Parameters"]
    assert set(variables) == {"name", *map(snake, parameters)}
    for name, parameter in parameters.items():
        here, there = variables[snake(name)]["default"], str(parameter["Default"])
        texts = {bool: str(here).lower(), list: ",".join(here) if isinstance(here, list) else ""}
        assert texts.get(type(here), "" if here is None else str(here)) == there, name
    assert set(blocks("output")) == {snake(name) for name in document()["Outputs"]}


def test_the_provider_knows_every_argument() -> None:
    """By the names in the schema of hashicorp/aws 6.25."""
    wrong = []
    for address, body in resources().items():
        kind = address.partition(".")[0]
        wrong += unknown(body, PROVIDER[kind], address)
    assert wrong == []
    assert unknown({"nam": 1}, PROVIDER["aws_cognito_user_pool_client"], "x") == [
        "x: unknown nam",
        "x: missing name",
        "x: missing user_pool_id",
    ]


def test_nothing_refers_to_what_is_not_there() -> None:
    text = "\n".join(path.read_text("utf-8") for path in FOLDER.glob("*.tf"))
    assert set(re.findall(r"var\.(\w+)", text)) == set(blocks("variable"))
    assert set(re.findall(r"local\.(\w+)", text)) == set(local_values())
    addresses = {f"data.{k}.{n}" for k, named in blocks("data").items() for n in named}
    addresses |= set(resources())
    used = set(re.findall(r"(?:data\.)?(?:aws|archive)_\w+\.\w+", text))
    assert used - addresses == set()


def test_its_outputs_become_a_profile(tmp_path: Path) -> None:
    """By the README's command; `terraform` is a program that prints what it prints of outputs."""
    values = {
        "user_pool_id": "eu-west-1_AbCdEfGhI",
        "user_pool_client_id": "1a2b3c4d5e6f7g8h9i0jklmnop",
        "identity_pool_id": "eu-west-1:11111111-2222-3333-4444-555555555555",
        "region": "eu-west-1",
        "cognito_domain": "myteam.auth.eu-west-1.amazoncognito.com",
        "authenticated_role_arn": "arn:aws:iam::111122223333:role/team-AuthenticatedRole-1",
    }
    assert set(values) <= set(blocks("output"))
    said = {n: {"sensitive": False, "type": "string", "value": v} for n, v in values.items()}
    programs.shell(tmp_path, f"cat <<'END'\n{json.dumps(said, indent=2)}\nEND", "terraform")
    readme = (FOLDER / "README.md").read_text("utf-8")
    (command,) = re.findall(r"^\$ (.*configure.*)$", readme, re.MULTILINE)
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} --username ann@x.com --offline"],
        env={
            "PATH": f"{tmp_path}:{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": str(tmp_path),
            "AWS_CONFIG_FILE": str(tmp_path / "config"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stderr, done.returncode) == ("", 0)
    profile = configparser.ConfigParser()
    profile.read(tmp_path / "config")
    del profile["profile dev"]["credential_process"]
    assert dict(profile["profile dev"]) == {
        "region": "eu-west-1",
        "cognito_user_pool_id": values["user_pool_id"],
        "cognito_client_id": values["user_pool_client_id"],
        "cognito_identity_pool_id": values["identity_pool_id"],
        "cognito_username": "ann@x.com",
        "cognito_domain": values["cognito_domain"],
    }


def test_the_readme_has_every_variable() -> None:
    readme = (FOLDER / "README.md").read_text("utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", readme, re.MULTILINE)) == set(blocks("variable"))
