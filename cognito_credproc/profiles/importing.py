"""Reads the ids of an existing set-up from the files that its tools write.

- Amplify, second generation: `amplify_outputs.json` (its schema, `auth`).
- Amplify, first generation: `aws-exports.js` and `amplifyconfiguration.json`, generated or not.
- A CloudFormation stack's outputs: what `aws cloudformation describe-stacks` prints, a list of
  outputs, the CDK's `--outputs-file`; `terraform output -json` is read in the same way.

The outputs that this project's own templates have: `UserPoolId`, `UserPoolClientId`,
`IdentityPoolId`, and where they are known `Region` and `CognitoDomain`.
"""

import json
import re
from collections.abc import Iterator, Mapping

from cognito_credproc.profiles.profile_plan import REGION, form, is_well_formed
from cognito_credproc.settings.forms import FORMS, flag, id_of, label
from cognito_credproc.values.errors import SettingsError, printable

# The name of a value, in small letters and without signs, → the key that it is for.
NAMES: Mapping[str, str] = {
    "userpoolid": "cognito_user_pool_id",
    "awsuserpoolsid": "cognito_user_pool_id",
    "cognitouserpoolid": "cognito_user_pool_id",
    "userpoolclientid": "cognito_client_id",
    "cognitouserpoolclientid": "cognito_client_id",
    "webclientid": "cognito_client_id",
    "userpoolwebclientid": "cognito_client_id",
    "awsuserpoolswebclientid": "cognito_client_id",
    "identitypoolid": "cognito_identity_pool_id",
    "cognitoidentitypoolid": "cognito_identity_pool_id",
    "awscognitoidentitypoolid": "cognito_identity_pool_id",
    "region": REGION,
    "awsregion": REGION,
    "awscognitoregion": REGION,
    "cognitodomain": "cognito_domain",
    "authenticationflowtype": "cognito_auth_flow",
}
# Names that mean something only where they stand: inside what → name → key.
INSIDE: Mapping[tuple[str, str], str] = {
    ("cognitouserpool", "poolid"): "cognito_user_pool_id",
    ("cognitouserpool", "appclientid"): "cognito_client_id",
    ("cognitoidentity", "poolid"): "cognito_identity_pool_id",
    ("oauth", "domain"): "cognito_domain",
    ("oauth", "webdomain"): "cognito_domain",
}
POOLS = ("cognito_user_pool_id", "cognito_client_id", "cognito_identity_pool_id")
TAKES = "it takes amplify_outputs.json, aws-exports.js, or the outputs of a stack as JSON"
LARGEST = 4_000_000  # characters
CLIENT_ID = re.compile(r"[0-9a-z]{20,32}")  # as Cognito makes them; a secret is longer
SCRIPT = {"const", "export", "import", "let", "module", "var", "window"}  # JavaScript begins so
DEEPEST = 40  # objects inside of each other
# JavaScript, as far as it matters here. What has no end goes on to that of the line or the file, so
# that no text is looked at twice.
TOKEN = re.compile(
    r"""(?P<skip>\s+|//[^\n]*|/\*.*?(?:\*/|\Z))
    |(?P<text>"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?)
    |(?P<word>\w+)
    |(?P<sign>.)""",
    re.DOTALL | re.VERBOSE,
)

Found = tuple[tuple[str, ...], str]  # the names on the way to a value, and the value


def found_in(text: str, name: str, given: Mapping[str, str]) -> dict[str, str]:
    """The keys that a file says something about; what is `given` already is left out.

    Raises:
        SettingsError: nothing is in it, or several of a kind, or something malformed.
    """
    if len(text) > LARGEST:
        raise SettingsError(f"{name} is too large", TAKES)
    values = _by_name(text)
    for key, value in _by_form(text).items():
        values.setdefault(key, [value])
    for key in given:
        values.pop(key, None)
    for key, several in values.items():
        if len(several) > 1 and key in POOLS:
            raise SettingsError(
                f"{name} has several: {label(key)} {printable(', '.join(several), 200)}",
                f"say which: {flag(key)} {several[0]}",
            )
    taken = {key: several[0] for key, several in values.items() if len(several) == 1}
    for key in POOLS:
        if key in taken and not is_well_formed(key, taken[key]):
            wrong = printable(taken[key], 80)
            raise SettingsError(
                f"{name}: {wrong} is no {label(key)}; it looks like {form(key).example}",
                f"give the right one: {flag(key)} {form(key).example}",
            )
    found = {key: value for key, value in taken.items() if is_well_formed(key, value)}
    if not any(key in POOLS for key in found) and not any(key in given for key in POOLS):
        raise SettingsError(f"{name} {_fault(text)}", TAKES)
    return found


