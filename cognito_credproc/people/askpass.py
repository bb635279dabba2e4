"""A command that asks the person: it gets the question as its last word, and prints the answer.

The same agreement as ssh has with the program in SSH_ASKPASS (ssh(1), "ENVIRONMENT"): the first
line that it prints is the answer, and another exit status than 0 means that there is none.
"""

import sys

from cognito_credproc.people.desktop import PATIENCE, Desktop, Question
from cognito_credproc.process import command
from cognito_credproc.process.command import CommandError
from cognito_credproc.settings import aws_config

# What cmd.exe, which runs a .cmd file, would take for its own.
SPECIAL = str.maketrans(dict.fromkeys('"%!^&|<>', " "))


class Askpass(Desktop):
    """The command of `cognito_prompt`."""

    def __init__(self, line: str, profile: str, caller: str | None) -> None:
        super().__init__(profile, caller)
        self._line = line

    def _answer(self, question: Question) -> str:
        words = aws_config.words("cognito_prompt", self._line)
        try:
            printed = command.output([*words, shown(question)], PATIENCE)
            answer = printed.splitlines()[0].decode() if printed else ""
        except CommandError as error:
            raise self._dismissed(error.message) from None
        except UnicodeDecodeError:
            raise self._dismissed("what was typed is not UTF-8") from None
        if not answer:
            raise self._dismissed(f"{command.name(words)} printed none")
        return answer


def shown(question: Question, platform: str = sys.platform) -> str:
    """The word that the command gets; it holds no secret, and nothing that paints or runs."""
    asked_for = f", asked for by {question.caller}" if question.caller else ""
    origin = f"cognito-credproc, AWS profile {question.profile}{asked_for}"
    text = "\n".join([*question.said, origin, question.text])
    if platform == "win32":
        text = text.translate(SPECIAL)
    return "".join(char for char in text if char.isprintable() or char == "\n")
