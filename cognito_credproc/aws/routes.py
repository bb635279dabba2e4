"""The way to an AWS endpoint, looked at by the same HTTP client that its calls go by.

Which address, by which proxy, under which authorities: botocore's own answers, so that what is
found here holds for the calls as well. Nothing secret is sent.
"""

import email.utils
import os
import socket
import threading
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

import botocore.exceptions as botocore_errors
from botocore import UNSIGNED
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from cognito_credproc import __version__
from cognito_credproc.aws.aws_session import session_of
from cognito_credproc.aws.cognito import UNREADABLE
from cognito_credproc.aws.connections import (
    NETWORK,
    nobody_there,
    proxy_failure,
    refuse_password,
    refuse_unsafe,
    tls_failure,
)
from cognito_credproc.aws.web import TooLongError, bind, fetched
from cognito_credproc.flows.flow import Service
from cognito_credproc.process.bounded import bounded
from cognito_credproc.settings.settings import Settings
from cognito_credproc.values.clock import Clock
from cognito_credproc.values.credentials import Credentials
from cognito_credproc.values.errors import CredprocError, ServiceError, UnreachableError

CONNECT, READ, LOOKUP = 3.0, 6.0, 5.0  # seconds


class Route(NamedTuple):
    """The way to a service; the proxy without its name and password."""

    url: str
    proxy: str | None = None
    authorities: str | None = None  # the file that AWS_CA_BUNDLE or the profile names

    @property
    def host(self) -> str:
        """The host of the endpoint."""
        return urlsplit(self.url).hostname or ""


class Reply(NamedTuple):
    """What came back. `ahead` is by how many seconds the service's clock is ahead of ours."""

    status: int
    body: bytes
    seconds: float
    ahead: float | None


class Network(Protocol):
    """What the checks ask the network."""

    def route(self, service: Service) -> Route:
        """The way to a service."""

    def addresses(self, host: str) -> list[str]:
        """The addresses of a host."""

    def get(self, route: Route, path: str) -> Reply:
        """GET something there."""

    def whose(self, credentials: Credentials) -> str:
        """Whose credentials these are: the ARN."""


class Routes:
    """The endpoints of one profile."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._session = session_of(settings.profile)
        self._lock = threading.Lock()

    def route(self, service: Service) -> Route:
        """The way to a service.

        Raises:
            CredprocError: the configuration names no endpoint that can be used.
        """
        settings, domain = self._settings, self._settings.domain
        region = settings.region if service == "cognito-idp" else settings.identity_region
        try:
            with self._lock:
                if service == "managed-login" and domain:
                    url = domain
                else:
                    url = self._session.create_client(
                        service, region_name=region, config=Config(signature_version=UNSIGNED)
                    ).meta.endpoint_url
                authorities = self._session.get_config_variable("ca_bundle")
        except (botocore_errors.BotoCoreError, ValueError) as error:
            raise CredprocError(f"{service}: {error}", "see: env | grep ^AWS_") from None
        refuse_password(url)
        proxy = get_environ_proxies(url).get(urlsplit(url).scheme)
        authorities = authorities or os.environ.get("REQUESTS_CA_BUNDLE")
        return Route(url, _without_password(proxy), authorities)

    def addresses(self, host: str) -> list[str]:
        """The addresses of a host.

        Raises:
            UnreachableError: it has none, or nobody tells.
        """
        try:
            found = bounded(lambda: socket.getaddrinfo(host, 443, proto=socket.IPPROTO_TCP), LOOKUP)
        except TimeoutError:
            raise UnreachableError(
                f"no name server tells the address of {host} within {LOOKUP:.0f} seconds", NETWORK
            ) from None
        except (OSError, UnicodeError):
            raise UnreachableError(f"{host} has no address", nobody_there(host)[1]) from None
        return [str(address[4][0]) for address in found]

    def get(self, route: Route, path: str) -> Reply:
        """GET something there.

        Raises:
            UnreachableError: no answer came, or it cannot be trusted.
        """
        http = URLLib3Session(
            verify=route.authorities or True,
            proxies=get_environ_proxies(route.url),
            timeout=(CONNECT, READ),
        )
        agent = {"User-Agent": f"cognito-credproc/{__version__}"}
        request = AWSRequest("GET", route.url.rstrip("/") + path, agent).prepare()
        began = self._clock.now()
        try:
            answer = fetched(http, request)
            body = answer.content
        except botocore_errors.BotoCoreError as error:
            raise _unreachable(route.url, error) from None
        finally:
            http.close()
        took = self._clock.now() - began
        return Reply(
            answer.status_code, body, took, _ahead(answer.headers.get("Date"), began + took / 2)
        )

    def whose(self, credentials: Credentials) -> str:
        """Whose credentials these are: the ARN that STS names (GetCallerIdentity).

        Raises:
            UnreachableError: no answer came.
            ServiceError: the credentials are not good.
            CredprocError: others would read the session token on its way.
        """
        try:
            with self._lock:
                client = self._session.create_client(
                    "sts",
                    region_name=self._session.get_config_variable("region")
                    or self._settings.region,
                    aws_access_key_id=credentials.access_key_id,
                    aws_secret_access_key=credentials.secret_access_key,
                    aws_session_token=credentials.session_token,
                    config=Config(
                        connect_timeout=CONNECT,
                        read_timeout=READ,
                        retries={"total_max_attempts": 2, "mode": "standard"},
                    ),
                )
            refuse_unsafe(client.meta.endpoint_url)
            bind(client, self._session, (CONNECT, READ))
            return str(client.get_caller_identity()["Arn"])
        except botocore_errors.ClientError as error:
            found = error.response["Error"]
            raise ServiceError("GetCallerIdentity", found["Code"], found["Message"]) from None
        except botocore_errors.BotoCoreError as error:
            raise _unreachable("AWS STS", error) from None
        except UNREADABLE:
            raise UnreachableError("AWS STS: the answer cannot be read", NETWORK) from None


def _ahead(date: str | None, here: float) -> float | None:
    """How far a `Date` header (RFC 9110, section 5.6.7) is from our time; it has whole seconds."""
    try:
        there = email.utils.parsedate_to_datetime(date or "").timestamp()
    except (ValueError, OverflowError):
        return None
    return there + 0.5 - here


def _without_password(proxy: str | None) -> str | None:
    """A proxy's host and port."""
    if not proxy:
        return None
    try:
        parts = urlsplit(proxy if "//" in proxy else f"//{proxy}")
        return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
    except ValueError:
        return "a proxy whose address cannot be read"


def _unreachable(url: str, error: botocore_errors.BotoCoreError) -> UnreachableError:
    cause = error.kwargs.get("error")
    match error:
        case TooLongError():
            return UnreachableError(f"{url}: {error}", NETWORK)
        case botocore_errors.SSLError():
            return UnreachableError(*tls_failure(cause, url))
        case botocore_errors.ProxyConnectionError():
            return UnreachableError(*proxy_failure(cause))
        case botocore_errors.ConnectTimeoutError() | botocore_errors.EndpointConnectionError():
            return UnreachableError(*nobody_there(url))
        case _:
            return UnreachableError(f"no answer from {url}", NETWORK)
