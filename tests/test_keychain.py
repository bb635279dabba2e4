"""The keyring: round trips, small entries, killed writers, backends that fail or store plainly."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from keyring.errors import InitError, KeyringLocked, PasswordDeleteError

from cognito_credproc.flows.flow import Item
from cognito_credproc.record import Record
from cognito_credproc.storage.keychain import Keychain, item_name
from cognito_credproc.storage.unlocking import UNLOCK
from cognito_credproc.values.errors import KeychainError
from tests.fakes import FailingKeyring, KilledError, MemoryKeyring

LIMIT = 40  # UTF-16 units of an entry, where a real one has 1,280
HEAD = "cognito-credproc/refresh-token/me"
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=200)


def small(limit: int = LIMIT) -> tuple[Keychain, MemoryKeyring]:
    backend = MemoryKeyring(limit)
    return Keychain(backend, part_length=LIMIT), backend


def read(keychain: Keychain) -> str | None:
    return keychain.read(Item.REFRESH_TOKEN, "me")


def store(keychain: Keychain, value: str) -> None:
    keychain.store(Item.REFRESH_TOKEN, "me", value)


def test_items_are_apart_by_kind_and_name() -> None:
    backend = MemoryKeyring()
    keychain = Keychain(backend)
    values = {(item, name): f"{item} of {name}" for item in Item for name in ("me", "you")}
    for (item, name), value in values.items():
        keychain.store(item, name, value)
    for (item, name), value in values.items():
        assert keychain.read(item, name) == value
    assert len({service for service, _ in backend.entries}) == len(values), (
        "a service name is unique to its item, since Windows moves entries that share one"
    )
    keychain.delete(Item.PASSWORD, "me")
    assert keychain.read(Item.PASSWORD, "me") is None
    assert keychain.read(Item.PASSWORD, "you") == "password of you"
    keychain.delete(Item.PASSWORD, "me")  # once more is no error


def test_session_round_trip_and_damage() -> None:
    backend = MemoryKeyring()
    keychain = Keychain(backend)
    assert keychain.session("dev") is None
    keychain.store_session("dev", Record(1_793_689_509, "1-2-3", "abc", '{"Version": 1}\n'))
    found = keychain.session("dev")
    assert found
    assert (found.expiry, found.document) == (1_793_689_509, '{"Version": 1}\n')
    assert keychain.session("other") is None
    key = ("cognito-credproc/session/dev", "dev")
    backend.entries[key] = backend.entries[key][:-1]
    assert keychain.session("dev") is None
    keychain.delete_session("dev")
    assert backend.entries == {}


def test_empty_item_is_no_item() -> None:
    keychain = Keychain(MemoryKeyring())
    store(keychain, "")
    assert read(keychain) is None


@given(st.lists(TEXT, min_size=1, max_size=4))
@example(["x" * LIMIT])
@example(["x" * (LIMIT + 1)])
@example(["\N{LOCK}" * 30, "é" * LIMIT, "short"])
@example(["\N{LOCK}x" * 30])
def test_small_entries_hold_values_of_any_length(values: list[str]) -> None:
    keychain, backend = small()
    for value in values:
        store(keychain, value)  # the backend refuses an entry that is too long
        assert read(keychain) == (value or None)
        heads = [service for service in backend.items if service == HEAD]
        assert len(heads) == 1
    assert len({service for service, _ in backend.entries}) == len(backend.entries)
    keychain.delete(Item.REFRESH_TOKEN, "me")
    assert backend.entries == {}


@pytest.mark.parametrize("old", ["", "short", "o" * 100, "o" * 200])
@pytest.mark.parametrize("new", ["brief", "n" * 60, "n" * 300])
def test_killed_between_any_two_writes(old: str, new: str) -> None:
    """The old value or the new one is there, never a mixture; nothing is left behind for ever."""
    killed = True
    writes = 0
    while killed:
        keychain, backend = small()
        if old:
            store(keychain, old)
        backend.writes_left = writes
        try:
            store(keychain, new)
            killed = False
        except KilledError:
            assert read(keychain) in {old or None, new}
        backend.writes_left = None
        store(keychain, "m" * 90)
        assert read(keychain) == "m" * 90
        store(keychain, "brief")
        assert backend.items == {HEAD: "brief"}, "parts of the killed run are gone"
        writes += 1
    assert writes > (2 if len(new) > LIMIT else 1)


@pytest.mark.parametrize("value", ["short", "o" * 100])
def test_killed_within_a_deletion(value: str) -> None:
    killed = True
    writes = 0
    while killed:
        keychain, backend = small()
        store(keychain, value)
        backend.writes_left = writes
        try:
            keychain.delete(Item.REFRESH_TOKEN, "me")
            killed = False
        except KilledError:
            assert read(keychain) in {value, None}
        backend.writes_left = None
        keychain.delete(Item.REFRESH_TOKEN, "me")
        assert backend.entries == {}
        writes += 1
    assert writes >= 2


def test_first_write_killed_then_deleted_leaves_nothing() -> None:
    keychain, backend = small()
    backend.writes_left = 2
    with pytest.raises(KilledError):
        store(keychain, "n" * 200)
    backend.writes_left = None
    assert read(keychain) is None
    assert len(backend.entries) == 2
    keychain.delete(Item.REFRESH_TOKEN, "me")
    assert backend.entries == {}


def test_partial_or_foreign_set_counts_as_absent() -> None:
    keychain, backend = small()
    store(keychain, "o" * 200)
    whole = dict(backend.entries)
    parts = [key for key in whole if key[0] != HEAD]
    assert len(parts) > 3
    for part in parts:
        backend.entries = {key: value for key, value in whole.items() if key != part}
        assert read(keychain) is None
        backend.entries = {**whole, part: "another" + whole[part]}
        assert read(keychain) is None
    backend.entries = whole
    assert read(keychain) == "o" * 200


def test_large_values_stay_whole_where_entries_have_room() -> None:
    backend = MemoryKeyring()
    store(Keychain(backend), "x" * 20_000)
    assert backend.items == {HEAD: "x" * 20_000}


def test_windows_entries_are_small() -> None:
    class WinVaultKeyring(MemoryKeyring):
        """By this name the Windows Credential Manager is known."""

    backend = WinVaultKeyring(1_280)
    keychain = Keychain(backend)
    store(keychain, "x" * 20_000)
    assert read(keychain) == "x" * 20_000


def test_other_service_name() -> None:
    backend = MemoryKeyring()
    store(Keychain.of(backend, {"COGNITO_CREDPROC_KEYRING_SERVICE": "mine"}), "x")
    assert list(backend.items) == ["mine/refresh-token/me"]
    for environment in ({}, {"COGNITO_CREDPROC_KEYRING_SERVICE": ""}):
        assert read(Keychain.of(backend, environment)) is None


def test_value_that_just_fits_is_one_entry() -> None:
    keychain, backend = small()
    store(keychain, "x" * LIMIT)
    assert backend.items == {HEAD: "x" * LIMIT}


def failures(keychain: Keychain) -> list[KeychainError]:
    found = []
    for act in (
        lambda: keychain.session("dev"),
        lambda: keychain.store_session("dev", Record(0, "", "", "s3cret")),
        lambda: keychain.delete_session("dev"),
        lambda: keychain.read(Item.PASSWORD, "me"),
        lambda: keychain.store(Item.PASSWORD, "me", "s3cret"),
        lambda: keychain.delete(Item.PASSWORD, "me"),
    ):
        with pytest.raises(KeychainError) as caught:
            act()
        found.append(caught.value)
    return found


def test_locked_keyring_is_not_an_empty_one() -> None:
    for error in failures(Keychain(FailingKeyring(KeyringLocked("s3cret")))):
        assert error.message == "the keyring is locked"
        assert "unlock it" in str(error.hint)


def test_an_empty_session_that_nobody_gave_a_password_is_told_how() -> None:
    """Keyring's words where the Secret Service has no collection, and could ask for none."""
    refused = InitError("Failed to create the collection: Prompt dismissed..")
    for error in failures(Keychain(FailingKeyring(refused))):
        assert error.message == "the keyring could not be opened, or made where there is none yet"
        assert error.hint == UNLOCK


