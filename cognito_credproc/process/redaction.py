"""What a debug log may show: no secret, in whatever form it is written.

Three sieves, one behind the other:

1. by name: of everything that has members (parameters, headers, JSON), only those members are
   shown that are known to hold no secret, so that a member nobody has thought of stays hidden;
2. by value: what this process has met as a secret is hidden wherever it appears, in each of the
   forms that programs write values in;
3. by shape: JSON Web Tokens, access keys, the password of a URL, and every other long word of
   letters and digits.

What cannot be looked into (an answer that is no JSON, an object) is named, and not shown.
"""

import base64
import contextlib
import html
import json
import re
import threading
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

HIDDEN = "[hidden]"
SHORTEST = 4  # characters; what is shorter is not told from any other text by its value
# Members whose values are no secrets, in lower case: of requests and answers, then of headers.
SHOWN = {
    *("authflow", "availablechallenges", "challengename", "challengeparameters", "clientid"),
    *("code", "customrolearn", "deliverymedium", "endpoint", "error", "expiration", "expiresin"),
    *("httpstatuscode", "identitypoolid", "mfas_can_choose", "mfas_can_setup", "message"),
    *("method", "preferred_challenge", "region", "retryattempts", "rolearn", "tokentype", "url"),
    *("url_path", "usedualstack", "usefips", "useglobalendpoint", "userpoolid", "__type"),
    *("connection", "content-length", "content-type", "date", "host", "retry-after", "server"),
    *("user-agent", "via", "x-amz-target", "x-amzn-errormessage", "x-amzn-errortype"),
    "x-amzn-requestid",
}
# Hidden, but no secrets: hidden wherever they appear, they would make the log unreadable.
PERSONAL = {
    *("accountid", "device_key", "email", "identityid", "phone_number"),
    *("user_id_for_srp", "username"),
}
CHALLENGE = re.compile(r"[A-Z]+(_[A-Z]+)+")  # an ANSWER that chooses one, not a secret
SHAPES = (
    (re.compile(r"\beyJ[\w-]{8,}(?:\.[\w-]*)*"), HIDDEN),  # RFC 7519, section 3
    (re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}"), HIDDEN),
    (re.compile(r"(?<=://)[^/\s]*@"), f"{HIDDEN}@"),
)
LONG_WORD = re.compile(r"[A-Za-z0-9+/_=-]{28,}")
# Long words that are none: ids of requests and pools, names of modules and services, paths.
HARMLESS = re.compile(
    r"AWSCognitoIdentity(Provider)?Service|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z_-]+|/?([a-z0-9_-]{1,24}/)+[a-z0-9_-]{0,24}"
)


class Redactor:
    """Knows the secrets that it was told, and writes texts without them."""

    def __init__(self) -> None:
        self._forms: tuple[str, ...] = ()  # the longest first: one may be a part of another
        self._telling = threading.Lock()

    def conceal(self, value: object) -> None:
        """Hide this from now on: a text, or every text in it that has no harmless name."""
        told = {form for text in _secrets(value) if len(text) >= SHORTEST for form in forms(text)}
        with self._telling:
            self._forms = tuple(sorted(told.union(self._forms), key=len, reverse=True))

    def text(self, text: str) -> str:
        """A text by value and by shape."""
        for form in self._forms:
            text = text.replace(form, HIDDEN)
        for shape, instead in SHAPES:
            text = shape.sub(instead, text)
        return LONG_WORD.sub(_unless_harmless, text)

    def shown(self, value: object) -> object:
        """Anything that somebody wants to log: as it may be seen."""
        match value:
            case None | bool() | int() | float():
                return value
            case str() | bytes() | bytearray():
                shown = self._words(value)
            case Mapping():
                shown = str(self.members(value))
            case list() | tuple() | set() | frozenset():
                shown = f"[{', '.join(str(self.shown(each)) for each in value)}]"
            case BaseException():
                shown = type(value).__name__
            case _:
                shown = f"<{getattr(value, '__qualname__', type(value).__name__)}>"
        return _Words(shown)

    def members(self, members: Mapping[Any, Any]) -> "dict[str, object]":
        """The members of something, each as it may be seen, by its name first."""
        return _Shown({self.text(str(name)): self._member(name, members[name]) for name in members})

    def _member(self, name: object, value: object) -> object:
        if isinstance(value, Mapping) or (name == "body" and isinstance(value, str | bytes)):
            return self.shown(value)
        if str(name).lower() in SHOWN or isinstance(value, bool | None):
            return self.shown(_without_query(value))
        return _Words(HIDDEN)

    def _words(self, value: str | bytes | bytearray) -> str:
        if isinstance(value, str):
            is_text = value.lstrip()[:1] != "{"
            return self.text(value) if is_text else self._body(value.encode(errors="replace"))
        return self._body(bytes(value))

    def _body(self, body: bytes) -> str:
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            found = None
        return str(self.members(found)) if isinstance(found, dict) else f"<{len(body)} bytes>"


class _Words(str):
    """Text that looks the same whether it is asked for by %s or by %r."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class _Shown(dict[str, object]):
    """Members that are as they may be seen."""

    __slots__ = ()

    def __str__(self) -> str:
        return f"{{{', '.join(f'{name}: {value}' for name, value in self.items())}}}"

    __repr__ = __str__


def forms(secret: str) -> Iterator[str]:
    """The ways in which programs write a text: as it is, escaped, and encoded."""
    raw = secret.encode(errors="surrogatepass")
    yield html.escape(secret)
    as_json = (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    for text in (secret, *as_json, *(each.replace("/", r"\/") for each in as_json)):
        # With a double quote in it, Python takes single ones and escapes those.
        yield from (text, repr(text)[1:-1], repr('"' + text)[2:-1])
        data = text.encode(errors="surrogatepass")
        yield from (repr(data)[2:-1], repr(b'"' + data)[3:-1])
    for quoted in (quote(raw, safe=""), quote(raw), quote_plus(raw)):
        yield from (quoted, re.sub(r"%..", lambda found: found[0].lower(), quoted))
    yield from (raw.hex(), raw.hex().upper())
    for lead, start in enumerate((0, 2, 3)):  # every character holds six bits
        # The characters around these hold bits of the neighbours too.
        end = (lead + len(raw)) * 8 // 6
        whole = base64.b64encode(bytes(lead) + raw).decode()[start:end]
        if len(whole) >= SHORTEST:
            yield from (whole, whole.replace("+", "-").replace("/", "_"))


def _secrets(value: object, name: str = "") -> Iterator[str]:
    """The texts in a value, without those under harmless names."""
    match value:
        case str() if name in SHOWN | PERSONAL or (name == "answer" and CHALLENGE.fullmatch(value)):
            return
        case str():
            yield value
            if value.startswith("{"):  # a document of members, such as the stored credentials
                with contextlib.suppress(ValueError, RecursionError):
                    yield from _secrets(json.loads(value))
        case bytes():
            yield value.decode(errors="replace")
        case Mapping():
            for member, inner in value.items():
                yield from _secrets(inner, str(member).lower())
        case list() | tuple():
            for inner in value:
                yield from _secrets(inner, name)


def _without_query(value: object) -> object:
    """A URL without its query, where secrets may be."""
    if isinstance(value, str) and "://" in value:
        parts = urlsplit(value)
        return f"{parts.scheme}://{parts.netloc}{parts.path}"
    return value


def _unless_harmless(found: re.Match[str]) -> str:
    return found[0] if HARMLESS.fullmatch(found[0]) else HIDDEN
