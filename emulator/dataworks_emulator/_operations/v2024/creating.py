"""CreateWorkflowInstances and its result: the making of a backfill, in the background.

It has no idempotency token, and names need not differ. Only backfills are served.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date

from ..._calendar import Window
from ..._errors import BusinessError, invalid, missing, not_a_descendant
from ..._launching import LONGEST_NAME, Manner, business_dates, commit
from ..._planning import LaunchRequest, plan
from ..._service import Body, Call, Service
from .requests import DefaultRunProperties, Periods, Tag
from .words import environment

_TYPES = ("SupplementData", "ManualWorkflow", "Manual", "SmokeTest", "TriggerWorkflow")
_SCHEDULED = 1


def create_workflow_instances(call: Call) -> Body:
    """Begins to make a backfill; gives the ID by which the result is asked for."""
    request, run, manner = read(call)
    service = call.service
    operation_id = str(uuid.uuid4())
    op_seq, failure = None, None
    try:
        request = _with_tasks(request, run, service)
        refuse = service.switches.unrelated_nodes == "refuse"
        planned = plan(request, service.workspace, refuse_unrelated=refuse)
        op_seq, _ = commit(call, request, planned, manner)
    except BusinessError as error:
        if service.switches.creation_errors == "gateway":
            raise
        failure = error.message
    service.store.insert(
        "creations",
        [
            {
                "operation_id": operation_id,
                "op_seq": op_seq,
                "ready": service.clock.now() + round(manner.after * 1000),
                "failure": failure,
            }
        ],
    )
    return {"OperationId": operation_id}


def get_create_workflow_instances_result(call: Call) -> Body:
    """How the making has ended: Creating until then."""
    service = call.service
    operation_id = call.form.required_text("OperationId")
    row = service.store.row("SELECT * FROM creations WHERE operation_id = ?", (operation_id,))
    if row is None:
        raise BusinessError("1101080040", f"operation {operation_id} does not exist", status=404)
    if row["ready"] > service.clock.now():
        return {"Result": {"Status": "Creating"}}
    if row["failure"] is not None:
        return {"Result": {"Status": "CreateFailure", "FailureMessage": row["failure"]}}
    ids = _dag_ids(service, row["op_seq"])
    return {
        "Result": {
            "Status": "Created",
            "WorkflowInstanceIds": ids,
            "UnifiedWorkflowInstanceIds": ids,
            "WorkflowTaskInstanceIds": ids,
        }
    }


def read(call: Call) -> tuple[LaunchRequest, DefaultRunProperties, Manner]:
    """Reads and checks the parameters as the gateway does, before anything looks at tasks."""
    form, service = call.form, call.service
    name = form.required_text("Name", longest=LONGEST_NAME)
    service.check_project(form.required_integer("ProjectId"))
    if form.required_choice("Type", _TYPES) != "SupplementData":
        raise invalid("Type", "is not served here: only SupplementData is.")
    if form.required_integer("WorkflowId") != _SCHEDULED:
        raise invalid("WorkflowId", "must be 1 for scheduled tasks.")
    periods = form.json("Periods", Periods)
    run = form.json("DefaultRunProperties", DefaultRunProperties)
    if periods is None or run is None:
        raise missing("Periods" if periods is None else "DefaultRunProperties")
    tags = form.json("Tags", list[Tag]) or []
    form.text("Comment")
    request = LaunchRequest(
        project_env=environment(form, "EnvType") or "PROD",
        name=name,
        roots=tuple(run.root_task_ids),
        include=frozenset(run.include_task_ids),
        exclude=frozenset(run.exclude_task_ids),
        dates=_dates(periods, descending=run.order == "Desc"),
        window=_window(periods),
        parallelism=run.parallelism > 1,
        concurrent_runs=run.parallelism,
        node_params=form.node_parameters("TaskParameters"),
        start_future=run.run_policy is not None and run.run_policy.immediately,
    )
    _check_mode(run)
    parked = form.boolean("AutoStartEnabled") is False
    found = {tag.key: tag.value for tag in tags}
    return request, run, Manner(service.switches.creation_delay, parked, found)


def _with_tasks(
    request: LaunchRequest, run: DefaultRunProperties, service: Service
) -> LaunchRequest:
    """Chooses the tasks as the mode says; those of a chain are all on the ways between its ends."""
    if run.mode == "AllDownstream":
        return replace(request, include=_from(request, run.root_task_ids[0], service))
    if run.mode == "Chain":
        start, end = run.include_task_ids
        below = _from(request, start, service)
        between = frozenset(one for one in below if end in _from(request, one, service))
        if not between:
            raise not_a_descendant(end, [start])
        return replace(request, roots=(start,), include=between)
    return replace(request, include=request.include or frozenset(request.roots))


def _from(request: LaunchRequest, task_id: int, service: Service) -> frozenset[int]:
    """A task and all below it."""
    node = service.node(task_id, request.project_env)
    below = service.workspace.descendants(node, request.project_env)
    return frozenset({task_id, *below})


def _check_mode(run: DefaultRunProperties) -> None:
    roots, included = len(run.root_task_ids), len(run.include_task_ids)
    if run.mode == "Chain":
        good = roots == 0 and included == 2
    else:
        good = roots == 1 or (roots > 1 and run.mode == "ManualSelection")
    if not good:
        raise invalid(
            "DefaultRunProperties",
            f"is not valid: Mode {run.mode} with {roots} RootTaskIds, {included} IncludeTaskIds.",
        )


def _dates(periods: Periods, *, descending: bool) -> tuple[date, ...]:
    found: set[date] = set()
    for one in periods.biz_dates:
        try:
            start, end = one.ends()
        except ValueError:
            raise invalid("Periods", "holds a day that is none.") from None
        found.update(business_dates("Periods", start, end))
    return tuple(sorted(found, reverse=descending))


def _window(periods: Periods) -> Window | None:
    try:
        ends = periods.window()
    except ValueError:
        raise invalid("Periods", "needs StartTime and EndTime, or neither.") from None
    return None if ends is None else Window(*ends)


def _dag_ids(service: Service, op_seq: int) -> list[int]:
    rows = service.store.rows("SELECT dag_id FROM dags WHERE op_seq = ? ORDER BY dag_id", (op_seq,))
    return [row["dag_id"] for row in rows]
