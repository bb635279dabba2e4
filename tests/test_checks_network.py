"""The checks of what lies outside the machine, and of what wins over the profile."""

from pathlib import Path

import pytest

from cognito_credproc.aws.routes import Reply
from cognito_credproc.checks import (
    app_client,
    identity_pool,
    machine_clock,
    network,
    shadowing,
    sign_in_page,
    user_pool,
)
from cognito_credproc.checks.finding import Check, State
from cognito_credproc.flows.flow import Item
from cognito_credproc.values.errors import CredprocError, UnreachableError
from tests.fakes import PROFILE
from tests.patient import ISSUER, Patient, states
from tests.script import challenged, refusal

BROKEN, GOOD, NOTE, SKIPPED = State.BROKEN, State.GOOD, State.NOTE, State.SKIPPED
DOWN = UnreachableError("no connection to https://cognito", "check the network")
PROBE, GET_ID = "InitiateAuth", "GetId"
CHALLENGE = challenged("PASSWORD_VERIFIER", SALT="1", SRP_B="2", SECRET_BLOCK="3")
NO_TOKEN = refusal(GET_ID, "NotAuthorizedException", "Invalid login token. Not a valid token.")


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    return Patient(tmp_path)


# What wins


def test_nothing_wins(patient: Patient) -> None:
    assert patient.one(shadowing.CHECK).state is GOOD


def test_keys_in_the_environment(patient: Patient) -> None:
    patient.environment |= {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s3cret"}
    finding = patient.one(shadowing.CHECK)
    assert finding.state is BROKEN
    assert finding.command == "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY"
    assert "s3cret" not in str(finding)


def test_keys_in_the_credentials_file(patient: Patient) -> None:
    file = patient.folder / "credentials"
    file.write_text("[dev]\naws_access_key_id = AKIA\naws_secret_access_key = s3cret\n")
    patient.environment["AWS_SHARED_CREDENTIALS_FILE"] = str(file)
    finding = patient.one(shadowing.CHECK)
    assert finding.state is BROKEN
    assert str(file) in finding.what
    assert finding.mend.startswith("remove aws_access_key_id from [dev]")
    assert "s3cret" not in str(finding)


def test_what_wins_over_no_profile(patient: Patient) -> None:
    assert patient.one(shadowing.CHECK, "nope").what == "needs the profile"


# The clock


@pytest.mark.parametrize(
    ("ahead", "state", "words"),
    [
        (0.4, GOOD, "within a few seconds"),
        (-4.9, GOOD, "within a few seconds"),
        (45, NOTE, "45 s behind Cognito's"),
        (-130, NOTE, "2 min ahead of Cognito's"),
        (601, BROKEN, "10 min behind Cognito's"),
        (-86_400, BROKEN, "1 d ahead of Cognito's"),
    ],
)
def test_clocks(patient: Patient, ahead: float, state: State, words: str) -> None:
    patient.network.ahead = ahead
    finding = patient.one(machine_clock.CHECK)
    assert finding.state is state
    assert words in finding.what
    assert state is GOOD or finding.mend.startswith("set it by the network")


def test_any_service_tells_the_time(patient: Patient) -> None:
    patient.network.down["cognito-idp"] = DOWN
    patient.network.ahead = 400
    assert patient.one(machine_clock.CHECK).state is BROKEN


def test_nobody_tells_the_time(patient: Patient) -> None:
    patient.network.ahead = None
    assert patient.one(machine_clock.CHECK).state is SKIPPED


# The network


def test_every_service_answers(patient: Patient) -> None:
    findings = patient.found(network.CHECK)
    assert [finding.what for finding in findings] == [
        "cognito-idp in 123 ms: https://cognito-idp.ap-northeast-1.amazonaws.com",
        "cognito-identity in 123 ms: https://cognito-identity.ap-northeast-1.amazonaws.com",
    ]


def test_the_basic_flow_needs_one_more(patient: Patient) -> None:
    patient.write(
        cognito_credential_flow="basic", cognito_role_arn="arn:aws:iam::111122223333:role/Dev"
    )
    assert len(patient.found(network.CHECK)) == 3


def test_a_sign_in_by_the_browser_needs_the_pages(patient: Patient) -> None:
    patient.write(
        cognito_auth_flow="BROWSER", cognito_domain="team.example.com", cognito_username=None
    )
    assert patient.subject().services[-1] == "managed-login"
    assert len(patient.found(network.CHECK)) == 3
    patient.network.down["managed-login"] = DOWN
    finding = patient.one(sign_in_page.CHECK)
    assert (finding.state, finding.what) == (SKIPPED, "needs the network")
    *_, finding = patient.found(network.CHECK)
    assert finding.command == "cognito-credproc configure --profile dev --domain VALUE"


def test_a_service_that_is_down(patient: Patient) -> None:
    patient.network.down["cognito-identity"] = DOWN
    first, second = patient.found(network.CHECK)
    assert (first.state, second.state) == (GOOD, BROKEN)
    assert second.what == "cognito-identity: no connection to https://cognito"
    assert second.mend == "check the network"


def test_a_name_without_an_address(patient: Patient) -> None:
    patient.network.names = UnreachableError("x has no address", "check the network")
    assert states(patient.found(network.CHECK)) == [BROKEN, BROKEN]


def test_behind_a_proxy_names_are_its_business(patient: Patient) -> None:
    patient.network.names = UnreachableError("x has no address")
    patient.network.proxy = "proxy.example:3128"
    findings = patient.found(network.CHECK)
    assert states(findings) == [GOOD, GOOD]
    assert findings[0].what.startswith("cognito-idp in 123 ms by the proxy proxy.example:3128: ")
    patient.network.down["cognito-idp"] = UnreachableError("the proxy refused")
    assert patient.found(network.CHECK)[0].what == (
        "cognito-idp by the proxy proxy.example:3128: the proxy refused"
    )


def test_each_service_is_asked_once(patient: Patient) -> None:
    subject = patient.subject()
    for check in (machine_clock.CHECK, network.CHECK):
        list(check.run(subject))
    assert [path for _, path in patient.network.asked] == ["/", "/"]


# Pools and client


def test_a_user_pool_that_is_there(patient: Patient) -> None:
    finding = patient.one(user_pool.CHECK)
    assert (finding.state, finding.what) == (
        GOOD,
        f"{PROFILE['cognito_user_pool_id']} is there",
    )


def test_a_user_pool_that_is_not(patient: Patient) -> None:
    patient.network.published = Reply(
        400, b'{"message":"User pool ap-northeast-1_AbCdEfGhI does not exist."}', 0.1, 0
    )
    finding = patient.one(user_pool.CHECK)
    assert finding.state is BROKEN
    assert finding.command == "cognito-credproc configure --profile dev --user-pool-id VALUE"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"7", b'{"issuer": 7}', b"\xff"])
