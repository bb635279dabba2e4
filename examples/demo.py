"""Shows the main job without an AWS account: enrol a user, then use the AWS CLI through one line.

    python3 examples/demo.py

Everything happens in a temporary folder: a virtual environment with this package and the AWS CLI,
a local Cognito on loopback, an AWS config file of its own. Items in the OS keyring go under a
service name of its own and are removed; where no OS keyring answers, a file in that folder stands
in for one. Your `~/.aws` and your own keyring items are neither read nor written.

Needs Python 3.11 or later on Linux or macOS.
"""

import base64
import contextlib
import hashlib
import hmac
import os
import secrets
import select
import shlex
import signal
import struct
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

sys.dont_write_bytecode = True  # leave nothing behind, not even in the repository
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from tests.local_cognito import IdentityPool, LocalCognito, User

EMAIL = "istio@example.com"
TEMPORARY_PASSWORD = "Welcome-2026!"  # noqa: S105 - of a user who lives for a minute
NEW_PASSWORD = "correct-Horse-7-battery"  # noqa: S105 - likewise
Line = tuple[str, Callable[[], str]]  # a prompt, and what makes its answer
FILE_KEYRING = "keyrings.alt.file.PlaintextKeyring"


def main() -> None:
    """Run the demonstration."""
    if sys.version_info < (3, 11) or os.name == "nt":
        sys.exit("error: the demo needs Python 3.11 or later on Linux or macOS")
    from tests.local_cognito import LocalCognito

    with tempfile.TemporaryDirectory(prefix="cognito-credproc-demo-") as name, LocalCognito() as it:
        folder = Path(name)
        title("1 of 4: a virtual environment with this package and the AWS CLI")
        scripts = install(folder / "venv")
        environment = own_environment(folder, scripts, it)
        environment |= keyring(folder, scripts, environment)
        title("2 of 4: a user pool, an identity pool, a user, and a profile in an AWS config file")
        user, identity_pool = configure(it, Path(environment["AWS_CONFIG_FILE"]), scripts)
        try:
            title("3 of 4: the enrolment, once (the answers are typed for you)")
            command = ["cognito-credproc-enroll", "--profile", "dev"]
            converse(
                command,
                environment,
                [
                    ("password for", lambda: TEMPORARY_PASSWORD),
                    ("new password:", lambda: NEW_PASSWORD),
                    ("the same again:", lambda: NEW_PASSWORD),
                    ("the code that the app shows", lambda: phone(str(user.totp_secret))),
                    ("keep the password", lambda: "n"),
                    ("keep the key of the app", lambda: "n"),
                ],
            )
            title("4 of 4: the AWS CLI, cold and cached")
            identity_pool.credentials_seconds = 3600
            use(it, environment, "cold: the first credentials had run out")
            use(it, environment, "cached: the credentials came from the keyring")
        finally:
            clean_up(environment)
    print("\nNothing is left behind.", flush=True)


def title(text: str) -> None:
    """Print a heading."""
    print(f"\n\033[1m== {text}\033[0m" if sys.stdout.isatty() else f"\n== {text}", flush=True)


def install(folder: Path) -> Path:
    """Make the virtual environment; returns the folder of its commands."""
    venv.create(folder, with_pip=True)
    scripts = folder / "bin"
    pip = [str(scripts / "python"), "-m", "pip", "--disable-pip-version-check", "--no-cache-dir"]
    pinned = ["--constraint", str(ROOT / "tests" / "constraints.txt")]
    # Most of what pip would compile is never imported.
    install = [*pip, "install", "-qq", "--no-compile", *pinned, f"{ROOT}[demo]"]
    subprocess.run(install, check=True)
    print(f"installed in {folder}")
    return scripts


