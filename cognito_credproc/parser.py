"""The parser of both command lines."""

import argparse
from typing import Any, NoReturn

from cognito_credproc.errors import UsageError


class Parser(argparse.ArgumentParser):
    """A parser whose complaint is one line and a hint, like every other error."""

    def __init__(self, **settings: Any) -> None:
        # An abbreviation that works today could mean another option tomorrow.
        super().__init__(allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        """Complain."""
        raise UsageError(message, f"{self.prog} --help")
