"""What botocore raises, in our words: what failed, what was sent, and what to do.

Its own text is left out where it quotes what was sent.
"""

import re
from collections.abc import Iterator, Mapping

import botocore.exceptions as botocore_errors

from cognito_credproc.aws.connections import (
    IN_TROUBLE,
    NETWORK,
    nobody_there,
    proxy_failure,
    tls_failure,
)
from cognito_credproc.aws.web import TooLongError
from cognito_credproc.flows.flow import Call
from cognito_credproc.values.errors import CredprocError, ServiceError, UnreachableError

HIDDEN = "[hidden]"
A_SCRAP = re.compile(r".{0,3}")  # too short to be found again
A_WORD = re.compile(r"[A-Za-z]{4,15}")  # it may be one of the service's own words
CONFIGURATION_HINT = "mend that in the profile, or in the environment; see: env | grep ^AWS_"


# What may stand in a message: names, not secrets.
NAMES = {
    *("AuthFlow", "ChallengeName", "ClientId", "IdentityId", "IdentityPoolId", "Username"),
    *("USERNAME", "CHALLENGE_NAME", "CustomRoleArn", "RoleArn", "RoleSessionName"),
    *("PREFERRED_CHALLENGE", "TIMESTAMP", "MfaType"),
}
# What a person makes up or keeps secret, and may be a word.
SECRETS = {
    *("PASSWORD", "NEW_PASSWORD", "Password", "ProposedPassword", "PreviousPassword", "ANSWER"),
    *("ConfirmationCode", "UserCode", "SECRET_HASH", "SecretHash", "ClientSecret", "Session"),
    *("SOFTWARE_TOKEN_MFA_CODE", "SMS_MFA_CODE", "SMS_OTP_CODE", "EMAIL_OTP_CODE"),
}
# What is decided by, word for word, and shown though a password be one of these words.
SENTENCES = (
    "Incorrect username or password",
    "Invalid session for the user",
    "Invalid verification code provided",
    "Password attempts exceeded",
    "Password reset required for the user",
    "Invalid Refresh Token",
    "Refresh Token",
    "SecretHash does not match",
    "Unable to verify secret hash for client",
    "User is disabled",
)
LONG_WORD = re.compile(r"\S{100,}")  # a token, or what is left of one that was cut


def refusal(call: Call, error: botocore_errors.ClientError) -> CredprocError:
    """What the service said, if it was the service, without what it may quote of the request."""
    operation = call.operation
    details = error.response.get("Error", {})
    code, status = details.get("Code", ""), error.response["ResponseMetadata"]["HTTPStatusCode"]
    if not code or code.isdecimal() or status >= 500:
        hint = IN_TROUBLE if status >= 500 else NETWORK
        return UnreachableError(f"{operation}: HTTP status {status} instead of an answer", hint)
    detail = str(details.get("Message", ""))
    own, rest = _own_words(detail)
    for secret in sorted(_secrets(call.parameters), key=len, reverse=True):
        rest = rest.replace(secret, HIDDEN)
    return ServiceError(operation, code, LONG_WORD.sub(HIDDEN, own + rest))


def _own_words(detail: str) -> tuple[str, str]:
    """The sentence that the service always begins with here, and what may be quoted after it."""
    own = max((each for each in SENTENCES if detail.startswith(each)), key=len, default="")
    return own, detail.removeprefix(own)


def _secrets(value: object, name: str = "") -> Iterator[str]:
    """Every text of a request that is neither a name nor a word that anybody may use."""
    match value:
        case str() if name in NAMES or A_SCRAP.fullmatch(value):
            return
        case str() if name in SECRETS or not A_WORD.fullmatch(value):
            yield value
        case Mapping():
            for key, each in value.items():
                yield from _secrets(each, str(key))
        case list() | tuple():
            for each in value:
                yield from _secrets(each, name)


def translated(operation: str, error: botocore_errors.BotoCoreError) -> CredprocError:
    """What the network did, without botocore's own text where that quotes what was sent."""
    endpoint = error.kwargs.get("endpoint_url", "the endpoint")
    match error:
        case botocore_errors.SSLError():
            words, hint = tls_failure(error.kwargs.get("error"), endpoint)
            return UnreachableError(f"{operation}: {words}", hint, here=True)
        case botocore_errors.ProxyConnectionError():
            words, hint = proxy_failure(error.kwargs.get("error"))
            return UnreachableError(f"{operation}: {words}", hint, sent=False, here=True)
        case botocore_errors.ConnectTimeoutError() | botocore_errors.EndpointConnectionError():
            words, hint = nobody_there(endpoint)
            return UnreachableError(f"{operation}: {words}", hint, sent=False, here=True)
        case botocore_errors.HTTPClientError():
            too_long = isinstance(error, TooLongError)
            words = str(error) if too_long else f"no answer from {endpoint}"
            return UnreachableError(f"{operation}: {words}", NETWORK, here=too_long)
        case botocore_errors.ParamValidationError():
            words = f"{operation}: a value is too short, too long or malformed"
            return CredprocError(words, "see the profile's settings: cognito-credproc doctor")
        case _:
            return CredprocError(f"{operation}: {error}", CONFIGURATION_HINT)
