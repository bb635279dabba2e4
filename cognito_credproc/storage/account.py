"""What is remembered of one account, and how it is read from what was saved."""

import math
from dataclasses import dataclass, field, replace
from typing import Any

from cognito_credproc.values.breaker import Pause, Trouble
from cognito_credproc.values.errors import CredprocError

LONG = 1_200  # characters of a reason
SIGNED_OUT = 0  # no time of a sign-in


@dataclass(slots=True)
class Account:
    """One account's memory."""

    totp_step: int = 0  # the last TOTP step (of 30 s since the epoch) that was sent
    refused: dict[str, str] = field(default_factory=dict)  # stored factor → why it was refused
    identities: dict[str, str] = field(default_factory=dict)  # identity pool id → identity id
    # App client id → when the sign-in was that the refresh token comes from (seconds since the
    # epoch). Rotation does not move it: a new token lives no longer than the first. `SIGNED_OUT`
    # where a person has ended it.
    signed_in: dict[str, int] = field(default_factory=dict)
    username: str = ""  # the real one, if the last sign-in told it
    chosen: dict[str, str] = field(default_factory=dict)  # question → the option taken last
    sends_codes: list[str] = field(default_factory=list)  # ways to sign in that need a person
    rotating: list[str] = field(default_factory=list)  # app clients whose refresh token rotates
    lost: list[str] = field(default_factory=list)  # those whose last one the keyring did not take
    asks_code: list[str] = field(default_factory=list)  # ways to sign in that want a TOTP code
    pauses: dict[str, Pause] = field(default_factory=dict)  # what failed → until when it rests
    totp_doubt: bool = False  # the last code was called wrong, but perhaps only came too early
    skew: float = 0.0  # seconds that Cognito's clock is ahead of this machine's
    guesses: int = 0  # wrong codes typed in a row, where they are checked here
    guessed: float = 0.0  # when the last was (seconds since the epoch, by this machine's clock)

    def forget_rejections(self) -> bool:
        """A person changed something here: what would only have failed again may be tried.

        Tells whether there was any such thing.
        """
        found = [name for name, pause in self.pauses.items() if pause.trouble == Trouble.REJECTED]
        for name in found:
            del self.pauses[name]
        return bool(found)

    def forget_refusals(self) -> None:
        """A person signs in: what is stored may be tried again."""
        self.refused.clear()
        self.totp_doubt = False
        self.forget_rejections()
        for name, pause in list(self.pauses.items()):
            if pause.trouble in {Trouble.UNANSWERED, Trouble.LOCKED}:
                del self.pauses[name]

    def use_up(self, step: int) -> None:
        """A code of that step was typed, and may have been looked at: it is not taken again."""
        self.totp_step = max(step, self.totp_step)

    def shortened(self) -> "Account":
        """The same, with no more of anybody's sentences than a person reads."""
        return replace(
            self,
            refused={name[:LONG]: reason[:LONG] for name, reason in self.refused.items()},
            pauses={
                name: replace(
                    pause, reason=pause.reason[:LONG], hint=pause.hint and pause.hint[:LONG]
                )
                for name, pause in self.pauses.items()
            },
        )

    @classmethod
    def of(cls, found: dict[str, Any]) -> "Account":
        """Read it from what was saved, by this version or one before.

        Raises:
            ValueError, KeyError, TypeError, AttributeError, OverflowError: it is damaged.
        """
        return cls(
            totp_step=int(found.get("totp_step", 0)),
            totp_doubt=bool(found.get("totp_doubt")),
            refused=_texts(found.get("refused", {})),
            identities=_texts(found.get("identities", {})),
            signed_in={name: int(at) for name, at in dict(found.get("signed_in", {})).items()},
            username=str(found.get("username", "")),
            chosen=_texts(found.get("chosen", {})),
            sends_codes=list(found.get("sends_codes", [])),
            rotating=list(found.get("rotating", [])),
            lost=_list(found.get("lost")),
            asks_code=_list(found.get("asks_code")),
            pauses={
                name: Pause(
                    Trouble(pause["trouble"]),
                    int(pause["failures"]),
                    _finite(pause["until"]),
                    str(pause["reason"]),
                    str(pause["hint"]) if pause.get("hint") else None,
                    int(pause.get("status", CredprocError.exit_status)),
                )
                for name, pause in found.get("pauses", {}).items()
            },
            skew=_finite(found.get("skew", 0)),
            guesses=int(found.get("guesses", 0)),
            guessed=_finite(found.get("guessed", 0)),
        )


def _list(found: Any) -> list[str]:
    """A list; where a version before had something else, none."""
    return list(found) if isinstance(found, list) else []


def _texts(found: Any) -> dict[str, str]:
    """Names and words, whatever a damaged file has in their place."""
    return {str(name): str(words) for name, words in dict(found).items()}


def _finite(number: Any) -> float:
    """A number that can be compared.

    Raises:
        ValueError, TypeError: it is none.
    """
    value = float(number)
    if not math.isfinite(value):
        raise ValueError
    return value
