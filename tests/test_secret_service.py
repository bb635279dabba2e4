"""The reader of the Secret Service, against a bus whose every byte is chosen here.

The replies are built by jeepney, which others wrote. What the reader makes of a real gnome-keyring
is in `tests/e2e/test_reader.py`.
"""

import contextlib
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jeepney import HeaderFields, Message, MessageType
from jeepney.low_level import Endianness, Header

from cognito_credproc import secret_service
from cognito_credproc.secret_service import (
    AGAIN,
    GET_SECRET,
    GREETING,
    HELLO,
    IS_LOCKED,
    OPEN_SESSION,
    SEARCH,
)
from cognito_credproc.storage.backend import SecretService, chosen
from cognito_credproc.values.errors import KeychainError
from tests.bus import Bus, damaged
from tests.fakes import MemoryKeyring

NOBODY = 65_534  # the user whom every Linux has
OK = b"OK 0123456789abcdef0123456789abcdef\r\n"
SECRET = "cognito-credproc 1 …\n" + "x" * 3000
ITEM = "/org/freedesktop/secrets/collection/login/7"


def message(
    serial: int,
    signature: str = "",
    body: tuple[object, ...] = (),
    *,
    kind: MessageType = MessageType.method_return,
    endianness: Endianness = Endianness.little,
    extra: dict[HeaderFields, object] | None = None,
) -> bytes:
    """A reply, as a bus would send it."""
    fields: dict[HeaderFields, object] = {
        HeaderFields.reply_serial: serial,
        HeaderFields.sender: ":1.7",
        HeaderFields.destination: ":1.42",
        **(extra or {}),
    }
    if signature:
        fields[HeaderFields.signature] = signature
    header = Header(endianness, kind, 1, 1, 0, 100 + serial, fields)
    return bytes(Message(header, body).serialise())


def signal() -> bytes:
    """The signal that a bus sends after Hello."""
    fields = {
        HeaderFields.path: "/org/freedesktop/DBus",
        HeaderFields.interface: "org.freedesktop.DBus",
        HeaderFields.member: "NameAcquired",
        HeaderFields.signature: "s",
        HeaderFields.sender: "org.freedesktop.DBus",
    }
    header = Header(Endianness.little, MessageType.signal, 1, 1, 0, 99, fields)
    return bytes(Message(header, (":1.42",)).serialise())


def refusal(serial: int) -> bytes:
    """An error reply."""
    name = {HeaderFields.error_name: "org.freedesktop.Secret.Error.IsLocked"}
    return message(serial, "s", ("locked",), kind=MessageType.error, extra=dict(name))


def replies(**changed: bytes) -> dict[str, bytes]:
    """The replies of a good conversation, in order."""
    good = {
        "ok": OK,
        "hello": message(HELLO, "s", (":1.42",)),
        "signal": signal(),
        "greeting": message(GREETING, "o", ("/org/freedesktop/secrets/collection/login",)),
        "session": message(OPEN_SESSION, "vo", (("s", ""), "/org/freedesktop/secrets/session/3")),
        "search": message(SEARCH, "ao", ([ITEM, ITEM + "8"],)),
        "secret": message(
            GET_SECRET, "(oayays)", (("/s/3", b"", SECRET.encode(), "text/plain; charset=utf8"),)
        ),
        "locked": message(IS_LOCKED, "v", (("b", False),)),
        "again": message(AGAIN, "ao", ([],)),
    }
    return good | changed


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bus]:
    bus = Bus(tmp_path_factory.mktemp("bus") / "bus")
    yield bus
    bus.stop()


@pytest.fixture
def look(bus: Bus) -> Callable[..., str | None]:
    """Look an item up on a bus that says these pieces."""

    def look(*pieces: bytes, timeout: float = 2.0) -> str | None:
        bus.pieces = list(pieces)
        return secret_service.lookup("service", "username", bus.environment, timeout)

    return look


Look = Callable[..., str | None]
LOCKED = message(IS_LOCKED, "v", (("b", True),))
NONE = message(SEARCH, "ao", ([],))
CALLS = [("session", OPEN_SESSION), ("search", SEARCH), ("secret", GET_SECRET)]


