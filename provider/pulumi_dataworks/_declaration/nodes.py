"""Node IDs: whole numbers of 64 bits, carried as text, in lists that sort as numbers do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pydantic_core import PydanticCustomError

from .refusals import face, refusal

LARGEST_ID = 2**63 - 1
#: The engine's numbers are doubles: below this, each whole number is one.
EXACT_AS_DOUBLE = 2**53
_DIGITS = re.compile(r"[0-9]{1,40}")
_ACCEPTED = f"a node ID, a whole number from 1 to {LARGEST_ID}, as an int or a string of digits"


def node_id(value: Any) -> str:
    """Gives the normal form of a node ID: digits without leading zeros.

    :raises PydanticCustomError: for anything that is no node ID.
    """
    number = _number(value)
    if number is None or not 1 <= number <= LARGEST_ID:
        raise refusal(f"must be {_ACCEPTED}; got {face(value)}")
    return str(number)


def node_ids(value: Any) -> list[str]:
    """Gives the normal form of a list of node IDs: each once, in numeric order.

    :param value: a list, a single ID, or the API's own form, a string with commas between the IDs.
    :raises PydanticCustomError: naming every item that is no node ID.
    """
    if isinstance(value, str):
        value = [piece.strip() for piece in value.split(",")] if value.strip() else []
    if isinstance(value, (int, float)):
        value = [value]
    if not isinstance(value, (list, tuple)):
        raise refusal(f"must be a list of node IDs; got {face(value)}")
    good, bad = set(), []
    for position, item in enumerate(value):
        try:
            good.add(node_id(item))
        except PydanticCustomError as error:
            bad.append(f"item {position + 1} {error.message()}")
    if bad:
        raise refusal("; ".join(bad))
    return sort_ids(good)


def sort_ids(ids: Iterable[str]) -> list[str]:
    """Sorts IDs as numbers."""
    return sorted(ids, key=int)


def _number(value: Any) -> int | None:
    if isinstance(value, float):
        return _whole(value)
    if isinstance(value, str):
        return int(value) if _DIGITS.fullmatch(value) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _whole(number: float) -> int:
    """A number that has been through the engine is a double, exact below 2^53 only."""
    if not number.is_integer():
        raise refusal(f"must be {_ACCEPTED}; got {number!r}")
    if abs(number) >= EXACT_AS_DOUBLE:
        raise refusal(f"must be a string of digits where it is 2^53 or more; got {number!r}")
    return int(number)
