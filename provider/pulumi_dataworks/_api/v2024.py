"""Version 2024-05-18 of the API: backfills are launched with CreateWorkflowInstances.

What version 2020-05-18 calls a DAG, an instance and a node is a workflow instance, a task instance
and a task here. Nothing joins the workflow instances of one launch but their Name, so that more is
asked for date by date.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from .._declaration.dates import business_dates
from .._exceptions import Refused
from .._launch.generations import Generation
from .backend import Control, Dag, Handle, IncompleteSearch, Instance, Launched, Seen, is_gone
from .client import Client
from .moments import moment
from .v2024_instances import (
    Row,
    control,
    read_dag,
    read_launched,
    stop_workflow_instances,
    task_instance_log,
    task_instances,
    workflow_instance,
    workflow_instances,
)
from .v2024_launching import SKEW, TwoPhases

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Api2024:
    """Version 2024-05-18 of the API, for one workspace."""

    client: Client
    launches: TwoPhases
    _succeeded: dict[str, Dag] = field(default_factory=dict)

    def launch(self, generation: Generation, inputs: Mapping[str, Any]) -> Launched:
        """Creates the launch, parked, and starts it."""
        return self.launches.launch(generation, inputs)

    def find(self, generation: Generation, others: Collection[str] = ()) -> Launched | None:
        """Looks for the launch of a generation by Name."""
        return self.launches.find(generation, others)

    def look(self, generation: Generation, ids: Sequence[str]) -> Seen:
        """Calls GetWorkflowInstance for each ID; where there are too few, finds the others."""
        first = workflow_instance(self.client, ids[0])
        if len(ids) < len(business_dates(generation.runs)):
            return _seen(generation, first, self._siblings(generation, first))
        rest = [workflow_instance(self.client, one) for one in ids[1:]]
        return _seen(generation, first, [first, *rest])

    def look_around(self, generation: Generation, dag_id: str) -> Seen:
        """Calls GetWorkflowInstance, and lists the other dates of the launch."""
        first = workflow_instance(self.client, dag_id)
        return _seen(generation, first, self._siblings(generation, first))

    def stop(self, generation: Generation, launched: Launched) -> tuple[int, int]:
        """Calls StopWorkflowInstances; counts business dates."""
        refused = stop_workflow_instances(self.client, launched.ids)
        return len(launched.ids) - len(refused), len(refused)

    def ran_nodes(self, generation: Generation, seen: Seen) -> set[str]:
        """Lists the task instances of one business date: each has the same nodes."""
        workflow = workflow_instance(self.client, seen.launched.ids[0])
        rows = task_instances(self.client, seen.project_id, generation.environment, workflow)
        return {row.node_id for row in rows}

    def handle(self, generation: Generation, ids: Sequence[str]) -> Handle:
        """Calls GetWorkflowInstance; the key holds all IDs, since nothing else leads to them."""
        if len(ids) < len(business_dates(generation.runs)):
            seen = self.look(generation, ids)
            name, project, ids = seen.name, seen.project_id, seen.launched.ids
        else:
            row = workflow_instance(self.client, ids[0])
            name, project = str(row.get("Name") or ""), str(row.get("ProjectId") or "")
        return Handle(",".join(ids), name, project, generation.environment)

    def dags(self, handle: Handle) -> list[Dag]:
        """Calls GetWorkflowInstance for each date that has not succeeded before."""
        found = [dag for one in handle.key.split(",") if (dag := self._dag(one))]
        return sorted(found, key=lambda dag: dag.biz_date)

    def instances(self, handle: Handle, dag_id: str) -> Iterator[Instance]:
        """Calls GetWorkflowInstance for the date, and ListTaskInstances for each page."""
        workflow = workflow_instance(self.client, dag_id)
        return task_instances(self.client, handle.project_id, handle.environment, workflow)

    def log(self, handle: Handle, instance_id: str) -> str:
        """Calls GetTaskInstanceLog."""
        return task_instance_log(self.client, instance_id)

    def control(self, handle: Handle, action: Control, instance_id: str) -> None:
        """Calls StopTaskInstances, RerunTaskInstances, SuspendTaskInstances and their like."""
        self._succeeded.clear()  # what has succeeded may run again
        control(self.client, action, instance_id)

    def _siblings(self, generation: Generation, first: Row) -> list[Row]:
        """Finds all dates of a launch, of which one is known.

        Beside the declared dates it goes on day by day, at either end and from the known date, for
        as long as there are more: a launch of more dates, or of others, is another one.
        """
        dates = business_dates(generation.runs)
        told = read_dag(first).biz_date
        if not told:
            raise IncompleteSearch(f"GetWorkflowInstance tells no BizDate of {first['Id']}")
        known = date.fromisoformat(told)
        rows: dict[date, Row | None] = {known: first}

        def has(day: date) -> bool:
            if day not in rows:
                rows[day] = self._sibling(generation, first, day)
            return rows[day] is not None

        for day in dates:
            has(day)
        for edge, step in ((dates[0], -1), (dates[-1], 1), (known, -1), (known, 1)):
            day = edge + step * _ONE_DAY
            while has(day):
                day += step * _ONE_DAY
        return [row for row in rows.values() if row is not None]

    def _sibling(self, generation: Generation, first: Row, day: date) -> Row | None:
        """Finds a date of a launch: it has the same Name, and was made at the same time."""
        name, made = str(first.get("Name") or ""), moment(first.get("CreateTime"))
        project = str(first.get("ProjectId") or "")
        rows = [
            row
            for row in workflow_instances(self.client, project, generation.environment, name, day)
            if made is None or abs((moment(row.get("CreateTime")) or made) - made) <= SKEW
        ]
        return min(rows, key=lambda row: abs(int(row["Id"]) - int(first["Id"])), default=None)

    def _dag(self, instance_id: str) -> Dag | None:
        """Reads one date; None where its history is purged."""
        known = self._succeeded.get(instance_id)
        if known is not None:
            return known
        try:
            dag = read_dag(workflow_instance(self.client, instance_id))
        except Refused as error:
            if not is_gone(error):
                raise
            return None
        if dag.status == "SUCCESS":
            self._succeeded[instance_id] = dag
        return dag


def _seen(generation: Generation, first: Row, rows: Sequence[Row]) -> Seen:
    kind = str(first.get("Type") or "")
    return Seen(
        name=str(first.get("Name") or ""),
        kind="SUPPLY_DATA" if kind == "SupplementData" else kind,
        project_id=str(first.get("ProjectId") or ""),
        environment=str(first.get("EnvType") or generation.environment).upper(),
        launched=read_launched(rows),
    )
