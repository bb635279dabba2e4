"""Prints what a hit and a renewal cost beside an empty Python, a naive helper and others.

    python -m tests.benchmarks [ROUNDS]

Needs gnome-keyring, dbus and libsecret-tools, and `uv` on the path for its row. Absolute times say
more about the machine than about the program: read the ratios.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.benchmarks.measure import Run, medians, process
from tests.e2e.keyring_session import keyring_session
from tests.local_cognito import LocalCognito

ROOT = Path(__file__).resolve().parent.parent.parent
CONSTRAINTS = ROOT / "tests" / "constraints.txt"
FLOOR = "python -I -S -c pass"
EMPTY = "python -c pass"
EMPTY_16, LINE_16 = "python -c pass, 16 at once", "the isolated line, 16 at once"
EMPTY_UV, SCRIPT_UV = "python -c pass, uv", "console script (uv)"
USER, PASSWORD = "istio@example.com", "Passw0rd!"
LINE = "from cognito_credproc.settings.line import isolated_line; print(isolated_line('dev'))"
STORE = (
    "import json, keyring, sys\n"
    "for service, name, text in json.load(sys.stdin): keyring.set_password(service, name, text)"
)
BOTO_FLOOR = (
    "import boto3; from botocore import UNSIGNED; from botocore.config import Config; "
    "c = Config(signature_version=UNSIGNED); s = boto3.session.Session(region_name='us-east-1'); "
    "s.client('cognito-idp', config=c); s.client('cognito-identity', config=c)"
)


def main() -> None:
    """Install, enrol, measure, print."""
    rounds = int(sys.argv[1]) if sys.argv[1:] else 41
    with tempfile.TemporaryDirectory(prefix="cognito-credproc-benchmark-") as name:
        folder = Path(name)
        (folder / "home").mkdir()
        with keyring_session(folder / "home") as session, LocalCognito() as cognito:
            python = installed_by_pip(folder / "pip")
            environment = session | cognito.environment()
            enrol(python, folder / "home", environment, cognito)
            hits(python, folder, environment, rounds)
            renewals(python, environment, cognito, rounds)


def enrol(python: Path, home: Path, environment: dict[str, str], cognito: LocalCognito) -> None:
    """Two profiles whose credentials are stored: one good for long, one always to be renewed."""
    pool = cognito.create_user_pool(region="ap-northeast-1", mfa="OFF")
    client = pool.create_client()
    pool.create_user(USER, password=PASSWORD)
    sections = []
    for profile, seconds in (("dev", 12 * 3600), ("short", 600)):
        identity_pool = cognito.create_identity_pool(
            client,
            role_arn=f"arn:aws:iam::111122223333:role/{profile}",
            region="ap-northeast-1",
            credentials_seconds=seconds,
        )
        sections.append(
            f"[profile {profile}]\n"
            f"credential_process = {python.with_name('cognito-credproc')} --profile {profile}\n"
            f"cognito_user_pool_id = {pool.id}\n"
            f"cognito_client_id = {client.id}\n"
            f"cognito_identity_pool_id = {identity_pool.id}\n"
            f"cognito_username = {USER}\n"
        )
    (home / ".aws").mkdir()
    (home / ".aws" / "config").write_text("\n".join(sections))
    for profile in ("dev", "short"):
        enroll = [str(python.with_name("cognito-credproc-enroll")), "--profile", profile]
        subprocess.run(
            [*enroll, "--password-stdin", "--no-store-password"],
            env=environment,
            input=f"{PASSWORD}\n",
            text=True,
            check=True,
            start_new_session=True,  # without a terminal, it does not talk
        )


def hits(python: Path, folder: Path, environment: dict[str, str], rounds: int) -> None:
    """The first table: everything that ends in the stored document."""
    script = [str(python.with_name("cognito-credproc")), "--profile", "dev"]
    document = output([*script], environment)
    store(python, environment, [("cognito-credproc-naive", "dev", document)])
    line = shlex.split(output([str(python), "-c", LINE], environment))
    fallback = environment | {"PYTHON_KEYRING_BACKEND": "keyring.backends.SecretService.Keyring"}
    naive = [str(python), str(ROOT / "tests" / "benchmarks" / "naive.py"), "--profile", "dev"]
    runs: dict[str, Run] = {
        FLOOR: process([str(python), "-I", "-S", "-c", "pass"], environment),
        EMPTY: process([str(python), "-c", "pass"], environment),
        "the isolated line": process(line, environment),
        "console script (pip)": process(script, environment),
        "through keyring": process(script, fallback),
        "naive helper": process(naive, environment),
        EMPTY_16: process([str(python), "-c", "pass"], environment, at_once=16),
        LINE_16: process(line, environment, at_once=16),
    }
    own_floor = {LINE_16: EMPTY_16}
    uv_python = installed_by_uv(folder / "uv")
    if uv_python is not None:
        uv_script = [str(uv_python.with_name("cognito-credproc")), "--profile", "dev"]
        runs[EMPTY_UV] = process([str(uv_python), "-c", "pass"], environment)
        runs[SCRIPT_UV] = process(uv_script, environment)
        own_floor[SCRIPT_UV] = EMPTY_UV
    found = medians(runs | others(python, environment, json.loads(document)), rounds)
    print_table(found, own_floor)
    before = medians({name: runs[name] for name in ("the isolated line", FLOOR)}, rounds)
    store(python, environment, [("other", f"item-{n}", "x" * 200) for n in range(500)])
    after = medians({name: runs[name] for name in ("the isolated line", FLOOR)}, rounds)
    ratio = after["the isolated line"] / before["the isolated line"] * before[FLOOR] / after[FLOOR]
    print(f"\n500 other items in the keyring: {ratio:.2f} times as long, floor for floor")


def renewals(python: Path, environment: dict[str, str], cognito: LocalCognito, rounds: int) -> None:
    """The second table: a renewal beside the floor of boto3 and its two clients."""
    before = len(cognito.calls)
    script = [str(python.with_name("cognito-credproc")), "--profile", "short"]
    floor = "import boto3, build two clients"
    runs = {
        floor: process([str(python), "-c", BOTO_FLOOR], environment),
        "a renewal": process(script, environment),
    }
    found = medians(runs, rounds)
    print("\n| renewal | ms | ratio |\n|---|---|---|")
    for name, wall in found.items():
        print(f"| {name} | {wall * 1000:.0f} | {wall / found[floor]:.2f} |")
    print(f"\n{(len(cognito.calls) - before) / (rounds + 1):.0f} calls to Cognito a renewal")


def others(
    python: Path, environment: dict[str, str], document: Mapping[str, str]
) -> dict[str, Run]:
    """Other people's programs, where they are installed, with the same credentials to serve."""
    session = {
        "access_key_id": document["AccessKeyId"],
        "secret_access_key": document["SecretAccessKey"],
        "session_token": document["SessionToken"],
        "expiration": document["Expiration"].replace("Z", "+00:00"),
    }
    kept = [("AKIAEXAMPLE", "secret"), ("AKIAEXAMPLE-mfa-session", json.dumps(session))]
    store(python, environment, [("aws_credential_process", name, text) for name, text in kept])
    commands = {
        "aws-credential-process": ["aws-credential-process", "--access-key-id", "AKIAEXAMPLE"],
        "AWS CLI v2 export-credentials": [
            "/usr/bin/aws", "configure", "export-credentials", "--profile", "dev",
        ],
    }  # fmt: skip
    return {
        name: process(command, environment)
        for name, command in commands.items()
        if shutil.which(command[0]) and succeeds(command, environment)
    }


