"""What the Lambda functions of a pool do, as far as this stand-in plays them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Question(NamedTuple):
    """One custom challenge: its public parameters, and the answer that is right."""

    shown: dict[str, str]
    answer: str = ""
    sent: bool = False
    """The answer is a new code, which the function mails."""


@dataclass
class CustomAuth:
    """Questions that are asked one after the other."""

    questions: tuple[Question, ...] = field(default=())
    password_first: bool = False
    """The functions want the password proven by SRP before they ask."""
    tries: int = 3
    """How often each question may be answered."""
