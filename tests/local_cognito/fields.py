"""Reading a request: required and optional members, with the service model's limits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.local_cognito.errors import ServiceError, invalid_parameter

if TYPE_CHECKING:
    from collections.abc import Mapping

TOKEN = r"[A-Za-z0-9\-_=.]+"
CLIENT_ID = r"[\w+]+"
DEVICE_KEY = r"[\w-]+_[0-9a-f-]+"
IDENTITY_ID = r"[\w-]+:[0-9a-f-]+"

Answer = dict[str, object]


class Fields:
    """One request's JSON object.

    The limits are those of botocore's service models. botocore checks only the
    lower bounds itself; the service checks all of them, and so does this.
    """

    def __init__(self, members: Mapping[str, object]) -> None:
        self._members = members

    def optional(self, name: str, *, low: int = 0, high: int = 131_072, form: str = "") -> str:
        """The text of `name`, or "" where it is absent.

        Raises:
            ServiceError: it is not text (SerializationException), its length is
                outside low..high, or it does not match `form`.
        """
        value = self._members.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise _serialization(name, "String")
        if not low <= len(value) <= high:
            raise _constraint(name, f"Member must have length between {low} and {high}")
        if form and not re.fullmatch(form, value):
            raise _constraint(name, f"Member must satisfy regular expression pattern: {form}")
        return value

    def text(self, name: str, *, low: int = 1, high: int = 131_072, form: str = "") -> str:
        """As `optional`, but absence is refused too."""
        value = self.optional(name, low=low, high=high, form=form)
        if not value:
            raise _constraint(name, "Member must not be null")
        return value

    def flag(self, name: str) -> bool | None:
        """A boolean, or None where it is absent."""
        value = self._members.get(name)
        if value is None or isinstance(value, bool):
            return value
        raise _serialization(name, "Boolean")

    def strings(self, name: str, *, most: int = 1_000) -> dict[str, str]:
        """A map of string to string; {} where it is absent."""
        value = self._members.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise _serialization(name, "Map")
        if len(value) > most:
            raise _constraint(name, f"Member must have length less than or equal to {most}")
        for key, text in value.items():
            if not isinstance(text, str):
                raise _serialization(f"{name}.{key}", "String")
        return dict(value)

    def inner(self, name: str) -> Fields | None:
        """A structure inside this one, or None where it is absent."""
        value = self._members.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise _serialization(name, "Structure")
        return Fields(value)

    def attributes(self, name: str) -> dict[str, str]:
        """A list of {Name, Value} as a mapping; {} where it is absent."""
        value = self._members.get(name)
        if value is None:
            return {}
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise _serialization(name, "List")
        rows = [Fields(item) for item in value]
        return {row.text("Name", high=32): row.optional("Value", high=2_048) for row in rows}


def required(parameters: Mapping[str, str], name: str) -> str:
    """A member of AuthParameters or ChallengeResponses that the flow cannot do without."""
    value = parameters.get(name, "")
    if not value:
        raise invalid_parameter(f"Missing required parameter {name}")
    return value


def _constraint(name: str, text: str) -> ServiceError:
    where = name[:1].lower() + name[1:]
    return invalid_parameter(
        f"1 validation error detected: Value at '{where}' failed to satisfy constraint: {text}"
    )


def _serialization(name: str, wanted: str) -> ServiceError:
    return ServiceError("SerializationException", f"{name} can not be converted to a {wanted}")