def test_the_secret_is_found(look: Look) -> None:
    assert look(b"".join(replies().values())) == SECRET


def test_pieces_of_one_byte(look: Look) -> None:
    everything = b"".join(replies().values())
    assert look(*(everything[at : at + 1] for at in range(len(everything)))) == SECRET


def test_replies_in_any_order_with_signals_between(look: Look) -> None:
    said = replies()
    order = ["ok", "search", "greeting", "signal", "locked", "secret", "signal", "hello", "session"]
    assert look(b"".join(said[name] for name in order)) == SECRET


def test_an_empty_search_of_an_unlocked_collection_is_certain(look: Look) -> None:
    assert look(b"".join(replies(search=NONE).values())) == ""


def test_one_that_was_unlocked_after_the_search_is_left_to_keyring(look: Look) -> None:
    """KeePassXC finds nothing while it is locked."""
    found = message(AGAIN, "ao", ([ITEM],))
    assert look(b"".join(replies(search=NONE, again=found).values())) is None


def test_a_locked_collection_is_named(look: Look) -> None:
    with pytest.raises(secret_service.LockedError):
        look(b"".join(replies(search=NONE, locked=LOCKED).values()))


@pytest.mark.parametrize(("name", "serial"), CALLS)
def test_a_locked_collection_that_refuses_is_named(look: Look, name: str, serial: int) -> None:
    with pytest.raises(secret_service.LockedError):
        look(b"".join(replies(locked=LOCKED, **{name: refusal(serial)}).values()))


@pytest.mark.parametrize("answer", [("s", "true"), ("u", 1), ("b", 1 << 1)])
def test_an_answer_that_is_neither_yes_nor_no_is_left_to_keyring(
    look: Look, answer: tuple[str, object]
) -> None:
    said = message(IS_LOCKED, "v", (answer,))
    if answer[0] == "b":
        said = said[:-4] + (2).to_bytes(4, "little")  # which no boolean may be
    assert look(b"".join(replies(search=NONE, locked=said).values())) is None


@pytest.mark.parametrize(("name", "serial"), CALLS)
def test_a_refused_call_is_left_to_keyring(look: Look, name: str, serial: int) -> None:
    assert look(b"".join(replies(**{name: refusal(serial)}).values())) is None


def test_whether_it_is_locked_may_be_refused(look: Look) -> None:
    assert look(b"".join(replies(search=NONE, locked=refusal(IS_LOCKED)).values())) is None


def test_a_session_output_of_bytes_is_understood(look: Look) -> None:
    said = replies(session=message(OPEN_SESSION, "vo", (("ay", b""), "/session/4")))
    assert look(b"".join(said.values())) == SECRET


def test_another_byte_order_is_left_to_keyring(look: Look) -> None:
    big = message(HELLO, "s", (":1.42",), endianness=Endianness.big)
    assert look(b"".join(replies(hello=big).values())) is None


def test_a_refused_authentication_is_left_to_keyring(look: Look) -> None:
    assert look(b"REJECTED EXTERNAL\r\n") is None


def test_a_secret_that_is_no_text_is_left_to_keyring(look: Look) -> None:
    said = replies(secret=message(GET_SECRET, "(oayays)", (("/s/3", b"", b"\xff\xfe", "x"),)))
    assert look(b"".join(said.values())) is None


def test_a_message_that_claims_to_be_huge_is_not_waited_for(look: Look, bus: Bus) -> None:
    huge = bytearray(message(HELLO, "s", (":1.42",)))
    huge[4:8] = (1 << 30).to_bytes(4, "little")
    bus.close_after = False
    started = time.monotonic()
    try:
        assert look(OK + bytes(huge), timeout=20) is None
    finally:
        bus.close_after = True
    assert time.monotonic() - started < 10  # a bound on hanging, not on speed


def test_silence_ends_at_the_time_limit(look: Look, bus: Bus) -> None:
    bus.close_after = False
    started = time.monotonic()
    try:
        assert look(OK, timeout=0.2) is None
    finally:
        bus.close_after = True
    assert 0.2 <= time.monotonic() - started < 10


