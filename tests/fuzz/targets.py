"""What is fuzzed: each takes bytes and fails where the program would do what it must not."""

import difflib
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from botocore.configloader import load_config
from botocore.exceptions import BotoCoreError

from cognito_credproc import record as records
from cognito_credproc.profiles.config_text import edited
from cognito_credproc.secret_service import LockedError, _conversation, addresses
from cognito_credproc.values.errors import SettingsError

FILE = Path("/home/istio/.aws/config")
# What `secret_service.lookup` takes for: ask `keyring` itself.
EXPECTED = (OSError, ValueError, IndexError, KeyError, LockedError)
# How the bytes for the config target begin: profile, key, value; an empty value removes the key.
PARTS = re.compile(r"(?s)([^\0]*)\0([^\0]*)\0([^\0]*)\0(.*)")


def record(data: bytes) -> None:
    """An item's text: what is read is what was written, or nothing is."""
    text = data.decode(errors="surrogateescape")
    found = records.parse(text)
    if found is None:
        return
    again = records.parse(found.text())
    assert again is not None
    assert (again.expiry, again.file, again.digest, again.document) == (
        *(found.expiry, found.file, found.digest, found.document),
    )
    assert text.endswith(found.document), "nothing is served but what stands there"
    assert records.FRESH + records.AHEAD <= found.early < records.FRESH + records.SPREAD
    folder = records.marker({b"COGNITO_CREDPROC_STATE_DIR": b"/state"}, found.digest)
    assert folder.count("/") == 2, "the digest leads out of the folder"


class _Bus:
    """A bus that sends these bytes, in pieces, and hangs up."""

    def __init__(self, data: bytes, size: int) -> None:
        self._pieces = [data[start : start + size] for start in range(0, len(data), size)]

    def sendall(self, _data: bytes) -> None:
        """Take whatever is said."""

    def settimeout(self, _seconds: float) -> None:
        """There is nothing to wait for."""

    def recv(self, _most: int) -> bytes:
        """The next piece."""
        return self._pieces.pop(0) if self._pieces else b""


def dbus(data: bytes) -> None:
    """The bus's side of the conversation: a secret, or one of the ways out, and soon."""
    begun = time.process_time()
    size = data[0] + 1 if data else 1
    try:
        found = _conversation(_Bus(data[1:], size), float("inf"), b"service", b"name")  # type: ignore[arg-type]
    except EXPECTED:
        pass
    else:
        assert found is None or isinstance(found, str)
    try:
        for address in addresses({b"DBUS_SESSION_BUS_ADDRESS": data, b"XDG_RUNTIME_DIR": b"/run"}):
            assert isinstance(address, bytes)
    except EXPECTED:
        pass
    assert time.process_time() - begun < 1, "the work does not grow faster than what comes"


def config(data: bytes) -> None:
    """A config file and a change of one key: every byte of others stays, botocore agrees."""
    parts = PARTS.fullmatch(data.decode(errors="replace"))
    if parts is None:
        return
    profile, key, value, before = parts.groups()
    try:
        after = edited(before, FILE, profile, {key: value or None})
    except SettingsError:
        return
    _others_stay(before, after, key, value)
    _botocore_agrees(before, after, profile, key, value)
    assert edited(after, FILE, profile, {key: value or None}) == after


def _others_stay(before: str, after: str, key: str, value: str) -> None:
    """Only lines of this key go, only it and a new section's header come."""
    old, new = _lines(before), _lines(after)
    gone, come = [], []
    for what, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what != "equal":
            gone += old[a:b]
            come += new[c:d]
    own = re.compile(rf"\s*{re.escape(key)}\s*[=:]", re.IGNORECASE)
    # The last line may get an end, since something comes after it.
    kept = [line.rstrip("\r\n") for line in gone]
    for line in come:
        content = line.rstrip("\r\n")
        if content in kept:
            kept.remove(content)
        else:
            assert own.match(line) or not content or content.startswith("[")
            assert not own.match(line) or content.endswith(value)
    assert len(kept) <= 1
    assert all(own.match(line) for line in kept)


def _botocore_agrees(before: str, after: str, profile: str, key: str, value: str) -> None:
    """The tools see what was meant, and of all else what they saw before."""
    old, new = _loaded(before), _loaded(after)
    if old is None or new is None:
        assert old is None or before == after
        return
    assert new.get(profile, {}).get(key) == (value or None)
    for section in (*old.values(), *new.values()):
        section.pop(key, None)
    if profile not in old:
        new.pop(profile, None)  # what [DEFAULT] lends to every section is there as well
    assert old == new


def _loaded(text: str) -> dict[str, dict[str, object]] | None:
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="", dir=_fast()) as file:
        file.write(text)
        file.flush()
        try:
            loaded: dict[str, dict[str, object]] = load_config(file.name)["profiles"]
        except BotoCoreError:
            return None
    return loaded


def _fast() -> str | None:
    """A folder in memory, where the system has one."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - the file is private


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text)


TARGETS: dict[str, Callable[[bytes], None]] = {"record": record, "dbus": dbus, "config": config}
