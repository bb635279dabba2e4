"""Requests that are of no service model, by the HTTP session that botocore's clients have.

Proxies and certificate authorities are found as botocore finds them for the calls of its clients.
"""

import os
from typing import Any

import botocore.session
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from cognito_credproc import __version__

AGENT = f"cognito-credproc/{__version__}"


def send(
    request: AWSRequest, session: botocore.session.Session, timeout: tuple[float, float]
) -> Any:
    """The answer, read to its end; redirects are not followed.

    `timeout` is for the connection and for the answer, in seconds.

    Raises:
        BotoCoreError: no connection came about, or no whole answer.
    """
    http = URLLib3Session(
        # As botocore.args and botocore.endpoint have it.
        verify=session.get_config_variable("ca_bundle")
        or os.environ.get("REQUESTS_CA_BUNDLE")
        or True,
        proxies=get_environ_proxies(request.url),
        timeout=timeout,
    )
    try:
        return http.send(request.prepare())
    finally:
        http.close()
