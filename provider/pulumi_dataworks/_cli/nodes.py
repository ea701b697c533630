"""Find nodes of the workspace by name, and print their IDs with their names as comments.

The lines are ready to paste into a program, with --yaml into the config of a stack. The exit code
is 1 where there is no such node.
"""

from __future__ import annotations

import argparse
import sys
from collections import deque
from collections.abc import Sequence
from typing import Any

from .._api.backend import Node, Workspace
from .._exceptions import SettingsError
from .._preflight.catches import tell_schedule
from .._run import Run
from .screen import show_json
from .stack import add_place_arguments, read_config

#: Each takes a call, and calls have a limit: these take minutes.
MOST_DESCENDANTS = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's own options."""
    add_place_arguments(parser)
    parser.add_argument("name", metavar="NAME", help="a node's name, or a part of it")
    parser.add_argument("--env", choices=("PROD", "DEV"), default="PROD", help="default: PROD")
    parser.add_argument(
        "--descendants",
        action="store_true",
        help="and all nodes below, of a node that is named exactly so if there is one",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--yaml", action="store_true", help="as a list of YAML")
    form.add_argument("--json", action="store_true", help="as JSON, for other programs")


def run(options: argparse.Namespace) -> int:
    """Prints the nodes, those that are found before those below them."""
    api = Run(read_config(options))
    project_id = api.settings().project_id
    if project_id is None:
        raise SettingsError(
            "dataworks:projectId is missing: nodes are looked for in a workspace. "
            "Set it: pulumi config set dataworks:projectId 10001"
        )
    workspace = api.workspace()
    found = _named(workspace, options.env, project_id, options.name)
    if not found:
        where = f"{options.env} of workspace {project_id}"
        print(f"No node of {where} has {options.name!r} in its name.", file=sys.stderr)
        return 1
    if options.descendants:
        exact = [node for node in found if node.name == options.name]
        found = _with_descendants(workspace, options.env, exact or found)
    if options.json:
        show_json([_as_json(node) for node in found])
    else:
        print("\n".join(_line(node, yaml=options.yaml) for node in found))
    return 0


def _named(workspace: Workspace, environment: str, project_id: str, name: str) -> list[Node]:
    """Finds nodes by a part of their names, in any case.

    Whether the API's own filter takes parts, its documents do not say. It is asked where the
    listing has none: a long one is cut.
    """
    wanted = name.lower()
    every = workspace.nodes(environment, project_id)
    found = [node for node in every if wanted in node.name.lower()]
    return found or workspace.nodes(environment, project_id, name)


def _with_descendants(workspace: Workspace, environment: str, roots: Sequence[Node]) -> list[Node]:
    """Gives nodes and all below them, each once, the nearer ones first."""
    found = {node.id: node for node in roots}
    waiting = deque(found)
    while waiting:
        for child in workspace.children(environment, waiting.popleft()):
            if child.node.id in found:
                continue
            if len(found) - len(roots) == MOST_DESCENDANTS:
                print(f"More than {MOST_DESCENDANTS} below: not all are shown.", file=sys.stderr)
                return list(found.values())
            found[child.node.id] = child.node
            waiting.append(child.node.id)
    return list(found.values())


def _line(node: Node, *, yaml: bool) -> str:
    name = " ".join(node.name.split())
    remark = "" if node.kind == "NORMAL" else f", {node.kind}"
    comment = f"# {name}{remark}, {tell_schedule(node)}"
    return f"- {node.id}  {comment}" if yaml else f"{node.id},  {comment}"


def _as_json(node: Node) -> dict[str, Any]:
    return {
        "id": node.id,
        "name": node.name,
        "owner": node.owner,
        "schedule": node.cron,
        "kind": node.kind,
    }
