"""Answers that are wrong in every way: each ends in credentials or in an error of ours.

Each answer of a renewal has a member taken away, or replaced by something of another type, or by
something huge; the real botocore reads it. Whatever comes: what is printed is a document that the
SDKs take, what is kept is kept, and nothing fails in a way that nobody thought of.
"""

import copy
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cognito_credproc.aws.cognito import Cognito
from cognito_credproc.flows.flow import Call, Item
from cognito_credproc.values.clock import CorrectedClock, Deadline
from cognito_credproc.values.errors import CredprocError
from tests.fakes import NOW, SEED, FakeClock
from tests.fakes import settings as profile
from tests.machine import ISSUER, Machine
from tests.script import id_token
from tests.wire import answering

RESULT = {
    "IdToken": id_token(iss=ISSUER),
    "AccessToken": "eyJhY2Nlc3M.x.y",
    "RefreshToken": "rotated",
    "ExpiresIn": 3600,
    "TokenType": "Bearer",
}
SRP = {
    "SALT": "8a" * 16,
    "SRP_B": "5b" * 380,
    "SECRET_BLOCK": "QUJD",
    "USERNAME": "u",
    "USER_ID_FOR_SRP": "u",
}
MFA = {
    "ChallengeName": "SOFTWARE_TOKEN_MFA",
    "Session": "s" * 40,
    "ChallengeParameters": {"USER_ID_FOR_SRP": "u"},
}
CHOICE = {
    "ChallengeName": "SELECT_MFA_TYPE",
    "Session": "s" * 40,
    "ChallengeParameters": {
        "USER_ID_FOR_SRP": "u",
        "MFAS_CAN_CHOOSE": '["SOFTWARE_TOKEN_MFA","SMS_MFA"]',
    },
}
KEYS = {
    "IdentityId": "ap-northeast-1:22222222-2222-3333-4444-555555555555",
    "Credentials": {
        "AccessKeyId": "ASIARTX3GSDSY267L5QV",
        "SecretKey": "secret",
        "SessionToken": "session",
        "Expiration": NOW + 3600,
    },
}
TOKENS: dict[str, Any] = {"AuthenticationResult": RESULT, "ChallengeParameters": {}}
GET_ID = {"IdentityId": KEYS["IdentityId"]}
# What the service says, in the order of the calls, for each way to new credentials.
WAYS: dict[str, list[dict[str, Any]]] = {
    "refresh": [TOKENS, GET_ID, KEYS],
    "password": [TOKENS, GET_ID, KEYS],
    "choice": [CHOICE, MFA, TOKENS, GET_ID, KEYS],
    "password and code": [MFA, TOKENS, GET_ID, KEYS],
    "srp": [
        {"ChallengeName": "PASSWORD_VERIFIER", "ChallengeParameters": SRP},
        MFA,
        TOKENS,
        GET_ID,
        KEYS,
    ],
}
# Each by a short name, as a test that fails writes it.
HUGE = {
    b"deep list": b"[" * 100_000,
    b"deep object": b'{"x":' * 100_000,
    b"long": b'{"AuthenticationResult":"' + b"x" * 3_000_000,
    b"long name": b'{"__type": "\\u001b[2J", "message": "' + b"y" * 50_000 + b'"}',
}
CLOCK = FakeClock()
COGNITO = {
    flow: Cognito(profile(auth_flow=flow), CorrectedClock(CLOCK), Deadline(CLOCK, 1e12))
    for flow in ("USER_PASSWORD_AUTH", "USER_SRP_AUTH")
}
GONE = object()
ANYTHING: Any = st.sampled_from(
    [GONE, None, True, 0, -1, 10**30, 1.5, "", "x", "x" * 100_000, [], ["x"], {}, {"x": "y"}]
) | st.recursive(st.text(max_size=20), lambda inner: st.lists(inner, max_size=2), max_leaves=3)


@pytest.fixture(scope="module", autouse=True)
def _config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The profile that the clients are built for."""
    file = tmp_path_factory.mktemp("aws") / "config"
    file.write_text("[profile dev]\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_CONFIG_FILE", str(file))
        yield


def paths(value: Any, here: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The way to every member of an answer, and to the whole of it."""
    yield here
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from paths(inner, (*here, name))


