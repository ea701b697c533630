"""Print the logs of the instances of a stack's backfills that failed.

By default the last lines of each; takes no lock of the stack. With --json the instances and their
whole logs. The exit code is 0 whether or not any failed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from .._api.backend import Handle, Instance
from .._follow.culprits import masked
from .._follow.targets import FAILURE, Followed
from .screen import show_json
from .stack import add_stack_arguments, read_stack

_LINES = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's own options."""
    add_stack_arguments(parser)
    parser.add_argument("--biz-date", metavar="YYYY-MM-DD", help="of this business date alone")
    parser.add_argument("--node", metavar="ID", help="of this node alone, failed or not")
    parser.add_argument("--lines", metavar="N", type=int, default=_LINES, help="default: 20")
    parser.add_argument("--json", action="store_true", help="as JSON, with whole logs")


def run(options: argparse.Namespace) -> int:
    """Prints the logs, by backfill and business date."""
    found = [
        (one, instance, masked(one.api.log(handle, instance.id), one.target.hidden))
        for one in read_stack(options).followed()
        for handle, instance in _instances(one, options)
    ]
    if options.json:
        show_json([_as_json(*one) for one in found])
    elif not found:
        print("No such instance." if options.node else "No instance has failed.")
    else:
        print("\n\n".join(_as_text(*one, options.lines) for one in found))
    return 0


def _instances(one: Followed, options: argparse.Namespace) -> Iterator[tuple[Handle, Instance]]:
    if not one.target.ids:
        return
    handle = one.api.handle(one.target.generation, one.target.ids)
    for dag in one.api.dags(handle):
        wanted = options.biz_date in (None, dag.biz_date)
        if not wanted or dag.status == "CREATED" or (not options.node and dag.status == "SUCCESS"):
            continue
        for instance in one.api.instances(handle, dag.id):
            if options.node == instance.node_id or (
                not options.node and instance.status == FAILURE
            ):
                yield handle, instance


def _as_text(one: Followed, instance: Instance, log: str, lines: int) -> str:
    head = (
        f"{one.name}: {instance.node_name} (node {instance.node_id}), business date "
        f"{instance.biz_date}, instance {instance.id}: {instance.status}"
    )
    return "\n".join([head, *(f"  {line}" for line in log.splitlines()[-lines:])])


def _as_json(one: Followed, instance: Instance, log: str) -> dict[str, Any]:
    return {
        "backfill": one.name,
        "instanceId": instance.id,
        "nodeId": instance.node_id,
        "nodeName": instance.node_name,
        "bizDate": instance.biz_date,
        "status": instance.status,
        "log": log,
    }
