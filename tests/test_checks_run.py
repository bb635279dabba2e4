"""The line and the AWS tools run for real, against programs of every kind of behaviour."""

import sys
from pathlib import Path

import pytest

from cognito_credproc.checks import caller, config_file, run, sdks
from cognito_credproc.checks.finding import BlockedError, Check, Finding, State
from cognito_credproc.values.credentials import Credentials
from cognito_credproc.values.errors import ServiceError, UnreachableError
from tests.fakes import NOW
from tests.patient import ARN, Patient

BROKEN, GOOD, NOTE, SKIPPED = State.BROKEN, State.GOOD, State.NOTE, State.SKIPPED
CREDENTIALS = Credentials("ASIAQWERTYUIOPASDFGH", "s3cret-key", "t0ken" * 20, int(NOW) + 3_590)
ROLE = "arn:aws:iam::111122223333:role/team/Dev"


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    return Patient(tmp_path)


def program(patient: Patient, name: str, text: str) -> Path:
    """A program in the folder that alone is the PATH."""
    folder = patient.folder / "bin"
    folder.mkdir(exist_ok=True)
    patient.environment["PATH"] = str(folder)
    file = folder / name
    file.write_text(text)
    file.chmod(0o700)
    return file


def runs(patient: Patient, shell: str) -> Finding:
    """What is found when the line runs a shell's words; nothing of what it prints is shown."""
    file = program(patient, "cognito-credproc", f"#!/bin/sh\n{shell}\n")
    patient.write(credential_process=f"{file} --profile dev")
    findings = patient.found(run.CHECK)
    assert not any(word in str(findings) for word in ("s3cret", "t0ken", "ASIA"))
    return findings[0]


# The line


def test_a_line_that_prints_credentials(patient: Patient) -> None:
    finding = runs(patient, f"/bin/cat <<'.'\n{CREDENTIALS.document()}.\n")
    assert finding.state is GOOD
    assert finding.what.startswith("credentials for 59 min, in ")


def test_what_it_prints_is_kept_for_the_checks_after_it(patient: Patient) -> None:
    file = program(patient, "line", f"#!/bin/sh\n/bin/cat <<'.'\n{CREDENTIALS.document()}.\n")
    patient.write(credential_process=str(file))
    subject = patient.subject()
    list(run.CHECK.run(subject))
    assert subject.credentials == CREDENTIALS
    assert "s3cret" not in repr(subject.credentials)


@pytest.mark.parametrize(
    "text", ["", "nonsense s3cret", "[]", '{"Version": 2}', '{"Version": 1, "AccessKeyId": "ASIA"}']
)
def test_a_line_that_prints_something_else(patient: Patient, text: str) -> None:
    finding = runs(patient, f"echo '{text}'")
    assert finding.state is BROKEN
    assert "no document of credentials" in finding.what


def test_a_line_that_fails_says_why_and_what_to_do(patient: Patient) -> None:
    finding = runs(
        patient,
        "echo 'error: profile dev: the sign-in has run out' >&2\n"
        "echo 'hint: cognito-credproc login --profile dev' >&2\nexit 3",
    )
    assert finding.state is BROKEN
    assert finding.what == "the line ends with status 3: profile dev: the sign-in has run out"
    assert finding.command == "cognito-credproc login --profile dev"


def test_a_line_that_fails_without_a_word(patient: Patient) -> None:
    assert runs(patient, "exit 1").what == "the line ends with status 1: it says nothing"


def test_what_another_program_says_is_its_own_business(patient: Patient) -> None:
    file = program(patient, "other", "#!/bin/sh\necho 'error: s3cret' >&2\nexit 1\n")
    patient.write(credential_process=str(file))
    finding = patient.one(run.CHECK)
    assert finding.state is BROKEN
    assert "s3cret" not in str(finding)


def test_a_line_that_is_noisy(patient: Patient) -> None:
    finding = runs(patient, f"echo noise >&2\n/bin/cat <<'.'\n{CREDENTIALS.document()}.\n")
    assert finding.state is NOTE
    assert "standard error" in finding.what


def test_a_line_that_hangs(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "SECONDS", 0.3)
    finding = runs(patient, "exec /bin/sleep 60")
    assert finding.state is BROKEN
    assert "did not end" in finding.what


def test_no_line(patient: Patient) -> None:
    patient.write(credential_process=None)
    assert patient.one(run.CHECK).what == "needs a line"


# Whose they are


def asked(patient: Patient) -> Finding:
    subject = patient.subject()
    subject.credentials = CREDENTIALS
    [finding] = caller.CHECK.run(subject)
    return finding


def test_whose_credentials(patient: Patient) -> None:
    assert asked(patient) == Finding(GOOD, ARN)


@pytest.mark.parametrize(
    ("role", "state"),
    [
        (ROLE, GOOD),
        (ROLE.replace("Dev", "Admin"), BROKEN),
        (ROLE.replace("1111", "4444"), BROKEN),
    ],
)
def test_whether_they_are_of_the_role_that_is_named(
    patient: Patient, role: str, state: State
) -> None:
    patient.write(cognito_role_arn=role)
    finding = asked(patient)
    assert finding.state is state
    assert (role in finding.what) == (state is BROKEN)


