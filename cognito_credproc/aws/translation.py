"""What botocore raises, in our words: what failed, what was sent, and what to do.

Its own text is left out where it quotes what was sent.
"""

import botocore.exceptions as botocore_errors

from cognito_credproc.aws.connections import (
    IN_TROUBLE,
    NETWORK,
    nobody_there,
    proxy_failure,
    tls_failure,
)
from cognito_credproc.values.errors import CredprocError, ServiceError, UnreachableError

CONFIGURATION_HINT = "mend that in the profile, or in the environment; see: env | grep ^AWS_"


def refusal(operation: str, error: botocore_errors.ClientError) -> CredprocError:
    """What the service said, if it was the service."""
    details = error.response.get("Error", {})
    code, status = details.get("Code", ""), error.response["ResponseMetadata"]["HTTPStatusCode"]
    if not code or code.isdecimal() or status >= 500:
        hint = IN_TROUBLE if status >= 500 else NETWORK
        return UnreachableError(f"{operation}: HTTP status {status} instead of an answer", hint)
    return ServiceError(operation, code, str(details.get("Message", "")))


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
            return UnreachableError(f"{operation}: no answer from {endpoint}", NETWORK)
        case botocore_errors.ParamValidationError():
            return CredprocError(f"{operation}: a value is too short, too long or malformed")
        case _:
            return CredprocError(f"{operation}: {error}", CONFIGURATION_HINT)
