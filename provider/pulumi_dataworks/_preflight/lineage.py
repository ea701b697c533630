"""How the nodes of a declaration depend on one another, by the nodes above each."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from .._api.backend import Neighbour, Node
from .._declaration.nodes import sort_ids

#: Nodes that are not declared, looked at on the way up to the root, for one declaration.
MOST_OTHERS = 50

Parents = Callable[[str], list[Neighbour]]


@dataclass(frozen=True)
class Lineage:
    """What lies between the root and the declared nodes.

    ``unrelated`` are declared nodes that are not below the root. ``between`` are nodes that are
    left out, although they take from a node that runs and lead to one; ``fed`` are the nodes that
    run and take from them. ``complete`` is False where there was too much above to follow.
    """

    unrelated: list[str] = field(default_factory=list)
    between: list[Node] = field(default_factory=list)
    fed: list[str] = field(default_factory=list)
    complete: bool = True


def trace(root: str, running: Collection[str], dry: Collection[str], parents: Parents) -> Lineage:
    """Follows the declared nodes up to the root.

    :param running: the nodes that are to run; :param dry: those that are dry-run.
    """
    declared = {*running, *dry}
    above, complete = _climb(root, declared, parents)
    related = {node for node in declared if _leads_to({root}, node, above, through=above)}
    others = {one.node.id: one.node for found in above.values() for one in found}
    same_cycle = {
        node: [one for one in found if one.same_cycle]
        for node, found in above.items()
        if node not in declared
    }
    between = {
        node
        for node in others.keys() - declared - {root}
        if _leads_to(set(running), node, same_cycle, through=same_cycle)
    }
    fed = [
        node
        for node in sort_ids(running)
        if any(one.same_cycle and one.node.id in between for one in above.get(node, ()))
    ]
    wanted = _above_all(fed, above, between)
    return Lineage(
        unrelated=sort_ids(declared - related - {root}) if complete else [],
        between=[others[node] for node in sort_ids(wanted)],
        fed=fed,
        complete=complete,
    )


def _climb(
    root: str, declared: set[str], parents: Parents
) -> tuple[dict[str, list[Neighbour]], bool]:
    above: dict[str, list[Neighbour]] = {}
    complete = True
    others = 0
    queue = deque(sort_ids(declared - {root}))
    while queue:
        node = queue.popleft()
        if node in above or node == root:
            continue
        if node not in declared:
            if others == MOST_OTHERS:
                complete = False
                continue
            others += 1
        above[node] = parents(node)
        queue.extend(one.node.id for one in above[node] if one.node.id not in above)
    return above, complete


def _leads_to(
    goals: Collection[str],
    node: str,
    above: Mapping[str, Iterable[Neighbour]],
    through: Collection[str],
) -> bool:
    """Tells whether a way up from a node, through certain others, ends at one of the goals."""
    seen: set[str] = set()
    open_nodes = [node]
    while open_nodes:
        for one in above.get(open_nodes.pop(), ()):
            if one.node.id in goals:
                return True
            if one.node.id in through and one.node.id not in seen:
                seen.add(one.node.id)
                open_nodes.append(one.node.id)
    return node in goals


def _above_all(
    nodes: Iterable[str], above: Mapping[str, Iterable[Neighbour]], among: set[str]
) -> set[str]:
    found: set[str] = set()
    open_nodes = list(nodes)
    while open_nodes:
        for one in above.get(open_nodes.pop(), ()):
            if one.same_cycle and one.node.id in among and one.node.id not in found:
                found.add(one.node.id)
                open_nodes.append(one.node.id)
    return found
