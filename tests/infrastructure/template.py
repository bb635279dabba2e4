"""The CloudFormation example, and its properties with parameters and names put in."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cfnlint.decode import cfn_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT = Path(__file__).resolve().parent.parent.parent
FILE = ROOT / "examples" / "cloudformation" / "team.yaml"
PSEUDO = {"AWS::Partition": "aws"}
_ABSENT = object()


@cache
def document() -> dict[str, Any]:
    """The template with its functions in the long form."""
    found: dict[str, Any] = _plain(cfn_yaml.load(str(FILE)))
    return found


def _plain(value: Any) -> Any:
    """Without the places that cfn-lint notes of every value."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, str) else value


@dataclass
class Template:
    """The template as it is deployed with some parameters.

    `names` says what Ref and GetAtt give of resources, such as `UserPool` and `UserPool.Arn`, and
    of pseudo parameters; without it they give their own names.
    """

    given: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def parameters(self) -> dict[str, str]:
        """Every parameter's value, as text."""
        all_of_them = document()["Parameters"]
        assert set(self.given) <= set(all_of_them)
        defaults = {name: str(found["Default"]) for name, found in all_of_them.items()}
        return {**defaults, **self.given}

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        """The resources that come to be: type and properties."""
        return {
            name: {"Type": found["Type"], "Properties": self.value(found["Properties"])}
            for name, found in document()["Resources"].items()
            if "Condition" not in found or self.condition(found["Condition"])
        }

    def properties(self, name: str) -> Any:
        """The properties of a resource."""
        return self.resources[name]["Properties"]

    def condition(self, name: str) -> bool:
        """Whether a condition holds."""
        return bool(self.value(document()["Conditions"][name]))

    def value(self, found: Any) -> Any:
        """A value with its functions carried out."""
        if isinstance(found, list):
            items = [self.value(inner) for inner in found]
            return [item for item in items if item is not _ABSENT]
        if not isinstance(found, dict):
            return found
        if len(found) == 1:
            ((function, argument),) = found.items()
            if function == "Ref" or function.startswith("Fn::"):
                return self._functions[function](argument)
        values = {key: self.value(inner) for key, inner in found.items()}
        return {key: value for key, value in values.items() if value is not _ABSENT}

    @property
    def _functions(self) -> dict[str, Callable[[Any], Any]]:
        return {
            "Ref": self._referred,
            "Fn::GetAtt": lambda path: self._named(".".join(path)),
            "Fn::Sub": self._substituted,
            "Fn::If": lambda given: self.value(given[1 if self.condition(given[0]) else 2]),
            "Fn::Equals": lambda pair: self.value(pair[0]) == self.value(pair[1]),
            "Fn::Not": lambda one: not self.value(one[0]),
            "Fn::Join": lambda given: given[0].join(self.value(given[1])),
        }

    def _substituted(self, given: str | list[Any]) -> Any:
        """The text with its names replaced; a policy that is written as text is read."""
        text, own = given if isinstance(given, list) else (given, {})
        values = {name: self.value(inner) for name, inner in own.items()}
        made = re.sub(r"\$\{([\w.:]+)\}", lambda m: values.get(m[1]) or self._named(m[1]), text)
        return json.loads(made) if made.startswith("{") else made

    def _named(self, name: str) -> Any:
        return self.names.get(name, name) if "." in name else self._referred(name)

    def _referred(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return _ABSENT
        if name in self.parameters:
            value = self.parameters[name]
            is_list = document()["Parameters"][name]["Type"] == "CommaDelimitedList"
            return value.split(",") if is_list else value
        return self.names.get(name, PSEUDO.get(name, name))
