"""What Cognito says about a plan: held against the local Cognito, and against other words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cognito_credproc.aws import discovery
from cognito_credproc.aws.cognito import Cognito
from cognito_credproc.aws.discovery import Published
from cognito_credproc.aws.routes import Routes
from cognito_credproc.profiles.pool_check import ANY_PROVIDER, SECRET, Doubt, doubts
from cognito_credproc.values.clock import CorrectedClock, Deadline
from cognito_credproc.values.errors import CredprocError, UnreachableError
from tests.fakes import FakeClock, settings
from tests.local_cognito import LocalCognito
from tests.script import refusal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cognito_credproc.flows.flow import Answer, Call
    from tests.local_cognito import AppClient, IdentityPool

NOTHING = Published(None, absent=False)
UNKNOWN = "ap-northeast-1:11111111-2222-3333-4444-555555555555"


class Site:
    """A local Cognito, and a plan that is about it; the profile is not in any file yet."""

    def __init__(self, cognito: LocalCognito) -> None:
        self.cognito = cognito
        self.pool = cognito.create_user_pool()
        self.client: AppClient = self.pool.create_client()
        self.identity_pool: IdentityPool = cognito.create_identity_pool(self.client)
        self.secret: str | None = None
        self.asked_for_secret = 0

    def found(self, **changes: str) -> list[Doubt]:
        """The doubts."""
        said = {
            "profile": "not-there-yet",
            "user_pool_id": self.pool.id,
            "client_id": self.client.id,
            "identity_pool_id": self.identity_pool.id,
            **changes,
        }
        clock = CorrectedClock(FakeClock())
        plan = settings(**said)
        cognito = Cognito(plan, clock, Deadline(clock, 10))
        return doubts(plan, cognito, lambda: self._published(plan.user_pool_id), self._secret)

    def _published(self, pool_id: str) -> Published:
        """As it comes from where botocore's own client is led."""
        clock = FakeClock()
        routes = Routes(settings(profile="not-there-yet"), clock)
        reply = routes.get(routes.route("cognito-idp"), discovery.path(pool_id))
        return discovery.read(reply.body)

    def _secret(self) -> str | None:
        self.asked_for_secret += 1
        return self.secret


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Site]:
    with LocalCognito() as cognito:
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "nothing"))
        monkeypatch.setenv("AWS_PROFILE", "not-there-either")
        for name, value in cognito.environment().items():
            monkeypatch.setenv(name, value)
        yield Site(cognito)


def test_all_is_well(site: Site) -> None:
    assert site.found() == []
    assert site.asked_for_secret == 0
    assert [call.operation for call in site.cognito.calls] == ["InitiateAuth", "GetId"]
    assert site.identity_pool.identities == {}


def test_nothing_counts_against_anybody(site: Site) -> None:
    user = site.pool.create_user("istio@example.com", password="Correct-horse-1")
    for _ in range(6):
        site.found(username="istio@example.com")
    assert user.wrong_passwords_ever == 0


def test_an_app_client_that_is_not_there(site: Site) -> None:
    [found] = site.found(client_id="nobody")
    assert found == Doubt("cognito_client_id", "no app client in ap-northeast-1 is nobody")


def test_a_flow_that_is_not_allowed(site: Site) -> None:
    [found] = site.found(auth_flow="USER_PASSWORD_AUTH")
    assert found == Doubt("cognito_auth_flow", "the app client does not allow USER_PASSWORD_AUTH")
    site.client.flows = ("ALLOW_USER_PASSWORD_AUTH",)
    assert site.found(auth_flow="USER_PASSWORD_AUTH") == []
    assert [found.key for found in site.found()] == ["cognito_auth_flow"]


def test_a_flow_of_another_kind_needs_the_client_alone(site: Site) -> None:
    site.client.flows = ()
    assert site.found(auth_flow="ELSEWHERE") == []
    [found] = site.found(auth_flow="ELSEWHERE", client_id="nobody")
    assert found.key == "cognito_client_id"