def _fault(text: str) -> str:
    """Why nothing was found in a text."""
    if not text.strip():
        return "is empty"
    try:
        json.loads(text)
    except ValueError as error:
        words = (token[0] for token in TOKEN.finditer(text) if token.lastgroup != "skip")
        if next(words, "") not in SCRIPT:
            line = getattr(error, "lineno", 1)
            return f"is no JSON: line {line} is not as JSON has it"
    except RecursionError:
        return "is no file of ids"
    return "names no user pool"


def _by_name(text: str) -> dict[str, list[str]]:
    """The values under names that are known, each once."""
    values: dict[str, list[str]] = {}
    for path, value in _members(text):
        key = _key(path)
        value = id_of(key, value) if key else value  # noqa: PLW2901 - the id of its ARN
        if key is not None and value and value not in values.get(key, []):
            values.setdefault(key, []).append(value)
    return values


def _by_form(text: str) -> dict[str, str]:
    """What only its form shows, under names of somebody's own: where one value alone has it.

    CDK's outputs are called `AuthUserPoolIdC0605E59`, other people's `ClientId`.
    """
    seen: dict[str, set[str]] = {key: set() for key in POOLS}
    for path, value in _members(text):
        name = re.sub(r"[^a-z0-9]", "", path[-1].lower())
        for key in POOLS:
            fits = is_well_formed(key, value)
            if key == "cognito_client_id":  # it has next to no form
                fits = "client" in name and CLIENT_ID.fullmatch(value) is not None
            if fits:
                seen[key].add(value)
    return {key: found.pop() for key, found in seen.items() if len(found) == 1}


def _key(path: tuple[str, ...]) -> str | None:
    """The key that a value is for, by its name and by what it stands in; None for no key."""
    plain = [re.sub(r"[^a-z0-9]", "", name.lower()) for name in path]
    for around in plain[:-1]:
        if (around, plain[-1]) in INSIDE:
            return _known(INSIDE[around, plain[-1]])
    return _known(NAMES.get(plain[-1]))


def _known(key: str | None) -> str | None:
    return key if key in FORMS or key == REGION else None


def _members(text: str) -> Iterator[Found]:
    try:
        document = json.loads(text)
    except ValueError:
        return _of_javascript(text)
    except RecursionError:
        return iter(())
    return _of_json(document, (), DEEPEST)


def _of_json(document: object, path: tuple[str, ...], left: int) -> Iterator[Found]:
    """Every text in a document; an output counts by its name."""
    match document:
        case {"OutputKey": str(name), "OutputValue": str(value)}:
            yield (*path, name), value
        case {"value": str(value), "type": _}:  # of Terraform
            yield path, value
        case dict() if left:
            for name, inner in document.items():
                yield from _of_json(inner, (*path, str(name)), left - 1)
        case list() if left:
            for inner in document:
                yield from _of_json(inner, path, left - 1)
        case str() if path:
            yield path, document


def _of_javascript(text: str) -> Iterator[Found]:
    """Every member of an object that is a plain string; nothing is run."""
    path: list[str] = []
    before = name = ""  # what may be a name; the name whose value comes next
    for token in TOKEN.finditer(text):
        said = token[0]
        match token.lastgroup:
            case "skip":
                continue
            case "text":
                said = said[1:-1]
                if name:
                    yield (*path[-DEEPEST:], name), said
                before, name = said, ""
            case "word":
                before, name = said, ""
            case _:
                if said == "{":
                    path.append(name)
                elif said == "}":
                    del path[-1:]
                before, name = "", before if said == ":" else ""