@pytest.mark.parametrize(
    "raised", [RuntimeError("s3cret"), OSError("s3cret"), ValueError("s3cret"), Exception("s3cret")]
)
def test_whatever_a_backend_raises_is_told_by_its_kind_alone(raised: Exception) -> None:
    for error in failures(Keychain(FailingKeyring(raised))):
        assert error.message == f"the keyring failed ({type(raised).__name__})"
        assert "s3cret" not in error.lines()
        assert error.__suppress_context__, "a traceback must not show it either"


def test_deletion_that_is_refused_is_no_deletion() -> None:
    class Stubborn(MemoryKeyring):
        def delete_password(self, service: str, username: str) -> None:
            raise PasswordDeleteError(f"{service} {username}: s3cret")

    keychain = Keychain(Stubborn())
    keychain.delete(Item.PASSWORD, "me")  # nothing is there
    store(keychain, "value")
    with pytest.raises(KeychainError, match="did not remove"):
        keychain.delete(Item.REFRESH_TOKEN, "me")


# What `open` finds depends on the whole process, so each of these is a process of its own.
OPEN = """
import os
from cognito_credproc.values.errors import KeychainError
from cognito_credproc.storage.keychain import Keychain
try:
    keychain = Keychain.open(os.environ)
    keychain.session("dev")  # where there is none, that shows when it is used
    print("opened", keychain.name)
except KeychainError as error:
    print("refused", error.message, "|", error.hint)
"""


