"""The mode of a Windows console."""

import contextlib
from collections.abc import Iterator

ENABLE_ECHO_INPUT = 0x0004  # of a console's mode


@contextlib.contextmanager
def console_restored(console: int, without: int = 0) -> Iterator[None]:
    """The console's mode as it was, afterwards; meanwhile `without` some of its bits.

    Source: Windows API, SetConsoleMode.
    """
    import ctypes
    import msvcrt

    handle = msvcrt.get_osfhandle(console)  # type: ignore[attr-defined]
    kernel32 = ctypes.windll.kernel32  # type: ignore[attr-defined]
    mode = ctypes.c_uint32()
    kernel32.GetConsoleMode(handle, ctypes.byref(mode))
    kernel32.SetConsoleMode(handle, mode.value & ~without)
    try:
        yield
    finally:
        kernel32.SetConsoleMode(handle, mode.value)
