"""Secret Services by others, each on a bus that is given: gnome-keyring, KWallet, KeePassXC.

Each comes up unlocked, without a person, and keeps what it keeps in an empty folder.
"""

from __future__ import annotations

import base64
import contextlib
import re
import subprocess
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import open_dbus_connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    SecretService = Callable[[Mapping[str, str]], AbstractContextManager[None]]

PASSWORD = "a password for this test alone"
PATIENCE = 60  # seconds


@contextlib.contextmanager
def gnome_keyring(environment: Mapping[str, str]) -> Iterator[None]:
    """GNOME's, which most Linux desktops have."""
    command = ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"]
    with _running(command, environment, PASSWORD):
        yield


@contextlib.contextmanager
def kwallet(environment: Mapping[str, str]) -> Iterator[None]:
    """KDE's. A wallet becomes a collection when the daemon starts, so it is started twice."""
    Path(environment["XDG_CONFIG_HOME"], "kwalletrc").write_text(
        "[Wallet]\nEnabled=true\nFirst Use=false\nDefault Wallet=kdewallet\n"
        "[org.freedesktop.secrets]\napiEnabled=true\n"
    )
    offscreen = {**environment, "QT_QPA_PLATFORM": "offscreen"}
    for last in (False, True):
        with _running(["kwalletd5"], offscreen):
            _until(
                lambda: _called(
                    environment,
                    "org.kde.kwalletd5",
                    "/modules/kwalletd5",
                    "org.kde.KWallet.pamOpen",
                    "string:kdewallet",
                    f"array:byte:{','.join(str(byte) for byte in range(56))}",
                    "int32:0",
                )
            )
            if last:
                yield


@contextlib.contextmanager
def keepassxc(environment: Mapping[str, str]) -> Iterator[None]:
    """KeePassXC's, which shows the groups of a database that its owner exposed.

    It saves in a thread that reads the database while the next change is made, and now and then
    dies of it (2.7.4; three writers at once end it within seconds). So it saves when it is locked.
    """
    home = Path(environment["HOME"])
    # It runs once for each user, by a lock among the temporary files.
    offscreen = {**environment, "QT_QPA_PLATFORM": "offscreen", "TMPDIR": str(home)}
    exposed = home / "exposed.kdbx"
    _write_database(home, exposed, offscreen)
    settings = Path(environment["XDG_CONFIG_HOME"], "keepassxc")
    settings.mkdir(exist_ok=True)  # its command line may have made it
    (settings / "keepassxc.ini").write_text(
        "[General]\nConfigVersion=2\nUpdateCheckMessageShown=true\n"
        "AutoSaveAfterEveryChange=false\nAutoSaveOnExit=true\n"
        "[Security]\nNoConfirmMoveEntryToRecycleBin=true\n"
        "[FdoSecrets]\nEnabled=true\nConfirmAccessItem=false\nConfirmDeleteItem=false\n"
        "ShowNotification=false\n"
    )
    with _running(["keepassxc", "--pw-stdin", str(exposed)], offscreen, f"{PASSWORD}\n"):
        _until(lambda: _is_unlocked(environment))  # until then it would ask in a window
        yield


def _write_database(folder: Path, exposed: Path, environment: Mapping[str, str]) -> None:
    """A database whose root group is exposed, by KeePassXC's own command line."""

    def cli(*arguments: str, typed: str) -> str:
        command = ["keepassxc-cli", arguments[0], "-q", *arguments[1:]]
        return subprocess.run(
            command, env=environment, input=typed, check=True, capture_output=True, text=True
        ).stdout

    plain, xml = folder / "plain.kdbx", folder / "plain.xml"
    twice = f"{PASSWORD}\n{PASSWORD}\n"
    cli("db-create", "-p", str(plain), typed=twice)
    text = cli("export", str(plain), typed=f"{PASSWORD}\n")
    root = re.search(r"<Group>\s*<UUID>(.*?)</UUID>", text)
    assert root is not None
    group = uuid.UUID(bytes=base64.b64decode(root[1]))
    shown = f"<Item><Key>FDO_SECRETS_EXPOSED_GROUP</Key><Value>{{{group}}}</Value></Item>"
    xml.write_text(text.replace("</Meta>", f"<CustomData>{shown}</CustomData></Meta>"))
    cli("import", "-p", str(xml), str(exposed), typed=twice)


@contextlib.contextmanager
def _running(
    command: Sequence[str], environment: Mapping[str, str], typed: str = ""
) -> Iterator[None]:
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as daemon:
        try:
            assert daemon.stdin is not None
            daemon.stdin.write(typed)
            daemon.stdin.close()
            yield
        finally:
            daemon.kill()


def wait_until_it_stores(environment: Mapping[str, str]) -> None:
    """A service is ready when it keeps something.

    It has to be on the bus before it is asked: else the bus starts another one, a locked one.
    """

    def owned() -> bool:
        name = "string:org.freedesktop.secrets"
        method = "org.freedesktop.DBus.NameHasOwner"
        bus = "org.freedesktop.DBus"
        return "boolean true" in _called(environment, bus, "/org/freedesktop/DBus", method, name)

    _until(owned)
    label = ["secret-tool", "store", "--label=probe", "probe", "probe"]

    def stores() -> bool:
        stored = subprocess.run(
            label, env=environment, input="probe", capture_output=True, text=True, check=False
        )
        return stored.returncode == 0

    _until(stores)
    subprocess.run(["secret-tool", "clear", "probe", "probe"], env=environment, check=True)


def lock(environment: Mapping[str, str]) -> None:
    """Lock the default collection, as a desktop does; a service may want a prompt called for it."""
    service = DBusAddress(
        "/org/freedesktop/secrets", "org.freedesktop.secrets", "org.freedesktop.Secret.Service"
    )
    address = environment["DBUS_SESSION_BUS_ADDRESS"]
    with contextlib.closing(open_dbus_connection(bus=address)) as connection:

        def call(at: DBusAddress, method: str, signature: str, *body: object) -> tuple[Any, ...]:
            message = new_method_call(at, method, signature, body)
            answer: tuple[Any, ...] = connection.send_and_get_reply(message, timeout=PATIENCE).body
            return answer

        (collection,) = call(service, "ReadAlias", "s", "default")
        _, prompt = call(service, "Lock", "ao", [collection])
        if prompt != "/":
            at = DBusAddress(prompt, "org.freedesktop.secrets", "org.freedesktop.Secret.Prompt")
            call(at, "Prompt", "s", "")
        _until(lambda: not _is_unlocked(environment))


def _is_unlocked(environment: Mapping[str, str]) -> bool:
    locked = _called(
        environment,
        "org.freedesktop.secrets",
        "/org/freedesktop/secrets/aliases/default",
        "org.freedesktop.DBus.Properties.Get",
        "string:org.freedesktop.Secret.Collection",
        "string:Locked",
    )
    return "boolean false" in locked


def _called(environment: Mapping[str, str], service: str, path: str, *call: str) -> str:
    """What the service says to a call; empty where it refused, or is not there."""
    send = ["dbus-send", "--session", "--print-reply", f"--dest={service}", path, *call]
    return subprocess.run(send, env=environment, capture_output=True, text=True, check=False).stdout


def _until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "the service does not come up"
        time.sleep(0.1)