def test_a_user_pool_that_is_not_there(site: Site) -> None:
    found = site.found(user_pool_id="ap-northeast-1_Mistyped1")
    assert found == [
        Doubt("cognito_user_pool_id", "no user pool in ap-northeast-1 is ap-northeast-1_Mistyped1")
    ]


def test_identity_pools(site: Site) -> None:
    [found] = site.found(identity_pool_id=UNKNOWN)
    assert found == Doubt(
        "cognito_identity_pool_id", f"no identity pool in ap-northeast-1 is {UNKNOWN}"
    )
    other = site.cognito.create_identity_pool(site.cognito.create_user_pool().create_client())
    [found] = site.found(identity_pool_id=other.id)
    assert found.hint
    assert "does not seem to know" in found.words
    [found] = site.found(logins_key="issuer.example.com/pool")
    assert found.hint


def test_client_secrets(site: Site) -> None:
    site.client = site.pool.create_client(secret=True)
    site.identity_pool = site.cognito.create_identity_pool(site.client)
    [found] = site.found()
    command = "cognito-credproc-enroll --profile not-there-yet"
    assert (found.key, found.hint) == (SECRET, f"the set-up asks for it: {command}")
    site.secret = "x" * 40
    assert site.found() == [Doubt(SECRET, "the app client has another secret than this")]
    site.secret = site.client.secret
    assert site.found() == []


def test_the_sign_in_page(site: Site) -> None:
    """Its domain is another door than the pool's endpoint, and shows whose the client is."""
    site.client.callback_urls = ("http://localhost:8976/",)
    at = {"auth_flow": "BROWSER", "domain": site.cognito.endpoint}
    assert site.found(**at) == []
    [found] = site.found(**at | {"domain": "http://127.0.0.1:9"})
    assert (found.key, found.hint) == ("cognito_domain", None)
    [found] = site.found(**at, redirect_uri="http://localhost:1/")
    assert "redirect" in found.words
    assert found.hint
    assert "register http://localhost:1/ as a callback URL" in found.hint


def test_a_pool_that_tells_who_its_users_are(site: Site) -> None:
    site.pool.prevent_user_existence_errors = False
    assert site.found() == []


REFUSALS = [
    ("TooManyRequestsException", "Rate exceeded"),
    ("InvalidParameterException", "Missing required parameter PASSWORD"),
    ("ForbiddenException", "Request blocked"),
    ("NotAuthorizedException", "Password attempts exceeded"),
    ("UserLambdaValidationException", "PreAuthentication failed"),
    ("NotAuthorizedException", "something new"),
]


@pytest.mark.parametrize(("code", "detail"), REFUSALS)
def test_words_that_nobody_here_knows_are_no_doubt(code: str, detail: str) -> None:
    def call(step: Call) -> Answer:
        raise refusal(step.operation, code, detail)

    assert doubts(settings(), call, lambda: NOTHING, lambda: None) == []


@pytest.mark.parametrize(
    ("published", "logins_key", "provider", "warns"),
    [
        (Published("issuer.example.com/pool", absent=False), None, "issuer.example.com/pool", True),
        (Published("issuer.example.com/pool", absent=False), "mine/pool", "mine/pool", True),
        (Published(None, absent=False), None, ANY_PROVIDER, False),
    ],
)
def test_the_providers_name_is_the_pools_own_word(
    published: Published, logins_key: str | None, provider: str, warns: bool
) -> None:
    asked: list[Call] = []

    def call(step: Call) -> Answer:
        asked.append(step)
        if step.operation == "GetId":
            unknown = "Token is not from a supported provider of this identity pool."
            raise refusal("GetId", "NotAuthorizedException", unknown)
        return {}

    found = doubts(settings(logins_key=logins_key), call, lambda: published, lambda: None)
    assert list(asked[-1].parameters["Logins"]) == [provider]
    assert bool(found) == warns


@pytest.mark.parametrize("error", [UnreachableError("no way"), CredprocError("no endpoint")])
def test_no_answer_is_no_doubt_but_an_error(error: CredprocError) -> None:
    def call(_step: Call) -> Answer:
        raise error

    with pytest.raises(type(error)):
        doubts(settings(), call, lambda: NOTHING, lambda: None)
