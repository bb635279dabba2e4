"""The AWS tools that are found here, run for real against the profile, and their answers compared.

Each is asked who it is. One that is not here is not spoken of.
"""

import json
import shlex
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from cognito_credproc.checks.finding import BlockedError, Check, Finding, broken, good
from cognito_credproc.checks.subject import Subject
from cognito_credproc.checks.trial import Outcome, tried
from cognito_credproc.process.redaction import Redactor

SECONDS = 40.0  # the first start of a large program on a busy machine
ABSENT = 96  # the status by which the scripts below say that the library is not installed
LONGEST = 300  # characters of what a tool says
PYTHON = f"""
import json, sys
try:
    import boto3
    from botocore.config import Config
except ImportError:
    sys.exit({ABSENT})
session = boto3.Session(profile_name=sys.argv[1])
bounds = Config(connect_timeout=5, read_timeout=10, retries={{"total_max_attempts": 2}})
answer = session.client("sts", config=bounds).get_caller_identity()
print(json.dumps({{"Arn": answer["Arn"], "Version": boto3.__version__}}))
"""
JAVASCRIPT = f"""
let sts
try {{ sts = await import("@aws-sdk/client-sts") }} catch (error) {{
  process.exit(error.code === "ERR_MODULE_NOT_FOUND" ? {ABSENT} : 1)
}}
const answer = await new sts.STSClient({{}}).send(new sts.GetCallerIdentityCommand({{}}))
console.log(JSON.stringify({{ Arn: answer.Arn }}))
"""

SHORT_PYTHON = 'import boto3; print(boto3.client("sts").get_caller_identity())'
BY_HAND = "mend what the findings above say; if there is none, ask it by hand:"
NODE_IS_OTHER = (
    "mend what the findings above say; if there is none: it uses no HTTPS_PROXY unless "
    "NODE_USE_ENV_PROXY=1 is set (Node.js 24), and NODE_EXTRA_CA_CERTS in place of AWS_CA_BUNDLE"
)


class Tool(NamedTuple):
    """One tool: what it is called, how it is asked, and how a person asks it or helps it."""

    name: str
    words: Sequence[str]
    environment: Mapping[str, str]
    mend: str
    command: str = ""


def cli(subject: Subject) -> Iterator[Finding]:
    """The AWS CLI that a shell finds."""
    program = _found(subject, "aws")
    if program:
        words = ["sts", "get-caller-identity", "--profile", subject.profile]
        by_hand = shlex.join(["aws", *words])
        asked = [program, *words, "--output=json"]
        yield from _answer(subject, Tool(program, asked, {}, BY_HAND, by_hand))


def boto3(subject: Subject) -> Iterator[Finding]:
    """boto3 of the Python that a shell finds."""
    python = _found(subject, "python3") or _found(subject, "python")
    if python:
        words = [python, "-c", PYTHON, subject.profile]
        by_hand = f"AWS_PROFILE={shlex.quote(subject.profile)} {python} -c '{SHORT_PYTHON}'"
        tool = Tool(f"boto3 {{version}} of {python}", words, {}, BY_HAND, by_hand)
        yield from _answer(subject, tool)


def node(subject: Subject) -> Iterator[Finding]:
    """The AWS SDK for JavaScript v3 of the folder that one stands in."""
    program = _found(subject, "node")
    if program and _stands_somewhere():
        words = [program, "--input-type=module", "-e", JAVASCRIPT]
        more = {"AWS_PROFILE": subject.profile, "NODE_NO_WARNINGS": "1"}
        name = f"@aws-sdk of this folder, by {program}"
        yield from _answer(subject, Tool(name, words, more, NODE_IS_OTHER))


def _stands_somewhere() -> bool:
    """Whether the current folder is there; Node.js does not even start in one that was removed."""
    try:
        Path.cwd()
    except OSError:
        return False
    return True


def _found(subject: Subject, program: str) -> str | None:
    return shutil.which(program, path=subject.environment.get("PATH"))


def _answer(subject: Subject, tool: Tool) -> Iterator[Finding]:
    """Ask a tool, unless it could only fail as the checks before it did."""
    if subject.credentials is None:
        raise BlockedError("credentials")
    if subject.arn is None:
        raise BlockedError("an answer of AWS STS")
    outcome = tried(tool.words, {**subject.unattended, **tool.environment}, SECONDS)
    if outcome.status == ABSENT:
        return
    found = _members(outcome)
    name, arn = tool.name.replace("{version}", str(found.get("Version", ""))), found.get("Arn")
    name = " ".join(name.split())  # no version where it failed
    if outcome.status is None:
        what = f"{name} did not answer within {SECONDS:.0f} seconds"
        yield broken(what, "", tool.mend, tool.command)
    elif outcome.status != 0 or not isinstance(arn, str):
        what = f"{name} fails: {_said(outcome, subject)}"
        yield broken(what, "", tool.mend, tool.command)
    elif _role(arn) != _role(subject.arn):
        yield broken(
            f"{name} is {arn}, and the line's credentials are of {subject.arn}",
            "it takes its credentials from somewhere else",
            "see what wins over the line: the finding under shadowing, or: env | grep ^AWS_",
        )
    else:
        yield good(f"{name} gets them")


def _members(outcome: Outcome) -> dict[str, object]:
    try:
        found = json.loads(outcome.out)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _said(outcome: Outcome, subject: Subject) -> str:
    """The end of what it said, where tools say what was wrong; without any secret."""
    redactor = Redactor()
    redactor.conceal(subject.credentials and subject.credentials.document())
    lines = [text.strip() for text in redactor.text(outcome.err).splitlines() if text.strip()]
    traced = any(text.startswith("Traceback") for text in lines)  # Python says it last
    first = next((text for text in lines if "rror" in text), None)
    said = (first if first and not traced else lines[-1]) if lines else "it says nothing"
    return said if len(said) <= LONGEST else said[:LONGEST] + "…"


def _role(arn: str) -> str:
    """The ARN without the session's name, which a tool may choose."""
    return arn.rpartition("/")[0] if ":assumed-role/" in arn else arn


WHY = "programs that use it get no credentials, or other ones"
CLI = Check("aws", cli, WHY, unbounded=True)
BOTO3 = Check("boto3", boto3, WHY, unbounded=True)
NODE = Check("node", node, WHY, unbounded=True)
