"""State: small private files, written whole or not at all."""

import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cognito_credproc.record import PAUSE, marker
from cognito_credproc.storage.lock import held
from cognito_credproc.storage.state import Account, State
from cognito_credproc.values.breaker import Pause, Trouble
from cognito_credproc.values.errors import CredprocError
from tests.systems import posix_only, root_only

ACCOUNT = "ap-northeast-1_AbCdEfGhI/client/istio@example.com"
MEMORY = Account(
    59_789_650,
    refused={"password": "incorrect"},
    identities={"pool": "identity"},
    signed_in={"client": 1_793_689_509},
    rotating=["client"],
    username="1111-2222",
    chosen={"choice of a second factor": "SMS_MFA"},
    sends_codes=["client USER_SRP_AUTH"],
    asks_code=["client USER_AUTH"],
    pauses={"pool": Pause(Trouble.THROTTLED, 2, 1_793_689_600.5, "GetId: Rate exceeded")},
    totp_doubt=True,
    skew=-601.5,
)


@pytest.fixture
def bound() -> Iterator[None]:
    """A pipe in the place of a file is opened for ever by whoever opens it without care."""

    def too_long(_number: int, _frame: object) -> None:
        raise AssertionError("this would wait for ever")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(30)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "state"


@pytest.fixture
def state(folder: Path) -> State:
    return State(folder)


def file_of(folder: Path) -> Path:
    [file] = folder.glob("*.json")
    return file


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_round_trip(state: State) -> None:
    assert state.load(ACCOUNT) == Account()
    state.save(ACCOUNT, MEMORY)
    assert state.load(ACCOUNT) == MEMORY
    assert state.load(ACCOUNT + "2") == Account()


@posix_only
def test_nobody_else_can_read_it_whatever_the_umask(state: State, folder: Path) -> None:
    before = os.umask(0)
    try:
        state.save(ACCOUNT, MEMORY)
        state.postpone_background("abc", 0)
    finally:
        os.umask(before)
    assert mode(folder) == 0o700
    assert {mode(file) for file in folder.iterdir()} == {0o600}


def test_names_of_files_tell_nobody_who_signs_in(state: State, folder: Path) -> None:
    state.save(ACCOUNT, MEMORY)
    assert "istio" not in str(file_of(folder))
    assert state.lock_file(ACCOUNT).suffix == ".lock"
    assert state.lock_file(ACCOUNT).parent == folder
    assert state.lock_file(ACCOUNT) != state.lock_file(ACCOUNT + "2")


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "{",
        "null",
        "[]",
        "7",
        "{}",
        '{"totp_step": "x", "refused": {}, "identities": {}}',
        '{"totp_step": Infinity, "refused": {}, "identities": {}}',
        '{"totp_step": 1, "refused": 3, "identities": {}}',
        '{"totp_step": 1, "refused": {}, "identities": ["pool"]}',
        '{"totp_step": 1, "refused": {}, "identities": {}, "signed_in": {"client": "x"}}',
        '{"totp_step": 1, "refused": {}, "identities": {}, "signed_in": {"client": Infinity}}',
        '{"pauses": {"pool": 7}}',
        '{"pauses": {"pool": {"trouble": "other", "failures": 1, "until": 1, "reason": ""}}}',
        '{"pauses": {"pool": {"trouble": "network", "failures": 1, "until": NaN, "reason": ""}}}',
        '{"skew": Infinity}',
        "\x00" * 64,
    ],
)
def test_damaged_file_is_an_empty_memory(state: State, folder: Path, damage: str) -> None:
    state.save(ACCOUNT, MEMORY)
    file_of(folder).write_text(damage)
    assert state.load(ACCOUNT) == Account()
    state.save(ACCOUNT, MEMORY)
    assert state.load(ACCOUNT) == MEMORY


def test_what_an_earlier_version_wrote_is_remembered(state: State, folder: Path) -> None:
    state.save(ACCOUNT, MEMORY)
    kept = json.loads(file_of(folder).read_text())
    for newer in kept.keys() - {"totp_step", "refused", "identities"}:
        del kept[newer]
    file_of(folder).write_text(json.dumps(kept))
    assert state.load(ACCOUNT) == Account(
        MEMORY.totp_step, refused=MEMORY.refused, identities=MEMORY.identities
    )


