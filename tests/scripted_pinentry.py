"""A pinentry made for a test: notes every request, and replies as the test says.

    program = scripted(folder, {"GETPIN": ["D s3cret", "OK"]})

A reply may be a list of lines, or one of the words below. A request that is not named gets OK.
The second question ever is "GETPIN 2".
"""

import json
from pathlib import Path

from tests import programs

SILENCE, GOES, FLOOD = "silence", "goes", "flood"

TEXT = """
import json, sys, time
replies, notes = json.loads({replies!r}), open({notes!r}, "a", buffering=1)
def reply(lines):
    if lines == "silence":
        time.sleep(60)
    elif lines == "goes":
        sys.exit()
    elif lines == "flood":
        while True:
            sys.stdout.write("x" * 1000)
    else:
        for line in lines:
            sys.stdout.buffer.write(line.encode("latin-1") + b"\\n")
        sys.stdout.flush()
asked = sum(line == "GETPIN\\n" for line in open({notes!r}))  # by those that ran before
reply(replies.get("greeting", ["OK Pleased to meet you"]))
for line in sys.stdin.buffer:
    line = line.decode().rstrip("\\n")
    notes.write(line + "\\n")
    name = line.partition(" ")[0]
    asked += name == "GETPIN"
    reply(replies.get(f"{{name}} {{asked}}", replies.get(name, ["OK"])))
    if name == "BYE":
        break
"""


class Scripted:
    """The program and what it was asked."""

    def __init__(self, folder: Path, replies: dict[str, object], name: str) -> None:
        self._notes = folder / f"{name}.notes"
        text = TEXT.format(replies=json.dumps(replies), notes=str(self._notes))
        self.path = programs.python(folder, text, name)

    @property
    def requests(self) -> list[str]:
        """Every request so far."""
        return self._notes.read_text().splitlines()


def scripted(folder: Path, replies: dict[str, object], name: str = "pinentry") -> Scripted:
    """Write one; the replies by the request's first word."""
    return Scripted(folder, replies, name)
