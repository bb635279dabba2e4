"""A user pool's domain, as far as it is no browser's matter: its tokens, and a look at the page.

Source: Amazon Cognito developer guide, "The token issuer endpoint"; RFC 6749, sections 2.3.1,
4.1.3, 5 and 6. An OAuth library would be a hundred milliseconds and a dependency for these two
requests.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import botocore.session
from botocore.awsrequest import AWSRequest

from cognito_credproc.aws.connections import IN_TROUBLE
from cognito_credproc.aws.web import AGENT, Timeout, send
from cognito_credproc.flows.flow import WEB_PAGE, Answer, Call
from cognito_credproc.values.errors import ServiceError, UnreachableError

PATH = "/oauth2/token"
REDIRECTS = {302, 303, 307}
THROTTLED = 429


def ask(call: Call, endpoint: str, session: botocore.session.Session, timeout: Timeout) -> Answer:
    """The tokens for a code or a refresh token (`Token`), or where a page leads to (`Authorize`).

    `timeout` is for the connection and for the answer, in seconds.

    Raises:
        ServiceError: the endpoint refused.
        UnreachableError: no usable answer came.
        BotoCoreError: no connection came about.
    """
    if call.operation == "Authorize":
        url: str = call.parameters["Url"]
        request = AWSRequest("GET", url, {"User-Agent": AGENT})
    else:
        url = f"{endpoint}{PATH}"
        form = urlencode(_form(call.parameters))
        request = AWSRequest("POST", url, _headers(call.parameters), form)
    response = send(request, session, timeout)
    if call.operation == "Authorize":
        return _redirect(call.operation, response.status_code, response.headers)
    return _answer(call.operation, response.status_code, response.content)


def _redirect(operation: str, status: int, headers: Mapping[str, str]) -> Answer:
    if status not in REDIRECTS:
        raise UnreachableError(
            f"{operation}: HTTP status {status}, and not the way to a sign-in page",
            "check cognito_domain, and whether the user pool has it",
        )
    return {"Location": headers.get("Location")}


def _form(parameters: Mapping[str, Any]) -> dict[str, str]:
    if "RefreshToken" in parameters:
        return {
            "grant_type": "refresh_token",
            "client_id": parameters["ClientId"],
            "refresh_token": parameters["RefreshToken"],
        }
    return {
        "grant_type": "authorization_code",
        "client_id": parameters["ClientId"],
        "code": parameters["AuthorizationCode"],
        "redirect_uri": parameters["RedirectUri"],
        "code_verifier": parameters["CodeVerifier"],
    }


def _headers(parameters: Mapping[str, Any]) -> dict[str, str]:
    headers = {
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
        "User-Agent": AGENT,
    }
    if "ClientSecret" in parameters:
        # Ids and secrets hold letters, digits, `_` and `+`; Cognito decodes no percent signs here.
        proof = f"{parameters['ClientId']}:{parameters['ClientSecret']}"
        headers["Authorization"] = f"Basic {base64.b64encode(proof.encode()).decode()}"
    return headers


def _answer(operation: str, status: int, content: bytes) -> Answer:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    if status == THROTTLED:
        raise ServiceError(operation, "TooManyRequestsException", "Too many requests")
    if status >= 500:
        raise UnreachableError(
            f"{operation}: HTTP status {status} instead of an answer", IN_TROUBLE
        )
    if not isinstance(found, dict):
        raise UnreachableError(
            f"{operation}: a web page came instead of an answer", WEB_PAGE, here=True
        )
    if status != 200:
        code = str(found.get("error", f"HTTP status {status}"))
        raise ServiceError(operation, code, str(found.get("error_description") or code))
    return found
