"""Turns a value as a person writes it into one that can travel through the engine.

Hardly anything is judged here: a value of the wrong type keeps its face (``5.0`` stays "5.0"), and
is refused by the check, which names the property.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Mapping, Sequence, Set, ValuesView
from decimal import Decimal
from enum import Enum
from typing import Any

import pulumi
from pulumi.output import contains_unknowns

from .._exceptions import DeclarationError

#: The properties whose numbers are IDs: the engine's numbers are doubles, so IDs travel as text.
ID_PROPERTIES = ("rootNodeId", "includeNodeIds", "excludeNodeIds", "adoptDagId")

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def to_input(name: str, value: Any) -> Any:
    """Makes one input of a resource fit for the engine, now or when its Output is known.

    :param name: the property's name, in camelCase.
    :param value: what the program gave, an Output or a structure that holds some included.
    """
    if _holds_output(value):
        return pulumi.Output.from_input(_opened(value)).apply(lambda known: _plain(name, known))
    return _plain(name, value)


def _plain(name: str, value: Any) -> Any:
    if contains_unknowns(value):
        return value
    if name in ID_PROPERTIES:
        return _id_text(value)
    if name == "nodeParams":
        return _texts(value)
    return _json_like(value)


def _id_text(value: Any) -> Any:
    if isinstance(value, Enum):
        return _id_text(value.value)
    if isinstance(value, (int, float)):
        return str(value)
    if _is_collection(value):
        return [_id_text(item) for item in value]
    return _json_like(value)


def _texts(value: Any) -> Any:
    """Node parameters are text for DataWorks: numbers become it while they are still exact."""
    if isinstance(value, Enum):
        return _texts(value.value)
    if isinstance(value, Mapping):
        return {_key(key): _texts(item) for key, item in value.items()}
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return str(value)
    return _json_like(value)


def _json_like(value: Any) -> Any:
    if isinstance(value, Enum):
        return _json_like(value.value)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {_key(key): _json_like(item) for key, item in value.items()}
    if isinstance(value, Set):
        return sorted((_json_like(item) for item in value), key=repr)
    if _is_collection(value):
        return [_json_like(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # JSON has none of these
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53:
        return str(value)
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    return _lasting_text(value)


def _is_collection(value: Any) -> bool:
    return isinstance(value, (Sequence, Set, ValuesView)) and not isinstance(
        value, (str, bytes, bytearray)
    )


def _key(value: Any) -> str:
    return str(value.value if isinstance(value, Enum) else value)


def _lasting_text(value: Any) -> str:
    """The text of any object, unless it differs from run to run: each `up` would launch again."""
    text = str(value)
    if _ADDRESS.search(text):
        raise DeclarationError(
            f"a {type(value).__name__} can't be an input: its text holds its place in memory, "
            "which is another in each run. Give what it holds"
        )
    return text


def _holds_output(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_holds_output(item) for pair in value.items() for item in pair)
    if _is_collection(value):
        return any(_holds_output(item) for item in value)
    return isinstance(value, pulumi.Output) or hasattr(value, "__await__")


def _opened(value: Any) -> Any:
    """Turns containers into those in which the SDK finds Outputs: lists, dicts with text keys."""
    if isinstance(value, Mapping):
        return {
            key.apply(str) if isinstance(key, pulumi.Output) else _key(key): _opened(item)
            for key, item in value.items()
        }
    if _is_collection(value):
        return [_opened(item) for item in value]
    return value
