"""What botocore raises, in our words, and without what it may quote of the request."""

from typing import Any

import botocore.exceptions
import pytest

from cognito_credproc.aws.connections import refuse_unsafe
from cognito_credproc.aws.translation import refusal
from cognito_credproc.flows.flow import Call
from cognito_credproc.values.errors import CredprocError, ServiceError

REFRESH_TOKEN = "eyJjdHkiOiJKV1QifQ." + "x" * 1_700
PARAMETERS = {
    "ClientId": "1example23456789",
    "RefreshToken": REFRESH_TOKEN,
    "AuthParameters": {"USERNAME": "istio@example.com", "PASSWORD": "Corr\u00e9ct+horse/1"},
    "UserAttributes": [{"Name": "email", "Value": "other@example.com"}],
}


def said(message: str, operation: str = "InitiateAuth", **parameters: object) -> ServiceError:
    error = botocore.exceptions.ClientError(
        {
            "Error": {"Code": "InvalidParameterException", "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": 400},
        },
        operation,
    )
    found = refusal(Call("cognito-idp", operation, parameters or PARAMETERS), error)
    assert isinstance(found, ServiceError)
    return found


@pytest.mark.parametrize("secret", [REFRESH_TOKEN, "Corr\u00e9ct+horse/1", REFRESH_TOKEN[:900]])
def test_what_the_service_quotes_of_a_request_is_hidden(secret: str) -> None:
    error = said(f"Value '{secret}' of 1example23456789, istio@example.com failed to satisfy")
    shown = "Value '[hidden]' of 1example23456789, istio@example.com failed to satisfy"
    hidden_to_the_end = shown.replace("'[hidden]'", "[hidden]")
    assert error.detail in {shown, hidden_to_the_end}
    assert secret not in error.lines()


@pytest.mark.parametrize("password", ["password", "username", "or", "Incorrect"])
def test_the_services_own_words_stay_as_they_are(password: str) -> None:
    sentence = "Incorrect username or password."
    assert said(sentence, PASSWORD=password).detail == sentence


@pytest.mark.parametrize(
    "parameters",
    [
        {"AuthParameters": {"PASSWORD": "hunterpassword"}},
        {"ChallengeResponses": {"NEW_PASSWORD": "hunterpassword"}},
        {"ChallengeResponses": {"ANSWER": "hunterpassword"}},
        {"Password": "hunterpassword"},
    ],
)
def test_a_secret_is_hidden_though_it_be_a_word(parameters: dict[str, Any]) -> None:
    error = said("Value 'hunterpassword' at 'password' failed: Value too common", **parameters)
    assert error.detail == "Value '[hidden]' at 'password' failed: Value too common"
    after = said("Incorrect username or password: hunterpassword.", **parameters)
    assert after.detail == "Incorrect username or password: [hidden]."


def test_no_more_is_kept_of_a_sentence_than_a_person_reads() -> None:
    error = said("word " * 300_000)
    assert len(error.detail) == 1_000
    assert len(error.message) < 1_100


@pytest.mark.parametrize("url", ["https://bob:p@ss@host.example/", "http://bob@127.0.0.1:1"])
def test_an_endpoint_with_a_password_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(CredprocError, match="with a name or a password") as caught:
        refuse_unsafe(url)
    assert "bob" not in caught.value.lines()
    assert "ss@" not in caught.value.lines()