def succeeds(command: list[str], environment: Mapping[str, str]) -> bool:
    """Whether a program works here."""
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    return done.returncode == 0


def installed_by_pip(folder: Path) -> Path:
    """The package in a virtual environment of its own, by the pip of today; its python."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "-qq"]
    subprocess.run([*pip, "--upgrade", "pip"], check=True)
    subprocess.run([*pip, "--constraint", str(CONSTRAINTS), str(ROOT)], check=True)
    return python


def installed_by_uv(folder: Path) -> Path | None:
    """The same by uv, where there is one; its python."""
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv is None:
        return None
    python = folder / "bin" / "python"
    quiet = {**os.environ, "UV_NO_PROGRESS": "1"}
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, folder], env=quiet, check=True)
    install = [uv, "pip", "install", "-q", "--python", str(python), "-c", str(CONSTRAINTS)]
    subprocess.run([*install, "--compile-bytecode", str(ROOT)], env=quiet, check=True)
    return python


def output(command: list[str], environment: Mapping[str, str]) -> str:
    """What a command prints."""
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True
    ).stdout


def store(python: Path, environment: dict[str, str], items: list[tuple[str, str, str]]) -> None:
    """Write items as `keyring` does."""
    command = [str(python), "-c", STORE]
    subprocess.run(command, env=environment, input=json.dumps(items), text=True, check=True)


def print_table(found: Mapping[str, float], own_floor: Mapping[str, str]) -> None:
    """One row a design; `own_floor` names the row that is the empty Python of another one."""
    print(f"| hit | ms | / `{FLOOR}` | / `{EMPTY}` |\n|---|---|---|---|")
    for name, wall in found.items():
        to_floor = "" if name in own_floor else f"{wall / found[FLOOR]:.2f}"
        to_empty = f"{wall / found[own_floor.get(name, EMPTY)]:.2f}"
        if name not in own_floor.values():
            print(f"| {name} | {wall * 1000:.1f} | {to_floor} | {to_empty} |")


if __name__ == "__main__":
    main()
