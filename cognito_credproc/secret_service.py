"""Reads one item from the Secret Service, with nothing but a socket: what a hit needs of `keyring`.

Source: D-Bus Specification 0.43 (addresses, SASL, marshalling) and freedesktop.org Secret Service
API 0.2. Three round trips: authentication, Hello and a greeting; OpenSession and SearchItems;
GetSecret. A fourth tells no item from a locked one. The session is `plain`: the secret crosses the
user's own bus socket as it is, which SECURITY.md says. So it is known first whose socket that is.

Only ever an optimisation: whatever is odd here (no bus, another byte order, an error reply, an
answer that makes no sense, silence) gives None, and `keyring` is asked.
"""

import _socket
import posix
import sys
import time

TIMEOUT = 2.0  # seconds, for everything together
LONGEST = 1 << 20  # bytes of one message; an item is a few thousand
HELLO, GREETING, IS_LOCKED, OPEN_SESSION, SEARCH, GET_SECRET, AGAIN = range(1, 8)  # serials
METHOD_RETURN, ERROR = 2, 3  # message types
NO_AUTO_START = 2  # flag: where no service runs, `keyring` may start one; a hit does not wait
NOBODY = (ConnectionRefusedError, FileNotFoundError, NotADirectoryError, PermissionError)
BUS, PROPERTIES = b"org.freedesktop.DBus", b"org.freedesktop.DBus.Properties"
SECRETS, INTERFACE = b"org.freedesktop.secrets", b"org.freedesktop.Secret."
SERVICE, SEARCHED = INTERFACE + b"Service", INTERFACE + b"Collection"
ROOT, COLLECTION = b"/org/freedesktop/secrets", b"/org/freedesktop/secrets/aliases/default"
NO, YES = b"\x01b\0\0\0\0\0\0", b"\x01b\0\0\1\0\0\0"  # variants that hold a boolean


class LockedError(Exception):
    """The collection is locked; only a person can unlock it."""


def lookup(
    service: str, username: str, environment: "dict[bytes, bytes]", timeout: float = TIMEOUT
) -> "str | None":
    """The secret that `keyring` stored under these two names; None when it has to be asked itself.

    Empty where there certainly is none: the collection is there, unlocked, and holds no such item.
    `environment` is `posix.environ`.

    Raises:
        LockedError: the collection is locked.
    """
    deadline = time.monotonic() + timeout
    try:
        if bus := connected(environment, deadline):
            try:
                if owner(bus) in (0, posix.geteuid()):
                    return _conversation(bus, deadline, service.encode(), username.encode())
            finally:
                bus.close()
    except (OSError, ValueError, IndexError, KeyError, AttributeError):
        pass
    return None


def connected(environment: "dict[bytes, bytes]", deadline: float) -> "_socket.socket | None":
    """A connection to the first of the addresses where anybody listens.

    Raises:
        OSError: it cannot be told who does; nobody answers, for one.
    """
    for address in addresses(environment):
        bus = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        bus.settimeout(max(deadline - time.monotonic(), 0.0))
        try:
            bus.connect(address)
        except OSError as error:
            bus.close()
            if not isinstance(error, NOBODY):
                raise
        else:
            return bus
    return None


def owner(bus: "_socket.socket") -> int:
    """Who listens there, as the kernel has it: `ucred` of unix(7), which Linux alone has."""
    said = bus.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, 12)
    return int.from_bytes(said[4:8], sys.byteorder)


def is_bypassed(environment: "dict[bytes, bytes]") -> bool:
    """Whether another backend is wanted: named by the person, or KWallet, which KDE prefers.

    `environment` is `posix.environ`. A name may stand in it or in keyring's own file.
    """
    desktop = environment.get(b"XDG_CURRENT_DESKTOP", b"")
    folder = environment.get(b"XDG_CONFIG_HOME") or environment.get(b"HOME", b"") + b"/.config"
    if b"PYTHON_KEYRING_BACKEND" in environment or b"KDE" in desktop or folder == b"/.config":
        return True  # without HOME, `keyring` knows where its file may be
    try:
        posix.stat(folder + b"/python_keyring/keyringrc.cfg")
    except OSError as error:  # any other: it is there, whatever is the matter with it
        return not isinstance(error, FileNotFoundError)
    return True


