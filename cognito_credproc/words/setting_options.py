"""The options of `configure` that say a profile's settings, and the forms of their values."""

from collections.abc import Callable

from cognito_credproc.profiles.profile_plan import REGION, form, is_well_formed
from cognito_credproc.settings.forms import flag, id_of, label
from cognito_credproc.values.errors import printable
from cognito_credproc.words.mistyped import MistypedError
from cognito_credproc.words.parser import RefusedValue
from cognito_credproc.words.typed import nearest

MOST = 80  # characters of a wrong value that are said


def add_key(add_argument: Callable[..., object], key: str) -> None:
    """An option for one key, with its form."""
    shown = form(key)
    words = f"{shown.example}{shown.note}".replace("%", "%%")
    if " or " not in words:
        words = f"such as {words}"
    if key == REGION:
        words = "region of the AWS calls (default: that of the pools)"
    add_argument(
        flag(key),
        dest=key,
        type=_formed(key),
        metavar=key.rpartition("_")[2].upper(),
        help=words,
    )


def _formed(key: str) -> Callable[[str], str]:
    """Checks a value's form; an empty one is none, and of an ARN the id is taken."""

    def check(text: str) -> str:
        text = id_of(key, text)
        if text and not is_well_formed(key, text):
            shown, wrong = form(key), printable(text, MOST)
            choices = shown.example.split(" or ")
            near = nearest(text.upper(), choices) or nearest(text.lower(), choices)
            if len(choices) > 1 and near:
                words = f"{wrong} is no {label(key)}; did you mean {near}?"
                raise MistypedError(words, text, [near])
            raise RefusedValue(
                f"{wrong} is no {label(key)}; it looks like {shown.example}{shown.note}"
            )
        return text

    return check
