"""The entry point of `cognito-credproc`, and the cached hit: argv, one read, the stored document.

Nearly every start of this program ends in `_print`, so what it needs is all that is loaded up to
there: this file, `record`, `secret_service`, and modules that are built into the interpreter. Where
anything is odd, the whole program takes over; it knows everything that is left out here.
"""

import sys
import time

from cognito_credproc import record

TYPE_CHECKING = False  # as type checkers read it, without the import
if TYPE_CHECKING:
    from typing import NoReturn

BACKGROUND = "--renew-in-background"
OPEN = "start it without >&-, so that its caller can read them"
UNREAD = "see that their reader still runs, or that the disk has room: df -h"
BROKEN = "install it again, with all that it needs: pipx reinstall cognito-credproc"


def main() -> "NoReturn":
    """Print the credentials, or do what the command line says."""
    status = 130  # 128 + SIGINT, as shells have it
    try:
        status = _run(sys.argv[1:])
    except KeyboardInterrupt:
        complain("interrupted")
    except SystemExit as end:  # told to end by a signal, or after --help
        status = end.code if isinstance(end.code, int) else 1
    leave(status)


def _run(arguments: "list[str]") -> int:
    output_is_open = fill_standard_streams()
    profile = _profile(arguments)
    if profile is not None:
        if not output_is_open:
            complain("standard output is closed, and that is where the credentials go", OPEN)
            return 1
        stored = _stored(profile)
        if stored is not None and stored.is_fresh(time.time()):
            return _print(stored)
        return _whole_program(profile, stored)
    _prepare()
    from cognito_credproc import cli

    return cli.main(arguments)


def _whole_program(profile: str, stored: "record.Record | None") -> int:
    """What a hit does not need; where it cannot even be loaded, `stored` is printed, if good."""
    try:
        _prepare()
        from cognito_credproc import helper
    except Exception as error:
        if stored is not None and stored.is_good(time.time()):
            return _print(stored)
        complain(f"the program cannot be loaded ({type(error).__name__}: {error})", BROKEN)
        return 1
    return helper.main(profile, stored)


def _prepare() -> None:
    """Make ready for more than a hit."""
    import gc

    gc.disable()  # what follows loads a lot and ends soon; a sixth of it would go to cycles
    if sys.flags.no_site:
        import io
        import site  # the packages of the other libraries are wanted now

        # What a .pth file of others has to say is no word of ours on a tool's standard error.
        ours, sys.stderr = sys.stderr, io.StringIO()
        try:
            site.main()
        finally:
            sys.stderr = ours


def fill_standard_streams() -> bool:
    """Let no socket take the place of a standard stream that the caller closed.

    Else what is printed would go to the network; now it fails, as it would have without one. Tells
    whether standard output was open.
    """
    try:
        import posix  # not on Windows
    except ImportError:
        return True
    closed = []
    for stream in (0, 1, 2):
        try:
            posix.fstat(stream)
        except OSError:
            mode = posix.O_RDONLY if stream == 1 else posix.O_RDWR
            posix.open(b"/dev/null", mode)  # gets the lowest number that is free
            closed.append(stream)
    return 1 not in closed


def complain(message: str, hint: str = "") -> None:
    """Say on standard error what failed, and what to do."""
    try:
        if sys.stderr is not None:
            sys.stderr.write(f"error: {message}\n" + (f"hint: {hint}\n" if hint else ""))
    except OSError:
        pass  # full, or nobody reads it: the exit status has to do


def leave(status: int) -> "NoReturn":
    """End at once, without the interpreter's tidying up.

    There is nothing to tidy up, and a thread that still waits for a keyring or for the network
    could make an end of its own (Python 3.11 aborts when one is caught inside an import).
    """
    import os  # loaded by now, where this was not a hit

    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            if stream is sys.stdout:
                status = status or 1
    os._exit(status)


