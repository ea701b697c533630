"""Workflow instances: a business date of a launch, looked at, started and stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ..._errors import BusinessError, dag_not_found
from ..._interventions import intervene
from ..._parameters import Form
from ..._progress import DagTimes
from ..._service import Body, Call, Service
from ..._simulation import TERMINAL
from ..._store import Row, Value
from . import views
from .listing import ordered, page
from .words import camel, environment

TYPES = ("Normal", "Manual", "SmokeTest", "SupplementData", "ManualWorkflow", "TriggerWorkflow")
STATUSES = (
    "NotRun",
    "Running",
    "WaitTime",
    "CheckingCondition",
    "WaitResource",
    "Failure",
    "Success",
    "Checking",
)
_JOINED = (
    "SELECT d.*, l.name, l.created, l.create_user, l.project_env, l.plan, l.visible "
    "FROM dags d JOIN launches l USING (op_seq) WHERE l.purged = 0 AND l.created <= ?"
)
_VISIBLE = f"{_JOINED} AND l.visible IS NOT NULL AND l.visible <= ?"


@dataclass(frozen=True)
class _Found:
    row: Row
    times: DagTimes


def get_workflow_instance(call: Call) -> Body:
    """One workflow instance."""
    found = _find(call.service, call.form.required_integer("Id"))
    return {"WorkflowInstance": views.workflow_instance(call.service, found.row, found.times)}


def list_workflow_instances(call: Call) -> Body:
    """Those of one business date, by any of the documented filters; Name may be a part of it."""
    form, service = call.form, call.service
    service.check_project(form.required_integer("ProjectId"))
    rows = service.store.rows(*_query(call))
    found = [_Found(row, service.progress.view(row["op_seq"]).dag(row["dag_id"])) for row in rows]
    statuses = _statuses(form)
    if statuses is not None:
        found = [one for one in found if camel(one.times.status) in statuses]
    tags = form.json("Tags", list[str])
    if tags:
        found = [one for one in found if set(tags) & set(views.tags(one.row))]
    found = ordered(
        form,
        found,
        {
            "Id": lambda one: one.row["dag_id"],
            "CreateTime": lambda one: one.row["created"],
            "TriggerTime": lambda one: one.row["bizdate"],
            "StartedTime": lambda one: one.times.started,
            "FinishedTime": lambda one: one.times.finished,
        },
    )
    fields, shown = page(form, found)
    instances = [views.workflow_instance(service, one.row, one.times) for one in shown]
    return {"PagingInfo": {**fields, "WorkflowInstances": instances}}


def start_workflow_instances(call: Call) -> Body:
    """Starts those that were made with AutoStartEnabled false; each once."""

    def start(service: Service, found: _Found) -> None:
        view = service.progress.view(found.row["op_seq"])
        dag_id = found.row["dag_id"]
        if dag_id not in view.parked or found.times.status in TERMINAL:
            raise BusinessError("1101080041", f"workflow instance {dag_id} does not wait for that")
        service.progress.start(found.row["op_seq"], dag_id)

    return _for_each(call, start)


def stop_workflow_instances(call: Call) -> Body:
    """Stops all that has not ended; it shows Failure."""

    def stop(service: Service, found: _Found) -> None:
        view = service.progress.view(found.row["op_seq"])
        rows = service.store.rows(
            "SELECT * FROM instances WHERE dag_id = ?", (found.row["dag_id"],)
        )
        open_ = [row for row in rows if view.status(row["instance_id"]) not in TERMINAL]
        if not open_:
            raise BusinessError("1101080042", f"workflow instance {found.row['dag_id']} has ended")
        for row in open_:
            intervene(service, "stop", row)

    return _for_each(call, stop)


def success_info(ids: tuple[int, ...], do: Callable[[int], None]) -> Body:
    """Does something for each ID, and tells of each whether it was done."""
    told: dict[str, object] = {}
    for one in ids:
        try:
            do(one)
            told[str(one)] = {"Success": True}
        except BusinessError as error:
            told[str(one)] = {"Success": False, "Message": error.message}
    return {"SuccessInfo": told}


def _for_each(call: Call, do: Callable[[Service, _Found], None]) -> Body:
    ids = call.form.required_number_list("Ids")
    return success_info(ids, lambda one: do(call.service, _find(call.service, one)))


def _find(service: Service, dag_id: int) -> _Found:
    row = service.store.row(f"{_JOINED} AND d.dag_id = ?", (service.clock.now(), dag_id))
    if row is None:
        raise dag_not_found(dag_id)
    return _Found(row, service.progress.view(row["op_seq"]).dag(dag_id))


def _query(call: Call) -> tuple[str, list[Value]]:
    form, service = call.form, call.service
    now = service.clock.now()
    sql, values = _VISIBLE, [now, now]
    day = form.required_integer("BizDate")
    zone = service.workspace.project.zone
    conditions: list[tuple[str, Value]] = [
        ("d.bizdate = ?", datetime.fromtimestamp(day / 1000, zone).date().isoformat()),
        ("l.project_env = ?", environment(form, "EnvType")),
        ("instr(l.name, ?) > 0", form.text("Name")),
        ("l.create_user = ?", form.text("Owner")),
        ("d.dag_id = ?", form.integer("UnifiedWorkflowInstanceId")),
        ("? = 1", form.integer("WorkflowId")),
        ("? = 'SupplementData'", form.choice("Type", TYPES)),
    ]
    wanted: list[Value] = list(values)
    for condition, value in conditions:
        if value is not None:
            sql += f" AND {condition}"
            wanted.append(value)
    ids = form.number_list("Ids")
    if ids:
        sql += f" AND d.dag_id IN ({', '.join(map(str, ids))})"
    return sql, wanted


def _statuses(form: Form) -> set[str] | None:
    wanted = (form.json("Filter", dict[str, str | list[str]]) or {}).get("status")
    if wanted is None:
        return None
    return {wanted} if isinstance(wanted, str) else set(wanted)
