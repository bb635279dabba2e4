"""Whether an answer is of the types that the service's model promises.

botocore hands a JSON value on as it came: where the model says text, a number or a list may stand.
The flows may rely on the model, so an answer that does not keep to it ends where it comes in.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "timestamp": (datetime,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "blob": (bytes,),
}


def keeps_to(shape: Any, value: object) -> bool:
    """Whether a parsed value is what a shape of `botocore.model` says; None is nothing at all."""
    match shape.type_name:
        case "structure":
            return isinstance(value, Mapping) and all(
                keeps_to(member, value[name])
                for name, member in shape.members.items()
                if value.get(name) is not None
            )
        case "map":
            return isinstance(value, Mapping) and all(
                isinstance(name, str) and keeps_to(shape.value, inner)
                for name, inner in value.items()
            )
        case "list":
            return isinstance(value, list) and all(keeps_to(shape.member, each) for each in value)
        case kind:
            # A truth value is a number to Python, and is none in JSON.
            return isinstance(value, TYPES[kind]) and isinstance(value, bool) == (kind == "boolean")
