"""The cached hit: what it loads, that it answers as `keyring` would, that nothing disturbs it."""

from __future__ import annotations

import contextlib
import json
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

from cognito_credproc.settings.line import isolated_line
from tests.e2e.clocks import wrong_clocks
from tests.e2e.keyring_session import keyring_session
from tests.e2e.machine import CREDENTIALS, HELPER, SCRIPTS, TOKENS, Machine, good_document
from tests.e2e.secret_services import lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")
LINE = shlex.split(isolated_line("dev"))
SECRET_SERVICE = "keyring.backends.SecretService.Keyring"
# The three files of ours and their package, and what is built into the interpreter: `_socket` and
# `posix`; `time` and `sys` are there before any program is.
OURS = {
    "cognito_credproc",
    "cognito_credproc.hit",
    "cognito_credproc.record",
    "cognito_credproc.secret_service",
}
BUILT_IN = {"_socket"}


def loaded(machine: Machine, *command: str) -> set[str]:
    """The modules that a command imports, in the order of things after the interpreter's own."""
    run = machine.run([sys.executable, "-X", "importtime", *command])
    assert run.returncode == 0, run.stderr
    rows = [line.split("|") for line in run.stderr.splitlines() if line.startswith("import time:")]
    return {row[2].strip() for row in rows[1:]}


def test_the_isolated_line_loads_three_small_files(enrolled: Machine) -> None:
    own = loaded(enrolled, *LINE[1:]) - loaded(enrolled, "-I", "-S", "-c", "pass")
    assert own == OURS | BUILT_IN


def test_the_console_script_loads_three_small_files(enrolled: Machine) -> None:
    own = loaded(enrolled, HELPER, "--profile", "dev") - loaded(enrolled, "-c", "pass")
    assert own == OURS | BUILT_IN


@pytest.mark.parametrize("line", [[HELPER, "--profile", "dev"], LINE], ids=["script", "line"])
def test_a_hit_makes_no_call_and_no_sound(enrolled: Machine, line: list[str]) -> None:
    hit = enrolled.run(line)
    assert (hit.returncode, hit.stderr) == (0, "")
    good_document(hit.stdout)
    assert enrolled.calls() == []


@pytest.mark.parametrize(
    "arguments",
    [["--profile", "dev"], ["--profile=dev"], []],
    ids=["two words", "one word", "environment"],
)
def test_every_way_to_name_the_profile(enrolled: Machine, arguments: list[str]) -> None:
    named = {} if arguments else {"AWS_PROFILE": "dev"}
    expected = enrolled.helper().stdout
    assert enrolled.run([HELPER, *arguments], **named).stdout == expected
    assert enrolled.calls() == []


@pytest.mark.parametrize("way", ["reader", "keyring"])
def test_the_endpoints_are_looked_at(enrolled: Machine, way: str) -> None:
    """What was got elsewhere is not served; and what is got there is a hit there."""
    backend = {} if way == "reader" else {"PYTHON_KEYRING_BACKEND": SECRET_SERVICE}
    stored = enrolled.helper(**backend).stdout
    there = {**backend, "AWS_ENDPOINT_URL": enrolled.cognito.endpoint}
    other = enrolled.helper(**there).stdout
    assert good_document(other) != good_document(stored)
    assert enrolled.calls() == [TOKENS, CREDENTIALS]
    assert enrolled.helper(**there).stdout == other
    assert enrolled.calls() == []


def test_items_are_read_by_secret_tool_and_by_keyring(enrolled: Machine) -> None:
    document = enrolled.helper().stdout
    (name,) = [name for name in enrolled.items.all() if name.startswith("session/")]
    service = enrolled.environment["COGNITO_CREDPROC_KEYRING_SERVICE"] + "/" + name
    username = name.removeprefix("session/")
    tool = ["secret-tool", "lookup", "service", service, "username", username]
    assert enrolled.run(tool).stdout.partition("\n")[2] == document
    got = enrolled.run([str(SCRIPTS / "keyring"), "get", service, username])
    assert got.stdout.partition("\n")[2].rstrip("\n") == document.rstrip("\n")


def test_what_keyring_wrote_is_read(enrolled: Machine) -> None:
    document = enrolled.helper().stdout
    (name,) = [name for name in enrolled.items.all() if name.startswith("session/")]
    text = enrolled.items.get("session")
    enrolled.items.remove("session")
    service = enrolled.environment["COGNITO_CREDPROC_KEYRING_SERVICE"] + "/" + name
    write = f"import keyring, sys; keyring.set_password(*{[service, name[8:]]!r}, sys.stdin.read())"
    written = enrolled.run([sys.executable, "-c", write], typed=text)
    assert written.returncode == 0, written.stderr
    assert enrolled.helper().stdout == document
    assert enrolled.calls() == []


