"""A stand-in for resources of a cloud provider, such as those of pulumi-alicloud.

Their IDs are outputs: not known in a preview of what is yet to be made. Here they come from a
dynamic resource, so that the example needs no cloud.
"""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

_IDS = {"ods_trade_order_di": 74324, "dwd_trade_order_di": 74325}


class _Provider(ResourceProvider):
    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> CreateResult:
        node_id = str(_IDS[props["table"]])
        return CreateResult(node_id, {**props, "node_id": node_id})


class Node(Resource, module="warehouse", name="Node"):
    """A scheduled node that fills a table."""

    node_id: pulumi.Output[str]

    def __init__(self, name: str, table: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(_Provider(), name, {"table": table, "node_id": None}, opts)
