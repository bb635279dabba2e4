"""What runs of the program leave where others can look, and which secrets they used."""

from __future__ import annotations

import contextlib
import json
import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl

from tests.secret_forms import written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.local_cognito import LocalCognito

# Members of requests and answers that hold no secret; every other text counts as one.
HARMLESS = {
    *("__type", "message", "ANSWER", "AuthFlow", "ChallengeName", "ClientId", "CustomRoleArn"),
    *("DEVICE_NAME", "IdentityId", "IdentityPoolId", "MFAS_CAN_CHOOSE", "MFAS_CAN_SETUP"),
    *("Status", "TIMESTAMP", "TokenType", "USERNAME", "USER_ID_FOR_SRP", "Destination"),
    *("client_id", "grant_type", "redirect_uri", "token_type", "username", "DeviceName"),
    *("DeliveryMedium", "AttributeName", "UserSub", "Username", "PREFERRED_CHALLENGE"),
}
SHORTEST = 6  # characters: a code


def of_the_wire(cognito: LocalCognito) -> set[str]:
    """Every text that went to the service or came from it, and is not known to be harmless."""
    found: set[str] = set()
    for body in (*cognito.wire, *cognito.answers):
        with contextlib.suppress(ValueError):  # a page, or what a fault sent instead
            found.update(_texts(_members(body)))
    return {text for text in found if len(text) >= SHORTEST}


def _members(body: bytes) -> Any:
    """The members of a JSON body, or of a form."""
    try:
        return json.loads(body)
    except ValueError:
        return dict(parse_qsl(body.decode(), strict_parsing=True))


def _texts(value: Any, name: str = "") -> Iterator[str]:
    match value:
        case str() if name not in HARMLESS:
            yield value
        case dict():
            for member, inner in value.items():
                yield from _texts(inner, member)
        case list():
            for inner in value:
                yield from _texts(inner, name)


def leaks(secrets: Iterable[str], places: dict[str, bytes]) -> list[tuple[str, str]]:
    """The secrets that are in one of the places, in whatever form, and which place."""
    found = []
    for secret in secrets:
        for form in written(secret):
            if len(form) < min(8, len(secret)):
                continue  # a few characters of base64 are everywhere
            for place, content in places.items():
                if form in content and not (secret.isdecimal() and _by_chance(form, content)):
                    found.append((secret, place))
    return found


def _by_chance(code: bytes, content: bytes) -> bool:
    """Whether these digits are but a part of longer numbers, such as times and identifiers."""
    return not re.search(rb"(?<![0-9A-Fa-f.-])" + code + rb"(?![0-9A-Fa-f.-])", content)


def files(*folders: Path) -> dict[str, bytes]:
    """Every file in the folders, by its name."""
    found = {}
    for folder in folders:
        for file in folder.rglob("*"):
            if file.is_file() and not file.is_symlink():
                found[str(file)] = file.read_bytes()
    return found


class Watch:
    """Looks at the arguments and the environment of every process that a mark in it makes ours."""

    def __init__(self, mark: str) -> None:
        self._mark = mark.encode()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.seen: dict[str, bytes] = {}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        known: set[str] = set()
        while not self._over.wait(0.01):
            there = {each.name for each in Path("/proc").iterdir() if each.name.isdecimal()}
            for process in there:
                # A process is looked at again after its first moment, when it has become another.
                self._read(process, again=process in known)
            known = there

    def _read(self, process: str, *, again: bool) -> None:
        folder = Path("/proc") / process
        try:
            words = (folder / "cmdline").read_bytes()
            if again and f"{process} {words!r}" in self.seen:
                return
            environment = (folder / "environ").read_bytes()
        except OSError:  # it has ended
            return
        if self._mark in environment:
            self.seen[f"{process} {words!r}"] = words + b"\0" + environment