def own_environment(folder: Path, scripts: Path, cognito: "LocalCognito") -> dict[str, str]:
    """An environment in which nothing of the person's own AWS settings is seen."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("AWS_") and not name.lower().endswith("_proxy")
    }
    (folder / "aws").mkdir()
    return {
        **inherited,
        **cognito.environment(),
        "AWS_CONFIG_FILE": str(folder / "aws" / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "aws" / "credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
        "COGNITO_CREDPROC_KEYRING_SERVICE": f"cognito-credproc-demo-{secrets.token_hex(4)}",
        "COGNITO_CREDPROC_STATE_DIR": str(folder / "state"),
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
    }


def keyring(folder: Path, scripts: Path, environment: dict[str, str]) -> dict[str, str]:
    """What to add to the environment for a keyring: nothing where one answers."""
    probe = (
        "import os; from cognito_credproc.storage.keychain import Keychain; "
        "from cognito_credproc.flows.flow import Item; k = Keychain.open(os.environ); "
        "k.store(Item.PASSWORD, 'probe', 'probe'); assert k.read(Item.PASSWORD, 'probe'); "
        "k.delete(Item.PASSWORD, 'probe'); print(k.name)"
    )
    with contextlib.suppress(subprocess.TimeoutExpired):
        answer = subprocess.run(
            [scripts / "python", "-I", "-B", "-c", probe],
            env=environment,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        if answer.returncode == 0:
            print(f"keyring: {answer.stdout.strip()}, under a service name of the demo's own")
            return {}
    print("keyring: no OS keyring answers here; a file in the demo's folder stands in for one")
    (folder / "keyring").mkdir(mode=0o700)
    return {"PYTHON_KEYRING_BACKEND": FILE_KEYRING, "XDG_DATA_HOME": str(folder / "keyring")}


def configure(
    cognito: "LocalCognito", config: Path, scripts: Path
) -> tuple["User", "IdentityPool"]:
    """Create pool, client, identity pool and user, and write the profile."""
    pool = cognito.create_user_pool(region="ap-northeast-1", mfa="ON")
    client = pool.create_client()
    identity_pool = cognito.create_identity_pool(
        client,
        role_arn="arn:aws:iam::111122223333:role/Developers",
        region="ap-northeast-1",
        credentials_seconds=60,  # so that the first use shows what a renewal costs
    )
    helper = shlex.quote(str(scripts / "cognito-credproc"))
    config.write_text(
        "[profile dev]\n"
        "region = ap-northeast-1\n"
        f"credential_process = {helper} --profile dev\n"
        f"cognito_user_pool_id = {pool.id}\n"
        f"cognito_client_id = {client.id}\n"
        f"cognito_identity_pool_id = {identity_pool.id}\n"
        f"cognito_username = {EMAIL}\n"
    )
    print(config.read_text(), end="")
    return pool.create_user(EMAIL, temporary_password=TEMPORARY_PASSWORD), identity_pool


def converse(command: Sequence[str], environment: dict[str, str], script: Sequence[Line]) -> None:
    """Run a command on a pseudo-terminal, show its screen, and type the script's answers."""
    import pty

    print(f"$ {shlex.join(command)}", flush=True)
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe(command[0], list(command), environment)  # noqa: S606 - our own command
    waiting, seen, status = list(script), "", None
    try:
        for shown in _screen(terminal):
            sys.stdout.buffer.write(shown)
            sys.stdout.buffer.flush()
            seen += shown.decode(errors="replace")
            if waiting and waiting[0][0] in seen:
                _, answer = waiting.pop(0)
                seen = ""
                time.sleep(0.6)  # for the person who watches
                os.write(terminal, f"{answer()}\n".encode())
        _, status = os.waitpid(child, 0)
    finally:
        os.close(terminal)
        if status is None:  # interrupted: it must not hold the sign-in any longer
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    if status or waiting:
        sys.exit(f"error: {command[0]} did not come to its end")


def _screen(terminal: int) -> Iterator[bytes]:
    """What the command shows, until it ends or says nothing for a minute."""
    while select.select([terminal], [], [], 60)[0]:
        try:
            shown = os.read(terminal, 4096)
        except OSError:  # how Linux says that the other side is closed
            return
        if not shown:
            return
        yield shown


def phone(seed: str) -> str:
    """The code that an authenticator app shows now (RFC 6238)."""
    key = base64.b32decode(seed + "=" * (-len(seed) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1)
    number = struct.unpack_from(">I", digest, digest[-1] & 15)[0] & 0x7FFF_FFFF
    return f"{number % 1_000_000:06d}"


def use(cognito: "LocalCognito", environment: dict[str, str], words: str) -> None:
    """Run the AWS CLI and say what it cost."""
    before, started = len(cognito.calls), time.monotonic()
    command = ["aws", "sts", "get-caller-identity", "--profile", "dev", "--output", "text"]
    print(f"$ {shlex.join(command)}", flush=True)
    subprocess.run(command, env=environment, check=True)
    calls = [call.operation for call in cognito.calls[before:] if call.service != "sts"]
    cost = f"{len(calls)} calls to Cognito ({', '.join(calls)})" if calls else "no call to Cognito"
    print(f"   {words}: {time.monotonic() - started:.2f} s, {cost}\n")


def clean_up(environment: dict[str, str]) -> None:
    """Sign out and remove every item that the demo put into the keyring."""
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.SIG_IGN)  # a second Ctrl-C does not stop it
    command = ["cognito-credproc", "logout", "--forget", "--profile", "dev"]
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
    with contextlib.suppress(OSError):  # whoever watched may be gone
        print(f"$ {shlex.join(command)}", flush=True)


def ended(_signal: int, _frame: object) -> None:
    """End as Ctrl-C does: by way of the cleaning up."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, ended)
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nerror: interrupted; nothing is left behind")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # nobody reads any more
        sys.exit(1)
