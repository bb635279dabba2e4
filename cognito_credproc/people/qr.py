"""The QR code of an enrolment, drawn with characters (ISO/IEC 18004, by segno)."""

import io

import segno

QUIET_ZONE = 2  # modules; the standard says four, phones are content with two, screens are small
BRIGHT_ON_BLACK, RESET = "\x1b[97;40m", "\x1b[0m"
WHITE, BLACK = "\x1b[47;107m", "\x1b[40m"  # bright white where the terminal has it


def half_blocks(text: str) -> str:
    """The code in half blocks, two rows a line, readable on light and dark terminals alike.

    The colours are set, since the characters paint the light modules: on a terminal that writes
    black on white the code would else come out inverted.
    """
    drawn = io.StringIO()
    segno.make(text, error="l", boost_error=False).terminal(drawn, border=QUIET_ZONE, compact=True)
    return "".join(f"{BRIGHT_ON_BLACK}{line}{RESET}\n" for line in drawn.getvalue().splitlines())


def colour_blocks(text: str) -> str:
    """The code in pairs of coloured spaces, for terminals without Unicode.

    White and black by name here too: segno's own inverse and default depend on the terminal.
    """
    rows = segno.make(text, error="l", boost_error=False).matrix_iter(border=QUIET_ZONE)
    return "".join(
        "".join((BLACK if dark else WHITE) + "  " for dark in row) + f"{RESET}\n" for row in rows
    )


def drawn(text: str, *, unicode: bool) -> str:
    """The code in the form that the terminal can show."""
    return half_blocks(text) if unicode else colour_blocks(text)
