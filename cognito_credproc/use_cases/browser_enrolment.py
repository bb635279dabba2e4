"""The one-time set-up where people sign in by the browser.

Passwords, second factors and sign-up are the page's matter. What is left is the secret of the app
client, if it has one, and the first credentials.
"""

from cognito_credproc.flows.flow import Item
from cognito_credproc.people.terminal import Person, unbroken
from cognito_credproc.settings.named import profile_option
from cognito_credproc.use_cases.performer import Performer
from cognito_credproc.use_cases.renewal import Renewal


def enrol(
    profile: str,
    performer: Performer,
    renewal: Renewal,
    person: Person | None,
    client_secret: str | None,
) -> None:
    """Store the secret, if one is given, and sign in, which asks for the secret if it is missing.

    Raises:
        CredprocError: it failed; run again, it goes on where it was.
    """
    if client_secret is not None:
        with renewal.locked():
            performer.store(Item.CLIENT_SECRET, client_secret)
    renewal.login()
    if person is not None:
        command = unbroken(f"aws sts get-caller-identity {profile_option(profile)}")
        person.say(f"[{profile}] done; next: {command}")
