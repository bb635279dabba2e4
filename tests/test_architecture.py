"""The house: which module may import which, who has the effects, how long a file may be."""

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

import cognito_credproc

PACKAGE = Path(cognito_credproc.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))


def module_name(file: Path) -> str:
    """`commands.login` for `commands/login.py`; the package itself is `__init__`."""
    name = ".".join(file.relative_to(PACKAGE).with_suffix("").parts)
    return name.removesuffix(".__init__")


PACKAGES = {
    ".".join(file.parent.relative_to(PACKAGE).parts) for file in FILES if file.stem == "__init__"
}
MODULES = {module_name(file): ast.parse(file.read_text(), str(file)) for file in FILES}
# The rooms, from the bottom to the top, as CONTRIBUTING.md describes them. A module imports from
# its own room or from those below it.
ROOMS = (
    "the hit",
    "values",
    "flows",
    "process",
    "settings",
    "aws",
    "people",
    "storage",
    "answers",
    "use_cases",
    "profiles",
    "words",
    "checks",
    "commands",
    "the entry points",
)
WITHOUT_A_ROOM = {
    **dict.fromkeys(("__init__", "record", "secret_service"), "the hit"),
    **dict.fromkeys(("hit", "run", "helper", "cli", "enroll"), "the entry points"),
}
# Who may touch what lies outside; one edge for each, and `keychain` for keyring's errors.
EFFECTS = {
    "boto3": set[str](),
    "botocore": {
        *(
            "settings.aws_config",
            "aws.aws_session",
            "aws.cognito",
            "aws.connections",
            "aws.routes",
            "aws.federation",
            "aws.token_endpoint",
            "aws.web",
            "aws.translation",
        )
    },
    "filelock": {"storage.lock"},
    "keyring": {"storage.backend", "storage.guest", "storage.keychain"},
    "platformdirs": {"storage.state"},
    "pyotp": {"answers.totp"},
    "segno": {"people.qr"},
    "shtab": {"words.completion"},
    "subprocess": {"process.command", "helper", "checks.trial"},
    "argparse": {"words.completion", "words.help_pages", "words.parser", "cli", "enroll"},
    "signal": {
        "process.signals",
        "words.face",
        "process.command",
        "process.foreground",
        "checks.trial",
    },
    "termios": {"people.terminal"},
    "tempfile": {"profiles.config_editor", "storage.secret_file", "storage.state"},
    "http": {"people.loopback_server"},
    "socket": {"people.loopback", "aws.routes"},
    "webbrowser": set[str](),  # see `browser`
    "_socket": {"secret_service"},
}
LONGEST = 260  # lines
LONGER = {"secret_service": 300}  # one protocol, in one file that imports nothing


class Import(NamedTuple):
    """One import: `lazy` inside a function or for type checkers alone."""

    name: str
    lazy: bool


