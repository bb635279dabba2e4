"""The way to each endpoint: its name, the proxy, TLS and the authorities, an answer."""

from collections.abc import Iterator

from cognito_credproc.checks.finding import Check, Finding, good, with_hint
from cognito_credproc.checks.subject import Subject
from cognito_credproc.values.errors import CredprocError, UnreachableError


def check(subject: Subject) -> Iterator[Finding]:
    """Go as far as possible on each way."""
    works = True
    for service in subject.services:
        way = ""
        try:
            route = subject.network.route(service)
            if route.proxy:  # it looks the name up as well
                way = f" by the proxy {route.proxy}"
            else:
                subject.network.addresses(route.host)
            reply = subject.reply(service)
        except CredprocError as error:
            # Where all others answer, the domain is more likely to be another than to be down.
            other = service == "managed-login" and works and isinstance(error, UnreachableError)
            hint = subject.set_command("cognito_domain") if other else error.hint
            works = False
            yield with_hint(f"{service}{way}: {error.message}", hint)
        else:
            yield good(f"{service} in {reply.seconds * 1000:.0f} ms{way}: {route.url}")


CHECK = Check("network", check, "new credentials come from there", seconds=45)
