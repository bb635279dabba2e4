"""A file that holds a secret: its mode, and what is never written over."""

import os
import stat
from pathlib import Path

import pytest

from cognito_credproc.storage.secret_file import is_taken, write
from cognito_credproc.values.errors import CredprocError, UsageError
from tests.systems import posix_only


@posix_only
def test_it_is_closed_to_others(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write(tmp_path / "code.png", b"secret", replace=False)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "code.png").stat().st_mode) == 0o600
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [
        ("code.png", b"secret")
    ]


@posix_only
def test_a_file_is_replaced_only_if_it_was_given_up(tmp_path: Path) -> None:
    file = tmp_path / "code.png"
    file.write_bytes(b"mine")
    file.chmod(0o644)
    assert is_taken(file)
    with pytest.raises(CredprocError, match="File exists"):
        write(file, b"secret", replace=False)
    assert file.read_bytes() == b"mine"
    write(file, b"secret", replace=True)
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"secret", 0o600)
    assert [found.name for found in tmp_path.iterdir()] == ["code.png"]


@posix_only
@pytest.mark.parametrize("there", [True, False], ids=["link", "broken-link"])
def test_links_are_not_followed(tmp_path: Path, there: bool) -> None:
    link, target = tmp_path / "code.png", tmp_path / "other"
    if there:
        target.write_bytes(b"mine")
    link.symlink_to(target)
    with pytest.raises(UsageError, match="not an ordinary file"):
        is_taken(link)
    with pytest.raises(CredprocError, match="File exists"):
        write(link, b"secret", replace=False)
    write(link, b"secret", replace=True)  # where it was swapped in after the look
    assert not link.is_symlink()
    assert target.exists() == there
    assert not there or target.read_bytes() == b"mine"


def test_what_cannot_be_written_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no folder of yours"):
        is_taken(tmp_path / "nowhere" / "code.png")
    with pytest.raises(UsageError, match="not an ordinary file"):
        is_taken(tmp_path)
    with pytest.raises(UsageError, match="cannot be written"):
        is_taken(tmp_path / ("x" * 300))
    assert not is_taken(tmp_path / "code.png")


def test_what_fails_on_the_way_leaves_nothing(tmp_path: Path) -> None:
    taken = tmp_path / "folder"
    taken.mkdir()
    with pytest.raises(CredprocError, match="cannot be written"):
        write(taken, b"secret", replace=True)
    assert [found.name for found in tmp_path.iterdir()] == ["folder"]
