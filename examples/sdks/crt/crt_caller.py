"""Prints the caller's ARN, by the AWS Common Runtime and the profile that AWS_PROFILE names.

The runtime has no clients of services: it fetches the credentials, signs, and sends what it is
given. The AWS SDK for Swift and other programs are built on it.
"""

import io
import os
import re
import urllib.parse

from awscrt import auth, http
from awscrt import io as crt_io

BODY = b"Action=GetCallerIdentity&Version=2011-06-15"
SECONDS = 60


def main() -> None:
    """Ask STS."""
    region = os.environ.get("AWS_REGION", "us-east-1")
    url = os.environ.get("AWS_ENDPOINT_URL_STS", f"https://sts.{region}.amazonaws.com")
    endpoint = urllib.parse.urlsplit(url)
    host = str(endpoint.hostname)
    secure = endpoint.scheme == "https"
    headers = http.HttpHeaders(
        [
            ("Host", endpoint.netloc),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Content-Length", str(len(BODY))),
        ]
    )
    signing = auth.AwsSigningConfig(
        algorithm=auth.AwsSigningAlgorithm.V4,
        credentials_provider=auth.AwsCredentialsProvider.new_process(
            os.environ.get("AWS_PROFILE", "default")
        ),
        region=region,
        service="sts",
    )
    request = http.HttpRequest("POST", "/", headers, io.BytesIO(BODY))
    request = auth.aws_sign_request(request, signing).result(SECONDS)
    tls = crt_io.ClientTlsContext(crt_io.TlsContextOptions()).new_connection_options()
    tls.set_server_name(host)
    port = endpoint.port or (443 if secure else 80)
    connection = http.HttpClientConnection.new(
        host, port, tls_connection_options=tls if secure else None
    ).result(SECONDS)
    answer = bytearray()
    stream = connection.request(request, on_body=lambda chunk, **_: answer.extend(chunk))
    stream.activate()
    stream.completion_future.result(SECONDS)
    found = re.search(r"<Arn>(.+)</Arn>", answer.decode())
    if found is None:
        raise SystemExit(f"error: {answer.decode()}")
    print(found[1])


if __name__ == "__main__":
    main()