def addresses(environment: "dict[bytes, bytes]") -> "list[bytes]":
    """The session bus's Unix sockets to try, in order; an abstract one begins with a zero byte."""
    found = []
    listed = environment.get(b"DBUS_SESSION_BUS_ADDRESS", b"unix:runtime=yes")
    for address in listed.split(b";"):
        transport, _, rest = address.partition(b":")
        if transport != b"unix":
            continue
        for pair in rest.split(b","):
            key, _, value = pair.partition(b"=")
            if key == b"path":
                found.append(_unescaped(value))
            elif key == b"abstract":
                found.append(b"\0" + _unescaped(value))
            elif key == b"runtime":  # in a cron job, where systemd has it: pam_systemd(8)
                usual = b"/run/user/%d" % posix.geteuid()
                found.append((environment.get(b"XDG_RUNTIME_DIR") or usual) + b"/bus")
    return found


def _unescaped(value: bytes) -> bytes:
    """Bytes that are not plain come as `%` and two hexadecimal digits."""
    first, *rest = value.split(b"%")
    return first + b"".join(bytes([int(part[:2], 16)]) + part[2:] for part in rest)


def _conversation(
    bus: _socket.socket, deadline: float, service: bytes, username: bytes
) -> "str | None":
    # The first call to the service needs nothing, and its answer is waited for: gnome-keyring may
    # take calls before it has taken note of the client, and dies of those that need one.
    bus.sendall(
        b"\0AUTH EXTERNAL %s\r\nBEGIN\r\n" % str(posix.geteuid()).encode().hex().encode()
        + _call(HELLO, BUS, b"/org/freedesktop/DBus", BUS, b"Hello")
        + _call(GREETING, SECRETS, ROOT, SERVICE, b"ReadAlias", b"s", _string(b"default"))
    )
    replies = _Replies(bus, deadline)
    if not replies.line().startswith(b"OK "):
        return None
    replies.body(GREETING)
    names = _dictionary([(b"service", service), (b"username", username)])
    search = (SECRETS, COLLECTION, SEARCHED, b"SearchItems", b"a{ss}", names)
    try:
        if found := _found(bus, replies, search):
            return found
    except (ValueError, IndexError):  # a call was refused, for one
        found = None
    locked = _string(SEARCHED) + b"\0\0" + _string(b"Locked")
    ask = _call(IS_LOCKED, SECRETS, COLLECTION, PROPERTIES, b"Get", b"ss", locked)
    bus.sendall(ask + _call(AGAIN, *search))  # since it may have been unlocked in between
    if (answer := replies.body(IS_LOCKED)) == YES:
        raise LockedError
    return "" if found == "" and answer == NO and not _u32(replies.body(AGAIN), 0) else None


def _found(bus: _socket.socket, replies: "_Replies", search: "tuple[bytes, ...]") -> str:
    plain = _string(b"plain") + b"\x01s\0" + bytes(3) + _string(b"")
    begin = _call(OPEN_SESSION, SECRETS, ROOT, SERVICE, b"OpenSession", b"sv", plain)
    bus.sendall(begin + _call(SEARCH, *search))
    session = _string(_session(replies.body(OPEN_SESSION)))
    items = replies.body(SEARCH)
    if not _u32(items, 0):
        return ""
    item, _ = _text(items, 4)
    bus.sendall(_call(GET_SECRET, SECRETS, item, INTERFACE + b"Item", b"GetSecret", b"o", session))
    return _secret(replies.body(GET_SECRET)).decode()