def test_nothing_beside_the_caller_gets_into_the_isolated_line(
    enrolled: Machine, tmp_path: Path
) -> None:
    hostile = tmp_path / "hostile"
    for folder in (hostile, hostile / "cognito_credproc"):
        folder.mkdir()
        for name in ("json", "keyring", "record", "time", "_socket", "posix", "hit", "__init__"):
            (folder / f"{name}.py").write_text("raise SystemExit('hostile code ran')\n")
    startup = hostile / "startup.py"
    startup.write_text("raise SystemExit('hostile code ran')\n")
    user_site = tmp_path / "home" / ".local" / "lib"
    for version in (f"python3.{sys.version_info[1]}",):
        site = user_site / version / "site-packages"
        site.mkdir(parents=True)
        (site / "usercustomize.py").write_text("raise SystemExit('hostile code ran')\n")
        (site / "evil.pth").write_text("import os; os._exit(77)\n")
    expected = enrolled.helper().stdout
    run = subprocess.run(
        LINE,
        cwd=hostile,
        env={
            **enrolled.environment,
            "PYTHONPATH": str(hostile),
            "PYTHONHOME": str(hostile),
            "PYTHONSTARTUP": str(startup),
            "PYTHONUSERBASE": str(tmp_path / "home" / ".local"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr, run.stdout) == (0, "", expected)
    enrolled.items.expire()  # the long way is as well protected as the short one
    run = subprocess.run(
        LINE,
        cwd=hostile,
        env={**enrolled.environment, "PYTHONPATH": str(hostile), "PYTHONSTARTUP": str(startup)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert enrolled.calls() == [TOKENS, CREDENTIALS]


def test_the_isolated_line_survives_spaces_in_every_splitter(
    enrolled: Machine, tmp_path: Path
) -> None:
    spaced = tmp_path / "a folder (with spaces)"
    spaced.mkdir()
    package = Path(sys.modules["cognito_credproc"].__file__ or "").parent
    shutil.copytree(package, spaced / "cognito_credproc")
    (spaced / "python").symlink_to(sys.executable)
    make = (
        "import sys; sys.path.insert(0, sys.argv[1]); "
        "from cognito_credproc.settings.line import isolated_line; "
        "print(isolated_line('dev', sys.argv[1] + '/python'))"
    )
    made = enrolled.run([sys.executable, "-c", make, str(spaced)])
    line = made.stdout.strip()
    assert str(spaced / "cognito_credproc" / "run.py") in line
    expected = enrolled.helper().stdout
    for command in (["sh", "-c", line], shlex.split(line)):
        assert enrolled.run(command).stdout == expected
    enrolled.write_config(credential_process=line)
    assert enrolled.helper().stdout == expected  # has seen the file that was written just now
    aws = ["sts", "get-caller-identity", "--profile", "dev", "--query", "Account", "--output"]
    assert enrolled.run([str(SCRIPTS / "aws"), *aws, "text"]).stdout == "111122223333\n"
    enrolled.calls()


def test_early_credentials_are_renewed_in_the_background(enrolled: Machine) -> None:
    stored = enrolled.helper().stdout
    enrolled.items.expire(left=15 * 60 + 5)
    enrolled.cognito.faults.add(TOKENS, "drip", seconds=1)
    hit = enrolled.helper()  # reads both pipes to their end
    assert hit.stdout == stored
    renewed = eventually(lambda: enrolled.helper().stdout, unlike=stored)
    good_document(renewed)
    assert enrolled.calls() == [TOKENS, CREDENTIALS]


def test_a_state_folder_that_was_removed_is_made_again(enrolled: Machine) -> None:
    stored = enrolled.helper().stdout
    enrolled.items.expire(left=15 * 60 + 5)
    shutil.rmtree(enrolled.state)
    assert enrolled.helper().stdout == stored
    eventually(lambda: enrolled.helper().stdout, unlike=stored)
    assert stat.S_IMODE(enrolled.state.stat().st_mode) == 0o700


def test_many_early_hits_make_one_background_renewal(enrolled: Machine) -> None:
    stored = enrolled.helper().stdout
    enrolled.items.expire(left=15 * 60 + 5)
    children = [
        subprocess.Popen([HELPER, "--profile", "dev"], env=enrolled.environment, stdout=-1)
        for _ in range(8)
    ]
    assert {child.communicate()[0].decode() for child in children} == {stored}
    eventually(lambda: enrolled.helper().stdout, unlike=stored)
    assert enrolled.calls() == [TOKENS, CREDENTIALS]


def test_a_background_renewal_that_needs_a_person_is_not_tried_again(machine: Machine) -> None:
    machine.enrolled(keep=False)
    machine.items.remove("refresh-token")
    machine.items.expire(left=15 * 60 + 5)
    marker = machine.state / f"{machine.digest()}.renewal"
    assert machine.helper().returncode == 0
    eventually(lambda: marker.exists() and marker.stat().st_mtime > time.time(), unlike=False)
    postponed = marker.stat().st_mtime
    assert machine.helper().returncode == 0
    assert marker.stat().st_mtime == postponed
    assert machine.calls() == []


def test_later_credentials_are_not_renewed(enrolled: Machine) -> None:
    enrolled.items.expire(left=25 * 60 + 30)
    assert enrolled.helper().returncode == 0
    assert not (enrolled.state / f"{enrolled.digest()}.renewal").exists()


def test_keyring_hits_renew_in_the_background_as_well(enrolled: Machine) -> None:
    backend = {"PYTHON_KEYRING_BACKEND": SECRET_SERVICE}
    stored = enrolled.helper().stdout
    enrolled.items.expire(left=15 * 60 + 5)
    assert enrolled.helper(**backend).stdout == stored
    eventually(lambda: enrolled.helper().stdout, unlike=stored)
    assert enrolled.calls() == [TOKENS, CREDENTIALS]


@pytest.mark.slow
def test_the_keyring_outlives_many_hits_at_once(enrolled: Machine) -> None:
    """Its daemon died of some 600 hits when they opened a session without a greeting."""
    expected = enrolled.helper().stdout.encode()
    for _ in range(100):
        children = [
            subprocess.Popen(LINE, env=enrolled.environment, stdout=subprocess.PIPE)
            for _ in range(16)
        ]
        assert {child.communicate()[0] for child in children} == {expected}


@pytest.mark.slow
def test_a_working_day_waits_for_cognito_once(enrolled: Machine, tmp_path: Path) -> None:
    """Ten hours, a call every four minutes, credentials of an hour, everybody's clock moved."""
    ahead = wrong_clocks(tmp_path)
    marker = enrolled.state / f"{enrolled.digest()}.renewal"
    stored = enrolled.items.get("session")
    started = waited = seconds = 0
    while seconds < 10 * 3600:
        seconds += 4 * 60
        enrolled.cognito.clock.advance(4 * 60)
        run = enrolled.helper(**ahead(seconds))
        assert (run.returncode, run.stderr) == (0, "")
        waited += run.stdout != stored.partition("\n")[2]
        left = json.loads(run.stdout)["Expiration"]
        assert left > stamp(time.time() + seconds + 15 * 60)
        if marker.exists():  # in four minutes, a background renewal comes to its end
            started += 1
            stored = eventually(lambda: enrolled.items.get("session"), unlike=stored)
            marker.unlink()
    assert waited == 0
    calls = enrolled.calls()
    assert calls == [TOKENS, CREDENTIALS] * (len(calls) // 2)
    assert len(calls) // 2 == started
    assert 10 <= started <= 16


@pytest.fixture
def locked() -> Iterator[Callable[[Machine], dict[str, str]]]:
    """The environment of a session of its own, whose keyring is locked."""
    with tempfile.TemporaryDirectory(prefix="credproc-") as folder, contextlib.ExitStack() as stack:
        environment = stack.enter_context(keyring_session(Path(folder)))
        lock(environment)
        bus = "DBUS_SESSION_BUS_ADDRESS"
        yield lambda machine: {**machine.environment, bus: environment[bus]}


def test_a_locked_keyring_is_named_at_once(
    enrolled: Machine, locked: Callable[[Machine], dict[str, str]]
) -> None:
    started = time.monotonic()
    run = enrolled.helper(**locked(enrolled))
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith("error: the keyring is locked\nhint: unlock it")
    assert enrolled.calls() == []
    assert time.monotonic() - started < 10  # the time after which a silent keyring is given up


def stamp(seconds: float) -> str:
    """A time as the documents have it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def eventually(look: Callable[[], T], unlike: T) -> T:
    """Look until something else is seen; gives it."""
    deadline = time.monotonic() + 20
    while (seen := look()) == unlike:
        assert time.monotonic() < deadline, "nothing changed"
        time.sleep(0.05)
    return seen
