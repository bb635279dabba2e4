"""Lends a profile's credentials to containers, over a Unix socket and not by any file.

    python3 lend.py --profile dev "$XDG_RUNTIME_DIR/aws-dev.sock"

Runs until Ctrl-C. Each request runs the helper, so that a container always gets credentials that
are good for a while, and the one that asks again when they run out gets the next ones. The socket
is the person's own (mode 0600): whoever can open it can have the credentials.
"""

import argparse
import contextlib
import errno
import os
import signal
import socketserver
import subprocess
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path

SECONDS = 30  # for one run of the helper, which is done in 20


class Lender(socketserver.ThreadingUnixStreamServer):
    """The socket, and the command that gets the credentials."""

    daemon_threads = True

    def __init__(self, socket: Path, profile: str) -> None:
        self.command = ["cognito-credproc", "--profile", profile]
        before = os.umask(0o177)
        try:
            super().__init__(str(socket), Loan)
        finally:
            os.umask(before)


class Loan(BaseHTTPRequestHandler):
    """One request: `GET /`, answered with the document of `credential_process`."""

    server: Lender

    def do_GET(self) -> None:
        """Hand on what the helper says; what it cannot do is told to the person who runs this."""
        done = subprocess.run(
            self.server.command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        if done.returncode != 0:
            sys.stderr.write(done.stderr.decode(errors="replace"))
        self.send_response(200 if done.returncode == 0 else 503)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(done.stdout)))
        self.end_headers()
        self.wfile.write(done.stdout)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing of what went well."""

    def address_string(self) -> str:
        """The other side of a Unix socket has no address."""
        return "container"


def main() -> None:
    """Lend until stopped."""
    parser = argparse.ArgumentParser(description="Lends a profile's credentials to containers.")
    parser.add_argument("--profile", default=os.environ.get("AWS_PROFILE", "default"))
    parser.add_argument("socket", type=Path, help="where the socket is made")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    try:
        lender = Lender(arguments.socket, arguments.profile)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        hint = f"rm -f {arguments.socket}" if taken else "name a folder that is there and yours"
        sys.exit(f"error: {arguments.socket}: {error.strerror}\nhint: {hint}")
    sys.stderr.write(f"lending {arguments.profile} at {arguments.socket}; Ctrl-C ends it\n")
    with contextlib.suppress(KeyboardInterrupt), lender:
        try:
            lender.serve_forever()
        finally:
            arguments.socket.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
