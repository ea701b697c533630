"""How a value is refused: what is accepted, and what was given instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic_core import PydanticCustomError

_LONGEST_FACE = 60
#: Python refuses to write out integers of more than some thousand digits.
_LARGEST_SHOWN = 10**_LONGEST_FACE


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: the property's name in camelCase, and what is accepted."""

    property: str
    reason: str


def refusal(text: str) -> PydanticCustomError:
    """Makes the error of a validator. Its text is not a template: braces in it mean nothing."""
    return PydanticCustomError("dataworks", "{text}", {"text": text})


def face(value: Any) -> str:
    """Shows a value, shortened; of anything but text and numbers only its type."""
    if isinstance(value, int) and abs(value) > _LARGEST_SHOWN:
        return "a number without end"
    if not isinstance(value, (str, int, float)):
        return f"a {type(value).__name__}"
    if isinstance(value, str) and len(value) > _LONGEST_FACE:
        return f"{value[:_LONGEST_FACE]!r}..."
    return repr(value)
