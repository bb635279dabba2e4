"""The bare command where the quickest kind of hit was not to be had: the rest of the way.

Still a hit in most cases, through `keyring`: where another backend is configured, and on systems
whose keyring our own reader does not know. What a renewal needs is imported only for a renewal.
"""

import contextlib
import os
import sys
import time
from collections.abc import Mapping

from cognito_credproc import record
from cognito_credproc.hit import BACKGROUND
from cognito_credproc.process import debug
from cognito_credproc.record import Record
from cognito_credproc.settings import aws_config
from cognito_credproc.storage.backend import SecretService, chosen
from cognito_credproc.storage.keychain import Keychain, item_name
from cognito_credproc.words.face import guarded, innermost, naming_in_hint, write


def main(profile: str, stored: Record | None = None) -> int:
    """Print a profile's credentials; an empty name stands for none. Returns the exit status.

    `stored` is what the quick kind of hit found and did not find fresh.
    """
    return guarded(lambda: _run(profile, stored))


def _run(named: str, stored: Record | None) -> None:
    if debug.is_on():
        debug.began(aws_config.profile_name(named, os.environ), "print the credentials")
    print_credentials(named or None, os.environ, stored)


def print_credentials(
    named: str | None, environment: Mapping[str, str], at_hand: Record | None = None
) -> None:
    """Print a profile's credentials, the stored ones or new ones.

    Whatever goes wrong with a renewal, a program that cannot be loaded or a lack of memory as well:
    the stored ones are printed as long as they are good. `at_hand` is such a record.

    Raises:
        CredprocError: there are none to be had.
    """
    profile = aws_config.profile_name(named, environment)
    stored = _stored(profile, environment) or at_hand
    if stored is not None and stored.is_fresh(time.time()):
        write(stored.document, document=True)
        if stored.expiry - time.time() <= stored.early:
            with contextlib.suppress(OSError):  # no process more: the next run does as well
                _renew_in_background(stored, environment)
        return
    try:
        with naming_in_hint("cognito-credproc"):
            document = _renewed(profile, environment)
    except Exception as error:
        if stored is None or not stored.is_good(time.time()):
            raise
        what = f"{type(error).__name__} at {innermost(error)}"
        debug.log.debug("renewal failed, the stored credentials are served: %s", what)
        document = stored.document
    write(document, document=True)


def _renewed(profile: str, environment: Mapping[str, str]) -> str:
    """The document after a renewal, if one was needed."""
    from cognito_credproc.use_cases.program import for_this_machine  # with all that a renewal needs

    return for_this_machine(profile, environment).renewal.document()


def _stored(profile: str, environment: Mapping[str, str]) -> Record | None:
    """The stored record, if it is good still and nothing that made it has changed."""
    backend = chosen(environment)
    if isinstance(backend, SecretService) and not debug.is_on():
        return None  # the quick kind of hit has looked there
    try:
        stat = aws_config.path(environment).stat()
    except OSError:
        return None  # the renewal says what is wrong with the file
    config = record.stamp(stat, aws_config.endpoints(environment))
    stored = Keychain.of(backend, environment).session(item_name(profile, environment))
    if stored is None:
        return None
    now, same = time.time(), stored.file == config
    debug.log.debug(
        "cache: %d s left, the config file %s",
        stored.expiry - now,
        "as it was" if same else "changed",
    )
    return stored if same and stored.is_good(now) else None


def _renew_in_background(stored: Record, environment: Mapping[str, str]) -> None:
    """Start this program once more, detached; it holds none of the caller's pipes."""
    import subprocess

    from cognito_credproc.storage.state import State

    if not State.of(environment).claim_background(stored.digest, time.time()):
        debug.log.debug("cache: no renewal in the background, since one was started lately")
        return
    debug.log.debug("cache: a renewal in the background is started")
    subprocess.Popen(  # noqa: S603 - this very command line
        [sys.executable, *sys.orig_argv[1:], BACKGROUND],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # on Windows this means nothing
        creationflags=getattr(subprocess, "DETACHED_PROCESS", 0),
    )
