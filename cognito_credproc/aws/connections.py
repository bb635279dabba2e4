"""Which connections are not made, and why others did not come about, in words, with what to do.

The functions that explain are given the cause as the HTTP library has it, and return message and
hint. Nothing of the cause's own text is shown: it may quote a proxy's password.
"""

import ipaddress
import re
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from botocore.utils import get_environ_proxies

from cognito_credproc.flows.flow import WEB_PAGE
from cognito_credproc.values.errors import CredprocError

IN_TROUBLE = "the service is in trouble: wait a few minutes, then run the same command again"
NETWORK = "check the network and the proxy settings, then run the same command again"
# What OpenSSL's X509_verify_cert says (openssl/x509_vfy.h).
NOT_YET_VALID, EXPIRED = 9, 10
OTHER_HOST, OTHER_ADDRESS = 62, 64


def refuse_unsafe(url: str) -> None:
    """Passwords and tokens go over TLS, or nowhere but to this machine itself.

    Of names, `localhost` alone is taken for this machine: those below it (RFC 6761, section 6.3)
    may be asked of a name server, which can answer what it likes. And no proxy comes in between,
    which would read what has no TLS.

    Raises:
        CredprocError: they would go elsewhere.
    """
    refuse_password(url)
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = host == "localhost"
    if parts.scheme == "https":
        return
    if not loopback:
        raise CredprocError(
            f"the endpoint {url} has no TLS, and it is not on this machine",
            "give it an https:// address, in AWS_ENDPOINT_URL_… or the profile's endpoint_url",
        )
    if get_environ_proxies(url).get(parts.scheme):
        raise CredprocError(
            f"the endpoint {url} has no TLS, and a proxy would read what is sent to it",
            f"leave the proxy out for it: export NO_PROXY={host}",
        )


def refuse_password(url: str) -> None:
    """No name and no password in an endpoint's address: they would stand in messages and logs.

    Raises:
        CredprocError: there is one.
    """
    _, at, host = urlsplit(url).netloc.rpartition("@")
    if at:
        raise CredprocError(
            f"the endpoint at {host} is given with a name or a password",
            "leave them out, in AWS_ENDPOINT_URL_… or the profile's endpoint_url",
        )


def tls_failure(cause: object, endpoint: str) -> tuple[str, str]:
    """Why there was no TLS connection that can be trusted."""
    errors = list(_causes(cause))
    codes = {getattr(error, "verify_code", None) for error in errors}
    kinds = {type(error).__name__ for error in errors}
    if codes & {NOT_YET_VALID, EXPIRED}:
        return (
            f"the certificate of {endpoint} is not valid at this machine's time",
            "check the clock: date -u; if it is right, ask whoever runs the network or the proxy",
        )
    if codes & {OTHER_HOST, OTHER_ADDRESS} or "CertificateError" in kinds:
        return f"the certificate that came from {endpoint} is another host's", WEB_PAGE
    if any(isinstance(error, ssl.SSLCertVerificationError) for error in errors):
        return (
            f"the certificate of {endpoint} is of an authority that is not trusted here",
            "if a proxy inspects TLS here, name its CA: export AWS_CA_BUNDLE=/path/to/ca.pem",
        )
    if any(isinstance(error, ssl.SSLError) for error in errors):
        return f"{endpoint} does not speak TLS, or something on the way cuts it off", WEB_PAGE
    return (
        f"no TLS connection to {endpoint}: the certificates of AWS_CA_BUNDLE cannot be read",
        "name a file that is there: export AWS_CA_BUNDLE=/path/to/ca.pem",
    )


def nobody_there(endpoint: str) -> tuple[str, str]:
    """Why nothing answers at an address: perhaps a region has no endpoint of the wanted kind."""
    words = f"no connection to {endpoint}"
    for mark, kind, variable in (
        ("-fips.", "FIPS", "AWS_USE_FIPS_ENDPOINT"),
        (".api.a", "dual-stack", "AWS_USE_DUALSTACK_ENDPOINT"),  # .api.aws, .api.amazonwebservices
    ):
        if mark in endpoint:
            return words, f"not all regions have {kind} endpoints; without: export {variable}=false"
    return words, NETWORK


def proxy_failure(cause: object) -> tuple[str, str]:
    """Why the proxy opened no way."""
    said = " ".join(str(error) for error in _causes(cause))
    status = re.search(r"Tunnel connection failed: (\d{3})\b", said)
    if status is None:
        return (
            "the proxy refused or did not answer",
            "see that the proxy named in HTTPS_PROXY runs, then run the same command again",
        )
    if status[1] == "407":
        return (
            "the proxy wants a name and a password (status 407)",
            "name them in its address: export HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT",
        )
    return (
        f"the proxy opened no way to the service (status {status[1]})",
        "ask whoever runs the proxy to let you through to amazonaws.com",
    )


def _causes(error: object) -> Iterator[Exception]:
    """An error and what it wraps, at any depth."""
    if isinstance(error, Exception):
        yield error
        for inner in (getattr(error, "reason", None), *error.args):
            yield from _causes(inner)
