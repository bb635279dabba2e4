"""Whether Cognito knows what a profile is about to say: the app client, its flow, the pools.

A person who mistypes an id learns it here, and not from "incorrect user name or password" later.
What only may be wrong, by an answer that the service words differently now and then, is a warning.
One mistake cannot be seen without a sign-in: the id of one pool with the client of another. Cognito
takes the client alone, and says of no pool whose it is.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from cognito_credproc.aws.discovery import Published
from cognito_credproc.flows.entry import AUTH_FLOWS
from cognito_credproc.flows.flow import Answer, Call, Flow, Step, run
from cognito_credproc.flows.managed_login import ManagedLogin, probe_sign_in_page
from cognito_credproc.flows.probe import probe_app_client, probe_identity_pool
from cognito_credproc.flows.refusals import wants_client_secret
from cognito_credproc.people.questions import enroll_command
from cognito_credproc.process import debug
from cognito_credproc.settings.settings import Settings
from cognito_credproc.use_cases.advice import advice
from cognito_credproc.use_cases.performer import Caller
from cognito_credproc.values.errors import ServiceError, UnreachableError

PROVIDER = "ask whoever runs the identity pool to list this user pool and app client there"


ANY_PROVIDER = "accounts.google.com"  # one that every identity pool has heard of


class Doubt(NamedTuple):
    """Something that is not right: at which key, in words, and for a warning what to do."""

    key: str
    words: str
    hint: str | None = None  # None: the value of the key is certainly wrong


SECRET = "client secret"  # noqa: S105 - the name of a doubt that is about no key


def doubts(
    settings: Settings,
    call: Caller,
    published: Callable[[], Published],
    secret: Callable[[], str | None],
) -> list[Doubt]:
    """Ask Cognito. `secret` is called for the client secret only where the client has one.

    Raises:
        UnreachableError: no usable answer came.
    """
    found = list(_of_app_client(settings, call, secret))
    pool = published()
    if pool.absent:
        words = f"no user pool in {settings.region} is {settings.user_pool_id}"
        found.insert(0, Doubt("cognito_user_pool_id", words))
    if settings.managed_login is not None:
        found += _of_page(settings, settings.managed_login, call)
    return [*found, *_of_identity_pool(settings, call, settings.logins_key or pool.issuer)]


def _of_app_client(
    settings: Settings, call: Caller, secret: Callable[[], str | None]
) -> Iterator[Doubt]:
    # A flow of another kind is no matter of InitiateAuth, but the client's id is.
    flow = settings.auth_flow if settings.auth_flow in AUTH_FLOWS else AUTH_FLOWS[0]
    error = _refusal(probe_app_client(settings.app_client(None), flow), call)
    known = None
    if error is not None and wants_client_secret(error):
        known = secret()
        if known is None:
            yield Doubt(
                SECRET,
                "the app client has a secret, which is not in the keyring",
                f"the set-up asks for it: {enroll_command(settings.profile)}",
            )
            return
        error = _refusal(probe_app_client(settings.app_client(known), flow), call)
    if error is None:
        return
    if wants_client_secret(error):
        yield Doubt(SECRET, "the app client has another secret than this")
    elif error.code == "ResourceNotFoundException":
        yield Doubt(
            "cognito_client_id", f"no app client in {settings.region} is {settings.client_id}"
        )
    elif "flow not enabled" in error.detail and settings.auth_flow in AUTH_FLOWS:
        yield Doubt("cognito_auth_flow", f"the app client does not allow {flow}")


def _of_page(settings: Settings, login: ManagedLogin, call: Caller) -> Iterator[Doubt]:
    """The sign-in page: whether it is there, knows the app client, and lets the browser back."""
    try:
        error = _refusal(
            probe_sign_in_page(settings.app_client(None), login, settings.username), call
        )
    except UnreachableError as nobody:
        yield Doubt("cognito_domain", f"no sign-in page there: {nobody.message}")
        return
    if error is not None and "does not exist" in error.detail:
        words = f"the pool of {login.domain} has no app client {settings.client_id}"
        yield Doubt("cognito_client_id", words)
    elif error is not None:
        yield Doubt("cognito_domain", error.message, advice(error, settings) or login.domain)


def _of_identity_pool(settings: Settings, call: Caller, provider: str | None) -> Iterator[Doubt]:
    """Where the provider's name is not known, only whether there is such a pool."""
    key = "cognito_identity_pool_id"
    probe = probe_identity_pool(settings.identity_pool_id, provider or ANY_PROVIDER)
    error = _refusal(probe, call)
    if error is None:
        return
    if error.code == "ResourceNotFoundException":
        words = f"no identity pool in {settings.identity_region} is {settings.identity_pool_id}"
        yield Doubt(key, words)
    elif provider and "not from a supported provider" in error.detail:
        yield Doubt(key, "the identity pool does not seem to know this user pool", PROVIDER)


def _refusal(flow: Flow[None], call: Caller) -> ServiceError | None:
    """What the service says against it; None for nothing."""

    def perform(step: Step) -> Answer:
        match step:
            case Call():
                debug.conceal(step.parameters)
                return call(step)
        raise AssertionError("these flows do nothing but call")

    try:
        run(flow, perform)
    except ServiceError as error:
        return error
    return None
