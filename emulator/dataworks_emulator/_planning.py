"""From the parameters of a launch to its DAGs and instances, without any state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from . import _errors as errors
from ._calendar import Slot, Window, slots
from ._workspace import Node, Workspace


@dataclass(frozen=True)
class LaunchRequest:
    """What a launch was asked for. ``dates`` stand in the order in which they run."""

    project_env: str
    name: str
    roots: tuple[int, ...]
    include: frozenset[int]
    exclude: frozenset[int]
    dates: tuple[date, ...]
    window: Window | None = None
    parallelism: bool = False
    concurrent_runs: int | None = None
    node_params: Mapping[int, str] = field(default_factory=dict)
    start_future: bool = False


@dataclass(frozen=True)
class PlannedInstance:
    """An instance to come; ``cycle_time`` in milliseconds since 1970 UTC."""

    node: Node
    cycle_time: int
    task_type: str


@dataclass(frozen=True)
class PlannedDag:
    """One business date. DAGs of the same lane run one after the other."""

    business_date: date
    lane: int
    instances: tuple[PlannedInstance, ...]


@dataclass(frozen=True)
class Plan:
    """All of a launch. ``graph`` maps each node to the nodes that it waits for."""

    dags: tuple[PlannedDag, ...]
    graph: Mapping[int, tuple[int, ...]]


def plan(request: LaunchRequest, workspace: Workspace, *, refuse_unrelated: bool = True) -> Plan:
    """Works out what a launch runs, or raises the BusinessError that it gets instead."""
    if request.window is not None and request.window.begin >= request.window.end:
        raise errors.empty_interval()
    nodes = _nodes(request, workspace, refuse=refuse_unrelated)
    lanes = lane_count(
        len(request.dates),
        parallelism=request.parallelism,
        concurrent_runs=request.concurrent_runs,
    )
    dags = tuple(
        PlannedDag(day, index % lanes, tuple(_instances(nodes, day, request, workspace)))
        for index, day in enumerate(request.dates)
    )
    _refuse_emptiness(dags, request)
    graph = {node.id: _waits_for(node, nodes, request, workspace) for node in nodes.values()}
    return Plan(dags, graph)


def lane_count(dates: int, *, parallelism: bool, concurrent_runs: int | None) -> int:
    """How many dates run at once: 1 when serial; else the groups, never more than dates.

    Without a number of groups parallel dates are not limited. With serial dates ConcurrentRuns
    has no documented meaning and is ignored.
    """
    if not parallelism:
        return 1
    return min(dates, concurrent_runs or dates)


def _nodes(request: LaunchRequest, workspace: Workspace, *, refuse: bool) -> dict[int, Node]:
    env = request.project_env
    related: set[int] = set()
    for root_id in request.roots:
        root = workspace.node(root_id, env)
        if root is None:
            raise errors.node_not_found(root_id, env)
        related |= workspace.descendants(root, env) | {root.id}
    nodes: dict[int, Node] = {}
    for node_id in sorted(request.include | request.exclude):
        node = workspace.node(node_id, env)
        if node is None:
            raise errors.node_not_found(node_id, env)
        if refuse and node_id not in related:
            raise errors.not_a_descendant(node_id, request.roots)
        nodes[node_id] = node
    return nodes


def _instances(
    nodes: Mapping[int, Node], day: date, request: LaunchRequest, workspace: Workspace
) -> list[PlannedInstance]:
    return [
        PlannedInstance(
            node, slot.cycle_time, task_type(node, slot, excluded=node.id in request.exclude)
        )
        for node in nodes.values()
        for slot in slots(node.cron, day, request.window, workspace.project.zone)
    ]


def task_type(node: Node, slot: Slot, *, excluded: bool) -> str:
    """How an instance is scheduled: excluded and off-cycle ones are dry-runs."""
    if excluded:
        return "SKIP_UNCHOOSE"
    if node.scheduler_type == "NORMAL" and not slot.on_cycle:
        return "SKIP_CYCLE"
    return node.scheduler_type


def _refuse_emptiness(dags: tuple[PlannedDag, ...], request: LaunchRequest) -> None:
    present = {instance.node.id for dag in dags for instance in dag.instances}
    wanted = [root for root in request.roots if root in request.include and root not in present]
    if not present or wanted:
        raise errors.root_not_generated((wanted or list(request.roots))[0])


def _waits_for(
    node: Node, chosen: Mapping[int, Node], request: LaunchRequest, workspace: Workspace
) -> tuple[int, ...]:
    # A node that does not run passes the dependency on, so that order holds across it.
    found: set[int] = set()
    seen: set[int] = set()
    open_nodes = [node]
    while open_nodes:
        for parent in workspace.parents(open_nodes.pop(), request.project_env):
            if parent.id in chosen:
                found.add(parent.id)
            elif parent.id not in seen:
                seen.add(parent.id)
                open_nodes.append(parent)
    return tuple(sorted(found))
