"""How `--help` is laid out: as it was written where that fits, else broken between words."""

import argparse
import textwrap

NARROW = 60  # columns; below it, what an option does stands under its name
MARGIN = 2  # columns, which argparse leaves free
DEEP = " " * 8  # what a line begins with that goes on with the item above it


class Page(argparse.HelpFormatter):
    """A page whose words stay whole; on a narrow terminal nothing stands beside the options."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog)
        self._is_narrow = self._width + MARGIN < NARROW
        if self._is_narrow:
            self._max_help_position = 6

    def _split_lines(self, text: str, width: int) -> list[str]:
        if not self._is_narrow:
            return super()._split_lines(text, width)
        return _wrapped(" ".join(text.split()), width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if not self._is_narrow:
            return super()._fill_text(text, width, indent)
        return "\n".join(_wrapped(" ".join(text.split()), width))


class WrittenPage(Page):
    """The same, with a description that keeps its lines where they fit."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:  # noqa: ARG002
        lines = text.splitlines()
        if all(len(line) <= width + MARGIN for line in lines):
            return text
        return "\n\n".join(_paragraph(part, width) for part in text.strip("\n").split("\n\n"))


def _paragraph(text: str, width: int) -> str:
    """A paragraph anew; lines that are indented are a list or an example, and stay apart."""
    whole: list[str] = []
    for line in text.splitlines():
        words = line.strip()
        goes_on = line.startswith(DEEP) or not line.startswith(" ")
        if goes_on and whole and whole[-1].startswith(" ") == line.startswith(" "):
            whole[-1] += f" {words}"
        else:
            whole.append(line)
    return "\n".join(
        shown for line in whole for shown in _wrapped(line, width, 4 if line[:1] == " " else 0)
    )


def _wrapped(text: str, width: int, hanging: int = 0) -> list[str]:
    return textwrap.wrap(
        text,
        width,
        subsequent_indent=" " * hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
