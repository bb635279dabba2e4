"""A whole life of a profile, debug logs and crashes included; no secret stays where others look."""

from __future__ import annotations

import contextlib
import signal
import socket
import stat
import subprocess
import threading
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cognito_credproc import record
from tests.e2e.leftovers import Watch, files, leaks, of_the_wire
from tests.e2e.machine import ENROLL, HELPER, NAME, PASSWORD, Machine, failed, good_document
from tests.e2e.test_browser import Opened, by_browser
from tests.e2e.test_devices import comes_back, signs_in, tracking
from tests.e2e.test_outage import pauses_end
from tests.local_cognito import Fault
from tests.web_browser import WebBrowser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.conftest import NewMachine

__all__ = ["by_browser"]  # a fixture
WRONG, NEW, PROXY = "wrongbattery", "N\u00e9w+staple/3&", "Pr\u00f6xy+fence/4&"
LINE = [HELPER, "--profile", "dev"]
FAULTS = [
    ("GetTokensFromRefreshToken", Fault.GARBAGE),
    ("InitiateAuth", Fault.CAPTIVE_PORTAL),
    ("RespondToAuthChallenge", Fault.TRUNCATED),
    ("RespondToAuthChallenge", Fault.ERROR_503_HTML),
    ("GetCredentialsForIdentity", Fault.TRUNCATED),
    ("GetCredentialsForIdentity", Fault.RESET_AFTER),
]


