"""Questions that need no secret: what each answer means, by hand and from the local Cognito."""

from collections.abc import Iterator

import pytest

from cognito_credproc.aws.cognito import Cognito
from cognito_credproc.flows.flow import Answer, Call, Step, run
from cognito_credproc.flows.probe import NOBODY, probe_app_client, probe_identity_pool
from cognito_credproc.values.app_client import AppClient
from cognito_credproc.values.clock import CorrectedClock, Deadline
from cognito_credproc.values.errors import ServiceError
from tests.fakes import PROFILE, FakeClock, config_text, settings
from tests.local_cognito import LocalCognito
from tests.script import challenged, play, refusal

APP = AppClient("ap-northeast-1_AbCdEfGhI", "1example23456789", None)
WRONG = "Incorrect username or password."


@pytest.mark.parametrize(
    "answer",
    [
        challenged("PASSWORD_VERIFIER", SALT="1", SRP_B="2", SECRET_BLOCK="3"),
        refusal("InitiateAuth", "NotAuthorizedException", WRONG),
        refusal("InitiateAuth", "UserNotFoundException", "User does not exist."),
        refusal("InitiateAuth", "UserLambdaValidationException", "Who is that?"),
    ],
)
@pytest.mark.parametrize("auth_flow", ["USER_SRP_AUTH", "USER_PASSWORD_AUTH"])
def test_an_app_client_that_would_let_somebody_in(answer: object, auth_flow: str) -> None:
    asked: list[Call] = []
    play(probe_app_client(APP, auth_flow), (asked.append, answer))
    [call] = asked
    assert call.parameters["AuthFlow"] == auth_flow
    assert call.parameters["AuthParameters"]["USERNAME"].startswith(NOBODY)


@pytest.mark.parametrize(
    ("code", "detail"),
    [
        ("ResourceNotFoundException", "User pool client x does not exist."),
        ("InvalidParameterException", "USER_SRP_AUTH flow not enabled for this client"),
        ("NotAuthorizedException", "Client x is configured with secret but SECRET_HASH was not r…"),
        ("NotAuthorizedException", "SecretHash does not match for the client: x"),
        ("TooManyRequestsException", "Rate exceeded"),
    ],
)
def test_an_app_client_that_lets_nobody_in(code: str, detail: str) -> None:
    with pytest.raises(ServiceError, match=code):
        play(
            probe_app_client(APP, "USER_SRP_AUTH"),
            (lambda _: None, refusal("InitiateAuth", code, detail)),
        )


def test_names_are_nobodys_and_differ() -> None:
    asked: list[Call] = []
    for _ in range(2):
        play(probe_app_client(APP, "USER_SRP_AUTH"), (asked.append, {}))
    first, second = (call.parameters["AuthParameters"]["USERNAME"] for call in asked)
    assert first != second
    assert len(first) <= 128


@pytest.mark.parametrize(
    ("detail", "good"),
    [
        ("Invalid login token. Not a valid OpenId Connect identity token.", True),
        ("Token is not from a supported provider of this identity pool.", False),
    ],
)
def test_an_identity_pool_that_knows_the_provider_or_does_not(detail: str, good: bool) -> None:
    answer = (lambda _: None, refusal("GetId", "NotAuthorizedException", detail))
    if good:
        play(probe_identity_pool("pool", "provider"), answer)
    else:
        with pytest.raises(ServiceError, match="supported provider"):
            play(probe_identity_pool("pool", "provider"), answer)


class Pools:
    """A user pool and an identity pool of the local Cognito, and calls to them."""

    def __init__(self, service: LocalCognito) -> None:
        self.service = service
        self.pool = service.create_user_pool()
        self.client = self.pool.create_client()
        self.identities = service.create_identity_pool(self.client)
        clock = FakeClock()
        known = settings(region=self.pool.region, identity_region=self.pool.region)
        self.call = Cognito(known, CorrectedClock(clock), Deadline(clock, 60))

    def ask(self, auth_flow: str = "USER_SRP_AUTH", **app: str | None) -> None:
        """Probe the app client, or another one."""
        values = {"client_id": self.client.id, "secret": self.client.secret, **app}
        client = AppClient(self.pool.id, str(values["client_id"]), values["secret"])
        run(probe_app_client(client, auth_flow), self._perform)

    def ask_identities(self, pool: str, provider: str) -> None:
        """Probe an identity pool."""
        run(probe_identity_pool(pool, provider), self._perform)

    def _perform(self, step: Step) -> Answer:
        assert isinstance(step, Call)
        return self.call(step)


@pytest.fixture(scope="module")
def pools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pools]:
    config = tmp_path_factory.mktemp("pools") / "config"
    config.write_text(config_text({"profile dev": PROFILE}))
    with LocalCognito() as service, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_CONFIG_FILE", str(config))
        for name, value in service.environment().items():
            patch.setenv(name, value)
        for name in ("AWS_PROFILE", "HTTPS_PROXY"):
            patch.delenv(name, raising=False)
        yield Pools(service)


def test_the_service_answers_without_counting_anything_against_anybody(pools: Pools) -> None:
    user = pools.pool.create_user("istio@example.com", password="Correct-horse-1")
    pools.ask()
    pools.client.flows = ("ALLOW_USER_PASSWORD_AUTH",)
    pools.ask("USER_PASSWORD_AUTH")
    with pytest.raises(ServiceError, match="USER_SRP_AUTH flow not enabled"):
        pools.ask()
    pools.client.flows = ("ALLOW_USER_SRP_AUTH",)
    assert user.wrong_passwords_ever == 0


def test_the_service_knows_no_such_client(pools: Pools) -> None:
    with pytest.raises(ServiceError, match="ResourceNotFoundException"):
        pools.ask(client_id="nosuchclient")


def test_the_service_wants_the_secret(pools: Pools) -> None:
    pools.client.secret = "s" * 51
    with pytest.raises(ServiceError, match="SECRET_HASH was not received"):
        pools.ask(secret=None)
    with pytest.raises(ServiceError, match="SecretHash does not match"):
        pools.ask(secret="t" * 51)
    pools.ask()
    pools.client.secret = None


def test_the_service_knows_the_identity_pool_and_its_provider(pools: Pools) -> None:
    pools.ask_identities(pools.identities.id, pools.pool.provider)
    assert pools.identities.identities == {}
    with pytest.raises(ServiceError, match="supported provider"):
        pools.ask_identities(pools.identities.id, "cognito-idp.eu-west-1.amazonaws.com/other")
    with pytest.raises(ServiceError, match="ResourceNotFoundException"):
        pools.ask_identities("eu-west-1:11111111-2222-3333-4444-555555555555", "x")
