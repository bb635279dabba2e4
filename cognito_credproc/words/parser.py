"""The parser of both command lines."""

import argparse
import shlex
import sys
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn, TypeAlias

from cognito_credproc.people.questions import FORGOT_PASSWORD
from cognito_credproc.settings.named import profile_option
from cognito_credproc.values.errors import UsageError
from cognito_credproc.words.help_pages import Page, WrittenPage
from cognito_credproc.words.mistyped import MistypedError, is_profile
from cognito_credproc.words.typed import OPTION, Option, Typed, nearest

Arguments = argparse.Namespace
# argparse has no public name for it.
Verbs: TypeAlias = "argparse._SubParsersAction[Parser]"  # noqa: SLF001
NOT_GIVEN = argparse.SUPPRESS  # a default that leaves what stood before the verb as it is
AS_WRITTEN = WrittenPage  # a description that keeps its lines
RefusedValue = argparse.ArgumentTypeError  # what a check of an option's value raises
SIMILAR = 0.6  # of 1; commands are short
ENROLMENT = ("enroll", "enrol", "enrollment", "enrolment")  # a program of its own
EXIT_STATUS = """\
exit status: 0 done; 1 failed; 2 wrong usage; 3 only a person can go on
"""


def add_profile(
    parser: argparse.ArgumentParser,
    default: str | None = None,
    otherwise: str = "AWS_PROFILE, then default",
) -> None:
    """Give a parser the option that names the profile; `otherwise` says what holds without it."""
    parser.add_argument(
        "--profile",
        type=_name,
        metavar="NAME",
        default=default,
        help=f"the AWS profile (default: {otherwise})",
    )


def add_debug(parser: argparse.ArgumentParser, *, listed: bool) -> None:
    """Give a parser the option for a debug log; where it is not listed, it works as well."""
    parser.add_argument(
        "--debug",
        action="store_true",
        default=argparse.SUPPRESS,  # so that a verb does not undo what stands before it
        help="say on standard error what is done; no secrets" if listed else argparse.SUPPRESS,
    )


def add_forgot_password(parser: "argparse._ActionsContainer") -> None:
    """Give a command the option that begins with a new password."""
    parser.add_argument(
        FORGOT_PASSWORD,
        dest="forgotten",
        action="store_true",
        help="choose a new password first, with a code that is sent to you",
    )


def debug_is_wanted(arguments: argparse.Namespace) -> bool:
    """Whether the option was given, before a verb or after it."""
    return bool(getattr(arguments, "debug", False))


def _name(text: str) -> str:
    """A profile's name; an empty one is more likely a variable that was not set.

    Raises:
        ArgumentTypeError: it is empty.
    """
    if not text:
        raise argparse.ArgumentTypeError("the name is empty")
    return text


def _has_dash(word: str) -> bool:
    return word.startswith("-")


