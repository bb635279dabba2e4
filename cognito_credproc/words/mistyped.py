"""A word of the command line that is not known, and the one that is most likely meant."""

import re
import shlex
from collections.abc import Collection, Iterator, Sequence

from cognito_credproc.values.errors import UsageError

CLOSE = 0.75  # of 1; options have their dashes in common
# No option of ours takes a secret; whoever types one so is not to see it again in a log.
SECRET = re.compile(r"--(?:client-|new-|totp-)?(?:pass|passwd|password|secret|seed)")


class MistypedError(UsageError):
    """A word is wrong, and others are meant; the hint is the whole command with these.

    Where `takes_value` is false, what was given to the wrong word goes as well: it may be a secret.
    """

    def __init__(
        self, message: str, wrong: str, right: Sequence[str], *, takes_value: bool = True
    ) -> None:
        super().__init__(message)
        self._wrong, self._right, self._takes_value = wrong, right, takes_value

    def mend(self, program: str, typed: Sequence[str]) -> None:
        """Let the hint be this command, which was typed, with the right words."""
        words: list[str] = []
        rest = list(typed)
        while rest:
            word = rest.pop(0)
            name, sign, value = word.partition("=")
            if word == self._wrong:
                words += self._right
                if not self._takes_value and rest and not rest[0].startswith("-"):
                    del rest[0]
            elif name == self._wrong:
                words.append(
                    f"{self._right[0]}{sign}{value}" if self._takes_value else self._right[0]
                )
            elif sign and value == self._wrong:
                words.append(f"{name}={self._right[0]}")
            else:
                words.append(word)
                continue
            words += rest
            break
        self.hint = f"{program} {shlex.join(_without_secrets(words))}"


def _without_secrets(words: Sequence[str]) -> Iterator[str]:
    is_secret = False
    for word in words:
        is_value = is_secret and not word.startswith("-")
        is_secret = SECRET.fullmatch(word) is not None
        if not is_value and not SECRET.fullmatch(word.partition("=")[0]):
            yield word


def nearest(word: str, known: Collection[str]) -> str | None:
    """The known word that is written most alike; None where none is."""
    import difflib  # for an error alone

    return next(iter(difflib.get_close_matches(word, known, n=1, cutoff=CLOSE)), None)


def is_profile(word: str) -> bool:
    """Whether the AWS config file has a profile of that name."""
    import os

    from cognito_credproc.settings import aws_config  # which --help can do without
    from cognito_credproc.values.errors import SettingsError

    try:
        return word in aws_config.profiles(aws_config.path(os.environ))
    except (SettingsError, ImportError):  # of an installation that is not whole
        return False
