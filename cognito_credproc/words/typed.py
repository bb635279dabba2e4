"""What was typed, word by word: which words are options, values and commands, and which are strays.

No option of ours takes a secret. Whoever types one after such an option, or after one that there
is not, is not to see it again in a log.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

CLOSE = 0.75  # of 1; options have their dashes in common
OPTION = re.compile(r"--[A-Za-z][A-Za-z_-]*")  # of this form alone, the name is shown as a whole
SECRET = re.compile(r"pas|pw|secret|seed|otp|token|code|key|pin|cred", re.IGNORECASE)


class Option(NamedTuple):
    """An option of a parser."""

    takes_value: bool
    is_listed: bool = True


class Typed:
    """The words of a command line. Places count from 0.

    `strays` are neither options nor their values nor commands, `unknown` are options that there are
    not. After the first of `hazards`, a stray may be a secret.
    """

    def __init__(
        self, words: Sequence[str], options: Mapping[str, Option], commands: Collection[str]
    ) -> None:
        self.words = list(words)
        self._options = options
        self._listed = [name for name, option in options.items() if option.is_listed]
        self.strays: list[int] = []
        self.unknown: list[int] = []
        self.hazards: list[int] = []
        takes = False
        for place, word in enumerate(self.words):
            if _is_option(word):
                takes = word != "--" and self._read_option(place)
                continue
            if not takes and word not in commands:
                self.strays.append(place)
            takes = False

    def _read_option(self, place: int) -> bool:
        """Whether the next word is its value."""
        name, sign, _ = self.words[place].partition("=")
        if name not in self._options:
            self.unknown.append(place)
        takes = self._takes_value(name)
        if not takes and (name not in self._options or SECRET.search(name)):
            self.hazards.append(place)
        return takes and not sign

    def _takes_value(self, name: str) -> bool:
        """Whether it does, or the one that is meant does; what may be a secret is no value."""
        if option := self._options.get(name):
            return option.takes_value
        near = self.near(name)
        return near is not None and self._options[near].takes_value and not SECRET.search(name)

    def near(self, name: str) -> str | None:
        """The option that may be meant by one that there is not."""
        return nearest(name, self._listed) if OPTION.fullmatch(name) else None

    @property
    def flags(self) -> list[int]:
        """The hazards that are options of the parser."""
        return [place for place in self.hazards if place not in self.unknown]

    def may_be_secret(self, place: int) -> bool:
        """Whether a word is not to be shown in what is said of it."""
        return place in self.strays and any(hazard < place for hazard in self.hazards)

    def name(self, place: int) -> str:
        """As much of an option's word as may be shown; of a cluster the first letter."""
        name = self.words[place].partition("=")[0]
        if name in self._options or OPTION.fullmatch(name):
            return name
        return "" if place - 1 in self.hazards else name[:2]

    def shown(self, word: str) -> str:
        """The same of a word that argparse has left, perhaps of the end of a cluster."""
        return self.name(self.words.index(word)) if word in self.words else word[:2]

    def place_of(self, word: str, options: Collection[str]) -> int | None:
        """Where a word stands that is wrong: the value of one of the options, or else by itself."""
        for place, other in enumerate(self.words):
            name, sign, value = other.partition("=")
            before = self.words[place - 1] if place else ""
            if options:
                if (other == word and before in options) or (
                    sign and value == word and name in options
                ):
                    return place
            elif place in self.unknown:
                if name == word:
                    return place
            elif other == word and (place in self.strays or place - 1 in self.unknown):
                return place  # to argparse, an unknown option has no value
        return None

    def mended(self, wrong: int | None, right: Sequence[str], option: str | None) -> list[str]:
        """The words, with the right ones at a place, and without what may be a secret.

        `option`: the one that the wrong word is the value of, by an equals sign.
        """
        words: list[str] = []
        for place, word in enumerate(self.words):
            name, sign, _ = word.partition("=")
            takes = place not in self.strays and _is_option(word) and self._takes_value(name)
            if place == wrong and option is None:
                value = word[len(name) :] if takes else ""
                words += [f"{right[0]}{value}", *right[1:]]
            elif place == wrong:
                words.append(f"{option}={right[0]}")
            elif place in self.strays:
                if not self.hazards:
                    words.append(word)
            elif place in self.unknown:
                if not SECRET.search(name) and self.name(place):
                    words.append(word if takes else self.name(place))
            elif _is_option(word) and name in self._options and sign and not takes:
                words.append(name)
            else:
                words.append(word)
        return words


def _is_option(word: str) -> bool:
    """As argparse has it: a dash alone is a value, and so is what has a space in its name.

    Behind two dashes nothing is an option to argparse, and still one to whoever types a secret.
    """
    return len(word) > 1 and word.startswith("-") and " " not in word.partition("=")[0]


def nearest(word: str, known: Collection[str], cutoff: float = CLOSE) -> str | None:
    """The known word that is written most alike; None where none is.

    `cutoff` as `difflib.get_close_matches` has it, from 0 to 1.
    """
    import difflib  # for an error alone

    return next(iter(difflib.get_close_matches(word, known, n=1, cutoff=cutoff)), None)
