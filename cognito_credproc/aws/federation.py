"""The federation endpoint of AWS Sign-In: credentials for a sign-in token.

The credentials go into the body of a POST, where no proxy and no access log writes them down. It
is of no service model, so the request is made here, by botocore's HTTP session.

Source: IAM user guide, "Enabling custom identity broker access to the AWS console".
"""

import json
from urllib.parse import urlencode

import botocore.session
from botocore.awsrequest import AWSRequest

from cognito_credproc.aws.connections import IN_TROUBLE
from cognito_credproc.aws.web import AGENT, Timeout, send
from cognito_credproc.flows.flow import WEB_PAGE, Answer, Call
from cognito_credproc.values.errors import ServiceError, UnreachableError

PATH = "/federation"
THROTTLED = 429


def ask(call: Call, endpoint: str, session: botocore.session.Session, timeout: Timeout) -> Answer:
    """A sign-in token. `timeout` is for the connection and for the answer, in seconds.

    Raises:
        ServiceError: the endpoint does not take the credentials.
        UnreachableError: no usable answer came.
        BotoCoreError: no connection came about.
    """
    form = {name: text for name, text in call.parameters.items() if name != "Endpoint"}
    headers = {
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
        "User-Agent": AGENT,
    }
    body = urlencode({"Action": "getSigninToken", **form})
    request = AWSRequest("POST", f"{endpoint}{PATH}", headers, body)
    response = send(request, session, timeout)
    return _answer(call.operation, response.status_code, response.content)


def _answer(operation: str, status: int, content: bytes) -> Answer:
    if status == THROTTLED:
        raise ServiceError(operation, "TooManyRequestsException", "Too many requests")
    if status >= 500:
        raise UnreachableError(
            f"{operation}: HTTP status {status} instead of an answer", IN_TROUBLE
        )
    if status >= 400:  # with a page for people, whose words are not promised
        words = "AWS Sign-In does not take these credentials"
        raise ServiceError(operation, f"HTTP status {status}", words)
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    if (
        status != 200
        or not isinstance(found, dict)
        or not isinstance(found.get("SigninToken"), str)
    ):
        raise UnreachableError(
            f"{operation}: a web page came instead of an answer", WEB_PAGE, here=True
        )
    return found
