"""A file that holds a secret because a person asked for it: the picture of a QR code.

Mode 0600, whole or not at all, and never in the place of another file that was not given up for
it. A symbolic link in its place is not followed.
"""

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from cognito_credproc.values.errors import CredprocError, UsageError

OTHER_NAME = "name another file"


def is_taken(file: Path) -> bool:
    """Whether there is a file of this name already, which could be replaced.

    Raises:
        UsageError: no file can be made there.
    """
    folder = file.parent
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK) or not file.name:
        raise UsageError(f"{file} cannot be written: {folder} is no folder of yours", OTHER_NAME)
    try:
        found = file.lstat()
    except FileNotFoundError:
        return False
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "that is no name"
        raise UsageError(f"{file} cannot be written: {reason}", OTHER_NAME) from None
    if not stat.S_ISREG(found.st_mode):
        raise UsageError(f"{file} cannot be written: it is not an ordinary file", OTHER_NAME)
    return True


def write(file: Path, content: bytes, *, replace: bool) -> None:
    """Write it; without `replace`, only where there is no file of this name.

    Raises:
        CredprocError: it cannot be written, or somebody else has made it meanwhile.
    """
    with contextlib.ExitStack() as undo:
        try:
            if not replace:
                # The name is taken before the content takes its place; neither follows a link.
                os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
                undo.callback(file.unlink, missing_ok=True)
            descriptor, new = tempfile.mkstemp(".new", ".", file.parent)  # mode 0600
            undo.callback(Path(new).unlink, missing_ok=True)
            with open(descriptor, "wb") as opened:  # noqa: PTH123 - it is open
                opened.write(content)
                opened.flush()
                os.fsync(descriptor)
            os.replace(new, file)  # noqa: PTH105
        except OSError as error:
            raise CredprocError(f"{file} cannot be written: {error.strerror}", OTHER_NAME) from None
        undo.pop_all()
