"""A word of the command line that is not known, and the one that is most likely meant."""

import shlex
from collections.abc import Collection, Sequence

from cognito_credproc.values.errors import UsageError
from cognito_credproc.words.typed import Typed


class MistypedError(UsageError):
    """A word is wrong, and others are meant; the hint is the whole command with these.

    `options` are the names of the option whose value it is; none where it stands by itself.
    """

    def __init__(self, message: str, wrong: str, right: Sequence[str]) -> None:
        super().__init__(message)
        self._wrong, self._right = wrong, right
        self.options: Collection[str] = ()

    def mend(self, program: str, typed: Typed) -> None:
        """Let the hint be this command, which was typed, with the right words."""
        place = typed.place_of(self._wrong, self.options)
        option = None
        if place is not None and self.options and typed.words[place] != self._wrong:
            option = typed.name(place)
        self.hint = f"{program} {shlex.join(typed.mended(place, self._right, option))}"


def is_profile(word: str) -> bool:
    """Whether the AWS config file has a profile of that name."""
    import os

    from cognito_credproc.settings import aws_config  # which --help can do without
    from cognito_credproc.values.errors import SettingsError

    try:
        return word in aws_config.profiles(aws_config.path(os.environ))
    except (SettingsError, ImportError):  # of an installation that is not whole
        return False