class Campaign:
    """Runs on one machine, every one with a debug log, and all that they printed."""

    def __init__(self, machine: Machine, folder: Path) -> None:
        self.machine = machine
        self.here = folder / "here"  # the working directory and that for temporary files
        self.here.mkdir()
        self.log = folder / "debug.log"
        self.printed: dict[str, bytes] = {}
        machine.environment |= {
            "TMPDIR": str(self.here),
            "PYTHONFAULTHANDLER": "1",
            "COGNITO_CREDPROC_DEBUG": str(self.log),
        }

    def run(
        self, what: str, command: list[str], typed: str = "", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """A run where no terminal is; what it printed but the document is kept."""
        done = self.machine.run(self._dumping(command), typed, **environment)
        self.printed[f"{what} {len(self.printed)}"] = done.stderr.encode()
        if "Version" not in done.stdout:
            self.printed[f"{what} {len(self.printed)}"] = done.stdout.encode()
        return done

    def crashes(self, signal_number: int) -> None:
        """A run that dies while it waits for the service."""
        called = threading.Event()
        self.machine.cognito.listen(lambda _call: called.set(), lambda _mail: None)
        self.machine.cognito.faults.add("*", Fault.SILENCE)
        process = subprocess.Popen(
            self._dumping([HELPER, "--profile", "dev"]),
            env=self.machine.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        assert called.wait(20)
        limit = Path(f"/proc/{process.pid}/limits").read_text().split("Max core file size")[1]
        assert limit.split()[0] == "1"  # as much as none, see `face`
        process.send_signal(signal_number)
        out, err = process.communicate(timeout=30)
        # The fault handler reads the stacks of threads that run, and may die of it.
        assert process.returncode in {-signal_number, -signal.SIGSEGV}
        assert b"most recent call first" in err  # the traceback, by Python's fault handler
        self.printed[f"crash {signal_number}"] = out + err
        self.machine.cognito.faults.clear()

    def _dumping(self, command: list[str]) -> list[str]:
        """With core dumps allowed, as far as the person is concerned, into the folder here."""
        words = 'ulimit -S -c "$(ulimit -H -c)" && cd "$0" && exec "$@"'
        return ["/bin/bash", "-c", words, str(self.here), *command]


@contextlib.contextmanager
def deaf_proxy() -> Iterator[int]:
    """A port on which a proxy hangs up on everybody."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        over = threading.Event()

        def hang_up() -> None:
            while not over.is_set():
                with contextlib.suppress(TimeoutError):
                    server.accept()[0].close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        yield server.getsockname()[1]
        over.set()
        thread.join()


@pytest.mark.slow
def test_a_whole_campaign_leaves_no_secret(new_machine: NewMachine, tmp_path: Path) -> None:
    machine = new_machine(pool={"mfa": "ON"}, client={"secret": True, "rotation_grace": 0})
    campaign = Campaign(machine, tmp_path)
    with Watch(machine.environment["COGNITO_CREDPROC_KEYRING_SERVICE"]) as watch:
        kept = whole_life(campaign)
    places = {
        **files(tmp_path),
        **campaign.printed,
        **{f"process {name}": content for name, content in watch.seen.items()},
    }
    # It has to have looked: at a log of every step, and at every process.
    log = campaign.log.read_text()
    assert stat.S_IMODE(campaign.log.stat().st_mode) == 0o600
    for word in ("lock ", "keyring: write session", "question: password", "cache: ", "POST /"):
        assert word in log, word
    assert sum(b"cognito-credproc" in content for content in watch.seen.values()) > 10
    secrets = of_the_wire(machine.cognito) | kept
    assert {PASSWORD, WRONG, NEW, machine.client.secret, machine.user.totp_secret} <= secrets
    assert len(secrets) > 60
    assert leaks(secrets, places) == []
    # What was learned from a proxy's address is the caller's own, and is in its environment.
    assert leaks({PROXY}, {k: v for k, v in places.items() if not k.startswith("process")}) == []
    assert not list(campaign.here.rglob("core*"))
    for file in machine.state.rglob("*"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    assert stat.S_IMODE(machine.state.stat().st_mode) == 0o700


def test_a_machine_that_is_remembered_leaves_no_secret(
    new_machine: NewMachine, tmp_path: Path
) -> None:
    machine = tracking(new_machine)
    campaign = Campaign(machine, tmp_path)
    with Watch(machine.environment["COGNITO_CREDPROC_KEYRING_SERVICE"]) as watch:
        signs_in(machine)
        kept = set(machine.items.lasting().values())
        machine.items.expire()
        good_document(campaign.run("refresh", LINE).stdout)
        machine.items.remove("refresh-token")
        machine.items.expire()
        comes_back(machine)
    assert "DEVICE_PASSWORD_VERIFIER" in campaign.log.read_text()
    secrets = of_the_wire(machine.cognito) | kept | set(machine.items.lasting().values())
    assert len(secrets) > 30
    places = {**files(tmp_path), **campaign.printed, **watch.seen}
    assert leaks(secrets, places) == []


def test_a_sign_in_by_the_browser_leaves_no_secret(by_browser: Machine, tmp_path: Path) -> None:
    """The link that opens the browser has a state and a challenge, which are none."""
    machine = by_browser
    machine.pool.mfa = "OFF"
    machine.create_user()
    opened, campaign = Opened(machine, tmp_path), Campaign(machine, tmp_path)
    with Watch(machine.environment["COGNITO_CREDPROC_KEYRING_SERVICE"]) as watch:
        with machine.sits(*LINE, "--debug") as person:
            landed = WebBrowser(machine.cognito).signs_in(opened.next(), NAME, PASSWORD)
            urllib.request.urlopen(landed.url, timeout=10).close()  # noqa: S310 - to ourselves
            assert person.ends() == 0
        shown = "".join(line for line in person.shown.splitlines() if '"Version"' not in line)
        machine.items.expire()
        good_document(campaign.run("refresh", LINE).stdout)
    assert "question" not in shown
    assert "renewal by the browser" in shown
    secrets = of_the_wire(machine.cognito) | set(machine.items.lasting().values())
    assert landed.query["code"] in secrets
    places = {**files(tmp_path), **campaign.printed, **watch.seen, "screen": shown.encode()}
    assert leaks(secrets, places) == []


def whole_life(campaign: Campaign) -> set[str]:
    """Enrol, use, renew, fail, crash, sign in by hand, sign out; the secrets kept meanwhile."""
    machine = campaign.machine
    machine.pool.enable_totp(machine.create_user())
    kept = {WRONG, NEW}
    for part in (works, fails, is_mended):
        part(campaign)
        kept |= set(machine.items.lasting().values())
    done = campaign.run("sign out", [*LINE, "--debug", "logout", "--forget"])
    assert (done.returncode, machine.items.all()) == (0, {})
    return kept


def works(campaign: Campaign) -> None:
    """Enrol, use what is stored, renew in the background and in front."""
    machine = campaign.machine
    given = ["--client-secret-stdin", "--password-stdin", "--totp-seed-stdin"]
    enroll = [ENROLL, "--debug", "--profile=dev", *given, "--store-password", "--store-totp"]
    typed = f"{machine.client.secret}\n{PASSWORD}\n{machine.user.totp_secret}\n"
    assert campaign.run("enrol", enroll, typed).returncode == 0
    good_document(campaign.run("hit", LINE).stdout)
    good_document(campaign.run("hit", [*LINE, "--debug"]).stdout)
    machine.calls()
    machine.items.expire(left=15 * 60 + 5)
    good_document(campaign.run("hit that renews", LINE).stdout)
    deadline = time.monotonic() + 20
    while record.parse(machine.items.get("session")).expiry < time.time() + 3_000:  # type: ignore[union-attr]
        assert time.monotonic() < deadline
        time.sleep(0.1)
    machine.items.expire()
    good_document(campaign.run("refresh", [*LINE, "--debug"]).stdout)


def fails(campaign: Campaign) -> None:
    """Fail in every kind of way: answers that are none, a proxy, a crash."""
    machine = campaign.machine
    for operation, fault in FAULTS:
        machine.items.expire()
        if operation in {"InitiateAuth", "RespondToAuthChallenge"}:
            machine.items.remove("refresh-token")
        machine.cognito.faults.add(operation, fault, times=None)
        machine.half_a_minute_passes()
        pauses_end(machine)
        error, _ = failed(campaign.run(f"{operation} {fault}", LINE), 1)
        assert "the next try is in" not in error
        machine.cognito.faults.clear()
    machine.items.expire()
    pauses_end(machine)
    with deaf_proxy() as port:
        password = PROXY.replace("/", "%2F").replace("&", "%26")
        address = f"http://istio:{password}@127.0.0.1:{port}"
        failed(campaign.run("proxy", LINE, HTTP_PROXY=address, HTTPS_PROXY=address), 1)
    for number in (signal.SIGSEGV, signal.SIGABRT):
        pauses_end(machine)
        machine.items.expire()
        campaign.crashes(number)


def is_mended(campaign: Campaign) -> None:
    """The stored password is wrong, and a person signs in."""
    machine = campaign.machine
    machine.items.remove("refresh-token")
    machine.items.expire()
    machine.items.set("password", WRONG)
    pauses_end(machine)
    failed(campaign.run("wrong password", LINE), 3)
    machine.user.set_password(NEW)
    machine.half_a_minute_passes()
    with machine.sits(HELPER, "--debug", "login", "--profile", "dev") as person:
        person.answers("[dev] password for istio@example.com: ", NEW)
        assert person.ends() == 0
        campaign.printed["login"] = person.shown.encode()