def test_a_user_pool_that_says_something_else(patient: Patient, body: bytes) -> None:
    patient.network.published = Reply(200, body, 0.1, 0)
    assert patient.one(user_pool.CHECK).state is NOTE
    assert patient.one(identity_pool.CHECK).state is SKIPPED


@pytest.mark.parametrize("check", [user_pool.CHECK, app_client.CHECK, identity_pool.CHECK])
def test_without_a_network_nothing_is_known(patient: Patient, check: Check) -> None:
    patient.network.down = {"cognito-idp": DOWN, "cognito-identity": DOWN}
    finding = patient.one(check)
    assert (finding.state, finding.what) == (SKIPPED, "needs the network")


def test_an_app_client_that_is_good(patient: Patient) -> None:
    patient.script = [(PROBE, CHALLENGE)]
    finding = patient.one(app_client.CHECK)
    assert finding.state is GOOD
    assert finding.what.endswith("; only a sign-in shows whether it is this pool's")
    assert "SECRET_HASH" not in patient.called[0].parameters["AuthParameters"]
    patient.store(Item.CLIENT_SECRET)
    patient.script = [(PROBE, CHALLENGE)]
    assert patient.one(app_client.CHECK).state is GOOD
    assert "SECRET_HASH" in patient.called[1].parameters["AuthParameters"]


@pytest.mark.parametrize(
    ("code", "detail", "mend"),
    [
        ("ResourceNotFoundException", "User pool client x does not exist.", "--client-id"),
        (
            "InvalidParameterException",
            "USER_SRP_AUTH flow not enabled for this client",
            "--auth-flow",
        ),
        (
            "NotAuthorizedException",
            "Client x is configured with secret but SECRET_HASH was not received",
            "cognito-credproc-enroll",
        ),
    ],
)
def test_an_app_client_that_is_not_good(
    patient: Patient, code: str, detail: str, mend: str
) -> None:
    patient.script = [(PROBE, refusal(PROBE, code, detail))]
    finding = patient.one(app_client.CHECK)
    assert finding.state is BROKEN
    assert code in finding.what
    assert mend in finding.mend + finding.command


def test_an_identity_pool_that_is_good(patient: Patient) -> None:
    patient.script = [(GET_ID, NO_TOKEN)]
    assert patient.one(identity_pool.CHECK).state is GOOD
    assert list(patient.called[0].parameters["Logins"]) == [ISSUER]


def test_the_providers_name_may_be_a_setting(patient: Patient) -> None:
    patient.write(cognito_logins_key="other.example/pool")
    patient.script = [(GET_ID, NO_TOKEN)]
    assert patient.one(identity_pool.CHECK).state is GOOD
    assert list(patient.called[0].parameters["Logins"]) == ["other.example/pool"]


@pytest.mark.parametrize(
    ("code", "detail", "mend"),
    [
        ("ResourceNotFoundException", "IdentityPool 'x' not found.", "--identity-pool-id"),
        (
            "NotAuthorizedException",
            "Token is not from a supported provider of this identity pool.",
            "must list this user pool",
        ),
    ],
)
def test_an_identity_pool_that_is_not_good(
    patient: Patient, code: str, detail: str, mend: str
) -> None:
    patient.script = [(GET_ID, refusal(GET_ID, code, detail))]
    finding = patient.one(identity_pool.CHECK)
    assert finding.state is BROKEN
    assert mend in finding.mend + finding.command


def test_an_answer_that_is_none(patient: Patient) -> None:
    patient.script = [(PROBE, UnreachableError("a web page came instead of an answer", "open it"))]
    finding = patient.one(app_client.CHECK)
    assert (finding.state, finding.mend) == (BROKEN, "open it")


def test_an_endpoint_that_is_none(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    def route(_service: str) -> None:
        raise CredprocError("Invalid endpoint: x", "see: env | grep ^AWS_")

    monkeypatch.setattr(patient.network, "route", route)
    assert states(patient.found(network.CHECK)) == [BROKEN, BROKEN]
    assert patient.one(app_client.CHECK).state is SKIPPED
