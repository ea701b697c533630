"""The nodes of a workspace, with API version 2020-05-18, and what backfills made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._exceptions import Refused
from .backend import IncompleteSearch, Instance, Neighbour, Node, is_gone
from .client import Client, Parameter
from .v2020_instances import VERSION, plain_word, read_instance

_PAGE_SIZE = 100
_LAST_PAGE = 100
#: Of a node's instances: backfills are the newest ones, so the first pages have them.
_LAST_PAGE_OF_INSTANCES = 5
_SAME_CYCLE = "0"
_BACKFILL = ("SUPPLY_DATA", "3")


@dataclass(frozen=True)
class Workspace2020:
    """Reads a workspace; its ID is None where nodes tell it."""

    client: Client
    project_id: str | None

    def nodes(self, environment: str, project_id: str, name: str | None = None) -> list[Node]:
        """Calls ListNodes, once for each hundred nodes."""
        found: list[Node] = []
        for page in range(1, _LAST_PAGE + 1):
            parameters: dict[str, Parameter] = {
                "ProjectId": project_id,
                "ProjectEnv": environment,
                "NodeName": name,
                "PageNumber": page,
                "PageSize": _PAGE_SIZE,
            }
            data = self._call("ListNodes", parameters)
            rows = _rows(data, "Nodes", "ListNodes")
            found += [read_node(row) for row in rows]
            if not rows or len(found) >= _total(data):
                break
        return found

    def node(self, environment: str, node_id: str) -> Node | None:
        """Calls GetNode."""
        try:
            data = self._call("GetNode", {"NodeId": node_id, "ProjectEnv": environment})
        except Refused as error:
            if is_gone(error):
                return None
            raise
        return read_node(data) if isinstance(data, dict) and data.get("NodeId") else None

    def parents(self, environment: str, node_id: str) -> list[Neighbour]:
        """Calls GetNodeParents."""
        return self._neighbours("GetNodeParents", environment, node_id)

    def children(self, environment: str, node_id: str) -> list[Neighbour]:
        """Calls GetNodeChildren."""
        return self._neighbours("GetNodeChildren", environment, node_id)

    def backfilled(
        self, environment: str, project_id: str, node_id: str, first: str, last: str
    ) -> list[Instance]:
        """Calls ListInstances, once for each hundred, until there are no more or it is enough."""
        found: list[Instance] = []
        for page in range(1, _LAST_PAGE_OF_INSTANCES + 1):
            parameters: dict[str, Parameter] = {
                "ProjectId": project_id,
                "ProjectEnv": environment,
                "NodeId": node_id,
                "BeginBizdate": f"{first} 00:00:00",
                "EndBizdate": f"{last} 00:00:00",
                "OrderBy": "CREATE_TIME_DESC",
                "PageNumber": page,
                "PageSize": _PAGE_SIZE,
            }
            data = self._call("ListInstances", parameters)
            rows = _rows(data, "Instances", "ListInstances")
            plain = [{key: plain_word(value) for key, value in row.items()} for row in rows]
            found += [read_instance(row) for row in plain if str(row.get("DagType")) in _BACKFILL]
            if not rows or page * _PAGE_SIZE >= _total(data):
                break
        return found

    def name_of(self, environment: str, dag_id: str) -> str:
        """Calls GetDag."""
        data = self._call("GetDag", {"DagId": dag_id, "ProjectEnv": environment})
        return str(data.get("Name") or "") if isinstance(data, dict) else ""

    def _neighbours(self, action: str, environment: str, node_id: str) -> list[Neighbour]:
        data = self._call(action, {"NodeId": node_id, "ProjectEnv": environment})
        return [
            Neighbour(read_node(row), str(row.get("StepType") or _SAME_CYCLE) == _SAME_CYCLE)
            for row in _rows(data, "Nodes", action)
        ]

    def _call(self, action: str, parameters: Mapping[str, Parameter]) -> Any:
        return self.client.call(action, parameters, VERSION).data


def read_node(row: Mapping[str, Any]) -> Node:
    """Reads a node of a listing; what is missing is left empty."""
    return Node(
        id=str(row.get("NodeId")),
        name=str(row.get("NodeName") or row.get("NodeId")),
        owner=str(row.get("OwnerId") or ""),
        cron=str(row.get("CronExpress") or "").strip(),
        kind=str(plain_word(row.get("SchedulerType")) or "NORMAL"),
        project_id=str(row.get("ProjectId") or ""),
    )


def _rows(data: Any, field: str, action: str) -> list[Mapping[str, Any]]:
    rows = data.get(field) if isinstance(data, dict) else None
    if not isinstance(rows, list):
        raise IncompleteSearch(f"{action} gave no list")
    return [row for row in rows if isinstance(row, dict)]


def _total(data: Mapping[str, Any]) -> int:
    try:
        return int(data.get("TotalCount") or 0)
    except (TypeError, ValueError):
        return 0
