"""The app client's secret, asked for where a sign-in shows that it is missing or wrong here."""

from collections.abc import Callable
from typing import TypeVar

from cognito_credproc.flows.flow import Item
from cognito_credproc.flows.refusals import wants_client_secret
from cognito_credproc.people.questions import hidden
from cognito_credproc.people.terminal import Person
from cognito_credproc.use_cases.performer import Performer
from cognito_credproc.values.errors import ServiceError

T = TypeVar("T")


def with_client_secret(
    enter: Callable[[], T], profile: str, performer: Performer, person: Person | None
) -> T:
    """Do something that needs the secret; if it is not the right one, ask for it and do it again.

    Nothing else is looked at before the secret, so that no password counts as wrong by it. It is
    called under the user's lock.

    Raises:
        ServiceError: nobody is there to be asked; another refusal.
    """
    try:
        return enter()
    except ServiceError as error:
        if person is None or not wants_client_secret(error):
            raise
    person.say(f"[{profile}] this app client has a secret; whoever runs the user pool knows it")
    secret = hidden(person, f"[{profile}] client secret: ").strip()
    performer.store(Item.CLIENT_SECRET, secret)
    return enter()
