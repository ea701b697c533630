"""Task instances: a task of a workflow instance, at each time at which it is scheduled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ..._errors import BusinessError, instance_not_found
from ..._logs import log, node_of
from ..._service import Body, Call, Service
from ..._simulation import Step
from ..._store import Row, Value
from . import views
from .listing import ordered, page
from .words import camel, environment, task_type
from .workflow_instances import TYPES

_LARGEST_PAGE = 500
_STATUSES = (
    "NotRun",
    "Running",
    "Failure",
    "Success",
    "WaitTime",
    "WaitResource",
    "Checking",
    "CheckingCondition",
    "WaitTrigger",
)
_RECURRENCES = ("Pause", "Skip", "Normal")
_JOINED = (
    "SELECT i.*, l.created, l.create_user, l.project_env FROM instances i "
    "JOIN launches l USING (op_seq) WHERE l.purged = 0 AND l.created <= ? "
    "AND l.visible IS NOT NULL AND l.visible <= ?"
)


@dataclass(frozen=True)
class _Run:
    """One attempt of an instance: its steps that have come true."""

    row: Row
    steps: Sequence[Step]

    @property
    def moments(self) -> dict[str, int]:
        return {step.status: step.at for step in self.steps}


def find(service: Service, instance_id: int) -> Row:
    """An instance, if it can be seen."""
    now = service.clock.now()
    row = service.store.row(f"{_JOINED} AND i.instance_id = ?", (now, now, instance_id))
    if row is None:
        raise instance_not_found(instance_id)
    return row


def get_task_instance(call: Call) -> Body:
    """One instance in its last attempt, with a few fields more than a listing shows."""
    row = find(call.service, call.form.required_integer("Id"))
    run = _runs(call.service, row)[-1]
    more = views.details(row)
    return {"TaskInstance": {**views.task_instance(call.service, row, run.steps), **more}}


def list_task_instances(call: Call) -> Body:
    """Those of one business date, by the documented filters; with Id every attempt of it."""
    form, service = call.form, call.service
    service.check_project(form.required_integer("ProjectId"))
    rows = service.store.rows(*_query(call))
    every = form.integer("Id") is not None
    runs = [run for row in rows for run in (_runs(service, row) if every else _last(service, row))]
    status = form.choice("Status", _STATUSES)
    if status is not None:
        runs = [run for run in runs if camel(run.steps[-1].status) == status]
    runs = ordered(
        form,
        [run for run in runs if _is_of_task(call, run.row)],
        {
            "Id": lambda run: run.row["instance_id"],
            "CreateTime": lambda run: run.row["created"],
            "TriggerTime": lambda run: run.row["cycle_time"],
            "StartedTime": lambda run: run.moments.get("RUNNING"),
            "FinishedTime": lambda run: run.moments.get("SUCCESS", run.moments.get("FAILURE")),
        },
    )
    fields, shown = page(form, runs, _LARGEST_PAGE)
    instances = [views.task_instance(service, run.row, run.steps) for run in shown]
    return {"PagingInfo": {**fields, "TaskInstances": instances}}


def get_task_instance_log(call: Call) -> Body:
    """The log of the last attempt, or of the one that RunNumber names."""
    row = find(call.service, call.form.required_integer("Id"))
    runs = _runs(call.service, row)
    number = call.form.integer("RunNumber", least=1) or len(runs)
    if number > len(runs):
        raise BusinessError("1101080022", f"run {number} does not exist", status=404)
    steps = [step for run in runs for step in run.steps]
    return {"TaskInstanceLog": log(call.service, row, steps, number)}


def _runs(service: Service, row: Row) -> list[_Run]:
    steps = service.progress.view(row["op_seq"]).steps(row["instance_id"])
    attempts = range(1, steps[-1].attempt + 1)
    return [_Run(row, [step for step in steps if step.attempt == one]) for one in attempts]


def _last(service: Service, row: Row) -> list[_Run]:
    return _runs(service, row)[-1:]


def _query(call: Call) -> tuple[str, list[Value]]:
    form, service = call.form, call.service
    now = service.clock.now()
    day = form.required_integer("Bizdate")
    zone = service.workspace.project.zone
    conditions: list[tuple[str, Value]] = [
        ("i.bizdate = ?", datetime.fromtimestamp(day / 1000, zone).date().isoformat()),
        ("l.project_env = ?", environment(form, "ProjectEnv")),
        ("i.dag_id = ?", form.integer("WorkflowInstanceId")),
        ("i.dag_id = ?", form.integer("UnifiedWorkflowInstanceId")),
        ("i.instance_id = ?", form.integer("Id")),
        ("i.node_id = ?", form.integer("TaskId")),
        ("? = 1", form.integer("WorkflowId")),
        ("? = 'SupplementData'", form.choice("WorkflowInstanceType", TYPES)),
        ("? = 'Scheduler'", form.choice("TriggerType", ("Scheduler", "Manual"))),
    ]
    sql, values = _JOINED, [now, now]
    wanted: list[Value] = list(values)
    for condition, value in conditions:
        if value is not None:
            sql += f" AND {condition}"
            wanted.append(value)
    for column, name in (("instance_id", "Ids"), ("node_id", "TaskIds")):
        ids = form.number_list(name)
        if ids:
            sql += f" AND i.{column} IN ({', '.join(map(str, ids))})"
    return sql, wanted


def _is_of_task(call: Call, row: Row) -> bool:
    form = call.form
    name, owner, kind = (form.text(one) for one in ("TaskName", "Owner", "TaskType"))
    recurrence = form.choice("TriggerRecurrence", _RECURRENCES)
    if recurrence is not None and views.recurrence(row) != recurrence:
        return False
    if name is None and owner is None and kind is None:
        return True
    node = node_of(call.service, row["node_id"])
    return (
        node is not None
        and (name or "") in node.name
        and owner in (None, call.service.workspace.owners[node.owner])
        and kind in (None, task_type(node.program_type))
    )
