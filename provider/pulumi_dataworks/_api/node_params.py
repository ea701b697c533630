"""The parameters of nodes, as both versions of the API take them."""

from __future__ import annotations

from collections.abc import Mapping


def node_param_texts(node_params: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Gives ``key=value key=value`` by node ID, in an order that no trip through a map changes."""
    return {
        node: " ".join(f"{key}={value}" for key, value in sorted(parameters.items()))
        for node, parameters in sorted(node_params.items(), key=lambda item: int(item[0]))
    }
