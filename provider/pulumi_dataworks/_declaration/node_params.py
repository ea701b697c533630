"""The input nodeParams: parameters by node, from maps or from text like ``key=value``."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from pydantic_core import PydanticCustomError

from .nodes import EXACT_AS_DOUBLE, node_id
from .refusals import refusal


def params_by_node(value: Any) -> dict[str, dict[str, str]]:
    """Brings parameters by node into their normal form.

    Never tells a value in what it refuses: it may be a secret.
    """
    if not isinstance(value, Mapping):
        raise refusal("must be a map from node ID to its parameters")
    result: dict[str, dict[str, str]] = {}
    bad: list[str] = []
    for key, parameters in value.items():
        try:
            node = node_id(key)
            if node in result:
                raise refusal(f"names node {node} twice")
            result[node] = _parameters(node, parameters)
        except PydanticCustomError as error:
            bad.append(error.message())
    if bad:
        raise refusal("; ".join(bad))
    return {node: result[node] for node in sorted(result, key=int)}


def _parameters(node: str, value: Any) -> dict[str, str]:
    if isinstance(value, str):
        pairs = [piece.partition("=") for piece in value.split()]
        if any(not separator for _, separator, _ in pairs):
            raise refusal(f"of node {node} must be text like 'key=value key=value', or a map")
        value = {key: item for key, _, item in pairs}
        if len(value) < len(pairs):
            raise refusal(f"of node {node} names a parameter twice")
    if not isinstance(value, Mapping) or not value:
        raise refusal(f"of node {node} must be a map with at least one parameter, or such a text")
    texts = {str(key): _parameter(node, str(key), item) for key, item in value.items()}
    return dict(sorted(texts.items()))


def _parameter(node: str, key: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise refusal(f"of node {node}: {key} must be text or a number")
    text = _number_text(node, key, value) if isinstance(value, float) else str(value)
    if not key or "=" in key or re.search(r"\s", key):
        raise refusal(f"of node {node}: a parameter's name must hold no white space and no '='")
    if re.search(r"\s", text):
        raise refusal(f"of node {node}: {key} must hold no white space: DataWorks splits there")
    return text


def _number_text(node: str, key: str, value: float) -> str:
    """A number that has been through the engine is a double, exact below 2^53 only."""
    if not math.isfinite(value):
        raise refusal(f"of node {node}: {key} must be text or a number")
    if abs(value) >= EXACT_AS_DOUBLE:
        raise refusal(f"of node {node}: {key} must be text where it is 2^53 or more")
    return str(int(value) if value.is_integer() else value)
