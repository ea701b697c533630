"""The logs of instances."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ._service import Service
from ._simulation import DRY_RUNS, Step
from ._store import Row
from ._workspace import Failure, Node


def log(service: Service, row: Row, steps: Sequence[Step], attempt: int) -> str:
    """The log of an attempt, as far as it has come."""
    one = node_of(service, row["node_id"])
    name = one.name if one else str(row["node_id"])
    zone = service.workspace.project.zone
    lines = []
    for step in (step for step in steps if step.attempt == attempt):
        moment = datetime.fromtimestamp(step.at / 1000, zone).strftime("%Y-%m-%d %H:%M:%S")
        lines.append(f"{moment} {step.status} {name} ({row['node_id']}) {row['bizdate']}")
        if step.status == "FAILURE":
            lines.append(f"{moment} ERROR {_reason(service, row, step)}")
    if row["task_type"] in DRY_RUNS:
        lines.append("Dry run: set to success, nothing was executed.")
    return "\n".join(lines) + "\n"


def _reason(service: Service, row: Row, step: Step) -> str:
    if service.store.number(
        "SELECT count(*) FROM changes WHERE kind = 'stop' AND target = ? AND at = ?",
        (row["instance_id"], step.at),
    ):
        return "The instance was stopped by a user."
    if row["task_type"] == "PAUSE":
        return "The node is paused: its instances are set to failure when they are scheduled."
    behaviour = service.progress.behaviours().get(row["node_id"])
    failure = behaviour.failure if behaviour is not None else None
    return (failure or Failure()).message


def node_of(service: Service, node_id: int) -> Node | None:
    """The node of an instance, in whichever environment it is."""
    # The workspace file may have lost a node that ran once.
    return service.workspace.node(node_id, "PROD") or service.workspace.node(node_id, "DEV")