def changed(answer: dict[str, Any], path: tuple[str, ...], value: Any) -> Any:
    """The answer with one member replaced or taken away."""
    if not path:
        return {} if value is GONE else value
    answer = copy.deepcopy(answer)
    holder = answer
    for name in path[:-1]:
        holder = holder[name]
    if value is GONE:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return answer


class Life(Machine):
    """A machine whose calls go through the real client."""

    def __init__(self, folder: Path, way: str) -> None:
        super().__init__(folder)
        flow = "USER_SRP_AUTH" if way == "srp" else "USER_PASSWORD_AUTH"
        self.settings = profile(auth_flow=flow)
        self.client = COGNITO[flow]
        self.kept = {Item.PASSWORD: "a password", Item.TOTP_SEED: SEED}
        if way == "refresh":
            self.kept[Item.REFRESH_TOKEN] = "the first"
        for item, value in self.kept.items():
            self.store(item, value)

    def call(self, step: Call) -> Any:
        """Ask the real client."""
        return self.client(step)

    def renewed(self) -> dict[str, Any] | None:
        """The document of a renewal; None for an error of ours."""
        CLOCK.time = NOW
        self.clock = CLOCK
        try:
            text = self.renewal().document()
        except CredprocError as error:
            lines = error.lines().splitlines()
            assert lines[0].startswith("error: ")
            assert [line[:6] for line in lines[1:]] in ([], ["hint: "])
            return None
        document: dict[str, Any] = json.loads(text)
        return document


def is_good(document: dict[str, Any]) -> bool:
    """Whether every SDK takes the document."""
    texts = ["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"]
    return document["Version"] == 1 and all(
        isinstance(document[name], str) and document[name] for name in texts
    )


@pytest.mark.parametrize("way", WAYS)
def test_the_answers_as_they_should_be(way: str, tmp_path: Path) -> None:
    answers = [json.dumps(answer).encode() for answer in WAYS[way]]
    with answering(lambda _operation: (200, answers.pop(0))):
        document = Life(tmp_path, way).renewed()
    assert document is not None
    assert is_good(document)
    assert answers == []


@settings(max_examples=150)
@given(st.data())
def test_an_answer_with_something_wrong_in_it(data: st.DataObject) -> None:
    way = data.draw(st.sampled_from(sorted(WAYS)))
    answers = list(WAYS[way])
    number = data.draw(st.integers(0, len(answers) - 1))
    path = data.draw(st.sampled_from(sorted(paths(answers[number]))))
    answers[number] = changed(answers[number], path, data.draw(ANYTHING))
    content = [json.dumps(answer).encode() for answer in answers]
    with tempfile.TemporaryDirectory() as folder:
        life = Life(Path(folder), way)
        with answering(lambda _operation: (200, content.pop(0) if content else b"{}")):
            document = life.renewed()
        assert document is None or is_good(document)
        # Nothing is lost: what was stored is there, or a text that came in its place.
        for item, value in life.kept.items():
            now = life.read(item)
            assert now == value or (item == Item.REFRESH_TOKEN and now), item


@settings(max_examples=60)
@given(
    way=st.sampled_from(["refresh", "srp"]),
    number=st.integers(0, 2),
    status=st.sampled_from([200, 400, 403, 429, 500, 503]),
    body=st.binary(max_size=200)
    | st.sampled_from(sorted(HUGE))
    | st.sampled_from(
        [
            b'{"__type": 5, "message": 5}',
            b'{"__type": "NotAuthorizedException", "message": {"x": []}}',
            b'{"__type": ""}',
            b"null",
            b'"text"',
        ]
    ),
)
def test_a_body_that_is_no_answer(way: str, number: int, status: int, body: bytes) -> None:
    content = [(200, json.dumps(answer).encode()) for answer in WAYS[way]]
    content[number:] = [(status, HUGE.get(body, body))] * 20
    with tempfile.TemporaryDirectory() as folder:
        life = Life(Path(folder), way)
        with answering(lambda _operation: content.pop(0)):
            assert life.renewed() is None
        assert {item: life.read(item) for item in life.kept} in (
            life.kept,
            {**life.kept, Item.REFRESH_TOKEN: "rotated"},
            # Only the service's own word ends a refresh token, and a code ends nothing else.
            {**life.kept, Item.REFRESH_TOKEN: None},
        )
