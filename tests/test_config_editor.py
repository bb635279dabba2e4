"""The AWS config file is changed whole or not at all; what others do meanwhile is kept."""

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from cognito_credproc.profiles import config_editor
from cognito_credproc.profiles.config_editor import change, text_of
from cognito_credproc.profiles.config_text import edited
from cognito_credproc.storage.lock import LockedError, held
from cognito_credproc.values.errors import SettingsError
from tests.systems import posix_only, root_only


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    return home


@pytest.fixture
def file(folder: Path) -> Path:
    return folder / "config"


def add(text: str) -> Callable[[str], str]:
    return lambda before: before + text


def put(file: Path, edit: Callable[[str], str]) -> bool:
    return change(file, file.parent.parent / "lock", edit)


def refused(file: Path, edit: Callable[[str], str] | None = None) -> str:
    with pytest.raises(SettingsError) as caught:
        put(file, edit or add("x"))
    assert str(file) in caught.value.message
    return caught.value.message


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@posix_only
def test_a_new_file_in_a_new_folder_is_the_owners_alone(folder: Path) -> None:
    file = folder / ".aws" / "config"
    assert text_of(file) == ""
    assert put(file, add("[default]\n"))
    assert file.read_bytes() == b"[default]\n"
    assert (mode(file), mode(file.parent)) == (0o600, 0o700)
    assert list(file.parent.iterdir()) == [file]


def test_line_ends_are_kept_as_they_are(file: Path) -> None:
    file.write_bytes(b"a\r\nb\rc\n\xe6\x97\xa5")
    assert text_of(file) == "a\r\nb\rc\n日"
    assert put(file, add("x\r\n"))
    assert file.read_bytes() == b"a\r\nb\rc\n\xe6\x97\xa5x\r\n"


@posix_only
@pytest.mark.parametrize("bits", [0o600, 0o644, 0o664, 0o700])
def test_the_mode_stays(file: Path, bits: int) -> None:
    file.touch()
    file.chmod(bits)
    assert put(file, add("x"))
    assert mode(file) == bits


@root_only
def test_the_owner_stays(file: Path) -> None:
    file.touch()
    os.chown(file, 12_345, 23_456)
    assert put(file, add("x"))
    assert (file.stat().st_uid, file.stat().st_gid) == (12_345, 23_456)


@posix_only
@pytest.mark.parametrize("relative", [True, False])
def test_a_symbolic_link_is_followed_and_stays(folder: Path, file: Path, relative: bool) -> None:
    dotfiles = folder / "dotfiles"
    dotfiles.mkdir()
    (dotfiles / "aws").write_text("a\n")
    file.symlink_to("dotfiles/aws" if relative else dotfiles / "aws")
    assert put(file, add("x\n"))
    assert file.is_symlink()
    assert (dotfiles / "aws").read_text() == "a\nx\n"
    assert [entry.name for entry in dotfiles.iterdir()] == ["aws"]


@posix_only
def test_a_link_to_a_file_that_is_not_there_yet(folder: Path, file: Path) -> None:
    file.symlink_to(folder / "new" / "aws")
    assert put(file, add("x\n"))
    assert file.is_symlink()
    assert (folder / "new" / "aws").read_text() == "x\n"


def test_an_edit_that_changes_nothing_touches_nothing(file: Path) -> None:
    file.write_text("a\n")
    before = file.stat().st_mtime_ns, file.stat().st_ino
    assert not put(file, lambda text: text)
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == before
    assert not put(file.with_name("other"), lambda text: text)
    assert not file.with_name("other").exists()


def test_what_others_write_meanwhile_is_kept(file: Path) -> None:
    """Between the reading and the renaming, once."""
    file.write_text("[default]\n")
    seen = []

    def edit(text: str) -> str:
        seen.append(text)
        if len(seen) == 1:
            file.write_text(f"{text}region = x\n")
        return edited(text, file, "dev", {"a": "1"})

    assert put(file, edit)
    assert seen == ["[default]\n", "[default]\nregion = x\n"]
    assert file.read_text() == "[default]\nregion = x\n\n[profile dev]\na = 1\n"


def test_a_file_that_others_make_meanwhile_is_kept(file: Path) -> None:
    def edit(text: str) -> str:
        if not text:
            file.write_text("theirs\n")
        return text + "ours\n"

    assert put(file, edit)
    assert file.read_text() == "theirs\nours\n"


