"""Lends a profile's credentials to containers, over a Unix socket and not by any file.

    python3 lend.py --profile dev "$XDG_RUNTIME_DIR/aws-dev"

Runs until Ctrl-C. Each request runs the helper, so that a container always gets credentials that
are good for a while, and the one that asks again when they run out gets the next ones. The folder
and the socket in it are the person's own (modes 0700 and 0600): whoever can open the socket can
have the credentials. The folder stays, so that a container finds the socket of the next run.
"""

import argparse
import contextlib
import os
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import NoReturn

SECONDS = 30  # for one run of the helper, which is done in 20
LONGEST = 107  # bytes of a socket's path


class Lender(socketserver.ThreadingUnixStreamServer):
    """The socket, and the command that gets the credentials."""

    daemon_threads = True

    def __init__(self, path: Path, command: list[str]) -> None:
        self.command = command
        before = os.umask(0o177)
        try:
            super().__init__(str(path), Loan)
        finally:
            os.umask(before)


class Loan(BaseHTTPRequestHandler):
    """One request: `GET /`, answered with the document of `credential_process`."""

    server: Lender

    def do_GET(self) -> None:
        """Hand on what the helper says; what it cannot do is told to the person who runs this."""
        document = credentials(self.server.command)
        with contextlib.suppress(OSError):  # who asked has gone
            self.send_response(200 if document else 503)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(document)))
            self.end_headers()
            self.wfile.write(document)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing of what went well."""

    def address_string(self) -> str:
        """The other side of a Unix socket has no address."""
        return "container"


def credentials(command: list[str]) -> bytes:
    """What the helper prints; nothing where it fails, which is said on standard error."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        sys.stderr.write(f"error: {command[0]} took more than {SECONDS} seconds\n")
        return b""
    except OSError as error:
        sys.stderr.write(f"error: {command[0]}: {error.strerror}\n")
        return b""
    if done.returncode != 0:
        sys.stderr.write(done.stderr.decode(errors="replace"))
        return b""
    return done.stdout


def fail(error: str, hint: str) -> NoReturn:
    """End with two lines."""
    sys.exit(f"error: {error}\nhint: {hint}")


def place(folder: Path) -> Path:
    """The socket's path in the folder, which is made; what a killed run left there goes."""
    path = folder / "socket"
    if len(os.fsencode(path)) > LONGEST:
        fail(f"{path} has more than {LONGEST} bytes", "name a folder with a shorter path")
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.stat().st_uid != os.getuid():
            # Docker makes what it is told to mount and does not find.
            fail(f"{folder} is not yours", f"sudo rmdir {folder}")
        if folder.stat().st_mode & 0o077:
            fail(f"{folder} is open to others", f"chmod 700 {folder}")
        with socket.socket(socket.AF_UNIX) as other:
            if other.connect_ex(str(path)) == 0:
                fail(f"another lend.py uses {folder}", "end it, or name another folder")
        path.unlink(missing_ok=True)
    except OSError as error:
        fail(f"{folder}: {error.strerror}", "name a folder of yours; it is made")
    return path


def main() -> None:
    """Lend until stopped."""
    parser = argparse.ArgumentParser(description="Lends a profile's credentials to containers.")
    parser.add_argument("--profile", default=os.environ.get("AWS_PROFILE", "default"))
    parser.add_argument("folder", type=Path, help="where the socket is made")
    arguments = parser.parse_args()
    program = shutil.which("cognito-credproc")
    if program is None:
        fail("cognito-credproc is not on PATH", 'export PATH="$HOME/.local/bin:$PATH"')
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    path = place(arguments.folder)
    with contextlib.suppress(KeyboardInterrupt):
        try:
            with Lender(path, [program, "--profile", arguments.profile]) as lender:
                sys.stderr.write(f"lending {arguments.profile} at {path}; Ctrl-C ends it\n")
                lender.serve_forever()
        except OSError as error:
            fail(f"{path}: {error.strerror}", "name another folder")
        finally:
            path.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
