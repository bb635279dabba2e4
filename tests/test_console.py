"""The link to the console, driven by hand: endpoints, pages, the link itself."""

import json
from urllib.parse import parse_qsl, urlsplit

import pytest

from cognito_credproc.flows.console import Console, sign_in_link
from cognito_credproc.flows.flow import Call
from cognito_credproc.values.credentials import Credentials
from cognito_credproc.values.errors import UnreachableError, UsageError
from tests.script import play

CREDENTIALS = Credentials("ASIAQAAAAAAAAAAAAAAA", "se/cr+et", "to/ken+==", 1_800_000_000)
ENDPOINT = "https://signin.aws.amazon.com"
PAGE = "https://us-east-1.console.aws.amazon.com/s3?region=us-east-1"


def token_call(**more: str) -> Call:
    session = '{"sessionId": "ASIAQAAAAAAAAAAAAAAA", "sessionKey": "se/cr+et", '
    session += '"sessionToken": "to/ken+=="}'
    given = {"Endpoint": ENDPOINT, "Session": session, **more}
    return Call("federation", "GetSigninToken", given)


@pytest.mark.parametrize(
    ("region", "endpoint", "home"),
    [
        ("us-east-1", "signin.aws.amazon.com", "us-east-1.console.aws.amazon.com"),
        ("eu-west-1", "eu-west-1.signin.aws.amazon.com", "eu-west-1.console.aws.amazon.com"),
        (
            "us-gov-east-1",
            "signin.amazonaws-us-gov.com",
            "us-gov-east-1.console.amazonaws-us-gov.com",
        ),
        ("cn-north-1", "signin.amazonaws.cn", "console.amazonaws.cn"),
        ("cn-northwest-1", "signin.amazonaws.cn", "cn-northwest-1.console.amazonaws.cn"),
        (
            "eusc-de-east-1",
            "eusc-de-east-1.signin.amazonaws-eusc.eu",
            "eusc-de-east-1.console.amazonaws-eusc.eu",
        ),
    ],
)
def test_each_cloud_has_its_own(region: str, endpoint: str, home: str) -> None:
    place = Console.of(region)
    assert place.endpoint == f"https://{endpoint}"
    assert place.destination(None) == f"https://{home}/console/home?region={region}"


def test_a_cloud_that_nobody_here_has_seen() -> None:
    with pytest.raises(UsageError, match="the console of us-iso-east-1 is not known"):
        Console.of("us-iso-east-1")


@pytest.mark.parametrize(
    ("wanted", "page"),
    [
        ("s3", "https://eu-west-1.console.aws.amazon.com/s3?region=eu-west-1"),
        ("/s3/", "https://eu-west-1.console.aws.amazon.com/s3/?region=eu-west-1"),
        (
            "ec2/home#Instances:",
            "https://eu-west-1.console.aws.amazon.com/ec2/home?region=eu-west-1#Instances:",
        ),
        (
            "ec2/home?region=eu-west-2",
            "https://eu-west-1.console.aws.amazon.com/ec2/home?region=eu-west-2",
        ),
        ("a?b=c", "https://eu-west-1.console.aws.amazon.com/a?b=c&region=eu-west-1"),
        ("https://health.aws.amazon.com/x", "https://health.aws.amazon.com/x"),
    ],
)
def test_pages(wanted: str, page: str) -> None:
    assert Console.of("eu-west-1").destination(wanted) == page


@pytest.mark.parametrize(
    "wanted",
    [
        "http://console.aws.amazon.com/",
        "https://example.com/",
        "https://xaws.amazon.com/",
        "https://console.aws.amazon.com.example.com/",
        "https://console.aws.amazon.com@example.com/",
        "https://example.com\\.aws.amazon.com/",
        "https://console.amazonaws.cn/",
        "//example.com",
        "javascript:alert(1)",
        "s3 x",
        "s3\n",
        "s\u00e9",
    ],
)
def test_no_page_of_the_console(wanted: str) -> None:
    with pytest.raises(UsageError):
        Console.of("eu-west-1").destination(wanted)


def test_the_link() -> None:
    link = play(
        sign_in_link(CREDENTIALS, ENDPOINT, PAGE, None),
        (token_call(), {"SigninToken": "a token/+="}),
    )
    parts = urlsplit(link)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{ENDPOINT}/federation"
    assert dict(parse_qsl(parts.query)) == {
        "Action": "login",
        "Issuer": "cognito-credproc",
        "Destination": PAGE,
        "SigninToken": "a token/+=",
    }
    assert json.loads(str(token_call().parameters["Session"]))["sessionKey"] == "se/cr+et"


def test_a_duration_is_sent_along() -> None:
    call = token_call(SessionDuration="3600")
    play(sign_in_link(CREDENTIALS, ENDPOINT, PAGE, 3_600), (call, {"SigninToken": "x"}))


def test_an_answer_without_a_token() -> None:
    with pytest.raises(UnreachableError, match="the answer holds no SigninToken"):
        play(sign_in_link(CREDENTIALS, ENDPOINT, PAGE, None), (token_call(), {"SigninToken": ""}))
