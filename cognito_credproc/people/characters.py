"""Which characters the terminal of this environment shows."""

import locale
import sys
from collections.abc import Mapping


def unicode_is_shown(environment: Mapping[str, str]) -> bool:
    """Whether more than ASCII is shown, as far as the environment tells."""
    return is_unicode(environment, locale.getencoding(), believed=sys.platform != "linux")


def is_unicode(environment: Mapping[str, str], encoding: str, *, believed: bool) -> bool:
    """Whether an encoding has all of Unicode.

    `encoding` is what Python takes the locale's to be; `believed` whether that says anything. On
    Linux, Python runs as if LC_CTYPE were C.UTF-8 where there is no locale (PEP 538).
    """
    chosen = environment.get("PYTHONIOENCODING", "").partition(":")[0]
    pretended = not (believed or chosen or environment.get("LC_ALL"))
    pretended &= environment.get("LC_CTYPE") == "C.UTF-8"
    pretended &= environment.get("LANG", "") in {"", "C", "POSIX"}
    named = (chosen or encoding).lower().replace("_", "-")
    return named in {"utf-8", "utf8", "cp65001"} and not pretended
