"""The item that holds a profile's temporary credentials: a header, then the exact output document.

    cognito-credproc 1 EXPIRY LENGTH FILE DIGEST
    {"Version": 1, "AccessKeyId": …}

EXPIRY is ten digits of seconds since the epoch, LENGTH the document's length in characters (a
truncated item is no item), FILE what `stamp` makes of the config file's `stat` and the environment,
DIGEST that of the settings. A hit compares, cuts and prints: it parses nothing, and this file
imports nothing.
"""

TYPE_CHECKING = False  # as type checkers read it, without the import
if TYPE_CHECKING:
    import os

MAGIC = "cognito-credproc 1"
SERVICE = "cognito-credproc"
FRESH = 15 * 60  # seconds: botocore asks again for anything that has less left
SPREAD = 10 * 60  # seconds before that in which background renewals begin
AHEAD = 5 * 60  # seconds of those that everybody has: a call every few minutes comes in time
PAUSE = 60  # seconds between two background renewals of the same settings
LONGEST = 13 * 60 * 60  # seconds: longer than any credentials are good for (STS: 12 hours)
# The variables that say where the calls go: other places may give other credentials.
ENDPOINTS = (
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_COGNITO_IDENTITY",
    "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER",
    "AWS_ENDPOINT_URL_STS",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_STS_REGIONAL_ENDPOINTS",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_USE_FIPS_ENDPOINT",
)


def item(service: str, profile: str, config_file: "str | None") -> "tuple[str, str]":
    """The service and user name of the item, as `keyring` calls them.

    `config_file` is the path that `AWS_CONFIG_FILE` names, if it is set: two files may have a
    profile of the same name.
    """
    name = f"{profile}@{config_file}" if config_file else profile
    return f"{service}/session/{name}", name


def marker(environment: "dict[bytes, bytes]", digest: str) -> str:
    """The file whose time says when these settings were last renewed in the background.

    `environment` is `posix.environ`. The folder is that of `state`, as platformdirs has it on
    Linux (XDG Base Directory Specification).
    """
    named = environment.get(b"COGNITO_CREDPROC_STATE_DIR", b"").decode()
    if not named:
        states = environment.get(b"XDG_STATE_HOME") or environment[b"HOME"] + b"/.local/state"
        named = states.decode() + "/cognito-credproc"
    return f"{named}/{digest}.renewal"


def is_claimed(marked: float, now: float) -> bool:
    """Whether a marker of this time (`st_mtime`) says that it is too early for another renewal.

    It may lie ahead, but no further than the end of credentials that are old enough to be renewed:
    else it was set before the clock was set back.
    """
    return -(FRESH + SPREAD) < now - marked < PAUSE


def stamp(stat: "os.stat_result", endpoints: "list[str]") -> str:
    """What changes whenever the config file does, or one of the variables in `ENDPOINTS`.

    Of the file: when it was written and when it was changed in any way (which nobody can set back),
    how long it is, which file it is. Of the variables: their values, in that order, empty where one
    is not set or says no more than that.
    """
    file = f"{stat.st_mtime_ns}-{stat.st_ctime_ns}-{stat.st_size}-{stat.st_ino}"
    said = ["" if value == "false" else value for value in endpoints]
    if not any(said):
        return file
    joined = "\0".join(said)  # which no variable can hold
    return f"{file}-{joined.encode(errors='backslashreplace').hex()}"


class Record:
    """One profile's stored credentials: `expiry` in seconds since the epoch."""

    __slots__ = ("digest", "document", "expiry", "file")

    def __init__(self, expiry: int, file: str, digest: str, document: str) -> None:
        self.expiry = expiry
        self.file = file
        self.digest = digest
        self.document = document

    def is_good(self, now: float) -> bool:
        """Whether it has not run out; by a clock that was set back far, nothing can be told."""
        return 0 < self.expiry - now <= LONGEST

    def is_fresh(self, now: float) -> bool:
        """Whether it is good for long enough to be handed out without a second thought."""
        return FRESH < self.expiry - now <= LONGEST

    @property
    def early(self) -> int:
        """With how many seconds left a background renewal begins.

        It differs from person to person, so that an organisation does not renew in one second.
        """
        return FRESH + AHEAD + int(self.digest, 16) % (SPREAD - AHEAD)

    def text(self) -> str:
        """The item's text."""
        return (
            f"{MAGIC} {self.expiry:010d} {len(self.document)} {self.file} {self.digest}\n"
            f"{self.document}"
        )


def parse(text: str) -> "Record | None":
    """The record in an item's text; None for anything else: empty, cut short, a later version."""
    header, newline, document = text.partition("\n")
    fields = header.split(" ")
    if not newline or len(fields) != 6 or " ".join(fields[:2]) != MAGIC:
        return None
    _, _, expiry, length, file, digest = fields
    if not (len(expiry) == 10 and expiry.isdecimal() and length == str(len(document))):
        return None
    try:
        int(digest, 16)  # as `Record.early` reads it
    except ValueError:
        return None
    return Record(int(expiry), file, digest, document)
