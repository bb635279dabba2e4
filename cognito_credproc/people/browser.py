"""Opens a page in the person's browser.

Not by the standard library's `webbrowser`: some of the programs that it starts would inherit our
standard output, where the credentials go, and hold it open for as long as the browser runs; others
would take over the terminal.
"""

import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping

from cognito_credproc.process import command
from cognito_credproc.process.command import CommandError

DISPLAYS = ("WAYLAND_DISPLAY", "DISPLAY", "WSL_DISTRO_NAME")
# Those that ask the desktop for the person's own choice come first.
PROGRAMS = ("xdg-open", "wslview", "x-www-browser", "firefox", "chromium", "google-chrome")


def opened(url: str, environment: Mapping[str, str]) -> bool:
    """Open it; tells whether a browser took it, as far as can be seen.

    `BROWSER` names other browsers, as it does for xdg-open: commands with a colon between them
    (a semicolon on Windows), `%s` where the address goes.
    """
    if sys.platform == "win32" and not environment.get("BROWSER"):
        try:
            os.startfile(url)  # noqa: S606 - a page, whose address was made here
        except OSError:
            return False
        return True
    return any(_launched(words) for words in _commands(url, environment))


def _launched(words: list[str]) -> bool:
    try:
        return command.launched(words)
    except CommandError:
        return False


def _commands(url: str, environment: Mapping[str, str]) -> Iterator[list[str]]:
    """What can be tried, the best first."""
    for line in filter(None, environment.get("BROWSER", "").split(os.pathsep)):
        try:
            words = shlex.split(line)
        except ValueError:
            continue
        if words:
            named = any("%s" in word for word in words)
            yield [word.replace("%s", url) for word in words] + ([] if named else [url])
    if sys.platform == "darwin":
        yield ["open", url]
    elif any(map(environment.get, DISPLAYS)):
        yield from ([name, url] for name in PROGRAMS if shutil.which(name))