def opened(home: Path, **environment: str) -> str:
    folders = {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
        "PYTHONPATH": str(Path(__file__).parent.parent),
    }
    done = subprocess.run(
        [sys.executable, "-c", OPEN],
        env={**folders, **environment},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert done.stderr == ""
    return done.stdout


def test_no_keyring_no_plain_file(tmp_path: Path) -> None:
    """keyrings.alt is installed here, and stores plain text; nobody named it."""
    assert "refused no OS keyring answers here" in opened(tmp_path)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("name", ["keyring.backends.fail.Keyring", "keyring.backends.none.X"])
def test_named_backend_that_is_none(tmp_path: Path, name: str) -> None:
    assert "refused" in opened(tmp_path, PYTHON_KEYRING_BACKEND=name)


@pytest.mark.parametrize(
    ("name", "known_as"),
    [
        ("keyrings.alt.file.PlaintextKeyring", "PlaintextKeyring"),
        ("tests.fakes.MemoryKeyring", "fakes MemoryKeyring"),
    ],
)
def test_backend_that_the_person_named_is_taken(tmp_path: Path, name: str, known_as: str) -> None:
    assert known_as in opened(tmp_path, PYTHON_KEYRING_BACKEND=name)


def test_backend_of_keyrings_own_file_is_taken(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "python_keyring"
    folder.mkdir(parents=True)
    (folder / "keyringrc.cfg").write_text(
        "[backend]\ndefault-keyring = keyrings.alt.file.PlaintextKeyring\n"
    )
    assert "opened file PlaintextKeyring" in opened(tmp_path)


def test_name_of_the_session_item() -> None:
    assert item_name("dev", {}) == "dev"
    assert item_name("dev", {"AWS_CONFIG_FILE": ""}) == "dev"
    assert item_name("dev", {"AWS_CONFIG_FILE": "/a/config"}) == "dev@/a/config"
    relative = item_name("dev", {"AWS_CONFIG_FILE": "config"})
    assert relative == f"dev@{Path.cwd()}/config"
