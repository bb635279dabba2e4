"""TOTP codes from elsewhere: any command that prints one, such as a password manager's.

The same patience as an SDK has where nobody is there; with a person at hand, there is time to
unlock a vault or to touch a key.
"""

from cognito_credproc.people.terminal import Person, Terminal
from cognito_credproc.process import command
from cognito_credproc.process.command import CommandError
from cognito_credproc.settings import aws_config

UNATTENDED = 6.0  # seconds; an SDK gives up after twenty, and Cognito is called before and after
ATTENDED = 60.0  # seconds


class TotpCommand:
    """The command of `cognito_totp_command`."""

    def __init__(self, line: str) -> None:
        self.line = line

    def __call__(self, person: Person | None) -> str:
        """The six digits that it prints now.

        It may use the terminal that the person sits at, and no other.

        Raises:
            CommandError: it printed no code; the message holds nothing of what it printed.
        """
        words = aws_config.words("cognito_totp_command", self.line)
        if isinstance(person, Terminal):
            with person.lent() as terminal:
                printed = command.output(words, ATTENDED, terminal)
        else:
            printed = command.output(words, UNATTENDED if person is None else ATTENDED)
        code = printed.strip()
        if len(code) != 6 or not code.isdigit():  # of bytes: ASCII alone
            raise CommandError(f"{command.name(words)} printed something else than six digits")
        return code.decode()