def test_what_is_sent_is_what_the_specifications_say(look: Look, bus: Bus) -> None:
    """Read by jeepney: the calls, and the attributes that keyring gives its items."""
    from jeepney.low_level import Parser

    look(b"".join(replies().values()))
    deadline = time.monotonic() + 5
    while b"GetSecret" not in bus.heard and time.monotonic() < deadline:
        time.sleep(0.01)
    sasl, begin, messages = bus.heard.partition(b"BEGIN\r\n")
    uid = str(os.geteuid()).encode().hex().encode()
    assert sasl == b"\0AUTH EXTERNAL " + uid + b"\r\n"
    assert begin
    parser = Parser()
    parser.add_data(messages)
    calls = []
    while call := parser.get_next_message():
        fields = call.header.fields
        calls.append((fields[HeaderFields.member], fields[HeaderFields.path], call.body))
    collection = "/org/freedesktop/secrets/aliases/default"
    assert calls == [
        ("Hello", "/org/freedesktop/DBus", ()),
        ("ReadAlias", "/org/freedesktop/secrets", ("default",)),
        ("OpenSession", "/org/freedesktop/secrets", ("plain", ("s", ""))),
        ("SearchItems", collection, ({"service": "service", "username": "username"},)),
        ("GetSecret", ITEM, ("/org/freedesktop/secrets/session/3",)),
    ]


@settings(
    max_examples=1500,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(damaged(b"".join(replies().values())))
def test_damage_gives_the_item_or_nothing(look: Look, said: bytes) -> None:
    """Never an exception, never somebody else's text."""
    try:
        found = look(said, timeout=1.0)
    except secret_service.LockedError:
        return
    assert found is None or isinstance(found, str)


@settings(
    max_examples=500,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.binary(max_size=4096))
def test_noise_gives_nothing(look: Look, noise: bytes) -> None:
    assert look(OK + noise, timeout=1.0) is None


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({b"DBUS_SESSION_BUS_ADDRESS": b"unix:path=/run/user/1/bus"}, [b"/run/user/1/bus"]),
        ({b"DBUS_SESSION_BUS_ADDRESS": b"unix:path=/a%20b%2c,guid=12"}, [b"/a b,"]),
        ({b"DBUS_SESSION_BUS_ADDRESS": b"unix:abstract=/tmp/x,guid=1"}, [b"\0/tmp/x"]),
        (
            {b"DBUS_SESSION_BUS_ADDRESS": b"tcp:host=h,port=1;unix:path=/a;unix:guid=1,path=/b"},
            [b"/a", b"/b"],
        ),
        (
            {b"DBUS_SESSION_BUS_ADDRESS": b"unix:runtime=yes", b"XDG_RUNTIME_DIR": b"/r"},
            [b"/r/bus"],
        ),
        ({b"XDG_RUNTIME_DIR": b"/run/user/7"}, [b"/run/user/7/bus"]),
        ({b"DBUS_SESSION_BUS_ADDRESS": b"autolaunch:"}, []),
        ({}, [f"/run/user/{os.geteuid()}/bus".encode()]),
    ],
)
def test_addresses(environment: dict[bytes, bytes], expected: list[bytes]) -> None:
    assert secret_service.addresses(environment) == expected


@pytest.mark.parametrize("address", [b"unix:path=%", b"unix:path=%zz", b"unix:path=/a\0b", b";;,="])
def test_an_address_that_makes_no_sense_gives_nothing(address: bytes) -> None:
    environment = {b"DBUS_SESSION_BUS_ADDRESS": address}
    assert secret_service.lookup("s", "u", environment) is None


def test_the_second_address_is_tried(bus: Bus) -> None:
    bus.pieces = [b"".join(replies().values())]
    address = b"unix:path=/nowhere;" + bus.environment[b"DBUS_SESSION_BUS_ADDRESS"]
    environment = {b"DBUS_SESSION_BUS_ADDRESS": address}
    assert secret_service.lookup("s", "u", environment) == SECRET


def test_an_abstract_socket_is_spoken_to() -> None:
    name = f"cognito-credproc-test-{os.getpid()}".encode()
    bus = Bus(b"\0" + name)
    try:
        bus.pieces = [b"".join(replies().values())]
        assert secret_service.lookup("s", "u", bus.environment) == SECRET
    finally:
        bus.stop()


