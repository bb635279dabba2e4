"""GnuPG's pinentry, which asks for a secret in a window of the desktop or on a terminal.

It speaks the Assuan protocol: one request a line, answered by lines of which `OK` or `ERR` is the
last; `D` lines hold data, in which `%` escapes what cannot stand in a line.

Source: Developing with Assuan, "Client requests" and "Server responses"; the pinentry manual,
"Protocol". The libraries for it on PyPI are no longer kept up, or wrap more than this.
"""

import re
from collections.abc import Iterable, Mapping

from cognito_credproc.people.desktop import PATIENCE, Desktop, Question
from cognito_credproc.people.terminal import Terminal
from cognito_credproc.process.command import CommandError, Conversation, name

LINE = 1_000  # bytes of a line, with its end
READY = 10.0  # seconds until it answers what needs nobody
SLACK = 5  # seconds by which its own time limit comes before ours
CANCELLED, FULLY_CANCELLED, TIMED_OUT = 99, 198, 62  # GPG_ERR_CANCELED and so on, in gpg-error.h
CODE = 0xFFFF  # the lower half of an error's number; the upper half says who found it


class Pinentry(Desktop):
    """A pinentry program; with a terminal, it may ask there where it finds no desktop."""

    def __init__(
        self,
        program: str,
        profile: str,
        caller: str | None,
        environment: Mapping[str, str],
        terminal: Terminal | None = None,
    ) -> None:
        super().__init__(profile, caller)
        self._program = program
        self._environment = environment
        self._terminal = terminal

    def _answer(self, question: Question) -> str:
        try:
            if self._terminal is None:
                return self._asked_in(question)
            with self._terminal.lent():
                return self._asked_in(question)
        except CommandError as error:
            raise self._dismissed(error.message) from None
        except UnicodeDecodeError:
            raise self._dismissed("what was typed is not UTF-8") from None

    def _asked_in(self, question: Question) -> str:
        with Conversation([self._program], may_use_terminal=self._terminal is not None) as it:
            talk = _Talk(it, name([self._program]))
            talk.greeted()
            for option in self._options():
                talk.request(f"OPTION {option}", optional=True)
            talk.request(f"SETTIMEOUT {PATIENCE - SLACK}", optional=True)
            talk.request(f"SETTITLE {_escaped('cognito-credproc')}", optional=True)
            talk.request(f"SETDESC {_escaped(_description(question))}")
            talk.request(f"SETPROMPT {_escaped(question.text)}")
            if question.said:
                talk.request(f"SETERROR {_escaped(chr(10).join(question.said))}")
            answer = talk.request("GETPIN", PATIENCE)
            it.say(b"BYE")
        return answer.decode()

    def _options(self) -> Iterable[str]:
        """Where it is to ask, and in which letters."""
        environment = self._environment
        if self._terminal is not None:
            yield "ttyname=/dev/tty"
            yield f"ttytype={environment.get('TERM', 'dumb')}"
        for variable in ("LC_ALL", "LC_CTYPE", "LANG"):
            if environment.get(variable):
                yield f"lc-ctype={environment[variable]}"
                break
        if environment.get("DISPLAY"):
            yield f"display={environment['DISPLAY']}"


class _Talk:
    """One conversation in the protocol."""

    def __init__(self, conversation: Conversation, program: str) -> None:
        self._conversation = conversation
        self._program = program

    def greeted(self) -> None:
        """Wait for the greeting."""
        self._reply(None, optional=False)

    def request(self, line: str, seconds: float | None = None, *, optional: bool = False) -> bytes:
        """Make a request; returns the data that came back.

        Raises:
            CommandError: it was refused and is not `optional`, or the reply is none.
        """
        # Cut where a line must end, and never inside an escape or a character.
        text = re.sub(r"%[0-9A-F]?$", "", line.encode()[: LINE - 2].decode(errors="ignore"))
        self._conversation.say(text.encode())
        return self._reply(seconds, optional=optional)

    def _reply(self, seconds: float | None, *, optional: bool) -> bytes:
        data = bytearray()
        for _ in range(LINE):
            word, _, rest = self._conversation.hear(seconds or READY).partition(b" ")
            match word:
                case b"OK":
                    return bytes(data)
                case b"D":
                    data += _unescaped(rest)
                case b"S" | b"#":
                    pass  # a status or a comment
                case b"ERR" if optional:
                    return b""
                case b"ERR":
                    raise CommandError(_reason(rest, self._program))
                case _:
                    break
        raise CommandError(f"{self._program} does not speak as a pinentry does")


def _description(question: Question) -> str:
    lines = [f"AWS profile {question.profile}"]
    if question.caller:
        lines.append(f"asked for by {question.caller}")
    return "\n".join(lines)


def _reason(rest: bytes, program: str) -> str:
    """What an error's number means; its own words are in the person's language, or anything."""
    number = re.match(rb"\d{1,10}", rest)
    code = int(number[0]) & CODE if number else 0
    if code in {CANCELLED, FULLY_CANCELLED}:
        return "cancelled"
    return "nobody answered" if code == TIMED_OUT else f"{program} failed with error {code}"


def _escaped(text: str) -> str:
    clean = "".join(char for char in text if char.isprintable() or char == "\n")
    return clean.replace("%", "%25").replace("\n", "%0A")


def _unescaped(data: bytes) -> bytes:
    return re.sub(rb"%([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), data)
