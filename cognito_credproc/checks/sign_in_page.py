"""The pool's sign-in page, where people sign in by the browser."""

from collections.abc import Iterator

from cognito_credproc.checks.finding import Check, Finding, good
from cognito_credproc.checks.subject import Subject
from cognito_credproc.flows.managed_login import probe_sign_in_page


def check(subject: Subject) -> Iterator[Finding]:
    """Ask for the page as a browser would, and look where that is sent on to."""
    settings = subject.settings
    login = settings.managed_login
    if login is None:
        return
    subject.reach("managed-login")
    subject.ask(probe_sign_in_page(settings.app_client(None), login, settings.username))
    yield good(f"{login.domain} lets {settings.client_id} come back to {login.redirect_uri}")


CHECK = Check("page", check, "people sign in there", seconds=40)