def test_a_chosen_backend_bypasses_the_reader(tmp_path: Path) -> None:
    home = {b"HOME": os.fsencode(tmp_path)}
    assert not secret_service.is_bypassed(home)
    assert secret_service.is_bypassed(home | {b"PYTHON_KEYRING_BACKEND": b"x.Y"})
    assert secret_service.is_bypassed({}), "its own file may be anywhere"
    file = tmp_path / ".config" / "python_keyring" / "keyringrc.cfg"
    file.parent.mkdir(parents=True)
    file.touch()
    assert secret_service.is_bypassed(home)
    elsewhere = home | {b"XDG_CONFIG_HOME": os.fsencode(tmp_path / "elsewhere")}
    assert not secret_service.is_bypassed(elsewhere)


@pytest.fixture(params=["abstract", "path"])
def strange_bus(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bus]:
    """A bus where another user listens, who would answer every question."""
    address = f"\0{tmp_path}".encode()[:100] if request.param == "abstract" else tmp_path / "bus"
    bus = Bus(address, NOBODY if os.geteuid() == 0 else None)
    if os.geteuid():  # nobody but root can be somebody else, so the reader takes itself for that
        own = os.geteuid()
        monkeypatch.setattr("posix.geteuid", lambda: own + 1)
        monkeypatch.setattr("os.geteuid", lambda: own + 1)
    bus.pieces = [b"".join(replies().values())]
    yield bus
    bus.stop()


def test_nothing_is_read_from_another_users_bus(strange_bus: Bus) -> None:
    assert secret_service.lookup("service", "username", strange_bus.environment) is None
    assert strange_bus.heard == b""


def test_nothing_is_written_to_another_users_bus(
    strange_bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`keyring` connects by itself; it is not let do that."""
    environment = {
        os.fsdecode(key): os.fsdecode(value) for key, value in strange_bus.environment.items()
    }
    monkeypatch.setattr(
        "cognito_credproc.storage.backend.SecretService.keyring",
        property(lambda _: pytest.fail("it was used")),
    )
    backend = SecretService(environment)
    uses: list[Callable[[], object]] = [
        lambda: backend.get_password("service", "username"),
        lambda: backend.set_password("service", "username", SECRET),
        lambda: backend.delete_password("service", "username"),
    ]
    for use in uses:
        with pytest.raises(
            KeychainError, match="the session bus belongs to another user"
        ) as caught:
            use()
        assert caught.value.hint == (
            f"name your own: export DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/{os.geteuid()}/bus"
        )
    assert strange_bus.heard == b""


def test_a_bus_that_takes_nobody_is_not_trusted_either(tmp_path: Path) -> None:
    """A full queue: who listens could let `keyring` in afterwards."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.socket(socket.AF_UNIX))
        server.bind(str(tmp_path / "bus"))
        server.listen(0)
        for _ in range(3):
            client = stack.enter_context(socket.socket(socket.AF_UNIX))
            client.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                client.connect(str(tmp_path / "bus"))
        environment = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path / 'bus'}"}
        with pytest.raises(KeychainError, match="it cannot be told whose the session bus is"):
            SecretService(environment).set_password("service", "username", SECRET)


def test_backends_on_the_bus_ask_whose_it_is(
    strange_bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that a person named, or that KDE has: here a chain."""
    address = os.fsdecode(strange_bus.environment[b"DBUS_SESSION_BUS_ADDRESS"])
    environment = {
        "DBUS_SESSION_BUS_ADDRESS": address,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.chainer.ChainerBackend",
    }
    kept = MemoryKeyring()
    monkeypatch.setattr("cognito_credproc.storage.backend._found", lambda _: kept)
    chosen(environment).set_password("service", "username", "in memory, so the bus is no matter")
    monkeypatch.setattr(MemoryKeyring, "__module__", "keyring.backends.chainer")
    with pytest.raises(KeychainError, match="the session bus belongs to another user"):
        chosen(environment).set_password("service", "username", SECRET)
    assert SECRET not in kept.items.values()
