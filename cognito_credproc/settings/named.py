"""How hints name a profile: by its option, and the one that is meant where there is no such one."""

import shlex

from cognito_credproc.values.errors import SettingsError


def profile_option(profile: str) -> str:
    """The option that names a profile; a name that begins with a dash needs the equals sign."""
    return f"--profile{'=' if profile.startswith('-') else ' '}{shlex.quote(profile)}"


class NoProfileError(SettingsError):
    """There is no such profile; `instead` is one that there is, most likely the one that is meant.

    The hint is then the command that was typed, once the command line has named that.
    """

    def __init__(self, message: str, hint: str, instead: str | None) -> None:
        super().__init__(message, hint)
        self.instead = instead
        self.name_in_hint("cognito-credproc login")

    def name_in_hint(self, command: str) -> None:
        """Let the hint be this command, with the profile that there is."""
        if self.instead is not None:
            self.hint = f"{command} {profile_option(self.instead)}"
