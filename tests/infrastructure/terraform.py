"""The Terraform example as HashiCorp's own parser reads it."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from tests.infrastructure.template import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FOLDER = ROOT / "examples" / "terraform"
HCL = ROOT / "tests" / "infrastructure" / "hcl"
PROVIDER = json.loads((HCL.parent / "aws-provider.json").read_text("utf-8"))["types"]
META = {"count", "for_each", "lifecycle"}


@cache
def files() -> dict[str, dict[str, Any]]:
    """Each file's `formatted` text and `content`, by its path below the project."""
    node = shutil.which("node")
    if node is None or not (HCL / "node_modules").is_dir():
        pytest.skip("not installed: Node.js, or the packages of tests/infrastructure/hcl (npm ci)")
    paths = sorted(str(path) for path in (ROOT / "examples").rglob("*.tf"))
    printed = subprocess.run(
        [node, str(HCL / "read.mjs"), *paths], capture_output=True, text=True, check=True
    )
    found: dict[str, dict[str, Any]] = json.loads(printed.stdout)
    return found


def blocks(kind: str) -> dict[str, Any]:
    """All blocks of a kind in the example, by their names, or by type and name."""
    found: dict[str, Any] = {}
    for path, file in files().items():
        if path.startswith(str(FOLDER)):
            for name, inner in file["content"].get(kind, {}).items():
                if isinstance(inner, dict):
                    found.setdefault(name, {}).update(inner)
                else:
                    found[name] = inner
    return found


def local_values() -> dict[str, Any]:
    """The values of `locals`."""
    bodies = [body for file in files().values() for body in file["content"].get("locals", [])]
    return {name: value for body in bodies for name, value in body.items()}


def resources() -> dict[str, Any]:
    """The resources by address."""
    return {
        f"{kind}.{name}": body[0]
        for kind, named in blocks("resource").items()
        for name, body in named.items()
    }


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value with its path. A list of one object is no step, nor is a dynamic block."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
        yield from leaves(value[0], path)
    elif isinstance(value, dict) and not is_function(value):
        for key, inner in value.items():
            name = "" if key in {"dynamic", "content"} else f".{key}"
            yield from leaves(inner, f"{path}{name}")
    else:
        yield path, value


def is_function(value: Mapping[str, Any]) -> bool:
    """Whether this is one of CloudFormation's functions."""
    return len(value) == 1 and next(iter(value)).startswith(("Ref", "Fn::"))


def unknown(body: Mapping[str, Any], shape: Mapping[str, Any], where: str) -> list[str]:
    """The arguments that the provider does not have, and those that it misses."""
    inside = {
        **body,
        **{name: made[0]["content"] for name, made in body.get("dynamic", {}).items()},
    }
    given = set(inside) - META - {"dynamic"}
    nested = shape.get("blocks", {})
    known = {*shape.get("required", []), *shape.get("optional", []), *nested}
    wrong = [f"{where}: unknown {name}" for name in sorted(given - known)]
    wrong += [f"{where}: missing {name}" for name in sorted({*shape.get("required", [])} - given)]
    for name in sorted(given & set(nested)):
        for inner in inside[name]:
            wrong += unknown(inner, nested[name], f"{where}.{name}")
    return wrong
