"""Version 2024-05-18 of the API: backfills are launched with CreateWorkflowInstances.

What version 2020-05-18 calls a DAG, an instance and a node is a workflow instance, a task instance
and a task here. Nothing joins the workflow instances of one launch but their Name, so that more is
asked for date by date.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from .._declaration.dates import business_dates
from .._exceptions import Refused
from .._launch.generations import Generation
from .backend import Control, Dag, Handle, Instance, Launched, Seen, is_gone
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
        if len(ids) >= len(business_dates(generation.runs)):
            rows = [first, *(workflow_instance(self.client, one) for one in ids[1:])]
        else:
            rows = self._siblings(generation, first)
        kind = str(first.get("Type") or "")
        return Seen(
            name=str(first.get("Name") or ""),
            kind="SUPPLY_DATA" if kind == "SupplementData" else kind,
            project_id=str(first.get("ProjectId") or ""),
            launched=read_launched(rows),
        )

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
        """Finds the other dates of a launch: the same Name, made at the same time.

        A day more at either end is looked at: a launch of more dates is another one.
        """
        dates = business_dates(generation.runs)
        name, made = str(first.get("Name") or ""), moment(first.get("CreateTime"))
        project, env = str(first.get("ProjectId") or ""), generation.environment
        found = [first]
        for day in (dates[0] - _ONE_DAY, *dates, dates[-1] + _ONE_DAY):
            if read_dag(first).biz_date == day.isoformat():
                continue
            rows = [
                row
                for row in workflow_instances(self.client, project, env, name, day)
                if made is None or abs((moment(row.get("CreateTime")) or made) - made) <= SKEW
            ]
            found += sorted(rows, key=lambda row: abs(int(row["Id"]) - int(first["Id"])))[:1]
        return found

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
