"""The calls to AWS, by boto3's core: the one place that knows the network.

boto3 itself adds resources and S3 transfers to botocore's clients, at the price of 50 ms for
imports; nothing here needs them.

Nothing here is signed: the user pool and the identity pool are called with tokens, not with keys.
A client that looked for keys would find the profile's `credential_process` and start this program
again, without end; `signature_version=UNSIGNED` keeps it from looking.
"""

import contextlib
import random
import threading
from collections.abc import Callable
from email.utils import mktime_tz, parsedate_tz
from typing import Any, NamedTuple

import botocore.exceptions as botocore_errors
import botocore.session
from botocore import UNSIGNED
from botocore.config import Config
from botocore.parsers import ResponseParserError

from cognito_credproc import __version__
from cognito_credproc.aws.aws_session import session_of
from cognito_credproc.aws.connections import NETWORK, refuse_unsafe
from cognito_credproc.aws.translation import refusal, translated
from cognito_credproc.aws.web import Timeout, bind
from cognito_credproc.flows.flow import WEB_PAGE, Answer, Call, Service
from cognito_credproc.process import debug
from cognito_credproc.process.bounded import bounded
from cognito_credproc.settings.settings import Settings
from cognito_credproc.values.answer_shape import keeps_to
from cognito_credproc.values.breaker import NO_IDENTITY_PROVIDER, THROTTLED, backoff
from cognito_credproc.values.clock import LATE, CorrectedClock, Deadline
from cognito_credproc.values.errors import (
    CredprocError,
    NoTimeError,
    ServiceError,
    UnreachableError,
)

ATTEMPTS = 3
# Nothing was done, try again in a moment; but a limit of attempts is not gone in one.
TRY_AGAIN = (THROTTLED | {NO_IDENTITY_PROVIDER}) - {"LimitExceededException"}
# These change nothing at the service, so sending them again means nothing. All others spend a
# code or a session: they are repeated only where it is certain that the service did not act.
REPEATABLE = {
    "Authorize",
    "GetId",
    "GetCredentialsForIdentity",
    "GetOpenIdToken",
    "AssumeRoleWithWebIdentity",
    "GetSigninToken",
}
# What botocore's parser raises for an answer that is not JSON, or JSON of another shape.
UNREADABLE = (
    *(ResponseParserError, ArithmeticError, AttributeError, LookupError),
    *(RuntimeError, TypeError, ValueError),
)


class Limits(NamedTuple):
    """How long one attempt at a call may take, in seconds.

    `call` bounds what the other two do not: the look-up of a name, several addresses that are
    silent, an answer that comes byte by byte.
    """

    connect: float = 3
    read: float = 6
    call: float = 10

    @property
    def timeout(self) -> Timeout:
        """As an HTTP session wants it."""
        return self.connect, self.read


