"""GetNode, ListNodes, GetNodeChildren, GetNodeParents."""

from __future__ import annotations

from collections.abc import Sequence

from ..._service import Body, Call
from ..._workspace import Node
from . import views
from .instances import matching, paging

_SAME_CYCLE = "0"


def get_node(call: Call) -> Body:
    """One node."""
    return {"Data": views.node(call.service, _named(call))}


def list_nodes(call: Call) -> Body:
    """The workspace's nodes by the documented filters, by ID."""
    form, service = call.form, call.service
    service.check_project(form.required_integer("ProjectId"))
    page, size = paging(form)
    nodes = matching(call, list(service.workspace.nodes_in(call.project_env())))
    kind = form.choice("SchedulerType", ("NORMAL", "PAUSE", "SKIP"))
    nodes = sorted(
        (node for node in nodes if kind in (None, node.scheduler_type)), key=lambda node: node.id
    )
    shown = [views.node(service, node) for node in nodes[(page - 1) * size : page * size]]
    data = {"PageNumber": page, "PageSize": size, "TotalCount": len(nodes), "Nodes": shown}
    return {"Data": data}


def get_node_children(call: Call) -> Body:
    """The nodes directly below a node."""
    return _neighbours(call, call.service.workspace.children(_named(call), call.project_env()))


def get_node_parents(call: Call) -> Body:
    """The nodes directly above a node."""
    return _neighbours(call, call.service.workspace.parents(_named(call), call.project_env()))


def _named(call: Call) -> Node:
    return call.service.node(call.form.required_integer("NodeId"), call.project_env())


def _neighbours(call: Call, nodes: Sequence[Node]) -> Body:
    shown = [{**views.neighbour(call.service, node), "StepType": _SAME_CYCLE} for node in nodes]
    return {"Data": {"Nodes": shown}}