def imports(tree: ast.AST, *, lazy: bool = False) -> Iterator[Import]:
    """Everything that a module imports, wherever it does."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.Import(names=names):
                yield from (Import(alias.name, lazy) for alias in names)
            case ast.ImportFrom(module=str(module), names=names):
                if module.removeprefix("cognito_credproc").removeprefix(".") in PACKAGES:
                    # Either a submodule, or a name of the package itself.
                    folder = f"{module}.".removeprefix("cognito_credproc.")
                    yield from (
                        Import(
                            f"{module}.{alias.name}"
                            if f"{folder}{alias.name}" in MODULES
                            else module,
                            lazy,
                        )
                        for alias in names
                    )
                else:
                    yield Import(module, lazy)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from imports(node, lazy=True)
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                yield from imports(node, lazy=True)
            case _:
                yield from imports(node, lazy=lazy)


def ours(module: str, *, lazy: bool) -> set[str]:
    """The modules of this package that a module imports."""
    found = set()
    for name, is_lazy in imports(MODULES[module]):
        top, _, rest = name.partition(".")
        if top == "cognito_credproc" and (lazy or not is_lazy):
            found.add(rest or "__init__")
    return found


def room(module: str) -> str:
    """The room that a module is in: its folder, for nearly all."""
    return WITHOUT_A_ROOM.get(module) or module.partition(".")[0]


def test_every_module_has_its_room() -> None:
    assert {room(module) for module in MODULES} == set(ROOMS)


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_down(module: str) -> None:
    allowed = set(ROOMS[: ROOMS.index(room(module)) + 1])
    above = {other for other in ours(module, lazy=True) if room(other) not in allowed}
    assert above == set()


def test_imports_go_round_in_no_circle() -> None:
    graph = {module: ours(module, lazy=False) for module in MODULES}
    assert list(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("outside", EFFECTS)
def test_one_importer_an_effect(outside: str) -> None:
    importers = {
        module
        for module, tree in MODULES.items()
        if any(found.name.split(".")[0] == outside for found in imports(tree))
    }
    assert importers <= EFFECTS[outside]


def test_flows_know_no_effect() -> None:
    """No network, no files, no processes, no terminal: a test drives them by hand."""
    allowed = {"base64", "binascii", "collections", "dataclasses", "datetime", "enum", "hashlib"}
    allowed |= {"hmac", "json", "secrets", "time", "typing", "contextlib", "cognito_credproc", "os"}
    allowed |= {"re", "math"}
    for module, tree in MODULES.items():
        if room(module) in {"values", "flows"}:
            names = {found.name for found in imports(tree)} - {"urllib.parse"}
            assert {found.split(".")[0] for found in names} <= allowed, module


def test_a_hit_imports_next_to_nothing() -> None:
    for module in ("hit", "record", "secret_service"):
        eager = {found.name for found in imports(MODULES[module]) if not found.lazy}
        assert eager <= {"sys", "time", "posix", "_socket", "cognito_credproc.record"}, module


@pytest.mark.parametrize("file", FILES, ids=module_name)
def test_files_are_short(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= LONGER.get(module_name(file), LONGEST)


def public(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    """Public functions and classes, and the public methods of those classes."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node)


@pytest.mark.parametrize("module", MODULES)
def test_what_is_public_is_explained(module: str) -> None:
    tree = MODULES[module]
    assert ast.get_docstring(tree), "the first sentence says what the module owns"
    assert [node.name for node in public(tree) if not ast.get_docstring(node)] == []


def test_errors_become_words_in_one_place() -> None:
    """Standard error is written by `face`, and by `hit`, which has not loaded it."""
    for module, tree in MODULES.items():
        calls = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert ("stderr" in calls) == (module in {"words.face", "hit"}), module


# These are always last words; of the others, `advice` and the callers know what mends them.
LAST_WORDS = {"UsageError", "SettingsError", "PersonNeededError", "CancelledError", "complain"}


@pytest.mark.parametrize("module", MODULES)
def test_what_failed_comes_with_what_mends_it(module: str) -> None:
    calls = [node for node in ast.walk(MODULES[module]) if isinstance(node, ast.Call)]
    last = [call for call in calls if getattr(call.func, "id", "") in LAST_WORDS]
    bare = [ast.unparse(call) for call in last if len(call.args) + len(call.keywords) < 2]
    assert [words for words in bare if words != "complain('interrupted')"] == []


def test_contributing_names_every_room() -> None:
    guide = (PACKAGE.parent / "CONTRIBUTING.md").read_text("utf-8")
    named = set(
        re.findall(r"`([\w./*]+)`", "".join(re.findall(r"^\| `.*? \|", guide, re.MULTILINE)))
    )
    tests = {file.parent for file in (PACKAGE.parent / "tests").glob("*/*") if file.is_file()}
    folders = {f"tests/{folder.name}/" for folder in tests if folder.name != "__pycache__"}
    rooms = {f"{name}/" for name in PACKAGES if name != "" and "." not in name}
    assert folders | rooms <= named
    files = {f"{name}.py" for name in WITHOUT_A_ROOM if name != "__init__"}
    assert all(f"`{name}`" in guide for name in files)