class Cognito:
    """Performs calls for one profile; a client is built when its first call comes.

    No call starts after the deadline, but for those that spend nothing, a little later. Each answer
    tells the clock what time it is at the service. While the first is on its way, the other
    services' clients are built, and `meanwhile` is run: what will be needed next, by whoever.
    """

    def __init__(
        self,
        settings: Settings,
        clock: CorrectedClock,
        deadline: Deadline,
        meanwhile: Callable[[], None] = lambda: None,
        limits: Limits = Limits(),  # noqa: B008 - it cannot be changed
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._clients: dict[Service, Any] = {}
        self._session: botocore.session.Session | None = None
        self._deadline = deadline
        self._limits = limits
        self._meanwhile: Callable[[], None] | None = meanwhile
        self._building = threading.Lock()
        self._later: tuple[Service, ...] = ("cognito-identity",)
        if settings.credential_flow == "basic":
            self._later += ("sts",)

    def __call__(self, call: Call) -> Answer:
        """Perform one call.

        Raises:
            ServiceError: the service refused.
            UnreachableError: no usable answer came.
        """
        reason: CredprocError | None = None
        for attempt in range(1, ATTEMPTS + 1):
            late = max(-self._deadline.left, 0)
            if late > (LATE if call.operation in REPEATABLE else 0):
                raise reason or NoTimeError(call.operation)
            debug.log.debug("call %s: try %d", call.operation, attempt)
            try:
                return bounded(lambda: self._once(call), max(self._limits.call - late, 1))
            except TimeoutError:  # looking up a name has no time limit of its own
                raise UnreachableError(
                    f"{call.operation}: no answer within {self._limits.call} seconds",
                    NETWORK,
                    here=True,
                ) from None
            except (ServiceError, UnreachableError) as error:
                reason = error
                debug.log.debug("call %s: %s", call.operation, error.message)
                if attempt == ATTEMPTS or not _may_repeat(call, error):
                    raise
            self._clock.sleep(backoff(attempt, random.random()))  # noqa: S311 - not a secret
        raise AssertionError("unreachable: the last attempt returns or raises")

    def prepare(self) -> None:
        """Build the client that is needed first; what goes wrong comes again where it is used."""
        with contextlib.suppress(Exception), self._building:
            browser = self._settings.managed_login is not None
            self._client("cognito-identity" if browser else "cognito-idp")

    def _once(self, call: Call) -> Answer:
        if call.service in {"managed-login", "federation"}:
            return self._of_no_model(call)
        try:
            with self._building:
                client = self._client(call.service)
            self._warm()
        except botocore_errors.BotoCoreError as error:
            raise translated(call.operation, error) from None
        except ValueError as error:  # it quotes an endpoint that is no URL
            raise CredprocError(
                f"{call.operation}: {error}",
                "mend it in AWS_ENDPOINT_URL_… or the profile's endpoint_url",
            ) from None
        method = getattr(client, botocore.xform_name(call.operation))
        debug.log.debug("call %s: to %s", call.operation, client.meta.endpoint_url)
        began, started = self._clock.machine.now(), self._clock.elapsed()
        try:
            answer: Answer = method(**call.parameters)
        except botocore_errors.ClientError as error:
            self._learn(error.response, began, started)
            raise refusal(call, error) from None
        except botocore_errors.BotoCoreError as error:
            raise translated(call.operation, error) from None
        except UNREADABLE:
            raise UnreachableError(
                f"{call.operation}: the answer cannot be read", NETWORK, here=True
            ) from None
        # botocore takes any text for an answer without members, which is what some calls return.
        if "html" in answer["ResponseMetadata"]["HTTPHeaders"].get("content-type", ""):
            raise UnreachableError(
                f"{call.operation}: a web page came instead of an answer", WEB_PAGE, here=True
            )
        shape = client.meta.service_model.operation_model(call.operation).output_shape
        if shape is not None and not keeps_to(shape, answer):
            raise UnreachableError(
                f"{call.operation}: the answer cannot be read", NETWORK, here=True
            )
        self._learn(answer, began, started)
        return answer

    def _learn(self, answer: Answer, began: float, started: float) -> None:
        """Tell the clock what time the answer was written at.

        What has no request id is not the service's, but a sign-in page's or a load balancer's.
        """
        took = self._clock.elapsed() - started
        headers = answer["ResponseMetadata"].get("HTTPHeaders", {})
        written = parsedate_tz(headers.get("date"))
        if written is not None and "x-amzn-requestid" in headers:
            with contextlib.suppress(ValueError, OverflowError):  # there is no such day
                self._clock.learn(mktime_tz(written), began, took)

    def _of_no_model(self, call: Call) -> Answer:
        """A call to the user pool's domain, or to AWS Sign-In, which no service model has."""
        if call.service == "managed-login":
            from cognito_credproc.aws.token_endpoint import ask  # for sign-ins by the browser alone

            endpoint = str(self._settings.domain)
        else:
            from cognito_credproc.aws.federation import ask  # for links to the console alone

            endpoint = call.parameters["Endpoint"]
        refuse_unsafe(endpoint)
        session = self._botocore()
        if call.service == "managed-login":
            self._warm()
        try:
            return ask(call, endpoint, session, self._limits.timeout)
        except botocore_errors.BotoCoreError as error:
            raise translated(call.operation, error) from None

    def _botocore(self) -> botocore.session.Session:
        """Its session, which reads the config file."""
        if self._session is None:
            self._session = session_of(self._settings.profile)
        return self._session

    def _warm(self) -> None:
        """Use the wait for the first answer; what goes wrong there comes again where it is used."""
        if self._meanwhile is None:
            return
        meanwhile, self._meanwhile = self._meanwhile, None

        def warm() -> None:
            for service in self._later:  # first, since the next call waits for them
                with contextlib.suppress(Exception), self._building:
                    self._client(service)
            with contextlib.suppress(Exception):
                meanwhile()

        threading.Thread(target=warm, daemon=True).start()

    def _client(self, service: Service) -> Any:
        if service not in self._clients:
            user_pool = service == "cognito-idp"
            client = self._botocore().create_client(
                service,
                region_name=self._settings.region if user_pool else self._settings.identity_region,
                config=Config(
                    signature_version=UNSIGNED,
                    connect_timeout=self._limits.connect,
                    read_timeout=self._limits.read,
                    retries={"total_max_attempts": 1, "mode": "standard"},
                    user_agent_extra=f"cognito-credproc/{__version__}",
                ),
            )
            refuse_unsafe(client.meta.endpoint_url)
            bind(client, self._botocore(), self._limits.timeout)
            self._clients[service] = client
        return self._clients[service]


def _may_repeat(call: Call, error: ServiceError | UnreachableError) -> bool:
    if isinstance(error, ServiceError):
        return error.code in TRY_AGAIN
    return not error.sent or call.operation in REPEATABLE