def _profile(arguments: "list[str]") -> "str | None":
    """The named profile, empty for none; None for a command line that is not the plain one."""
    match arguments:
        case []:
            return ""
        case ["--profile", name] if name:
            return name
        case [option] if option.startswith("--profile=") and option != "--profile=":
            return option[len("--profile=") :]
    return None


def _stored(profile: str) -> "record.Record | None":
    """The stored record, if it is good still and nothing that made it has changed."""
    try:
        import posix  # not on Windows

        from cognito_credproc import secret_service
    except ImportError:
        return None
    environment = posix.environ
    _keep_out_of_core_dumps()
    try:
        if secret_service.is_bypassed(environment) or b"COGNITO_CREDPROC_DEBUG" in environment:
            return None
        named = environment.get(b"AWS_CONFIG_FILE", b"").decode()
        path = named or environment[b"HOME"].decode() + "/.aws/config"
        if named and named[0] != "/":
            return None
        profile = profile or environment.get(b"AWS_PROFILE", b"").decode() or "default"
        service = environment.get(b"COGNITO_CREDPROC_KEYRING_SERVICE", b"").decode()
        endpoints = [environment.get(name.encode(), b"").decode() for name in record.ENDPOINTS]
        config = record.stamp(posix.stat(path), endpoints)
        found = secret_service.lookup(
            *record.item(service or record.SERVICE, profile, named), environment
        )
    except (KeyError, OSError, ValueError, secret_service.LockedError):
        return None
    stored = None if found is None else record.parse(found)
    if stored is None or stored.file != config or not stored.is_good(time.time()):
        return None
    return stored


def _keep_out_of_core_dumps() -> None:
    """Let a crash write down none of this process's memory: core(5), `coredump_filter`.

    The limit that keeps it from writing anything takes a module that a hit does not load; `face`
    sets it for everything else.
    """
    import posix  # `_stored` had it too

    try:
        chosen = posix.open(b"/proc/self/coredump_filter", posix.O_WRONLY)
    except OSError:
        return  # not Linux
    try:
        posix.write(chosen, b"0")
    finally:
        posix.close(chosen)


def _print(stored: "record.Record") -> int:
    """Write all of the document; returns the exit status, and at once."""
    import posix  # `_stored` had it too

    rest = stored.document.encode()
    try:
        while rest:
            rest = rest[posix.write(1, rest) :]
    except OSError:
        complain("the credentials could not be written to standard output", UNREAD)
        posix._exit(1)  # noqa: SLF001 - a public call with an unusual name
    try:
        if stored.expiry - time.time() <= stored.early:
            _renew_in_background(stored)
    except (KeyError, OSError, ValueError):
        pass  # the next hit, or the renewal that comes then, does as well
    posix._exit(0)  # noqa: SLF001 - as above


def _renew_in_background(stored: "record.Record") -> None:
    """Start this program once more, detached, unless that was done a moment ago.

    The marker's time says when; a renewal that would need a person, or that failed, sets it ahead.
    The child holds none of the caller's pipes, which an SDK reads to their end, and no
    terminal, so that it cannot ask. When it starts differs from person to person.
    """
    import posix  # `_stored` had it too

    marker = record.marker(posix.environ, stored.digest)
    folder = marker.rpartition("/")[0]
    try:
        if posix.stat(folder).st_uid != posix.geteuid():
            return  # the renewal that comes then says that it is somebody else's
    except FileNotFoundError:
        posix.mkdir(folder, 0o700)
    try:
        if record.is_claimed(posix.lstat(marker).st_mtime, time.time()):
            return
        posix.unlink(marker)
    except FileNotFoundError:
        pass
    posix.close(posix.open(marker, posix.O_CREAT | posix.O_EXCL | posix.O_WRONLY, 0o600))
    if posix.fork():
        return
    posix.setsid()
    nothing = posix.open(b"/dev/null", posix.O_RDWR)
    for standard in (0, 1, 2):
        posix.dup2(nothing, standard)
    posix.closerange(3, 1 << 16)
    posix.execv(sys.executable, [*sys.orig_argv, BACKGROUND])