@pytest.mark.parametrize("arn", ["", "nonsense", "arn:aws:sts::111122223333:", "a:b:c:d:e:f"])
def test_an_answer_of_another_shape(patient: Patient, arn: str) -> None:
    patient.write(cognito_role_arn=ROLE)
    patient.network.arn = arn
    assert asked(patient).state is BROKEN


@pytest.mark.parametrize(
    "error",
    [
        UnreachableError("no connection to AWS STS", "check the network"),
        ServiceError("GetCallerIdentity", "InvalidClientTokenId", "The token is invalid."),
    ],
)
def test_credentials_that_are_not_taken(
    patient: Patient, error: UnreachableError | ServiceError
) -> None:
    patient.network.down["sts"] = error
    subject = patient.subject()
    subject.credentials = CREDENTIALS
    with pytest.raises(type(error)):
        list(caller.CHECK.run(subject))
    assert subject.arn is None


def test_no_credentials_no_question(patient: Patient) -> None:
    program(patient, "aws", "#!/bin/sh\nexit 1\n")
    for check in (caller.CHECK, sdks.CLI):
        assert patient.one(check) == Finding(SKIPPED, "needs credentials")


# The tools


def answers(patient: Patient, shell: str, arn: str | None = ARN) -> list[Finding]:
    """What is found where the AWS CLI does this."""
    program(patient, "aws", f"#!/bin/sh\n{shell}\n")
    subject = patient.subject()
    subject.credentials, subject.arn = CREDENTIALS, arn
    try:
        return list(sdks.CLI.run(subject))
    except BlockedError as error:
        return [Finding(SKIPPED, str(error))]


def test_a_tool_that_gets_them(patient: Patient) -> None:
    [finding] = answers(patient, f'echo \'{{"Arn": "{ARN}"}}\'')
    assert finding.state is GOOD
    assert finding.what.endswith("/bin/aws gets them")


def test_a_tool_may_name_its_session_as_it_likes(patient: Patient) -> None:
    other = ARN.replace("CognitoIdentityCredentials", "botocore-session-1")
    assert answers(patient, f'echo \'{{"Arn": "{other}"}}\'')[0].state is GOOD


@pytest.mark.parametrize(
    "other",
    ["arn:aws:iam::111122223333:user/me", ARN.replace("Dev", "Admin"), ARN.replace("1111", "4444")],
)
def test_a_tool_that_gets_others(patient: Patient, other: str) -> None:
    [finding] = answers(patient, f'echo \'{{"Arn": "{other}"}}\'')
    assert finding.state is BROKEN
    assert other in finding.what
    assert ARN in finding.what
    assert finding.mend


def test_a_tool_that_fails_says_what_without_secrets(patient: Patient) -> None:
    said = f"Error when retrieving credentials: {CREDENTIALS.secret_access_key} went wrong"
    [finding] = answers(patient, f"echo 'usage' >&2; echo '{said}' >&2; exit 255")
    assert finding.state is BROKEN
    assert "Error when retrieving credentials: [hidden] went wrong" in finding.what


def test_of_a_traceback_the_last_line_is_shown(patient: Patient) -> None:
    said = "Traceback (most recent call last):\\n  raise SomeError\\nbotocore.SomeError: no region"
    [finding] = answers(patient, f"printf '{said}\\n' >&2; exit 1")
    assert finding.what.endswith("fails: botocore.SomeError: no region")


@pytest.mark.parametrize("shell", ["exit 0", "echo nonsense", "echo '[]'", "echo '{}'", "exit 9"])
def test_a_tool_that_says_nothing(patient: Patient, shell: str) -> None:
    [finding] = answers(patient, shell)
    assert (finding.state, finding.what.endswith("fails: it says nothing")) == (BROKEN, True)


def test_a_tool_that_hangs(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sdks, "SECONDS", 0.3)
    [finding] = answers(patient, "exec /bin/sleep 60")
    assert "did not answer" in finding.what


def test_tools_are_not_tried_where_they_could_only_fail(patient: Patient) -> None:
    assert answers(patient, "exit 1", arn=None)[0].what == "an answer of AWS STS"


@pytest.mark.parametrize("check", [sdks.CLI, sdks.BOTO3, sdks.NODE])
def test_what_is_not_here_is_not_spoken_of(patient: Patient, check: Check) -> None:
    patient.environment["PATH"] = str(patient.folder)
    assert patient.found(check) == []
    for name in ("python3", "node"):
        program(patient, name, f"#!/bin/sh\nexit {sdks.ABSENT}\n")
    subject = patient.subject()
    subject.credentials, subject.arn = CREDENTIALS, ARN
    assert list(check.run(subject)) == []


def test_a_python_without_boto3_is_not_spoken_of(patient: Patient) -> None:
    program(patient, "python3", f'#!/bin/sh\nexec {sys.executable} -I -S "$@"\n')
    subject = patient.subject()
    subject.credentials, subject.arn = CREDENTIALS, ARN
    assert list(sdks.BOTO3.run(subject)) == []


# The region, which the tools want


@pytest.mark.parametrize("variable", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_a_profile_without_a_region(patient: Patient, variable: str) -> None:
    patient.write(region=None)
    finding, other = patient.found(config_file.CHECK)
    assert (finding.state, other.state) == (NOTE, GOOD)
    assert finding.command == "cognito-credproc configure --profile dev"
    patient.environment[variable] = "ap-northeast-1"
    assert patient.one(config_file.CHECK).state is GOOD
