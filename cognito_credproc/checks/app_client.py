"""The app client: whether it is there, allows the profile's way of signing in, and its secret."""

from collections.abc import Iterator

from cognito_credproc.checks.finding import BlockedError, Check, Finding, good
from cognito_credproc.checks.subject import Subject
from cognito_credproc.flows.flow import Item
from cognito_credproc.flows.probe import probe_app_client
from cognito_credproc.use_cases.safekeeping import item_owner
from cognito_credproc.values.errors import KeychainError

# Cognito takes the client's id alone, and says of none which pool it is in.
ITS_POOL = "only a sign-in shows whether it is this pool's"


def check(subject: Subject) -> Iterator[Finding]:
    """Begin a sign-in that cannot succeed; nothing is counted against anybody."""
    settings = subject.settings
    if settings.managed_login:
        return  # the sign-in page is another door, and its check says whether that is open
    subject.reach("cognito-idp")
    owner = item_owner(Item.CLIENT_SECRET, settings)
    try:
        secret = subject.keychain.read(Item.CLIENT_SECRET, owner)
    except KeychainError:
        raise BlockedError("the keyring") from None
    subject.ask(probe_app_client(settings.app_client(secret), settings.auth_flow))
    words = f"{settings.client_id} allows {settings.auth_flow}"
    yield good(words if subject.standing.signed_in else f"{words}; {ITS_POOL}")


CHECK = Check("client", check, "it is the door to the user pool", seconds=40)