@settings(max_examples=50)
@given(st.binary(max_size=80))
def test_garbage_is_an_empty_memory(
    tmp_path_factory: pytest.TempPathFactory, garbage: bytes
) -> None:
    folder = tmp_path_factory.mktemp("state")
    state = State(folder)
    state.save(ACCOUNT, MEMORY)
    file_of(folder).write_bytes(garbage)
    assert state.load(ACCOUNT) == Account()


def test_file_is_replaced_never_rewritten(state: State, folder: Path) -> None:
    """Whoever has the old file open reads the old file to its end; nothing is left beside it."""
    state.save(ACCOUNT, MEMORY)
    with file_of(folder).open() as old:
        state.save(ACCOUNT, Account())
        assert json.load(old)["totp_step"] == MEMORY.totp_step
    assert len(list(folder.iterdir())) == 1


@posix_only
def test_symlink_in_place_of_the_file_is_replaced_not_followed(
    state: State, folder: Path, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    state.save(ACCOUNT, MEMORY)
    file = file_of(folder)
    file.unlink()
    file.symlink_to(victim)
    state.save(ACCOUNT, MEMORY)
    assert victim.read_text() == "precious"
    assert not file.is_symlink()


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    state = State(tmp_path / "file" / "state")
    assert state.load(ACCOUNT) == Account()
    for act in (
        lambda: state.save(ACCOUNT, MEMORY),
        lambda: state.lock_file(ACCOUNT),
        lambda: state.postpone_background("abc", 0),
    ):
        with pytest.raises(CredprocError, match=r"state folder .* cannot be written") as caught:
            act()
        assert "COGNITO_CREDPROC_STATE_DIR" in str(caught.value.hint)


def test_file_that_cannot_be_written(state: State, folder: Path) -> None:
    """A directory in its place, since root may write every file; no half file is left."""
    state.save(ACCOUNT, MEMORY)
    file = file_of(folder)
    file.unlink()
    file.mkdir()
    with pytest.raises(CredprocError, match="cannot be written: Is a directory"):
        state.save(ACCOUNT, MEMORY)
    assert list(folder.iterdir()) == [file]


def test_which_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = State.of({"COGNITO_CREDPROC_STATE_DIR": str(tmp_path / "named")})
    assert named.lock_file(ACCOUNT).parent == tmp_path / "named"
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    own = State.of({})
    assert own.lock_file(ACCOUNT).parent == tmp_path / "xdg" / "cognito-credproc"


@posix_only
def test_background_is_claimed_by_one_process(state: State, folder: Path) -> None:
    now = time.time()
    assert state.claim_background("abc", now)
    assert not state.claim_background("abc", now + 59)
    assert state.claim_background("abc", now + 61)
    assert state.claim_background("def", now), "other settings, another renewal"
    state.postpone_background("abc", now + 900)
    assert not state.claim_background("abc", now + 800)
    assert state.claim_background("abc", now + 901)
    assert {mode(file) for file in folder.glob("*.renewal")} == {0o600}


@pytest.mark.parametrize("chosen", ["COGNITO_CREDPROC_STATE_DIR", "XDG_STATE_HOME", "HOME"])
def test_a_hit_looks_for_the_marker_where_it_is(
    chosen: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hit works the place out itself, since it has no time for platformdirs."""
    names = ["COGNITO_CREDPROC_STATE_DIR", "XDG_STATE_HOME", "HOME"]
    for name in names[: names.index(chosen)]:
        monkeypatch.delenv(name, raising=False)
    for name in names[names.index(chosen) :]:
        monkeypatch.setenv(name, str(tmp_path / name))
    State.of(os.environ).postpone_background("abc", 0)
    as_bytes = {os.fsencode(key): os.fsencode(value) for key, value in os.environ.items()}
    assert Path(marker(as_bytes, "abc")).is_file()


def test_background_is_postponed_by_the_markers_time(state: State, folder: Path) -> None:
    until = int(time.time()) + 900
    for _ in range(2):
        state.postpone_background("0123456789abcdef", until)
        assert (folder / "0123456789abcdef.renewal").stat().st_mtime == until - PAUSE


# A folder that others have touched


@posix_only
def test_wide_folder_is_closed(state: State, folder: Path) -> None:
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    state.lock_file(ACCOUNT)
    assert mode(folder) == 0o700


@root_only
def test_folder_of_somebody_else_is_not_used(state: State, folder: Path) -> None:
    folder.mkdir(parents=True)
    os.chown(folder, 65_534, -1)
    for act in (
        lambda: state.lock_file(ACCOUNT),
        lambda: state.save(ACCOUNT, MEMORY),
        lambda: state.postpone_background("abc", 0),
    ):
        with pytest.raises(CredprocError, match="belongs to another user") as caught:
            act()
        assert "COGNITO_CREDPROC_STATE_DIR" in str(caught.value.hint)
    assert list(folder.iterdir()) == []


@posix_only
def test_no_link_is_followed(state: State, folder: Path, tmp_path: Path) -> None:
    """State, marker and lock, each in the place where it would be; the target stays as it was."""
    state.save(ACCOUNT, MEMORY)
    victim = tmp_path / "victim"
    victim.write_bytes(file_of(folder).read_bytes())
    os.utime(victim, (1, 1))
    victim.chmod(0o644)
    file_of(folder).unlink()
    lock = state.lock_file(ACCOUNT)
    for name in (lock.with_suffix(".json").name, "abc.renewal", lock.name):
        (folder / name).symlink_to(victim)
    assert state.load(ACCOUNT) == Account()
    state.postpone_background("abc", time.time() + 900)
    with pytest.raises(CredprocError, match="is a symbolic link"), held(lock, 0):
        pytest.fail("somebody else's file is the lock")
    assert (victim.stat().st_mtime, mode(victim)) == (1, 0o644)
    os.utime(folder / "abc.renewal", (1, 1), follow_symlinks=False)
    assert state.claim_background("abc", time.time()), "the link is replaced"
    assert not (folder / "abc.renewal").is_symlink()
    assert victim.stat().st_mtime == 1


@posix_only
def test_link_to_nowhere_makes_no_file_there(state: State, folder: Path, tmp_path: Path) -> None:
    state.lock_file(ACCOUNT)
    (folder / "abc.renewal").symlink_to(tmp_path / "new")
    state.postpone_background("abc", 0)
    assert not (tmp_path / "new").exists()


@posix_only
@pytest.mark.usefixtures("bound")
def test_pipe_in_place_of_a_file_is_not_waited_for(state: State, folder: Path) -> None:
    state.save(ACCOUNT, MEMORY)
    file = file_of(folder)
    file.unlink()
    os.mkfifo(file)
    assert state.load(ACCOUNT) == Account()
    os.mkfifo(folder / "abc.renewal")
    state.postpone_background("abc", 0)
    state.save(ACCOUNT, MEMORY)
    assert state.load(ACCOUNT) == MEMORY


@pytest.mark.parametrize(
    ("ahead", "claimed"),
    [(-61, True), (-59, False), (1_000, False), (1_499, False), (1_501, True), (86_400, True)],
)
def test_a_marker_from_far_ahead_is_not_believed(
    state: State, folder: Path, ahead: float, claimed: bool
) -> None:
    """The clock was set back after it was written."""
    state.lock_file(ACCOUNT)
    now = time.time()
    marker = folder / "abc.renewal"
    marker.touch()
    os.utime(marker, (now + ahead, now + ahead))
    assert state.claim_background("abc", now) == claimed


def test_memory_of_a_version_that_knew_less_of_codes(folder: Path, state: State) -> None:
    state.save(ACCOUNT, MEMORY)
    kept = json.loads(file_of(folder).read_text())
    file_of(folder).write_text(json.dumps({**kept, "asks_code": True}))
    assert state.load(ACCOUNT) == replace(MEMORY, asks_code=[])


def test_no_sentence_makes_it_too_large_to_be_read(state: State) -> None:
    pause = Pause(Trouble.THROTTLED, 2, 1_793_689_600.5, "word " * 300_000)
    state.save(ACCOUNT, Account(7, refused={"password": "é" * 2_000_000}, pauses={"pool": pause}))
    found = state.load(ACCOUNT)
    assert found.totp_step == 7
    assert set(found.refused) == {"password"}
    assert found.pauses["pool"].until == pause.until


def test_what_could_not_be_read_again_is_not_written(state: State, folder: Path) -> None:
    state.save(ACCOUNT, MEMORY)
    with pytest.raises(CredprocError, match="would be too large"):
        state.save(ACCOUNT, Account(username="x" * (1 << 20)))
    assert state.load(ACCOUNT) == MEMORY
    assert [file.suffix for file in folder.iterdir()] == [".json"]