class _Replies:
    """What comes back, in any order, with signals in between."""

    def __init__(self, bus: _socket.socket, deadline: float) -> None:
        self._bus = bus
        self._deadline = deadline
        self._buffer = b""
        self._bodies: dict[int, bytes] = {}

    def line(self) -> bytes:
        """One line of the authentication."""
        while b"\r\n" not in self._buffer:
            self._more()
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        return line

    def body(self, serial: int) -> bytes:
        """The body of the reply to a call, empty if that was refused."""
        while serial not in self._bodies:
            header = self._peek(16)
            if header[:1] != b"l" or header[3] != 1:
                raise ValueError("not a little-endian message of protocol version 1")
            fields_end = 16 + _u32(header, 12)
            body_start = fields_end + -fields_end % 8
            message = self._peek(body_start + _u32(header, 4))
            self._buffer = self._buffer[len(message) :]
            answered = _reply_serial(message, fields_end)
            if header[1] in (METHOD_RETURN, ERROR):
                self._bodies[answered] = message[body_start:] if header[1] != ERROR else b""
        return self._bodies[serial]

    def _peek(self, length: int) -> bytes:
        if length > LONGEST:
            raise ValueError("no such message is expected")
        while len(self._buffer) < length:
            self._more()
        return self._buffer[:length]

    def _more(self) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0 or len(self._buffer) > LONGEST:
            raise OSError("no end of it")
        self._bus.settimeout(left)
        if not (received := self._bus.recv(8192)):
            raise OSError("the bus closed the connection")
        self._buffer += received


# Marshalling: little-endian; every value aligned to its size, structs and dictionary entries to 8.


def _call(
    serial: int, destination: bytes, path: bytes, interface: bytes, member: bytes, *said: bytes
) -> bytes:
    signature, body = said or (b"", b"")
    fields = _padded(b"\x01\x01o\0" + _string(path))
    fields += _padded(b"\x02\x01s\0" + _string(interface))
    fields += _padded(b"\x03\x01s\0" + _string(member))
    if signature:
        fields += _padded(b"\x08\x01g\0" + bytes([len(signature)]) + signature + b"\0")
    fields += b"\x06\x01s\0" + _string(destination)
    lengths = _number(len(body)) + _number(serial) + _number(len(fields))
    return _padded(bytes([ord("l"), 1, NO_AUTO_START, 1]) + lengths + fields) + body


def _dictionary(pairs: "list[tuple[bytes, bytes]]") -> bytes:
    entries = b""
    for key, value in pairs:
        entry = _string(key)
        entries = _padded(entries) + entry + bytes(-len(entry) % 4) + _string(value)
    return _number(len(entries)) + bytes(4) + entries


def _string(value: bytes) -> bytes:
    return _number(len(value)) + value + b"\0"


def _number(value: int) -> bytes:
    return value.to_bytes(4, "little")


def _padded(value: bytes) -> bytes:
    return value + bytes(-len(value) % 8)


def _u32(data: bytes, at: int) -> int:
    piece = data[at : at + 4]
    if len(piece) != 4:
        raise ValueError("cut short")
    return int.from_bytes(piece, "little")


def _text(data: bytes, at: int) -> "tuple[bytes, int]":
    """A string, path or byte array's content at the next multiple of 4, and where it ends."""
    at += -at % 4
    end = at + 4 + _u32(data, at)
    if end > len(data):
        raise ValueError("cut short")
    return data[at + 4 : end], end


def _reply_serial(message: bytes, fields_end: int) -> int:
    """The header field 5, REPLY_SERIAL; 0 where there is none."""
    at = 16
    while at < fields_end:
        code, kind = message[at], message[at + 1 : at + 4]
        at += 4
        if kind == b"\x01u\0":
            if code == 5:
                return _u32(message, at)
            at += 4
        elif kind == b"\x01g\0":
            at += message[at] + 2
        elif kind in (b"\x01s\0", b"\x01o\0"):
            at = _text(message, at)[1] + 1
        else:
            raise ValueError("a header field of no known type")
        at += -at % 8
    return 0


def _session(body: bytes) -> bytes:
    """The path in an answer of OpenSession: a variant without use in `plain`, then the path."""
    kind = body[1 : 1 + body[0]]
    if kind not in (b"s", b"ay"):
        raise ValueError("an output of no known type")
    return _text(body, _text(body, body[0] + 2)[1] + (kind == b"s"))[0]


def _secret(body: bytes) -> bytes:
    """The value in a Secret: session, parameters, value, content type."""
    _, at = _text(body, _text(body, 0)[1] + 1)
    return _text(body, at)[0]
