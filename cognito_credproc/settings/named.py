"""How hints name a profile: by its option, and the one that is meant where there is no such one."""

import shlex

from cognito_credproc.values.errors import SettingsError

ABOUT_THE_SIGN_IN = {"cognito-credproc-enroll", "login", "logout", "status", "doctor", "configure"}


def profile_option(profile: str) -> str:
    """The option that names a profile; a name that begins with a dash needs the equals sign."""
    return f"--profile{'=' if profile.startswith('-') else ' '}{shlex.quote(profile)}"


def quoted(profile: str) -> str:
    """A profile's name in a sentence: in quotes where its spaces would not be seen."""
    return f'"{profile}"' if profile.split() != [profile] else profile


class OtherProfileError(SettingsError):
    """Another profile is meant, most likely `instead`, where there is one that may be.

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


class NoProfileError(OtherProfileError):
    """There is no such profile."""


class BorrowedError(OtherProfileError):
    """The profile has its credentials from another, which is the one that signs in.

    The other one's credentials are not what it is for: commands that give these are no hint.
    """

    def __init__(self, message: str, source: str) -> None:
        super().__init__(message, "", source)

    def name_in_hint(self, command: str) -> None:
        """Let the hint be this command, if it is about the sign-in."""
        if command.rpartition(" ")[2] in ABOUT_THE_SIGN_IN:
            super().name_in_hint(command)
