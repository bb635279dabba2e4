"""The stand-in run by hand: one pool, one client, one identity pool, one new user."""

from __future__ import annotations

import argparse
import threading
import time
from typing import TYPE_CHECKING

from tests.local_cognito.service import LocalCognito

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.local_cognito.clients import AppClient
    from tests.local_cognito.identity_pools import IdentityPool
    from tests.local_cognito.journal import Call
    from tests.local_cognito.pools import Mail

TEMPORARY_PASSWORD = "Change-me-1"
FLOWS = ("ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")


def _grace(text: str) -> int:
    if not (text.isdecimal() and int(text) <= 60):
        msg = "give 0 to 60 seconds"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.local_cognito",
        description="Start a local Cognito (user pool with MFA required, identity pool, STS) "
        "on 127.0.0.1 and show every call until Ctrl-C.",
    )
    parser.add_argument(
        "--port", type=int, default=0, help="port to listen on (default: a free one)"
    )
    parser.add_argument(
        "--user",
        default="istio@example.com",
        metavar="E-MAIL",
        help="the user who gets a temporary password (default: %(default)s)",
    )
    parser.add_argument(
        "--rotation-grace",
        type=_grace,
        metavar="SECONDS",
        help="rotate refresh tokens; the old one stays good for 0 to 60 seconds",
    )
    parser.add_argument("--client-secret", action="store_true", help="give the app client a secret")
    return parser.parse_args(argv)


def _say(text: str) -> None:
    print(text, flush=True)


def _moment(at: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at))


def _show_call(call: Call) -> None:
    result = call.error or "ok"
    _say(f"{_moment(call.at)}  {call.service:<16}  {call.operation:<30}  {result}")


def _show_mail(mail: Mail) -> None:
    _say(f"          mail to {mail.destination}: {mail.kind} code {mail.code}")


def _introduce(
    cognito: LocalCognito, client: AppClient, identity_pool: IdentityPool, user: str
) -> None:
    _say("# for the shell:")
    for name, value in cognito.environment().items():
        _say(f"export {name}={value}")
    _say("\n# for the AWS config file:")
    _say("[profile local]")
    _say(f"region = {client.pool.region}")
    _say("credential_process = cognito-credproc --profile local")
    _say(f"cognito_user_pool_id = {client.pool.id}")
    _say(f"cognito_client_id = {client.id}")
    _say(f"cognito_identity_pool_id = {identity_pool.id}")
    _say(f"cognito_username = {user}")
    _say(f"\n# {user} has the temporary password {TEMPORARY_PASSWORD}")
    if client.secret:
        _say(f"# the app client's secret is {client.secret}")
    _say("# Ctrl-C ends\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run until Ctrl-C; returns the exit status."""
    arguments = _arguments(argv)
    with LocalCognito(port=arguments.port) as cognito:
        pool = cognito.create_user_pool(mfa="ON")
        client = pool.create_client(
            secret=arguments.client_secret, flows=FLOWS, rotation_grace=arguments.rotation_grace
        )
        identity_pool = cognito.create_identity_pool(client)
        pool.create_user(arguments.user, temporary_password=TEMPORARY_PASSWORD)
        _introduce(cognito, client, identity_pool, arguments.user)
        cognito.listen(_show_call, _show_mail)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            _say("")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
