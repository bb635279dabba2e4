"""The errors that reach a person: what failed, and the one command that mends it.

Each carries the exit status that scripts may rely on: 1 failed, 2 wrong usage, 3 only a person
can go on. Nothing here ever holds a secret: messages are shown, logged and copied.
"""

INTERRUPTED = 130  # the exit status after Ctrl-C: 128 + SIGINT, as shells have it
COPIED = ("read ", "dbus-run-session ")  # what a command at the end of a hint begins with


class CredprocError(Exception):
    """Something failed; `hint` says what to do, usually a command to type."""

    exit_status = 1

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def lines(self) -> str:
        """The one or two lines for standard error, safe to print on a terminal."""
        text = f"error: {printable(self.message)}\n"
        return text + f"hint: {printable(self.hint)}\n" if self.hint else text


class UsageError(CredprocError):
    """The command line was wrong."""

    exit_status = 2


class PersonNeededError(CredprocError):
    """Only a person can go on: a password or a code is needed, and nobody can be asked here."""

    exit_status = 3


class TooEarlyError(CredprocError):
    """What is stored may be sent in a moment, and not before; the hint says when."""


class SettingsError(CredprocError):
    """The AWS config file, the profile or one of its values is missing or malformed."""


class KeychainError(CredprocError):
    """The OS keyring is locked, missing or failing. Never to be taken for an empty one."""


class UnreachableError(CredprocError):
    """No usable answer came: no connection, no TLS, a timeout, or not the service's words.

    `sent` tells whether the service may have done the work all the same, `here` whether the
    trouble is between this machine and the service rather than at the service.
    """

    def __init__(
        self, message: str, hint: str | None = None, *, sent: bool = True, here: bool = False
    ) -> None:
        super().__init__(message, hint)
        self.sent = sent
        self.here = here


class NoTimeError(UnreachableError):
    """The time until which calls may begin was over before this one; it was not made."""

    def __init__(self, operation: str) -> None:
        super().__init__(
            f"{operation}: there was no time left for it, after slow answers or other processes",
            "run the same command again",
            sent=False,
        )


class ServiceError(CredprocError):
    """The service answered with an error.

    `code` is the exception's name in the service model, `detail` the service's own sentence.
    Decide by `code`; the sentence is looked at only where one code has several meanings. Of both no
    more is kept than a person reads.
    """

    LONGEST = 1_000  # characters

    def __init__(self, operation: str, code: str, detail: str) -> None:
        code, detail = code[: self.LONGEST], detail[: self.LONGEST]
        super().__init__(f"{operation} was refused: {detail.rstrip('.')} ({code})")
        self.operation = operation
        self.code = code
        self.detail = detail


def printable(text: str, limit: int = 600) -> str:
    """One line without control characters, so that no name or answer can paint the terminal."""
    clean = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    return clean if len(clean) <= limit else clean[:limit] + "…"


def with_command(hint: str) -> tuple[str, str]:
    """The words of a hint and the command at its end, which no line may be broken in; or none.

    What makes a command of what stands behind the last colon is the program that it begins with.
    """
    words, colon, command = hint.rpartition(": ")
    return (words + ":", command) if colon and command.startswith(COPIED) else (hint, "")
