"""The authenticator app: it is shown the key, and proves here that it makes the same codes.

The key is shown as a QR code on the terminal, where that fits; in a picture, if the person asked
for one; and as text, on demand. Nothing of it is sent anywhere.
"""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from cognito_credproc.answers import totp
from cognito_credproc.answers.totp import Entry
from cognito_credproc.people.qr import Canvas, Form, png
from cognito_credproc.people.questions import enroll_command, six_digits, yes
from cognito_credproc.people.terminal import ANSWER, Person, Size, unbroken, wrapped
from cognito_credproc.storage import secret_file
from cognito_credproc.values.clock import Clock
from cognito_credproc.values.errors import PersonNeededError, UsageError, printable

SHOW_KEY, DRAW_AGAIN = "s", ""
PROMPTS = (
    f"the code that the app shows ({SHOW_KEY} shows the key as text): ",
    f"code in the app ({SHOW_KEY}: key): ",  # with a short profile, one line of 40 columns
)
WHAT_IT_IS = (
    "Now your phone. Each time you sign in, an app on it makes the code that is asked for. Any"
    " authenticator app will do, such as Google Authenticator, Aegis or 1Password."
)
HAS_IT = "if your app has this key already, just type its code"
ELSEWHERE = f"type {SHOW_KEY} for the key as text, or start again with --qr-png FILE"
GROUP = 4  # characters; how apps and people write such keys


class Picture(NamedTuple):
    """The file that the code is to be written to."""

    file: Path
    replace: bool  # whether the person has given up what is there


def picture_named(name: str, profile: str, person: Person | None) -> Picture:
    """The file that the command line names; a person may give up what is there.

    Raises:
        UsageError: no file can be made there, or one is to stay as it is.
    """
    file = Path(name).absolute()
    taken = secret_file.is_taken(file)
    question = f"{printable(name)} is there already; replace it?"
    if taken and not (person and yes(person, f"[{profile}] ", question)):
        raise UsageError(f"{name} is there already, and stays as it is", "name another file")
    return Picture(file, taken)


class Phone:
    """The app of one user's phone; `canvas` is the terminal that `person` sits at."""

    def __init__(
        self,
        profile: str,
        username: str,
        person: Person | None,
        clock: Clock,
        canvas: Canvas,
        picture: Picture | None = None,
    ) -> None:
        self._profile = profile
        self._prefix = f"[{profile}] "
        self._username = username
        self._person = person
        self._clock = clock
        self._canvas = canvas
        self._picture = picture

    @property
    def person(self) -> Person:
        """Whoever holds it.

        Raises:
            PersonNeededError: nobody is there.
        """
        if self._person is None:
            raise PersonNeededError(
                "the QR code can be shown only on a terminal",
                f"run it in a terminal: {enroll_command(self._profile)}",
            )
        return self._person

    def set_up(self, seed: str, *, first: bool = False, again: bool = False) -> int:
        """Show the key, and ask for the app's code until it is one of this key; its step.

        `first`: nobody has said yet what such an app is. `again`: the key was shown before.

        Raises:
            PersonNeededError: nobody is there to see it.
            CredprocError: the picture cannot be written.
        """
        person, entries = self.person, totp.entries(seed, self._username, self._profile)
        if first:
            person.say(f"\n{WHAT_IT_IS}\n")
        if again:
            self._say(HAS_IT)
        prompt = self._prompt()
        entry = self._show(entries, prompt)
        while True:
            typed = six_digits(person, self._prefix, prompt, also=(SHOW_KEY, DRAW_AGAIN))
            if typed == SHOW_KEY:
                for line in key_as_text(seed, entry.name, self._canvas.size().columns):
                    person.say(line)
            elif typed == DRAW_AGAIN:
                prompt = self._prompt()
                entry = self._show(entries, prompt)
            elif (step := totp.matching_step(seed, typed, self._clock.now())) is None:
                self._say(f"that code is not from this key; look for the entry {entry.name}")
            else:
                break
        return step

    def say_set_up(self) -> None:
        """Say that it is done, once what follows from it is done as well."""
        self._say("the phone is set up")
        if self._picture is not None:
            self._say(f"the picture is still there; delete it: {_removal(self._picture)}")

    def _prompt(self) -> str:
        """The plainest question that takes no more than a line."""
        columns = self._canvas.size().columns
        fitting = (words for words in PROMPTS if len(self._prefix + words) + ANSWER <= columns)
        return self._prefix + next(fitting, PROMPTS[-1])

    def _show(self, entries: list[Entry], prompt: str) -> Entry:
        """Show the code; returns the entry that the app will have of it."""
        if self._picture is not None:
            return self._write(self._picture, entries[0])
        room = self._canvas.size()
        lines = 1 + wrapped(prompt, room.columns - ANSWER).count("\n")
        found = self._canvas.fitted([entry.link for entry in entries], lines)
        if found is None:
            self._say(f"this terminal cannot show a QR code; {ELSEWHERE}")
            return entries[0]
        drawing, fits = found
        if not fits:
            needed = drawing.size._replace(rows=drawing.size.rows + lines)
            self._say_too_small(room, needed)
            return entries[drawing.chosen]
        self.person.say("Scan this with an authenticator app:\n")
        self.person.say(drawing.text.rstrip("\n"))
        return entries[drawing.chosen]

    def _say_too_small(self, room: Size, needed: Size) -> None:
        self._say(
            f"the QR code needs {needed.columns} columns and {needed.rows} rows; this terminal has"
            f" {room.columns} and {room.rows}"
        )
        self._say(f"make it larger, or its letters smaller, and press Enter; or {ELSEWHERE}")
        if self._canvas.form == Form.ASCII:
            self._say(
                "the option --qr blocks makes it half as large, where those are shown: \u2580\u2584"
            )

    def _write(self, picture: Picture, entry: Entry) -> Entry:
        secret_file.write(picture.file, png(entry.link), replace=picture.replace)
        self._picture = picture._replace(replace=True)  # it is ours now
        self._say(f"the QR code is in {picture.file}")
        self._say(
            "scan it with an authenticator app, then delete it: whoever has it has your codes"
        )
        return entry

    def _say(self, text: str) -> None:
        self.person.say(f"{self._prefix}{text}")


def key_as_text(seed: str, name: str, columns: int) -> Iterator[str]:
    """What is typed into an app that scans no code, in lines that fit."""
    yield "in the app, choose to enter a key yourself; spaces in it do not count"
    yield f"  account  {name}"
    groups = [seed[at : at + GROUP] for at in range(0, len(seed), GROUP)]
    first = "  key      "
    a_line = max(1, (columns - len(first)) // (GROUP + 1))
    for at in range(0, len(groups), a_line):
        yield (first if at == 0 else " " * len(first)) + " ".join(groups[at : at + a_line])
    yield "  kind     based on time (TOTP)"
    yield "to copy it without spaces:"
    yield seed


def _removal(picture: Picture) -> str:
    return unbroken(f"rm {shlex.quote(str(picture.file))}")