class Parser(argparse.ArgumentParser):
    """A parser whose complaint is one line and a hint, like every other error."""

    def __init__(self, **settings: Any) -> None:
        # An abbreviation that works today could mean another option tomorrow.
        super().__init__(**{"allow_abbrev": False, "formatter_class": Page, **settings})
        self.whole: Typed | None = None  # a verb's words are not all that was typed

    def error(self, message: str) -> NoReturn:
        """Complain."""
        option, explicit, _ = message.partition(": ignored explicit argument ")
        if explicit:  # which may be a secret
            message = f"{option.removeprefix('argument ')} takes no value"
        raise UsageError(message, f"{self.prog} --help")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse; a verb complains itself of words that it does not know."""
        verbs = self._verbs()
        words = list(sys.argv[1:] if args is None else args)
        self._typed = self.whole or Typed(words, self.known_options(), verbs)
        for verb in verbs.values():
            verb.whole = self._typed
        try:
            parsed, rest = super().parse_known_args(args, namespace)
            if rest:
                self._refuse(rest, has_profile=getattr(parsed, "profile", None) is not None)
        except MistypedError as error:
            if self.whole is None:
                error.mend(self.prog, self._typed)
            raise
        return parsed, rest

    def _verbs(self) -> dict[str, "Parser"]:
        return {
            name: verb
            for action in self._actions
            if isinstance(action, argparse._SubParsersAction)  # noqa: SLF001 - no public name
            for name, verb in action.choices.items()
        }

    def known_options(self) -> dict[str, Option]:
        """Those of the verbs as well; one that any of them lists is listed."""
        options: dict[str, Option] = {}
        for verb in self._verbs().values():
            options |= verb.known_options()
        return options | {
            name: Option(action.nargs != 0, action.help != argparse.SUPPRESS)
            for action in self._actions
            for name in action.option_strings
        }

    def _refuse(self, words: Sequence[str], *, has_profile: bool) -> NoReturn:
        takes = any(action.dest == "profile" for action in self._actions)
        typed = self._typed
        is_one = len(words) == 1 and not words[0].startswith("-") and not typed.hazards
        if is_one and takes and not has_profile:
            raise UsageError(
                f"unrecognized argument: {words[0]}; a profile is named by --profile",
                f"{self.prog} {profile_option(words[0])}",
            )
        self._refuse_option(words)
        self._refuse_unknown(map(typed.shown, filter(_has_dash, words)))
        if typed.hazards:
            self._refuse_unknown(map(typed.name, typed.unknown))
            self.error(f"{typed.name(typed.flags[-1])} takes no value")
        self.error(f"unrecognized arguments: {' '.join(words)}")

    def _refuse_unknown(self, names: Iterable[str]) -> None:
        """Complain of options, if any of their names may be shown."""
        if shown := " ".join(filter(None, names)):
            self.error(f"unrecognized arguments: {shown}")

    def _refuse_option(self, words: Sequence[str]) -> None:
        """Say of the first unknown option which one may be meant, if any may."""
        known = {
            name: action
            for action in self._actions
            if action.help != argparse.SUPPRESS
            for name in action.option_strings
        }
        for word in words:
            wrong = word.partition("=")[0]
            if wrong not in known and OPTION.fullmatch(wrong) and (near := nearest(wrong, known)):
                raise MistypedError(
                    f"there is no option {wrong}; did you mean {near}?", wrong, [near]
                )

    def _get_values(self, action: argparse.Action, words: list[str]) -> Any:
        """An error of a value is to know whose value it is, since others may be the same."""
        try:
            return super()._get_values(action, words)
        except MistypedError as error:
            error.options = error.options or action.option_strings
            raise

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Say of an unknown command or choice which one may be meant."""
        known = [str(choice) for choice in action.choices or ()]
        if known and value not in known and not action.option_strings:
            self._refuse_secret(str(value))
        if isinstance(action, argparse._SubParsersAction) and value not in known:  # noqa: SLF001 - argparse has no public name for it
            self._refuse_command(str(value), known)
        if known and value not in known and (near := nearest(str(value), known)):
            name = "/".join(action.option_strings) or action.metavar
            raise MistypedError(
                f"argument {name}: there is no {value}; did you mean {near}?", value, [near]
            )
        super()._check_value(action, value)

    def _refuse_secret(self, word: str) -> None:
        """Complain of the options before a word, if one of them is wrong or it may be a secret."""
        typed = self._typed
        if _has_dash(word):  # no option to argparse, since there is a space in its value
            self._refuse_option([word])
            self._refuse_unknown([typed.shown(word)])
        place = typed.place_of(word, ())
        if place is None:
            return
        before = [other for other in typed.unknown if other < place]
        self._refuse_option([typed.words[other] for other in before])
        if typed.may_be_secret(place):
            self._refuse_unknown(map(typed.name, before))
            self.error(f"{typed.name(typed.flags[0])} takes no value")

    def _refuse_command(self, word: str, commands: Sequence[str]) -> NoReturn:
        named = any(other.partition("=")[0] == "--profile" for other in self._typed.words)
        if not named and is_profile(word):
            option = profile_option(word)
            raise MistypedError(
                f"there is no command {word}; did you mean {self.prog} {option}?",
                word,
                shlex.split(option),
            )
        if nearest(word, ENROLMENT):
            raise UsageError(
                f"there is no command {word}; the set-up of a user is a program of its own",
                f"{self.prog}-enroll --profile NAME",
            )
        if near := nearest(word, commands, SIMILAR):
            raise MistypedError(f"there is no command {word}; did you mean {near}?", word, [near])
        raise UsageError(f"there is no command {word}", f"{self.prog} --help")
