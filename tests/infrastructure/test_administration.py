"""The administrator's guide: every command runs, or at least says what AWS's own models know."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore import xform_name

from tests.infrastructure.template import ROOT, Template, document
from tests.infrastructure.test_deployed import deploy

if TYPE_CHECKING:
    from pathlib import Path

    from tests.infrastructure.emulator import Emulator

GUIDE = (ROOT / "examples" / "administration.md").read_text("utf-8")
COMMANDS = [
    line
    for block in re.findall(r"^```console\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    for line in re.findall(r"^\$ (.*)$", block, re.MULTILINE)
]
CALLS = re.findall(r"\baws ([a-z-]+) ([a-z-]+)((?: [^;|\n]*)?)", "\n".join(COMMANDS))
EVERYWHERE = {"query", "output"}
# What the emulator cannot do; the CLI then checks the words and makes up an answer itself.
ELSEWHERE = {
    "list-service-quotas": "ministack has no Service Quotas",
    "put-event-selectors": "there is no trail",
}
# Calls of 2026, which neither Debian's CLI nor the emulator knows: the first test holds them to
# AWS's model, `tests/e2e/test_lost_phone.py` makes the first at the local Cognito.
NEWER = {
    "admin-delete-software-token",
    "admin-list-user-sessions",
    "admin-revoke-user-session",
    "add-user-pool-client-secret",
    "list-user-pool-client-secrets",
    "delete-user-pool-client-secret",
}
MADE_UP = "--generate-cli-skeleton output"


@pytest.mark.parametrize(
    ("service", "operation", "words"),
    CALLS,
    ids=[f"{at}-{call[1]}" for at, call in enumerate(CALLS)],
)
def test_aws_knows_the_call_and_its_parameters(service: str, operation: str, words: str) -> None:
    model = boto3.client(service, region_name="eu-west-1").meta.service_model
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    assert operation in operations
    shape = model.operation_model(operations[operation]).input_shape
    members = {xform_name(name, "-"): name for name in shape.members}
    said = set(re.findall(r"(?<= )--([a-z-]+)", words)) - EVERYWHERE
    assert said <= set(members)
    assert set(shape.required_members) <= {members[name] for name in said}


def test_the_commands_run_in_the_order_of_the_guide(aws: Emulator, tmp_path: Path) -> None:
    deploy(aws, "team-of-two", {"GroupRoles": "true", "ThreatProtection": "AUDIT"})
    script = []
    for command in COMMANDS:
        if NEWER & set(command.split()):
            continue
        here = command.replace("--stack-name team ", "--stack-name team-of-two ")
        if any(name in command for name in ELSEWHERE):
            here += f" {MADE_UP}"
        # Said on standard error, so that a failure is known by its command.
        script += [f"echo {shlex.quote(f'$ {command}')} >&2", f"{here} || exit 1"]
        if "put-role-policy" in command:
            asked = "get-role-policy --policy-name RevokeOlderSessions --query PolicyDocument"
            get = f'aws iam {asked} --role-name "${{ROLE##*/}}"'
            script += [f"for ROLE in $(roles); do {get} | tee -a policies; done"]
        if "admin-disable-user" in command:
            asked = 'admin-get-user --user-pool-id "$POOL" --username ann@example.com'
            script += [f"aws cognito-idp {asked} --query Enabled > enabled"]
    done = aws.shell(tmp_path, f"cd {tmp_path}\n" + "\n".join(script))
    assert done.returncode == 0, done.stderr[-2_000:]
    assert (tmp_path / "enabled").read_text() == "false\n"
    decoder, text = json.JSONDecoder(), (tmp_path / "policies").read_text()
    policies = []
    while text := text.lstrip():
        policy, end = decoder.raw_decode(text)
        policies.append(policy)
        text = text[end:]
    everybody, one = policies[0], policies[3]
    assert policies == [everybody] * 3 + [one] * 3, "each role of the three"
    now = everybody["Statement"][0]["Condition"]["DateLessThan"]["aws:TokenIssueTime"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", now)
    assert everybody == {"Version": "2012-10-17", "Statement": [denial(now)]}
    identity = "eu-west-1:11111111-2222-3333-4444-555555555555"
    only = {"StringEquals": {"cognito-identity.amazonaws.com:sub": identity}}
    assert one == {"Version": "2012-10-17", "Statement": [denial(now, **only)]}
    # The policy is taken away again, and Ann is back.
    pool = aws.client("cloudformation").describe_stack_resource(
        StackName="team-of-two", LogicalResourceId="UserPool"
    )["StackResourceDetail"]["PhysicalResourceId"]
    client = aws.client("cognito-idp")
    ann = client.admin_get_user(UserPoolId=pool, Username="ann@example.com")
    assert ann["Enabled"] is True
    groups = client.admin_list_groups_for_user(UserPoolId=pool, Username=ann["Username"])["Groups"]
    assert groups == []
    for name in ("AuthenticatedRole", "DeveloperRole", "AdministratorRole"):
        role = aws.client("cloudformation").describe_stack_resource(
            StackName="team-of-two", LogicalResourceId=name
        )["StackResourceDetail"]["PhysicalResourceId"]
        assert aws.client("iam").list_role_policies(RoleName=role)["PolicyNames"] == []


def test_with_terraform_the_outputs_have_the_same_names(tmp_path: Path) -> None:
    """The function of the guide, before what `terraform output -json` prints (by its page)."""
    (function,) = re.findall(r"^```sh\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    roles = next(command for command in COMMANDS if command.startswith("roles() "))
    values = {
        "user_pool_id": {"value": "eu-west-1_1"},
        "authenticated_role_arn": {"value": "arn:1"},
        "developer_role_arn": {"value": None},
    }
    terraform = tmp_path / "terraform"
    terraform.write_text(f"#!/bin/sh\necho '{json.dumps(values)}'\n")
    terraform.chmod(0o755)
    done = subprocess.run(
        ["bash", "-c", f"{function}\n{roles}\noutput UserPoolId; roles"],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("eu-west-1_1\narn:1\n", "")


def test_mail_is_what_brings_the_first_password() -> None:
    """Cognito sends an SMS unless it is told."""
    created = [command for command in COMMANDS if " admin-create-user " in command]
    assert len(created) == 3
    assert all("--desired-delivery-mediums EMAIL" in command for command in created)


def denial(before: str, **more: Any) -> dict[str, Any]:
    """What refuses everything to credentials from before a moment."""
    condition = {"DateLessThan": {"aws:TokenIssueTime": before}, **more}
    return {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}


def test_the_guide_says_what_the_template_does() -> None:
    template = Template()
    password = template.properties("UserPool")["Policies"]["PasswordPolicy"]
    client = template.properties("UserPoolClient")
    assert f"good for {password['TemporaryPasswordValidityDays']} days" in GUIDE
    assert f"| ID token | {client['IdTokenValidity']} minutes at most" in GUIDE
    assert f"by itself it says {client['AccessTokenValidity']} minutes" in GUIDE
    assert f"{client['RefreshTokenRotation']['RetryGracePeriodSeconds']} seconds longer" in GUIDE
    for name in ("GroupRoles", "SelfSignUpDomains", "PolicyArns", "ThreatProtection"):
        assert f"`{name}" in GUIDE
        assert name in document()["Parameters"]


def test_every_section_is_in_the_list_at_its_head() -> None:
    headings = re.findall(r"^## (.*)$", GUIDE, re.MULTILINE)
    assert re.findall(r"^- \[(.*?)\]\(#", GUIDE, re.MULTILINE) == headings
    anchors = {
        heading.lower().replace(",", "").replace(" ", "-")
        for heading in re.findall(r"^###? (.*)$", GUIDE, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([a-z-]+)\)", GUIDE)) <= anchors
