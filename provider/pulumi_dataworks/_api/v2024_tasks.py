"""The tasks of a workspace, with API version 2024-05-18, and what backfills made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from .._exceptions import Refused
from .backend import Instance, Neighbour, Node, is_gone
from .client import Client, Parameter
from .moments import midnight
from .v2024_instances import VERSION, listed, read_instance, workflow_instance
from .v2024_requests import environment as word_of

_PAGE_SIZE = 100
_SAME_CYCLE = "Normal"
#: A listing takes one business date: of a longer range so many are looked at, evenly spread.
_MOST_DATES = 7


@dataclass(frozen=True)
class Workspace2024:
    """Reads a workspace; its ID is None where tasks tell it."""

    client: Client
    project_id: str | None

    def nodes(self, environment: str, project_id: str, name: str | None = None) -> list[Node]:
        """Calls ListTasks, once for each hundred tasks."""
        parameters: dict[str, Parameter] = {
            "Name": name,
            "ProjectEnv": word_of(environment),
            "ProjectId": project_id,
            "SortBy": "Id Asc",
        }
        rows = listed(self.client, "ListTasks", "Tasks", parameters, _PAGE_SIZE)
        return [read_task(row) for row in rows]

    def node(self, environment: str, node_id: str) -> Node | None:
        """Calls GetTask."""
        parameters: dict[str, Parameter] = {"Id": node_id, "ProjectEnv": word_of(environment)}
        try:
            found = self.client.call("GetTask", parameters, VERSION, "GET").body.get("Task")
        except Refused as error:
            if is_gone(error):
                return None
            raise
        return read_task(found) if isinstance(found, dict) and found.get("Id") else None

    def parents(self, environment: str, node_id: str) -> list[Neighbour]:
        """Calls ListUpstreamTasks."""
        return self._neighbours("Upstream", environment, node_id)

    def children(self, environment: str, node_id: str) -> list[Neighbour]:
        """Calls ListDownstreamTasks."""
        return self._neighbours("Downstream", environment, node_id)

    def backfilled(
        self, environment: str, project_id: str, node_id: str, first: str, last: str
    ) -> list[Instance]:
        """Calls ListTaskInstances for each date, of a long range for some of them."""
        found: list[Instance] = []
        for day in _some_dates(date.fromisoformat(first), date.fromisoformat(last)):
            parameters: dict[str, Parameter] = {
                "Bizdate": midnight(day),
                "ProjectEnv": word_of(environment),
                "ProjectId": project_id,
                "SortBy": "CreateTime Desc",
                "TaskId": node_id,
                "WorkflowInstanceType": "SupplementData",
            }
            rows = listed(self.client, "ListTaskInstances", "TaskInstances", parameters, _PAGE_SIZE)
            found += map(read_instance, rows)
        return sorted(found, key=lambda one: (one.created is not None, one.created), reverse=True)

    def name_of(self, environment: str, dag_id: str) -> str:  # noqa: ARG002 - Workspace's signature
        """Calls GetWorkflowInstance."""
        return str(workflow_instance(self.client, dag_id).get("Name") or "")

    def _neighbours(self, way: str, environment: str, node_id: str) -> list[Neighbour]:
        parameters: dict[str, Parameter] = {"Id": node_id, "ProjectEnv": word_of(environment)}
        operation, field = f"List{way}Tasks", f"{way}Tasks"
        rows = listed(self.client, operation, field, parameters, _PAGE_SIZE, "GET")
        return [
            Neighbour(
                read_task(row.get("Task") or {}),
                str(row.get("DependencyType") or _SAME_CYCLE) == _SAME_CYCLE,
            )
            for row in rows
        ]


def read_task(row: Mapping[str, Any]) -> Node:
    """Reads a task; what is missing is left empty."""
    trigger = row.get("Trigger")
    fields = trigger if isinstance(trigger, dict) else {}
    return Node(
        id=str(row.get("Id")),
        name=str(row.get("Name") or row.get("Id")),
        owner=str(row.get("Owner") or ""),
        cron=str(fields.get("Cron") or "").strip(),
        kind=str(fields.get("Recurrence") or "Normal").upper(),
        project_id=str(row.get("ProjectId") or ""),
    )


def _some_dates(first: date, last: date) -> list[date]:
    days = (last - first).days
    steps = min(days, _MOST_DATES - 1)
    return [first + timedelta(days=days * step // max(steps, 1)) for step in range(steps + 1)]