def test_a_file_that_never_rests(file: Path) -> None:
    def edit(text: str) -> str:
        file.write_text(text + "x")
        return text + "y"

    assert "changes all the time" in refused(file, edit)
    assert file.read_text() == "x" * config_editor.TRIES
    assert list(file.parent.iterdir()) == [file]


def test_edits_come_one_after_the_other(file: Path) -> None:
    def edit(number: int) -> None:
        put(file, lambda text: edited(text, file, f"p{number}", {"a": str(number)}))

    threads = [threading.Thread(target=edit, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    text = file.read_text()
    assert sorted(line for line in text.splitlines() if line.startswith("[")) == [
        f"[profile p{number}]" for number in range(8)
    ]


def test_a_held_lock_is_not_waited_for_for_ever(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config_editor, "LOCK_PATIENCE", 0.05)
    with (
        held(file.parent.parent / "lock", 1),
        pytest.raises(LockedError, match="is changing") as caught,
    ):
        put(file, add("x"))
    assert str(file) in caught.value.message
    assert not file.exists()


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, RuntimeError])
def test_an_end_in_the_middle_leaves_the_file_and_nothing_beside_it(
    file: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    file.write_text("a\n")

    def end(_descriptor: int) -> None:
        raise error

    monkeypatch.setattr(os, "fsync", end)
    with pytest.raises(error):
        put(file, add("x"))
    assert file.read_text() == "a\n"
    assert list(file.parent.iterdir()) == [file]


KILLED = """
import os, sys
from pathlib import Path
from cognito_credproc.profiles.config_editor import change
os.fsync = lambda descriptor: os._exit(9)  # nothing is tidied up
change(Path(sys.argv[1]), Path(sys.argv[2]), lambda text: text + "x")
"""


def test_a_killed_edit_leaves_the_file_and_no_lock(folder: Path, file: Path) -> None:
    file.write_text("a\n")
    lock = folder.parent / "lock"
    killed = subprocess.run([sys.executable, "-c", KILLED, file, lock], check=False)
    assert killed.returncode == 9
    assert file.read_text() == "a\n"
    assert put(file, add("b\n"))
    assert file.read_text() == "a\nb\n"


@posix_only
def test_files_that_are_none(folder: Path, file: Path) -> None:
    file.mkdir()
    assert "is not a file" in refused(file)
    fifo = folder / "fifo"
    os.mkfifo(fifo)
    assert "is not a file" in refused(fifo)
    loop = folder / "loop"
    loop.symlink_to(loop)
    assert "cannot be read" in refused(loop)


def test_a_file_that_is_no_text(file: Path) -> None:
    file.write_bytes(b"[default]\n\xff")
    assert "line 2 is not UTF-8" in refused(file)
    assert file.read_bytes() == b"[default]\n\xff"


def test_a_file_that_is_read_otherwise_here(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config_editor, "_encoding", lambda: "latin-1")
    file.write_bytes(b"[default]\n# caf\xe9\n")
    assert put(file, add("x = \xe9\n"))
    assert file.read_bytes() == b"[default]\n# caf\xe9\nx = \xe9\n"
    assert "cannot hold the new values" in refused(file, add("日"))
    monkeypatch.setattr(config_editor, "_encoding", lambda: "utf-7")
    file.write_bytes(b"+AGE-\n")
    assert "would not stay as it is" in refused(file)


@posix_only
def test_a_write_protected_file_stays(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("a\n")
    monkeypatch.setattr(os, "access", lambda _path, _how: False)  # root may write anywhere
    assert "cannot be written: it is write-protected" in refused(file)
    assert file.read_text() == "a\n"
    assert list(file.parent.iterdir()) == [file]


@posix_only
def test_a_file_whose_owner_cannot_be_kept(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    file.touch()
    theirs = os.stat_result((*file.stat()[:4], 54_321, *file.stat()[5:]))
    monkeypatch.setattr(os, "fchown", refuse)
    monkeypatch.setattr(os, "fstat", lambda _descriptor: theirs)
    assert "cannot be written: it belongs to somebody else" in refused(file)


def test_a_folder_that_cannot_be_made(folder: Path) -> None:
    (folder / "taken").touch()
    assert "cannot be read: Not a directory" in refused(folder / "taken" / "config")
