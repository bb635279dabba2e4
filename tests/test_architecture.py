"""The house: which module may import which, who has the effects, how long a file may be."""

import ast
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


MODULES = {module_name(file): ast.parse(file.read_text(), str(file)) for file in FILES}
# From the bottom to the top. A module imports from its own row or from those before it.
LAYERS = (
    ("values", "__init__ errors clock breaker record credentials app_client answer_shape"),
    (
        "flows",
        "flow delivery tokens srp device refusals refreshing attempt entry exchange managed_login",
    ),
    ("what pools publish", "discovery"),
    (
        "challenges",
        (
            "choice_challenges code_challenges custom_challenges device_challenges "
            "password_challenges setup_challenges"
        ),
    ),
    ("sign-ins", "challenges signin signup recovery probe"),
    ("settings", "forms settings line"),
    ("the debug log", "redaction debug"),
    ("session of the AWS tools", "aws_session"),
    (
        "edges",
        (
            "aws_config backend bounded connections translation token_endpoint cognito guest "
            "keychain lock qr secret_service signals state terminal totp"
        ),
    ),
    ("ways to endpoints", "routes"),
    ("the config file", "config_text config_editor difference shadowing"),
    ("edges to other programs", "command totp_command caller trial"),
    ("the browser", "browser loopback"),
    ("edges to people", "questions desktop askpass pinentry people browsing"),
    ("answers", "factors conversation preferences command_codes asked_once answers"),
    (
        "use cases",
        "advice notes performer session browser_way ways renewal enrolment browser_enrolment",
    ),
    ("changing profiles", "profile_plan configuring importing pool_check role_profiles verifying"),
    ("wiring", "program profile_maker standing"),
    ("words", "face parser layout profile_list report"),
    ("what checks are", "checks checks.finding checks.subject"),
    (
        "checks",
        (
            "checks.app_client checks.breaker checks.caller checks.commands checks.config_file "
            "checks.config_line checks.identity_pool checks.interpreter checks.keyring "
            "checks.lock checks.machine_clock checks.network checks.run checks.sdks "
            "checks.shadowing checks.sign_in_page checks.state checks.stored checks.user_pool"
        ),
    ),
    ("examination", "examination diagnosis"),
    (
        "commands",
        (
            "commands commands.configure commands.doctor commands.login commands.logout "
            "commands.status"
        ),
    ),
    ("entry points", "helper hit cli enroll run"),
)
# Who may touch what lies outside; one edge for each, and `keychain` for keyring's errors.
EFFECTS = {
    "boto3": set[str](),
    "botocore": {
        *("aws_config", "aws_session", "cognito", "routes", "token_endpoint", "translation")
    },
    "filelock": {"lock"},
    "keyring": {"backend", "guest", "keychain"},
    "platformdirs": {"state"},
    "pyotp": {"totp"},
    "segno": {"qr"},
    "subprocess": {"command", "helper", "trial"},
    "argparse": {"parser", "cli", "enroll"},
    "signal": {"signals", "face", "command", "trial"},
    "termios": {"terminal"},
    "tempfile": {"config_editor", "state"},
    "http": {"loopback"},
    "socket": {"loopback", "routes"},
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
                if module in {
                    "cognito_credproc",
                    "cognito_credproc.checks",
                    "cognito_credproc.commands",
                }:
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


def test_every_module_has_its_layer() -> None:
    listed = [module for _, modules in LAYERS for module in modules.split()]
    assert sorted(listed) == sorted(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_down(module: str) -> None:
    rows = [modules.split() for _, modules in LAYERS]
    row = next(number for number, modules in enumerate(rows) if module in modules)
    allowed = {name for modules in rows[: row + 1] for name in modules}
    assert ours(module, lazy=True) <= allowed


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
    for name, modules in LAYERS[:4]:
        for module in modules.split():
            names = {found.name for found in imports(MODULES[module])} - {"urllib.parse"}
            assert {found.split(".")[0] for found in names} <= allowed, (name, module)


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
        assert ("stderr" in calls) == (module in {"face", "hit"}), module
